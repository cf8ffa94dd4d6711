"""From the layers to an answer: allow, deny, conditional or unknown, with the reasons and what is left to decide. Pure.

Evaluation: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod

from scanner.analysis.policies import CERTAIN, Atom, Atoms
from scanner.analysis.trust.layers import Clause, Layer
from scanner.analysis.trust.operators import operator

MOST_ALTERNATIVES, MOST_COMPARED = 64, 512
HARDNESS = ("unread", "caller", "environment", "service", "token", "owner")
"""Who decides an atom, from what tells least to the hardest barrier."""

ONE_VALUE = frozenset(
    "sts:externalid sts:rolesessionname sts:sourceidentity aws:sourceidentity aws:principalarn aws:principalaccount "
    "aws:principalorgid aws:sourceaccount aws:sourcearn aws:sourcevpc aws:sourcevpce aws:userid aws:username".split()
)
"""Keys that hold one value, never a list
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its evidence. `residual` holds what `conditions` says in words."""

    verdict: str
    reasons: tuple[str, ...]
    residual: tuple[Atom, ...] = ()

    @property
    def conditions(self) -> list[str]:
        return [atom.text for atom in self.residual]

    def as_json(self) -> dict[str, object]:
        return {"verdict": self.verdict, "reasons": list(self.reasons), "conditions": self.conditions}


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: clauses that together allow, if all atoms hold."""

    atoms: Atoms
    wheres: tuple[str, ...]


@dataclass
class Case:
    """Everything that bears on one request.

    `first` are the clauses to choose one from with the layers that this choice needs: for a trust policy, one entry per
    grant. `denies` come from all layers.
    """

    first: list[tuple[Clause, list[Layer]]]
    denies: list[Clause]
    notes: list[str] = field(default_factory=list)
    otherwise: str = ""


def decide(case: Case, subject: str) -> Answer:
    """Weigh a case; `subject` completes "... denies SUBJECT"."""
    certain = sorted({clause.where for clause in case.denies if not clause.atoms})
    if certain:
        return Answer("deny", (*(f"{where} denies {subject}" for where in certain), *case.notes))
    ways, missing = ways_in(case)
    if not ways:
        return Answer("deny", tuple(missing or [case.otherwise]) + tuple(case.notes))
    open_ways = [left for way in ways if (left := _after_denies(way, case.denies)) is not None]
    if not open_ways:
        hindering = sorted({clause.where for clause in case.denies if any(clause.atoms <= way.atoms for way in ways)})
        return Answer(
            "deny", (*(f"{where} denies {subject} whenever it is allowed" for where in hindering), *case.notes)
        )
    return _answer(open_ways, case.notes)


def ways_in(case: Case) -> tuple[list[Way], list[str]]:
    """All ways in, and, where a layer lets nothing through, the sentence that says so."""
    ways: dict[Atoms, Way] = {}
    missing: list[str] = []
    for clause, layers in case.first:
        silent = [layer.name for layer in layers if not layer.allows]
        if silent:
            missing += [f"{clause.where} admits it, but no statement of {name} allows it" for name in silent]
            continue
        options = [_best(layer.allows) for layer in layers]
        if prod(map(len, options)) > MOST_ALTERNATIVES:
            options = [[_merged(option)] for option in options]
        for chosen in product(*options):
            atoms = clause.atoms.union(*(one.atoms for one in chosen))
            way = Way(atoms, (clause.where, *(one.where for one in chosen)))
            if clash := _clash(atoms):
                missing.append(f"{clause.where} admits it, but {clash[0].text} and {clash[1].text} cannot hold at once")
            elif atoms not in ways or way.wheres < ways[atoms].wheres:
                ways[atoms] = way
    return _fewest(list(ways.values())), sorted(set(missing))


def _clash(atoms: Atoms) -> tuple[Atom, Atom] | None:
    """Two atoms of which at most one can hold, if there are some."""
    keyed = [atom for atom in atoms if atom.key and operator(atom.operator)]
    if len(keyed) > MOST_ALTERNATIVES:
        return None
    for one, other in combinations(sorted(keyed, key=lambda atom: atom.text), 2):
        if excludes(one, other) or excludes(other, one):
            return one, other
    return None


def _best(clauses: Sequence[Clause]) -> list[Clause]:
    """Drop what another clause implies: with a certain allow, only that is left."""
    certain = [clause for clause in clauses if not clause.atoms]
    if certain:
        return [min(certain, key=lambda clause: clause.where)]
    unique = {(clause.atoms, clause.where): clause for clause in clauses}.values()
    if len(unique) > MOST_COMPARED:
        return [_merged(list(unique))]
    ordered = sorted(unique, key=lambda clause: (len(clause.atoms), clause.where, sorted(_texts(clause.atoms))))
    best: list[Clause] = []
    for clause in ordered:
        if not any(other.atoms <= clause.atoms for other in best):
            best.append(clause)
    if len(best) > MOST_ALTERNATIVES:
        return [_merged(best)]
    return best


def _merged(clauses: Sequence[Clause]) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    return Clause(either([clause.atoms for clause in clauses]), " or ".join(sorted({c.where for c in clauses})))


