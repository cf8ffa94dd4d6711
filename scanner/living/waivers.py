"""`bulkhead-waivers.yaml`: risks that somebody accepted, for a reason and until a day.

A waiver says which findings it is about: a rule, and at least one of account, unit, workload, region and subject. In each
`*` stands for anything and `?` for one character. An expired waiver waives nothing. One that fits nothing is reported, unless
what it is about was not read: then nobody can say whether it is still needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from scanner import yaml_file
from scanner.analysis.policies import glob
from scanner.errors import WaiverError
from scanner.findings import Finding, Gap
from scanner.lasting import Acceptance, Waiver, WaiverStatus, WaiverUse
from scanner.living.sight import LISTING

PATTERNS = ("account", "unit", "workload", "region", "subject")


class _Entry(BaseModel):
    """One waiver as the file has it. Every value is text: an account id with a leading zero stays what it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    rule: str = Field(min_length=1)
    account: str | None = Field(None, min_length=1)
    unit: str | None = Field(None, min_length=1)
    workload: str | None = Field(None, min_length=1)
    region: str | None = Field(None, min_length=1)
    subject: str | None = Field(None, min_length=1)
    reason: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    expiry: str

    @field_validator("expiry")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        return day(value)

    @model_validator(mode="after")
    def _says_where(self) -> _Entry:
        if not any(getattr(self, name) for name in PATTERNS):
            raise ValueError(f"say what it is about: one of {', '.join(PATTERNS)} ('*' for all of them)")
        return self


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    waivers: list[_Entry]


