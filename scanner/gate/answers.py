"""What the gate says of each resource of a graph of Checkov: the verdict on a change, cut into results of checks.

Checkov knows passed, failed and skipped (with a reason), and drops what is neither. A rule passes over subjects, not over the
resources that make them, so nothing here is a pass but that enough could be judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scanner.gate.changes import stems
from scanner.gate.shape import registry
from scanner.gated import Gated, Judged
from scanner.wording import some

PREFIX = "CKV_BULKHEAD_"
COVERAGE = "coverage"
"""The check that says whether enough could be judged; beside it every check is a rule."""
SAID = 20
"""Sentences of one result, before the rest is only counted."""

Outcome = Literal["failed", "skipped", "passed"]


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """A resource as Checkov's graph has it: the file it is written in, its address, its type, and the plan or directory it is of."""

    file: str
    address: str
    type: str
    source: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One result of a check for a resource; `reason` is why it was skipped, `details` what it says, a sentence each.

    `own` is False where it is about no resource of the graph and merely kept here: a comment in this one does not waive it.
    """

    outcome: Outcome
    details: tuple[str, ...]
    reason: str = ""
    own: bool = True


Answers = Mapping[str, Mapping[Resource, Sequence[Answer]]]
"""By rule id (or `coverage`), then by resource; two where one is not its own."""


def check_id(rule_id: str) -> str:
    """`blast_radius/trusts_everyone` -> `CKV_BULKHEAD_BLAST_RADIUS_TRUSTS_EVERYONE`."""
    return PREFIX + rule_id.replace("/", "_").upper()


def answers(gated: Gated, resources: Sequence[Resource]) -> Answers:
    """Give every finding to the resource it is about, and what no resource of the graph is blamed for to the first of them.

    `gated` has to be judged from the sources of these resources, of which there is at least one.
    """
    sources = sorted({one.source for one in resources})
    called = dict(zip(sources, stems([Path(one) for one in sources]), strict=True))
    known: dict[str, list[Resource]] = defaultdict(list)
    for resource in sorted(resources):
        address = _plain(resource.address)
        known[address].append(resource)
        known[f"{called[resource.source]}:{address}"].append(resource)
    home = _home(resources)
    gathered: dict[tuple[str, Resource, bool], list[Judged]] = defaultdict(list)
    elsewhere: list[Judged] = []
    for one in gated.judged:
        if one.kind == "unread" and one.address is None:
            elsewhere.append(one)
        elif one.kind != "resolved":
            named = known.get(_plain(one.address or ""), [])
            for resource in named or [home]:
                gathered[one.finding.rule_id, resource, bool(named)].append(one)
    found: dict[str, dict[Resource, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    for (rule_id, resource, own), judged in gathered.items():
        found[rule_id][resource].append(_answer(judged, own))
    found[COVERAGE][home] = [_coverage(gated, elsewhere)]
    return found


def _plain(address: str) -> str:
    """Keys of instances stand in quotes here and not there."""
    return address.replace('"', "")


def _home(resources: Iterable[Resource]) -> Resource:
    understood = registry()
    return min(resources, key=lambda one: (one.type not in understood, one.address.startswith("module."), one))


def _answer(judged: Sequence[Judged], own: bool) -> Answer:
    failing = [one for one in judged if one.fails]
    if failing:
        return Answer("failed", _few([_said(one) for one in failing]), own=own)
    reasons = list(dict.fromkeys(_reason(one) for one in judged))
    return Answer("skipped", _few([_said(one) for one in judged]), "; ".join(_few(reasons)), own)


def _reason(one: Judged) -> str:
    """Why what is judged is no failure of this change."""
    finding = one.finding
    if finding.status != "open":
        return f"waived: {finding.waiver.reason}" if finding.waiver else "in the baseline"
    if finding.outcome == "not_evaluated":
        return f"not evaluated: {finding.message}"
    if one.kind == "worse":
        return f"failed before, and the change does not touch it: {finding.message}"
    return f"fails as before: {finding.message}"


def _said(one: Judged) -> str:
    where = f" ({one.address})" if one.address else ""
    return f"{one.finding.message}{where}"


def _coverage(gated: Gated, elsewhere: Sequence[Judged]) -> Answer:
    """Whether enough could be judged, and which rules could not be where no resource of the change is to blame."""
    rules: dict[str, list[str]] = defaultdict(list)
    for one in elsewhere:
        rules[one.finding.message].append(one.finding.rule_id)
    unread = [f"not evaluated: {some(sorted(set(names)), 3)}: {why}" for why, names in rules.items()]
    if not gated.shortfalls:
        share = "nothing had to be judged" if gated.coverage is None else f"{gated.coverage:.1%} could be judged"
        return Answer("passed", (share, *_few(unread)), own=False)
    hint = () if gated.snapshot else ("BULKHEAD_SNAPSHOT names no snapshot, so what is there already is not known",)
    return Answer("failed", (*_few(gated.shortfalls), *hint, *_few(unread)), own=False)


def _few(texts: Sequence[str]) -> tuple[str, ...]:
    more = (f"and {len(texts) - SAID:,} more",) if len(texts) > SAID else ()
    return (*texts[:SAID], *more)
