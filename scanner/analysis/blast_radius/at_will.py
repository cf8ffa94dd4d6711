"""What an intruder can make hold of the conditions that a policy leaves open. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scanner.analysis.policies import Atom


@dataclass(frozen=True, slots=True)
class AtWillOf:
    """What an intruder who holds a principal, or a `whole` account, of the organization can make hold."""

    whole: bool
    dead: frozenset[str]

    def __call__(self, atom: Atom) -> bool | None:
        if atom.operator == "is" and atom.key in self.dead:
            return None
        return atom.set_by == "caller" or (self.whole and atom.set_by == "owner")


def of_service(account: str) -> Callable[[Atom], bool | None]:
    """A service acts for somebody of this account: conditions on whom it acts for hold when they name the account."""

    def at_will(atom: Atom) -> bool | None:
        if atom.set_by == "caller":
            return True
        if atom.set_by != "service":
            return False
        if atom.key == "aws:sourceaccount" and atom.operator.lower().startswith("string"):
            named = account in atom.values or any("*" in value for value in atom.values)
            return True if named else None
        return any(f":{account}:" in value or "*" in value for value in atom.values)

    return at_will
