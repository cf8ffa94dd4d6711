"""Who a policy lets in, source by source: what it names, and for `*` also whom of the organization that means.

Nothing is expanded per principal; for a `*` that members of the organization meet, one account per environment stands for
all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanner.analysis.policies import Condition, Principal, Statement
from scanner.analysis.policies import principal as classified
from scanner.analysis.trust.conditions import hold
from scanner.analysis.trust.decide import Answer
from scanner.analysis.trust.organization import Organization
from scanner.analysis.trust.request import Caller
from scanner.analysis.trust_edges import residue
from scanner.analysis.trust_edges.judge import Policy, admitting, caller_of, judge, request

EVERYONE = Principal("everyone", "*")


@dataclass(frozen=True, slots=True)
class Opening:
    """One source that a statement lets in, or, when not `comes_in`, lets do something of less weight.

    `members` is how many accounts `account` stands for.
    """

    statement: Statement
    source: str
    kind: str
    account: str | None
    answer: Answer
    comes_in: bool
    members: int = 1


@dataclass(frozen=True, slots=True)
class Member:
    """An account and what it is for; `environment` and `workload` are None when that is not known."""

    account: str
    environment: str | None
    workload: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Members of one environment that meet a condition, and a few of them, of different workloads where there are."""

    accounts: frozenset[str]
    some: tuple[Member, ...]


SOME = 3
Groups = dict[str | None, Group]


class World:
    """The organization, and which of its accounts meet a set of conditions."""

    def __init__(self, connection: Any):
        self.organization = Organization(connection)
        self.members = [
            Member(*row)
            for row in connection.execute(
                "SELECT f.account_id, f.environment, f.workload FROM account_facts f JOIN accounts a "
                "ON a.account_id = f.account_id WHERE a.is_member AND coalesce(a.status, 'ACTIVE') = 'ACTIVE' ORDER BY 1"
            ).fetchall()
        ]
        self.few = [member for group in _grouped(self.members).values() for member in group.some]
        self.workloads = {member.account: member.workload for member in self.members}
        self._meeting: dict[Any, Groups] = {}

    def meeting(self, policy: Policy, statement: Statement) -> Groups:
        """Members by environment that a `*` statement may mean; only a few are tried where that depends on the resource."""
        own = any(_of_resource(condition) for condition in statement.conditions)
        key = (statement.conditions, policy.document.variables, policy.trust, policy.account if own else "")
        if key not in self._meeting:
            tried = self.few if own else self.members
            self._meeting[key] = _grouped([one for one in tried if self._meets(policy, statement, one)])
        return self._meeting[key]

    def _meets(self, policy: Policy, statement: Statement, member: Member) -> bool:
        caller = _caller(policy, Principal("account", member.account, member.account))
        asked = request(policy, caller, caller.action, policy.arn, self.organization)
        return hold(statement.conditions, asked.fact, policy.document.variables) is not None


def _grouped(members: list[Member]) -> Groups:
    found: dict[str | None, list[Member]] = defaultdict(list)
    for member in members:
        found[member.environment].append(member)
    return {
        environment: Group(frozenset(one.account for one in those), _some(those))
        for environment, those in found.items()
    }


def _some(members: list[Member]) -> tuple[Member, ...]:
    """The first two, and the first ones of different workloads."""
    by_workload = list({one.workload: one for one in reversed(members)}.values())
    return tuple(dict.fromkeys([*reversed(by_workload[-SOME:]), *members[:2]]))


def _of_resource(condition: Condition) -> bool:
    return condition.key.startswith("aws:resource") or any("${" in value for value in condition.values)


def openings(policy: Policy, workload: str | None, world: World) -> Iterator[Opening]:
    """Yield everybody of another account, and every provider, that a policy lets in."""
    for statement in admitting(policy):
        if statement.principals_negated:
            yield from _everyone(policy, statement, workload, world)
            continue
        for one in dict.fromkeys(statement.principals):
            if one.kind == "everyone":
                yield from _everyone(policy, statement, workload, world)
            elif one.kind == "federated" and policy.trust:
                yield from _one(policy, statement, one, "provider", world)
            elif one.account is not None and one.account != policy.account:
                kind = "account" if one.kind == "account" else "principal"
                yield from _one(policy, statement, one, kind, world)


def _one(policy: Policy, statement: Statement, one: Principal, kind: str, world: World) -> Iterator[Opening]:
    found = judge(policy, statement, _caller(policy, one), world.organization)
    if found is not None:
        yield Opening(statement, one.value, kind, one.account, *found)


def _caller(policy: Policy, one: Principal) -> Caller:
    return caller_of(one, policy.arn.split(":")[1])


def _everyone(policy: Policy, statement: Statement, workload: str | None, world: World) -> Iterator[Opening]:
    for account, said in sorted(residue.accounts_named(statement.conditions)):
        if account != policy.account:
            one = Principal("account", account, account) if account == said else classified("AWS", said)
            if one.kind == "invalid":  # a pattern of names
                one = Principal("account", said, account)
            yield from _one(policy, statement, one, "account" if account == said else "principal", world)
    for organization in sorted(residue.organizations_named(statement.conditions) - {world.organization.id}):
        found = judge(policy, statement, _caller(policy, EVERYONE), world.organization)
        if found is not None:
            yield Opening(statement, organization, "organization", None, *found)
    yield from _one(policy, statement, EVERYONE, "everyone", world)
    yield from _members(policy, statement, workload, world)


def _members(policy: Policy, statement: Statement, workload: str | None, world: World) -> Iterator[Opening]:
    """One account per environment, where there is one of another workload than the policy's."""
    groups = world.meeting(policy, statement)
    for environment in sorted(groups, key=str):
        group = groups[environment]
        count = len(group.accounts) - (policy.account in group.accounts)
        others = [member for member in group.some if member.account != policy.account]
        others.sort(key=lambda one: one.workload in (workload, "unknown", None))
        for member in others:  # a deny may strike the one and not the other
            caller = _caller(policy, Principal("account", member.account, member.account))
            found = judge(policy, statement, caller, world.organization)
            if found is not None:
                yield Opening(statement, "*", "member", member.account, *found, count)
                break
