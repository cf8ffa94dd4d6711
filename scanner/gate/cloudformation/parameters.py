"""Values of parameters that somebody says on the command line, as they are said to `aws cloudformation deploy`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.errors import UsageError
from scanner.gate.cloudformation.stack import Stack

HOW = "write NAME=VALUE, or a JSON file as `aws cloudformation` takes them"


def given(texts: Iterable[str]) -> dict[str, str]:
    """Values by name: of `NAME=VALUE`, and of files in any of the three forms that the AWS command line, `deploy` and CodePipeline
    take. Raises UsageError, also for a name that has two values."""
    found: dict[str, str] = {}
    for text in texts:
        for name, value in _pairs(text):
            if found.setdefault(name, value) != value:
                raise UsageError(
                    f"--parameter {name} is said twice, as {found[name]} and {value}: run the gate for each"
                )
    return found


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    name, sign, value = text.partition("=")
    if sign:
        yield name.strip(), value
        return
    try:
        held = json.loads(Path(text).read_bytes())
    except OSError as error:
        raise UsageError(f"--parameter {text}: {HOW} ({error.strerror})") from error
    except ValueError as error:
        raise UsageError(f"--parameter {text} is no whole JSON ({error}); {HOW}") from error
    yield from _of_file(text, held)


def _of_file(path: str, held: Any) -> Iterator[tuple[str, str]]:
    if isinstance(held, Mapping) and isinstance(held.get("Parameters"), Mapping):
        held = [{"ParameterKey": name, "ParameterValue": value} for name, value in held["Parameters"].items()]
    for one in held if isinstance(held, list) else [None]:
        match one:
            case str() if "=" in one:
                name, _, value = one.partition("=")
                yield name, value
            case {"ParameterKey": str(name), "ParameterValue": str() | int() | float() as value}:
                yield name, str(value).lower() if isinstance(value, bool) else str(value)
            case {"ParameterKey": str(), "UsePreviousValue": True}:
                continue  # of a stack that is there, which the template does not say
            case _:
                raise UsageError(f"--parameter {path}: {json.dumps(one)[:80]} is no parameter; {HOW}")


def tell(stacks: Iterable[Stack], values: Mapping[str, str]) -> None:
    """Say values to every stack that declares them. Raises UsageError for a name that none declares, or a value that is not allowed."""
    declared: set[str] = set()
    for stack in stacks:
        parameters = stack.template.section("Parameters")
        mine = {name: value for name, value in values.items() if name in parameters}
        for name, value in mine.items():
            allowed = parameters[name].get("AllowedValues") if isinstance(parameters[name], Mapping) else None
            if isinstance(allowed, list) and value not in map(str, allowed):
                may = ", ".join(map(str, allowed))
                raise UsageError(f"--parameter {name}={value}: {stack.template.path} allows {may}")
        stack.say(mine)
        declared |= mine.keys()
    for name in values:
        if name not in declared:
            raise UsageError(f"--parameter {name}: no template has it")
