"""What the answer of a split consists of. Nothing here knows tables, and the reports know nothing else of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

UNKNOWN = "unknown"
SHARED = "shared"

Basis = Literal["evidence", "guessed", "shared", "undecided"]
Sort = Literal["product", "shared", "undecided"]
Effort = Literal["hours", "days", "weeks"]


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the account and what it says itself: None where it says nothing.

    `nature`: ground (network, roles, keys: made anew in a new account), stateless, data, secret or copy.
    """

    arn: str
    kind: str
    name: str
    region: str
    nature: str
    own_workload: str | None = None
    own_environment: str | None = None
    workload_evidence: str | None = None
    environment_evidence: str | None = None
    untold: bool = False
    """Its tags were not read."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """One thing that ties two resources together: `source` uses `target`. `weight` is what cutting it costs.

    `certain` is False where something that was not read decides whether it is there.
    """

    kind: str
    source: str
    target: str
    weight: int
    evidence: str
    certain: bool = True

    def other(self, arn: str) -> str:
        return self.target if arn == self.source else self.source


@dataclass(frozen=True, slots=True)
class Cell:
    """One account of the target layout. `account_id` is set where it exists already; `stays`: it is the account as it is now."""

    workload: str
    environment: str
    sort: Sort
    account: str = ""
    account_id: str | None = None
    stays: bool = False

    @property
    def name(self) -> str:
        return f"{self.workload} / {self.environment}"

    @property
    def key(self) -> tuple[str, str]:
        return (self.workload, self.environment)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a resource goes and why. `decided_by` is the coupling behind a guess, None where it was none."""

    resource: Resource
    workload: str
    environment: str
    basis: Basis
    because: str
    confidence: str
    decided_by: Coupling | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.workload, self.environment)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A coupling between two cells, and what takes its place."""

    coupling: Coupling
    source_cell: str
    target_cell: str
    instead: str


@dataclass(frozen=True, slots=True)
class Step:
    """One move. `cuts` are the crossings that end with it, `needs` what has to exist before it."""

    number: int
    cell: str
    title: str
    moves: tuple[str, ...]
    cuts: tuple[Crossing, ...]
    needs: tuple[str, ...]
    effort: Effort
    cost: int


@dataclass(frozen=True, slots=True)
class Split:
    """The whole answer. `verdict`: split, whole (nothing to split) or unknown (not enough was read to say)."""

    account_id: str
    account_name: str
    verdict: Literal["split", "whole", "unknown"]
    why: str
    cells: tuple[Cell, ...] = ()
    placements: tuple[Placement, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    couplings: int = 0
    steps: tuple[Step, ...] = ()
    not_seen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def members(self, cell: Cell) -> list[Placement]:
        return [one for one in self.placements if one.key == cell.key]


def as_json(split: Split) -> dict[str, Any]:
    """The documented shape (docs/split.md)."""
    return {
        "account": split.account_id,
        "name": split.account_name,
        "verdict": split.verdict,
        "why": split.why,
        "layout": [_cell(cell, split) for cell in split.cells],
        "couplings": split.couplings,
        "crossings": [_crossing(one) for one in split.crossings],
        "steps": [_step(one) for one in split.steps],
        "not_seen": list(split.not_seen),
        "notes": list(split.notes),
    }


def _cell(cell: Cell, split: Split) -> dict[str, Any]:
    return {
        "cell": cell.name,
        "workload": cell.workload,
        "environment": cell.environment,
        "sort": cell.sort,
        "account": cell.account,
        "account_id": cell.account_id,
        "stays": cell.stays,
        "resources": [_placement(one) for one in split.members(cell)],
    }


def _placement(one: Placement) -> dict[str, Any]:
    return {
        "arn": one.resource.arn,
        "kind": one.resource.kind,
        "name": one.resource.name,
        "region": one.resource.region,
        "basis": one.basis,
        "because": one.because,
        "confidence": one.confidence,
        "decided_by": None if one.decided_by is None else _coupling(one.decided_by),
    }


def _coupling(one: Coupling) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "source": one.source,
        "target": one.target,
        "weight": one.weight,
        "evidence": one.evidence,
        "certain": one.certain,
    }


def _crossing(one: Crossing) -> dict[str, Any]:
    cells = {"from": one.source_cell, "to": one.target_cell}
    return {**_coupling(one.coupling), **cells, "instead": one.instead}


def _step(one: Step) -> dict[str, Any]:
    return {
        "step": one.number,
        "cell": one.cell,
        "title": one.title,
        "moves": list(one.moves),
        "cuts": [_crossing(cut) for cut in one.cuts],
        "needs": list(one.needs),
        "effort": one.effort,
        "cost": one.cost,
    }
