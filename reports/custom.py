"""An own template (`--template FILE`): Jinja over what findings.json holds. docs/formats.md describes it for its authors.

The template's name decides the file and the escaping: `summary.html.j2` writes summary.html. Whatever it prints is made
harmless for that kind of file unless a filter made it so already. The sandbox is there because templates are passed around:
one may read the result and nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar, overload

from reports import json, markdown, save
from reports.csv import defused
from reports.text import clipped, is_link, visible, words
from reports.values import counted, percent, score_text, shown
from scanner.errors import TemplateError
from scanner.findings import SCHEMA_VERSION, Result

if TYPE_CHECKING:
    from jinja2 import Environment, Template

SUFFIXES = (".j2", ".jinja", ".jinja2")
HTML = ("htm", "html", "svg", "xhtml", "xml")

_Row = TypeVar("_Row")


def file_name(template: Path) -> str:
    """Return the name of the file a template writes: its own without `.j2`. Raises TemplateError where nothing is left."""
    name = template.name.removesuffix(template.suffix) if template.suffix in SUFFIXES else template.name
    if "." not in name.strip("."):
        raise TemplateError(
            f"{template}: the name says what is written; call it such as report.html.j2 or summary.md.j2"
        )
    return name


def check(template: Path) -> None:
    """Raise TemplateError where a template cannot be read or is no template."""
    _compiled(template)


def write(template: Path, result: Result, path: Path) -> None:
    """Write the report to `path` as `reports.write` does. Raises TemplateError, which names file and line; OutputError."""
    save(path, "report", path.suffix.lstrip("."), lambda stream: fill(template, result, stream))


def fill(template: Path, result: Result, stream: TextIO) -> None:
    """Fill a template piece by piece. Raises TemplateError."""
    for piece in _pieces(template, result):
        stream.write(piece)


def _pieces(template: Path, result: Result) -> Iterator[str]:
    compiled = _compiled(template)
    try:
        yield from compiled.generate(context(result))
    except Exception as error:
        # A template can do wrong whatever an expression can: divide by nothing, sort what has no order, name what is not
        # there. All of it is told, with the line.
        raise TemplateError(f"{_where(error, template)}: {_told(error)}") from error


def context(result: Result) -> dict[str, Any]:
    """Return what a template sees: the fields of findings.json by their names, and `accounts` and `units`.

    Long lists are made an element at a time, each time they are gone through.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "scan": dataclasses.asdict(result.scan),
        "coverage": {**json.coverage_fields(result.coverage), "gaps": _Rows(result.coverage.gaps, json.gap_fields)},
        "score": json.score_fields(result.score),
        "findings": _Rows(result.findings, json.finding_fields),
        "rules": [json.rule_fields(rule) for rule in result.rules],
        "accepted": dataclasses.asdict(result.accepted),
        "waivers": [json.waiver_fields(use) for use in result.waivers],
        "baseline": dataclasses.asdict(result.baseline) if result.baseline else None,
        "since": json.since_fields(result.since),
        "trend": [json.point_fields(point) for point in result.trend],
        "advice": [json.advice_fields(advice) for advice in result.advice],
        "accounts": _Rows(result.accounts, dataclasses.asdict),
        "units": _Rows(result.units, dataclasses.asdict),
    }


class _Rows(Sequence[Any]):
    """A sequence whose elements are made when they are asked for."""

    def __init__(self, rows: Sequence[_Row], make: Callable[[_Row], Any]) -> None:
        self._rows: Sequence[Any] = rows
        self._make = make

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> _Rows: ...
    def __getitem__(self, place: int | slice) -> Any:
        return _Rows(self._rows[place], self._make) if isinstance(place, slice) else self._make(self._rows[place])

    def __iter__(self) -> Iterator[Any]:
        return map(self._make, self._rows)


def _compiled(template: Path) -> Template:
    from jinja2 import TemplateError as JinjaError

    file_name(template)
    try:
        template.read_text(encoding="utf-8")  # told better than Jinja does
        return _environment(template).get_template(template.name)
    except JinjaError as error:
        raise TemplateError(f"{_where(error, template)}: {_told(error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise TemplateError(f"the template {template} cannot be read: {reason}") from error


def _environment(template: Path) -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from markupsafe import Markup

    kind = file_name(template).rpartition(".")[2].lower()
    escape = _ESCAPES.get(kind, visible)

    def show(value: Any) -> Any:
        if isinstance(value, Markup):
            return value
        text = "" if value is None else escape(str(value))
        return text if kind in HTML else Markup(text)

    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,  # also where it is no HTML: what a macro or a block returns counts as made, not as text
        finalize=show,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made: Mapping[str, Callable[..., Any]] = {
        "cell": lambda value: Markup('"' + defused("" if value is None else str(value)).replace('"', '""') + '"'),
        "clip": lambda value, width: clipped(visible(str(value)), width),
        "code": lambda value, width=240: Markup(markdown.code(value, width)),
        "evidence": lambda value: "; ".join(shown(value)),
        "mermaid": lambda value, width=40: Markup(markdown.label(value, width)),
        "percent": percent,
        "score": score_text,
        "words": lambda value: words(str(value)),
    }
    environment.filters.update(made)
    environment.globals.update(counted=counted, is_link=is_link)
    return environment


_ESCAPES: Mapping[str, Callable[[str], str]] = {"md": markdown.escaped, "markdown": markdown.escaped, "csv": defused}


def _where(error: BaseException, template: Path) -> str:
    """Return `file:line` of the template, or of the one it includes, where the error came up."""
    line = getattr(error, "lineno", None)
    name = getattr(error, "filename", None)
    trace = error.__traceback__
    while trace is not None and line is None:
        code = trace.tb_frame.f_code.co_filename
        if Path(code).suffix != ".py" and Path(code).parent == template.parent:
            name, found = code, trace.tb_lineno
            if trace.tb_next is None or Path(trace.tb_next.tb_frame.f_code.co_filename).suffix == ".py":
                line = found
        trace = trace.tb_next
    return f"{name or template}:{line}" if line else str(template)


def _told(error: BaseException) -> str:
    return " ".join(f"{error}".split()) or type(error).__name__
