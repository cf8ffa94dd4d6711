"""From a case of the trust engine to an outcome for the blast radius. Pure.

Here whoever acts is an intruder who already holds a principal, or a whole account, of the organization: what it decides
itself - an external id, session names and tags, and, with a whole account, which of its principals acts and how that is tagged - is no
barrier. What the environment decides (a second factor, addresses, times) stays a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from scanner.analysis.policies import Atom, Atoms
from scanner.analysis.trust.decide import Case, Way, excludes, negation, ways_in
from scanner.analysis.trust.layers import Clause

VERDICTS = ("allow", "conditional", "unknown", "deny")
RANKS = {verdict: rank for rank, verdict in enumerate(VERDICTS)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict, the statements it stands on, and what has still to hold (or to be read)."""

    verdict: str
    wheres: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        return RANKS[self.verdict]

    @property
    def because(self) -> str:
        """The statements a sentence ends with; control policies only leave what others allow, and are left out."""
        return f" ({'; '.join(self.named)})" if self.named else ""

    @property
    def named(self) -> tuple[str, ...]:
        """The statements that allow it of themselves."""
        return _named(self.wheres)

    def also(self, other: Outcome) -> Outcome:
        """Both have to hold: the weaker verdict."""
        weaker = self if self.rank >= other.rank else other
        return Outcome(weaker.verdict, _merged(self.wheres, other.wheres), _merged(self.conditions, other.conditions))


ALLOW, DENY = Outcome("allow"), Outcome("deny")
AtWill = Callable[[Atom], bool | None]
"""Whether the intruder can make an atom hold: True, not of its own (False), or never (None)."""


def loosest(outcomes: Iterable[Outcome]) -> Outcome:
    """The best of some ways; deny without one."""
    return min(outcomes, key=lambda one: (one.rank, len(one.conditions), one.conditions, one.wheres), default=DENY)


def weigh(case: Case, at_will: AtWill) -> Outcome:
    """Decide a case for an intruder."""
    if any(not clause.atoms for clause in case.denies):
        return DENY
    ways, _ = ways_in(case)
    return loosest(_outcome(way, case.denies, at_will) for way in ways)


def _outcome(way: Way, denies: Iterable[Clause], at_will: AtWill) -> Outcome:
    left = _barriers(way.atoms, at_will)
    if left is None:
        return DENY
    for clause in denies:
        against = frozenset(atom for atom in clause.atoms if atom not in way.atoms)
        if not against:
            return DENY
        avoided = any(at_will(atom) is not False for atom in against)
        if not avoided and not any(excludes(mine, theirs) for mine in way.atoms for theirs in against):
            left.add(negation(against))
    verdict = "allow" if not left else "unknown" if any(a.set_by == "unread" for a in left) else "conditional"
    return Outcome(verdict, way.wheres, tuple(sorted(atom.text for atom in left)))


def _barriers(atoms: Atoms, at_will: AtWill) -> set[Atom] | None:
    """The atoms that the intruder cannot make hold; None when one of them never does."""
    left = set()
    for atom in atoms:
        can = at_will(atom)
        if can is None:
            return None
        if not can:
            left.add(atom)
    return left


@lru_cache(maxsize=10_000)
def _named(wheres: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(where for where in wheres if " SCP " not in where and not where.endswith(","))


def _merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
