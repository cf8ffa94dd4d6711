"""One request against the service control policies of a chain: is it held back, and what does that hang on. Pure.

A deny that lets go of a few principals named in it is a guardrail, and they are its exemptions. A deny that lets go of
whoever behaves as it wants (another Region, a second factor, a request tag) is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.analysis.permission_sets.actions import AT_WILL
from scanner.analysis.policies import Atom, Condition, Document, Statement
from scanner.analysis.trust.conditions import hold, matching_resource
from scanner.analysis.trust.operators import operator
from scanner.analysis.trust.organization import Controls, Held, Level
from scanner.analysis.trust.request import Request

WHO = (
    "aws:principalarn",
    "aws:principaltag/",
    "aws:principalaccount",
    "aws:principalorg",
    "aws:userid",
    "aws:username",
)
"""Keys that name principals: what a deny leaves out by them is an exemption."""
REGION = "aws:requestedregion"


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to one request: deny, allow, conditional or unknown.

    `by` are the statements that deny, `exempt` whom they leave out, `arns` the same as patterns of ARNs, `regions` where they do not hold, `parts` the resources that
    denies are confined to where the request is none of them, `hangs_on` what would have to be known.
    """

    verdict: str
    by: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    hangs_on: tuple[str, ...] = ()


@dataclass(slots=True)
class _Heard:
    """What the policies said so far."""

    denies: list[Said] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)


def ask(controls: Controls, request: Request) -> Said:
    """Weigh a request of somebody whom these controls bind."""
    heard = _Heard()
    if controls.gap:
        heard.unread.add(controls.gap.text)
    for level in controls.levels:
        allowed = [_hear(held, request, heard) for held in level.policies]
        _silence(level, allowed, heard, whole=controls.gap is None)
    parts = tuple(sorted(heard.parts))
    if heard.denies:
        return min(heard.denies, key=lambda said: (len(said.exempt), said.by))
    if heard.unread:
        return Said("unknown", parts=parts, hangs_on=tuple(sorted(heard.unread)))
    if heard.doubts:
        return Said("conditional", parts=parts, hangs_on=tuple(sorted(heard.doubts)))
    return Said("allow", parts=parts)


def _silence(level: Level, allowed: list[bool | None], heard: _Heard, whole: bool) -> None:
    """Where nothing of a level allows, it is denied. A level without any policy was not read: AWS keeps one at least."""
    if any(allowed) or not whole:
        return
    if not level.policies:
        heard.unread.add(f"the SCPs at {level.label}, of which AWS keeps one at least")
    elif None not in allowed:
        names = " and ".join(sorted(held.label for held in level.policies))
        heard.denies.append(Said("deny", (f"no statement of {names} allows it",), regions=_allowed_regions(level)))


def _hear(held: Held, request: Request, heard: _Heard) -> bool | None:
    """Note what one policy denies; returns whether it allows, None where that is not known."""
    if held.document is None:
        heard.unread.add(held.settle)
        return None
    allowed = False
    for statement in held.document.about(request.action):
        if statement.malformed:
            continue
        atoms = _about(statement, held.document, request)
        if statement.effect == "Allow":
            allowed = allowed or atoms is not None
        elif atoms is not None:
            _note(statement, held, atoms, heard)
        elif hold(statement.conditions, request.fact, held.document.variables) == frozenset():
            heard.parts.update(() if statement.resources_negated else statement.resources)
    return allowed


def _about(statement: Statement, document: Document, request: Request) -> frozenset[Atom] | None:
    resource = matching_resource(statement, request.resource, request.fact, document.variables)
    if resource is None:
        return None
    conditions = hold(statement.conditions, request.fact, document.variables)
    return None if conditions is None else resource | conditions


def _note(statement: Statement, held: Held, atoms: frozenset[Atom], heard: _Heard) -> None:
    """A deny: it holds, it hangs on something, or it lets go of whoever wants it to."""
    if not atoms:
        where = (f"{statement.label} of {held.label}",)
        heard.denies.append(
            Said("deny", where, tuple(_exemptions(statement)), tuple(_arns(statement)), _regions(statement))
        )
    elif any(atom.set_by == "unread" for atom in atoms):
        heard.unread.update(atom.text for atom in atoms)
    elif not any(map(_at_will, atoms)):
        heard.doubts.update(atom.text for atom in atoms)


def _at_will(atom: Atom) -> bool:
    """Whether the caller decides: how the request is made, or what is in it. Keys of services are about what is in it."""
    if atom.key.startswith(AT_WILL):
        return True
    return ":" in atom.key and not atom.key.startswith("aws:") and "resourcetag" not in atom.key


def _exemptions(statement: Statement) -> Iterator[str]:
    """Whom a deny leaves out. Of these no one was the caller."""
    for condition in statement.conditions:
        if condition.key.startswith(WHO) and _negated(condition):
            yield f"{condition.shown} {' or '.join(condition.values)}"


def _arns(statement: Statement) -> Iterator[str]:
    """The same as patterns of ARNs; one that fits everybody where it is not ARNs that tell whom."""
    for condition in statement.conditions:
        if condition.key.startswith(WHO) and _negated(condition):
            yield from condition.values if condition.key == "aws:principalarn" else ("*",)


def _regions(statement: Statement) -> tuple[str, ...]:
    """The Regions that a deny leaves out."""
    found = (c.values for c in statement.conditions if c.key == REGION and _negated(c))
    return tuple(sorted({value for values in found for value in values}))


def _allowed_regions(level: Level) -> tuple[str, ...]:
    """The Regions that the allows of a level are confined to."""
    conditions = (c for held in level.policies if held.document for s in held.document.statements for c in s.conditions)
    return tuple(sorted({value for c in conditions if c.key == REGION and not _negated(c) for value in c.values}))


def _negated(condition: Condition) -> bool:
    known = operator(condition.operator)
    return known is not None and known.negated
