"""Roles that trust everybody, in groups with the same trust policy: thousands may assume thousands, and no edge is drawn per pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scanner.analysis.blast_radius.aims import Aims
from scanner.analysis.trust.inventory import Holder


@dataclass(frozen=True, slots=True)
class Group:
    """Roles that every caller of a third account is in the same position towards, unless something looks at which role it is."""

    number: int
    roles: tuple[Holder, ...]
    of_account: Mapping[str, Sequence[Holder]]

    def outside(self, account: str) -> Iterator[Holder]:
        """Roles of other accounts."""
        return (role for role in self.roles if role.account != account)

    def meant(self, aims: Aims | None, account: str) -> Iterator[Holder]:
        """Roles of other accounts that somebody's policies may mean."""
        if aims is None or aims.elsewhere:
            return (role for role in self.outside(account) if aims is None or aims.at(role.arn, role.account))
        accounts = (one for one in sorted(aims.of_account) if one != account)
        return (role for one in accounts for role in self.of_account.get(one, ()) if aims.at(role.arn, one))


class Everyone:
    """Roles that trust `*`."""

    def __init__(self, arns: Iterable[str], find: Callable[[str], Holder | None], bound: Callable[[str], bool]):
        self._own: dict[str, list[str]] = defaultdict(list)
        alike: dict[object, list[Holder]] = defaultdict(list)
        for role in filter(None, map(find, sorted(arns))):
            self._own[role.account].append(role.arn)
            alike[id(role.trust), role.arn.split(":")[1], role.service_linked, bound(role.account)].append(role)
        self.groups = [_group(number, roles) for number, roles in enumerate(alike.values())]

    def of(self, account: str) -> list[str]:
        """ARNs of those of one account."""
        return self._own.get(account, [])


def _group(number: int, roles: list[Holder]) -> Group:
    of_account: dict[str, list[Holder]] = defaultdict(list)
    for role in roles:
        of_account[role.account].append(role)
    return Group(number, tuple(roles), of_account)