def _fewest(ways: list[Way]) -> list[Way]:
    """Drop ways that another one implies."""
    if len(ways) > MOST_COMPARED:
        certain = [way for way in ways if not way.atoms]
        if certain:
            return [min(certain, key=lambda way: way.wheres)]
        return _several(ways)
    kept: list[Way] = []
    for way in sorted(ways, key=lambda way: (len(way.atoms), sorted(_texts(way.atoms)), way.wheres)):
        if not any(other.atoms <= way.atoms for other in kept):
            kept.append(way)
    return kept


def _several(ways: list[Way]) -> list[Way]:
    """Too many ways to compare all with all: one that stands for those that were read, one for those that were not."""
    found = []
    for hidden in (False, True):
        some = [way for way in ways if _hidden(way.atoms) is hidden]
        if some:
            found.append(Way(either([way.atoms for way in some]), min(way.wheres for way in some)))
    return found


def _after_denies(way: Way, denies: Iterable[Clause]) -> Way | None:
    """Add to a way that no deny strikes it; None when one does whenever the way is open."""
    added = set()
    for clause in denies:
        left = frozenset(atom for atom in clause.atoms if atom not in way.atoms)
        if not left:
            return None
        if not any(excludes(mine, theirs) for mine in way.atoms for theirs in left):
            added.add(negation(left))
    return Way(way.atoms | added, way.wheres)


def negation(atoms: Atoms) -> Atom:
    """`not (...)`: it holds as soon as one atom does not. What was not read stays not read."""
    ordered = sorted(atoms, key=lambda atom: (HARDNESS.index(atom.set_by), atom.text))
    if any(atom.set_by == "unread" for atom in ordered):
        return ordered[0]
    joined = " and ".join(atom.text for atom in ordered)
    return Atom(f"not ({joined})", ordered[0].set_by, "not", joined)


def either(alternatives: Sequence[Atoms]) -> Atoms:
    """One atom that stands for "one of these sets holds"; as hard as the easiest of them."""
    if any(not atoms for atoms in alternatives):
        return CERTAIN
    unique = sorted({tuple(sorted(_texts(atoms))) for atoms in alternatives})
    if len(unique) == 1:
        return alternatives[0]
    text = " or ".join(f"({' and '.join(texts)})" for texts in unique)
    hardest = (max(HARDNESS.index(atom.set_by) for atom in atoms) for atoms in alternatives if not _hidden(atoms))
    rank = min(hardest, default=0)
    return frozenset([Atom(text, HARDNESS[rank], "or", text)])


def _answer(ways: list[Way], notes: list[str]) -> Answer:
    ways = _fewest(ways)
    seen = [way for way in ways if not _hidden(way.atoms)]
    first = (seen or ways)[0]
    trail = tuple(f"{where} allows it" for where in first.wheres)
    if not seen:
        missing = sorted({atom.text for way in ways for atom in way.atoms if atom.set_by == "unread"})
        residual = _sorted(atom for atom in first.atoms)
        return Answer("unknown", (*missing, *notes), residual)
    if not first.atoms:
        return Answer("allow", (*trail, *notes))
    left = first.atoms if len(seen) == 1 else either([way.atoms for way in seen])
    residual = _sorted(left)
    return Answer("conditional", (*trail, *(f"only if {atom.text}" for atom in residual), *notes), residual)


def _hidden(atoms: Atoms) -> bool:
    return any(atom.set_by == "unread" for atom in atoms)


def _texts(atoms: Atoms) -> list[str]:
    return [atom.text for atom in atoms]


def _sorted(atoms: Iterable[Atom]) -> tuple[Atom, ...]:
    return tuple(sorted(atoms, key=lambda atom: (atom.text, atom.set_by)))


def excludes(mine: Atom, theirs: Atom) -> bool:
    """Whether `theirs` cannot hold while `mine` does: `StringEquals k v` leaves no room for `StringNotEquals k v`, and none for
    `StringEquals k w` where a key has one value."""
    if not mine.key or mine.key != theirs.key:
        return False
    one, other = operator(mine.operator), operator(theirs.operator)
    if one is None or other is None or one.quantifier or other.quantifier or one.base != other.base:
        return False
    if one.base == "bool":
        return not one.if_exists and {*map(str.lower, mine.values)} ^ {*map(str.lower, theirs.values)} == {
            "true",
            "false",
        }
    if one.negated:
        # `StringNotEquals` holds without the key too, and so does a positive operator with IfExists.
        return not other.negated and not other.if_exists and set(theirs.values) <= set(mine.values)
    if other.negated:
        return not one.if_exists and set(mine.values) <= set(theirs.values)
    return _one_valued(mine) and not (one.if_exists and other.if_exists) and _disjoint(one.base, mine, theirs)


def _one_valued(atom: Atom) -> bool:
    return atom.key in ONE_VALUE or atom.key.startswith(("aws:requesttag/", "aws:principaltag/"))


def _disjoint(base: str, mine: Atom, theirs: Atom) -> bool:
    """Whether no value is among both; only exact text is compared, and no policy variables."""
    exact = base == "stringequals" and not any("${" in value for value in (*mine.values, *theirs.values))
    return exact and not set(mine.values) & set(theirs.values)
