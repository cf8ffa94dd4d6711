"""A mutelist of Prowler as waivers.

Only checks that correspond to a rule are taken over (`prowler.yaml`), and never more than they mute: an entry with tags or
exceptions, or a resource that is a regular expression, has no counterpart and is listed instead. Prowler finds a resource's
text anywhere in an id; here it has to be the whole id, ARN or name, which waives less.

The format: docs.prowler.com, "Mutelisting"; check names are patterns, `lambda` is written `awslambda`, resources and Regions
are searched for as regular expressions and a leading `*` stands for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from scanner import yaml_file
from scanner.analysis.policies import glob
from scanner.errors import WaiverError
from scanner.living.waivers import day

COUNTERPARTS = Path(__file__).with_name("prowler.yaml")


class _Entry(BaseModel):
    """What is muted of one check."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    regions: list[str] = Field(alias="Regions")
    resources: list[str] = Field(alias="Resources")
    tags: list[str] = Field(default_factory=list, alias="Tags")
    exceptions: dict[str, list[str]] = Field(default_factory=dict, alias="Exceptions")
    description: str = Field("", alias="Description")

    @field_validator("tags", mode="before")
    @classmethod
    def _no_tags(cls, value: Any) -> Any:
        return value or []  # a key with nothing behind it is empty text here

    @field_validator("exceptions", mode="before")
    @classmethod
    def _no_exceptions(cls, value: Any) -> Any:
        return {key: one or [] for key, one in value.items()} if isinstance(value, dict) else value or {}


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    checks: dict[str, _Entry] = Field(alias="Checks")


class _Accounts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    accounts: dict[str, _Account] = Field(alias="Accounts")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    mutelist: _Accounts = Field(alias="Mutelist")


class Counterpart(BaseModel):
    """The rule a check corresponds to; `prowler.yaml` says what the fields mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rule: str
    subject: str
    named: bool = False


@dataclass(frozen=True)
class Imported:
    """Waivers as YAML, and what was not taken over, a sentence each."""

    text: str
    left_out: tuple[str, ...]


@cache
def counterparts() -> Mapping[str, tuple[Counterpart, ...]]:
    """Rules by check."""
    data = yaml.safe_load(COUNTERPARTS.read_text(encoding="utf-8"))
    return {check: tuple(map(Counterpart.model_validate, found)) for check, found in data.items()}


def imported(path: Path, owner: str, expiry: str, reason: str | None) -> Imported:
    """Read a mutelist. Raises WaiverError naming file and line."""
    try:
        day(expiry)
    except ValueError as error:
        raise WaiverError(f"--expiry: {error}") from error
    if not owner.strip():
        raise WaiverError("--owner: say who decided")
    file, _ = yaml_file.read(path, _File, WaiverError, "the mutelist", yaml.BaseLoader)
    waivers: list[dict[str, str]] = []
    left_out: list[str] = []
    for account, check, entry in _entries(file):
        why = entry.description.strip() or reason or f"muted in Prowler ({path.name}): {check}"
        said = {"reason": " ".join(why.split()), "owner": owner.strip(), "expiry": expiry}
        for part in _parts(account, check, entry):
            if isinstance(part, str):
                left_out.append(f"{check} of account {account}: {part}")
            else:
                waivers.append({**part, **said})
    unique = list({tuple(one.items()): one for one in waivers}.values())
    text = yaml.safe_dump({"waivers": unique}, sort_keys=False, allow_unicode=False, width=110)
    return Imported(text, tuple(left_out))


def _entries(file: _File) -> Iterator[tuple[str, str, _Entry]]:
    for account, checks in file.mutelist.accounts.items():
        for check, entry in checks.checks.items():
            yield account, check, entry


def _parts(account: str, check: str, entry: _Entry) -> Iterator[dict[str, str] | str]:
    """Yield what becomes of one entry: the patterns of waivers, and sentences on what has no counterpart."""
    found = [one for name, rules in counterparts().items() if _matches(check, name) for one in rules]
    if not found:
        yield "no rule corresponds to it"
        return
    if any(entry.exceptions.values()):
        yield "it has exceptions, which a waiver cannot say"
        return
    if entry.tags not in ([], ["*"]):
        yield "it is bound to tags, which a waiver cannot say"
        return
    if check not in counterparts():
        yield f"it is a pattern; taken over for {', '.join(dict.fromkeys(one.rule for one in found))} only"
    for resource in entry.resources:
        for region in entry.regions:
            yield from _waivers(account, found, resource, region)


def _waivers(account: str, found: list[Counterpart], resource: str, region: str) -> Iterator[dict[str, str] | str]:
    name, place = _plain(resource), _plain(region)
    if name is None or place is None:
        yield f"{resource} in {region} is a regular expression"
        return
    for one in found:
        anything = one.subject.replace("{}", "*")
        subject = name if name.startswith("arn:") else one.subject.replace("{}", name)
        if name.startswith("arn:") and not glob(anything, name):
            continue
        if one.named and "*" in name:
            yield f"{one.rule} says more than the check; it is taken over for named resources only, not for {resource}"
        elif ":iam::" in one.subject and place != "*":
            yield f"what it is about has no Region here, so it is not in {region}"
        else:
            where = {} if place == "*" else {"region": place}
            yield {"rule": one.rule, "account": account, **where, "subject": subject}


def _matches(pattern: str, check: str) -> bool:
    """Prowler's own idea: a check's name, or a regular expression that is found in it."""
    pattern = re.sub("^lambda", "awslambda", pattern)
    if pattern in ("*", check):
        return True
    plain = _plain(pattern)
    # What Prowler would search for as `iam_*` is any name with `iam` in it; people mean those that begin so.
    return plain is not None and "*" in plain and re.fullmatch(re.escape(plain).replace(r"\*", ".*"), check) is not None


def _plain(text: str) -> str | None:
    """Return a resource, Region or check as a pattern of ours; None for a regular expression that is more than that."""
    text = text.removeprefix("^").removesuffix("$").replace(".*", "*")
    return text if text and not re.search(r"[\\^$+?|()\[\]{}]", text) else None
