"""Who can make itself administrator of its account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.analysis.blast_radius.paths import PATHS
from scanner.analysis.blast_radius.radius import Radius, said
from scanner.analysis.blast_radius.rights import Actor

_RAISING = frozenset(path.covered for path in PATHS if path.name != "assume_role")


def rows(radius: Radius) -> Iterator[tuple[Any, ...]]:
    """Yield rows of `escalations`.

    A way that begins with assuming a role is not one: it was given, and whatever that role can do is said of the role.
    """
    inventory = radius.rights.trust.inventory
    for home in inventory.each(radius.accounts):
        for holder in sorted(home.callers(), key=lambda one: one.arn):
            actor = Actor(home.account, holder)
            if holder.service_linked or not _speaks(radius, actor):
                continue
            if radius.rights.everything(actor).verdict == "allow":
                continue  # nothing is left to be raised to
            closure = radius.closure_of(holder.arn, assuming=False)
            if home.account in closure:
                steps = closure.chain(home.account)
                conditions = list(dict.fromkeys(text for step in steps for text in step.conditions))
                verdict = closure.verdict(home.account)
                yield home.account, "global", holder.arn, verdict, list(said(steps)), conditions


def _speaks(radius: Radius, actor: Actor) -> bool:
    covered = radius.rights.covered(actor)
    return covered is None or any(covered.issuperset(needs) for needs in _RAISING)
