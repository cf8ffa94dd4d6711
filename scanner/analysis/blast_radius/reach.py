"""What a closure holds, by account. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from scanner.analysis.blast_radius.backwards import shared
from scanner.analysis.blast_radius.beyond import Beyond
from scanner.analysis.blast_radius.closure import HUB, Closure, Edge
from scanner.analysis.blast_radius.held import Held, account_of
from scanner.analysis.blast_radius.weigh import DENY

Leaves = Callable[[str], list[Edge]]


class Reach(Mapping[str, Held]):
    """What a closure holds, by account. What is held in one account is only sorted out when somebody asks."""

    def __init__(self, closure: Closure, leaves: Leaves):
        self.closure = closure
        self._leaves = leaves
        self._nodes, self._hubs = _by_account(closure)
        self._found: tuple[set[str], set[str]] | None = None
        self._urgency: dict[str, tuple[int, int, int]] = {}

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getitem__(self, account: str) -> Held:
        closure, nodes = self.closure, self._nodes[account]
        if len(nodes) > 1:
            nodes = sorted(nodes, key=lambda node: (closure.rank(node), closure.hops(node), node))
        return Held(account, tuple(nodes), closure, tuple(self._hubs.get(account, ())), self._leaves)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._nodes))

    def __len__(self) -> int:
        return len(self._nodes)

    def found(self) -> tuple[set[str], set[str]]:
        """Every account reached, and those reached for certain."""
        if self._found is None:
            self._found = set(self._nodes), {one for one in self._nodes if not self.rank(one)}
        return self._found

    def rank(self, account: str) -> int:
        """How certainly somebody is got hold of in an account."""
        return self.closure.rank(self._nodes[account][0])  # a closure names its nodes in the order of ranks

    def urgency(self, account: str) -> tuple[int, int, int]:
        """Ranks of getting hold of all of an account and of somebody in it, and the steps to that one."""
        found = self._urgency.get(account)
        if found is None:
            found = self._urgency[account] = self._work_out(account)
        return found

    def _work_out(self, account: str) -> tuple[int, int, int]:
        closure, rank = self.closure, self.rank(account)
        whole = closure.rank(account) if account in closure else DENY.rank
        return whole, rank, min(closure.hops(node) for node in self._nodes[account] if closure.rank(node) == rank)


class ReachBeyond(Reach):
    """What the closure of an account holds that has most of it in common with others: `own` are accounts in which it is not the same."""

    def __init__(self, closure: Beyond, leaves: Leaves, common: Reach):
        self.closure = closure
        self.common = common
        self._leaves = leaves
        self._found = None
        self._urgency = {}
        nodes, hubs = _by_account(closure.own)
        self.own = nodes.keys() | hubs.keys()
        self._nodes = _together(self.own, closure, nodes, common._nodes)
        self._hubs = _together(self.own, closure, hubs, common._hubs)

    def __getitem__(self, account: str) -> Held:
        if account in self.own:
            return super().__getitem__(account)
        return replace(self.common[account], closure=self.closure)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._nodes.keys() | self.common._nodes.keys()))

    def __len__(self) -> int:
        return len(self._nodes.keys() | self.common._nodes.keys())

    def found(self) -> tuple[set[str], set[str]]:
        if self._found is None:
            every, sure = self.common.found()
            mine = {one for one in self._nodes if not self.rank(one)}
            self._found = every | self._nodes.keys(), (sure - self._nodes.keys()) | mine
        return self._found

    def rank(self, account: str) -> int:
        return super().rank(account) if account in self.own else self.common.rank(account)

    def urgency(self, account: str) -> tuple[int, int, int]:
        return super().urgency(account) if account in self.own else self.common.urgency(account)


def _by_account(nodes: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Principals and accounts, and hubs of one account, by account."""
    people: dict[str, list[str]] = {}
    hubs: dict[str, list[str]] = {}
    for node in nodes:
        if not node.startswith(HUB):
            people.setdefault(account_of(node), []).append(node)
        elif not shared(node):
            hubs.setdefault(node[len(HUB) :].partition(":")[0], []).append(node)
    return people, hubs


def _together(
    accounts: Iterable[str], closure: Beyond, own: dict[str, list[str]], common: dict[str, list[str]]
) -> dict[str, list[str]]:
    """The nodes of some accounts in the order of their ranks, wherever they are known from."""
    found = {}
    for account in accounts:
        others = (node for node in common.get(account, ()) if node not in closure.own)
        if nodes := sorted([*own.get(account, ()), *others], key=closure.rank):
            found[account] = nodes
    return found