def day(text: str) -> str:
    """Return a day as YYYY-MM-DD. Raises ValueError for anything else, times and other spellings among it."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise ValueError(f"{text or 'nothing'} is no day; write it as 2027-01-31")
    return text


def load(path: Path) -> tuple[Waiver, ...]:
    """Read the file. Raises WaiverError naming file and line."""
    found, lines = yaml_file.read(path, _File, WaiverError, "the waivers", yaml.BaseLoader)
    return tuple(Waiver(**one.model_dump(), line=lines["waivers", n]) for n, one in enumerate(found.waivers))


@dataclass(frozen=True)
class Place:
    """An account or unit as waivers name it: its own id and name, and ids, names and paths of the units above it."""

    id: str
    names: frozenset[str]
    units: frozenset[str]
    chosen: bool = True


@dataclass(frozen=True)
class Ground:
    """What waivers are laid over: every known account and unit by id, what could not be read, and which rules were run."""

    places: Mapping[str, Place]
    gaps: Sequence[Gap]
    rules_run: frozenset[str]
    rules_known: frozenset[str]

    @property
    def accounts_listed(self) -> bool:
        return not any(gap.call in LISTING for gap in self.gaps)


def apply(
    findings: Sequence[Finding], waivers: Sequence[Waiver], ground: Ground, today: str
) -> tuple[list[Finding], tuple[WaiverUse, ...]]:
    """Mark what waivers that hold `today` (YYYY-MM-DD) cover; returns the findings in their order and what became of each waiver."""
    covered: dict[int, int] = defaultdict(int)
    doubtful: set[int] = set()
    numbered = cache(lambda rule: [(n, one) for n, one in enumerate(waivers) if glob(one.rule, rule)])
    settled = []
    for finding in findings:
        candidates = numbered(finding.rule_id)
        if finding.outcome == "fail":
            mine = [n for n, one in candidates if _covers(one, finding, ground)]
            for n in mine:
                covered[n] += 1
            holding = next((waivers[n] for n in mine if waivers[n].expiry >= today), None)
            settled.append(_waived(finding, holding) if holding else finding)
        else:
            doubtful |= {n for n, one in candidates if n not in doubtful and _may_cover(one, finding, ground)}
            settled.append(finding)
    uses = (_use(one, covered[n], n in doubtful, ground, today) for n, one in enumerate(waivers))
    return settled, tuple(uses)


def _waived(finding: Finding, waiver: Waiver) -> Finding:
    return replace(finding, status="waived", waiver=Acceptance(waiver.reason, waiver.owner, waiver.expiry))


def _use(waiver: Waiver, covered: int, doubtful: bool, ground: Ground, today: str) -> WaiverUse:
    status: WaiverStatus
    if waiver.expiry < today:
        again = "1 is open" if covered == 1 else f"{covered} are open" if covered else "nothing fails now"
        status, note = "expired", f"it ended on {waiver.expiry}; of what it covered {again}"
    elif covered:
        status, note = "active", ""
    elif blind := _blind(waiver, doubtful, ground):
        status, note = "unseen", blind
    elif not any(glob(waiver.rule, rule) for rule in ground.rules_known):
        status, note = "unmatched", "there is no such rule"
    else:
        status, note = "unmatched", "nothing that fails fits it; remove it"
    return WaiverUse(waiver, status, covered, note)


def _blind(waiver: Waiver, doubtful: bool, ground: Ground) -> str:
    """Say why nobody can tell whether a waiver is still needed; nothing where it can be told."""
    asked = [rule for rule in ground.rules_known if glob(waiver.rule, rule)]
    if any(rule not in ground.rules_run for rule in asked):
        return "not every rule it is about was run"
    if not asked:
        return ""
    if doubtful:
        return "what it is about could not be evaluated"
    if not ground.accounts_listed:
        return "the accounts of the organization could not be listed"
    # A closed account has nothing to be read.
    unread = {
        gap.account_id for gap in ground.gaps if (gap.call, gap.region) == ("*", "*") and gap.status != "suspended"
    }
    unread |= {place.id for place in ground.places.values() if not place.chosen}
    if any(_at(waiver, ground.places.get(account)) for account in unread):
        return "an account it is about was not read"
    regions = {(gap.account_id, gap.region) for gap in ground.gaps if gap.call == "*" and gap.region != "*"}
    if any(_at(waiver, ground.places.get(account)) and _fits(waiver.region, (region,)) for account, region in regions):
        return "a Region it is about was not read"
    return ""


def _at(waiver: Waiver, place: Place | None) -> bool:
    if place is None:
        return True
    elsewhere = waiver.subject is not None and _of_another(waiver.subject, 4, place.id)
    return _fits(waiver.account, place.names) and _fits(waiver.unit, place.units) and not elsewhere


def _covers(waiver: Waiver, finding: Finding, ground: Ground) -> bool:
    subject = finding.subject
    return (
        _fits(waiver.account, _names(finding, ground))
        and _fits(waiver.unit, _units(finding, ground))
        and _fits(waiver.workload, (finding.workload,))
        and _fits(waiver.region, (finding.region,))
        and _fits(waiver.subject, (subject.id, subject.arn, subject.name))
    )


def _may_cover(waiver: Waiver, finding: Finding, ground: Ground) -> bool:
    """Say whether a waiver may be about what could not be evaluated: what is not known of it fits everything."""
    account = finding.account_id
    subject = finding.subject
    if account is not None and not (
        _fits(waiver.account, _names(finding, ground)) and _fits(waiver.unit, _units(finding, ground))
    ):
        return False
    if finding.workload not in (None, "unknown") and not _fits(waiver.workload, (finding.workload,)):
        return False
    if finding.region not in (None, "global") and not _fits(waiver.region, (finding.region,)):
        return False
    if not finding.hides_many:
        return _fits(waiver.subject, (subject.id, subject.arn, subject.name))
    text = waiver.subject or ""
    return not (_of_another(text, 4, account) or _of_another(text, 3, finding.region))


def _of_another(pattern: str, part: int, value: str | None) -> bool:
    """Say whether an ARN pattern names another account (part 4) or Region (part 3) than this one."""
    parts = pattern.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[part] or value in (None, "global"):
        return False
    return not glob(parts[part], str(value))


def _names(finding: Finding, ground: Ground) -> Iterable[str | None]:
    place = ground.places.get(finding.account_id or "")
    return (finding.account_id, finding.account_name, *(place.names if place else ()))


def _units(finding: Finding, ground: Ground) -> Iterable[str]:
    subject = finding.subject
    place = ground.places.get(subject.id if subject.type == "organizational_unit" else finding.account_id or "")
    return place.units if place else ()


def _fits(pattern: str | None, values: Iterable[str | None]) -> bool:
    if pattern in (None, "*"):  # also what has no account, unit or Region at all
        return True
    return any(value is not None and glob(pattern, value) for value in values)


def places(connection: Any) -> dict[str, Place]:
    """Every account and unit a snapshot knows."""
    above: dict[str, set[str]] = defaultdict(set)
    for target, unit, name, path in connection.execute(_UNITS).fetchall():
        above[target] |= {text for text in (unit, name, path, (path or "").replace(" / ", "/")) if text}
    found = {unit: Place(unit, frozenset({unit}), frozenset(above[unit])) for unit in list(above)}
    for account, name, chosen in connection.execute(_ACCOUNTS).fetchall():
        names = frozenset(filter(None, (account, name)))
        found[account] = Place(account, names, frozenset(above.get(account, ())), chosen)
    return found


_UNITS = """
SELECT u.target_id, o.unit_id, o.name, o.path
FROM unit_ancestors u JOIN organizational_units o ON o.unit_id = u.ancestor_id ORDER BY ALL"""
_ACCOUNTS = """
SELECT a.account_id, min(a.name), bool_and(coalesce(s.in_scope, TRUE))
FROM accounts a LEFT JOIN scope s ON s.account_id = a.account_id GROUP BY a.account_id ORDER BY a.account_id"""
