"""Which roles somebody's own policies can mean at all, told by their text: what they do not name is not asked about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.analysis.policies import glob
from scanner.analysis.trust.organization import Held

_ONE_ACCOUNT = re.compile(r"arn:[^:*?]+:iam::(\d{12}):")


@dataclass(frozen=True, slots=True)
class Aims:
    """Patterns of the roles that may be assumed: those of one account by its number, and those that may be of any."""

    of_account: dict[str, tuple[str, ...]]
    elsewhere: tuple[str, ...]

    def at(self, arn: str, account: str) -> bool:
        """Whether a role of an account may be meant."""
        return any(glob(pattern, arn) for pattern in (*self.of_account.get(account, ()), *self.elsewhere))


def aims(identity: Iterable[Held]) -> Aims | None:
    """What policies cut down to sts:AssumeRole mean; None when that is not to be told from their text."""
    of_account: dict[str, tuple[str, ...]] = {}
    elsewhere: tuple[str, ...] = ()
    for held in identity:
        if held.document is None:
            return None
        for statement in held.document.statements:
            if statement.effect != "Allow":
                continue
            if statement.resources_negated or any("${" in pattern for pattern in statement.resources):
                return None
            for pattern in statement.resources:
                one = _ONE_ACCOUNT.match(pattern)
                if one is None:
                    elsewhere += (pattern,)
                else:
                    of_account[one[1]] = (*of_account.get(one[1], ()), pattern)
    return Aims(of_account, elsewhere)
