"""Who can make itself administrator of its account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from scanner.analysis.blast_radius.backwards import Backwards
from scanner.analysis.blast_radius.paths import PATHS
from scanner.analysis.blast_radius.radius import Radius
from scanner.analysis.blast_radius.rights import Actor

_RAISING = frozenset(path.covered for path in PATHS if path.name != "assume_role")


def rows(radius: Radius) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `escalations`.

    A way that begins with assuming a role is not one: it was given, and whatever that role can do is said of the role.
    """
    asked = defaultdict(list)
    for account, arn in _raisable(radius):
        radius.explore_without_assuming(arn)
        asked[account].append(arn)
    backwards = Backwards(radius.graph)
    for account, arns in asked.items():
        within = backwards.leading_to(account)
        for arn in arns:
            if not radius.graph.begins(arn, within):
                continue
            closure = radius.graph.closure(arn, assuming=False, within=within, goal=account)
            if account in closure:
                verdict = closure.verdict(account)
                yield account, "global", arn, verdict, closure.chain(account), closure.conditions(account)


def _raisable(radius: Radius) -> Iterator[tuple[str, str]]:
    """Account and ARN of those whose policies speak of a path, and who do not have everything already."""
    for home in radius.rights.trust.inventory.each(radius.accounts):
        for holder in sorted(home.callers(), key=lambda one: one.arn):
            actor = Actor(home.account, holder)
            if holder.service_linked or holder.arn in radius.estate.idle or not _speaks(radius, actor):
                continue
            if radius.rights.everything(actor).verdict != "allow":
                yield home.account, holder.arn


def _speaks(radius: Radius, actor: Actor) -> bool:
    return _raises(radius.rights.covered(actor))


@lru_cache(maxsize=10_000)
def _raises(covered: frozenset[str] | None) -> bool:
    return covered is None or any(covered.issuperset(needs) for needs in _RAISING)
