"""What holds for every organization: the radius only grows with what is allowed, and nothing unread turns into an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.analysis.blast_radius import Radius, estate
from scanner.analysis.blast_radius.closure import Edge
from scanner.analysis.blast_radius.escalations import rows as escalations
from scanner.analysis.blast_radius.graph import Graph
from scanner.analysis.blast_radius.rights import Rights
from scanner.analysis.trust import Trust
from scanner.config import Config
from tests.analysis.blast_radius.estates import (
    EVERYTHING,
    A,
    B,
    C,
    M,
    Person,
    Stage,
    World,
    arn,
    deny,
    may,
    root,
    runs,
    trusts,
)

STAGE = Stage()
ORDER = ("allow", "conditional", "unknown", "deny")
FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
PATIENT = settings(deadline=None)
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NAMES = [(account, name) for account in (M, A, B, C) for name in ("one", "two")]
PRINCIPALS = ["*", *(root(account) for account in (M, A, B, C)), *(arn(*name) for name in NAMES)]
POLICIES: list[dict[str, Any]] = [
    may("sts:AssumeRole"),
    may("sts:AssumeRole", Bool=MFA["Bool"]),
    may("sts:AssumeRole", arn(B, "*")),
    may("iam:PutRolePolicy", arn(B, "one")),
    may("iam:UpdateAssumeRolePolicy"),
    may(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]),
    may("ssm:StartSession"),
    may("s3:GetObject"),
    deny("sts:AssumeRole", arn(C, "*")),
    EVERYTHING,
]

trust = st.builds(
    lambda who, mfa: trusts(*who, **(MFA if mfa else {})),
    st.lists(st.sampled_from(PRINCIPALS), min_size=1, max_size=2, unique=True),
    st.booleans(),
) | st.sampled_from([runs("lambda"), runs("ec2")])


def people(policies: list[dict[str, Any]] = POLICIES) -> st.SearchStrategy[tuple[Person, ...]]:
    def role(name: tuple[str, str]) -> st.SearchStrategy[Person]:
        return st.builds(
            lambda trusted, allowed: Person(*name, trust=tuple(trusted), policy=tuple(allowed)),
            st.lists(trust, min_size=1, max_size=2),
            st.lists(st.sampled_from(policies), max_size=2),
        )

    return st.tuples(*(role(name) for name in NAMES))


worlds = people().map(World)


def verdicts(world: World, shuffled: int | None = None) -> dict[tuple[str, str, str], str]:
    """By compromised account, target and what is asked of it (reached or administered)."""
    return _verdicts(STAGE.radius(world, shuffled))


def _verdicts(radius: Radius) -> dict[tuple[str, str, str], str]:
    found = {}
    for account in radius.accounts:
        for target, held in radius.of_account(account).items():
            found[account, target, "reached"] = held.verdict
            found[account, target, "administered"] = held.administered
    return found


def no_larger(after: dict[tuple[str, str, str], str], before: dict[tuple[str, str, str], str]) -> bool:
    return all(ORDER.index(verdict) >= ORDER.index(before.get(key, "deny")) for key, verdict in after.items())


@FEW
@given(worlds, st.sampled_from(range(len(NAMES))))
def test_a_role_less_never_enlarges_a_radius(world: World, which: int) -> None:
    gone = world.people[which]
    fewer = replace(world, people=tuple(one for one in world.people if one is not gone))
    assert no_larger(verdicts(fewer), verdicts(world))


@FEW
@given(worlds, st.sampled_from(range(len(NAMES))), st.sampled_from(["sts:AssumeRole", "iam:*", "lambda:*", "*"]))
def test_one_more_deny_never_enlarges_a_radius(world: World, which: int, actions: str) -> None:
    before = verdicts(world)
    one = world.people[which]
    bound = replace(one, policy=(*one.policy, deny(actions)))
    more = tuple(bound if other is one else other for other in world.people)
    assert no_larger(verdicts(replace(world, people=more)), before)
    assert no_larger(verdicts(replace(world, scps={one.account: (EVERYTHING, deny(actions))})), before)


@FEW
@given(worlds, st.sampled_from([M, A, B, C]))
def test_an_unread_account_turns_nothing_into_another_answer(world: World, account: str) -> None:
    """What was certain stays so or becomes less so; what was not reached may become unknown, and nothing else.

    Where the certain way is no longer known, a way that hangs on a condition, and was there before, is still one.
    """
    before, after = verdicts(world), verdicts(replace(world, unread=frozenset([account])))
    for key in before.keys() | after.keys():
        old, new = before.get(key, "deny"), after.get(key, "deny")
        assert new in (old, "unknown") or (old, new) == ("allow", "conditional"), (key, old, new)


@FEW
@given(
    worlds,
    st.sampled_from(["organizations.describe_organization", "organizations.list_delegated_administrators"]),
)
def test_an_unread_organization_turns_nothing_into_another_answer(world: World, call: str) -> None:
    before, after = verdicts(world), verdicts(replace(world, refused=frozenset([call])))
    for key in before.keys() | after.keys():
        old, new = before.get(key, "deny"), after.get(key, "deny")
        assert new in (old, "unknown"), (key, old, new)


@FEW
@given(worlds, st.integers(0, 1000))
def test_the_order_of_rows_never_matters(world: World, seed: int) -> None:
    def told(radius: Radius) -> list[object]:
        return [
            (account, target, held.verdict, held.chain, held.conditions, held.principals)
            for account in radius.accounts
            for target, held in radius.of_account(account).items()
        ]

    assert told(STAGE.radius(world)) == told(STAGE.radius(world, seed))


GIVING = [*POLICIES, may("iam:CreatePolicyVersion"), may("dynamodb:DeleteTable"), may("iam:PassRole", arn(B, "*")),
          may(["lambda:CreateFunction", "lambda:InvokeFunction"])]  # fmt: skip


@settings(FEW, max_examples=12)
@given(people(GIVING), st.lists(st.sampled_from(["managed", "bound"]), min_size=8, max_size=8))
def test_leaving_out_roles_that_lead_nowhere_leaves_nothing_out(roles: tuple[Person, ...], extra: list[str]) -> None:
    """As when every user and role is looked at one by one."""
    carrying = (
        replace(one, attached=("managed",)) if what == "managed" else replace(one, boundary="limit")
        for one, what in zip(roles, extra, strict=True)
    )
    managed = {(account, "managed"): (may("s3:GetObject"),) for account in (M, A, B, C)}
    limits = {(account, "limit"): (EVERYTHING,) for account in (M, A, B, C)}
    STAGE.set(World(tuple(carrying), managed={**managed, **limits}))
    asked = Trust.load(STAGE.connection)
    each = Radius(Rights(asked, estate.load(STAGE.connection, asked.inventory, asked.organization)))
    chosen = Radius.load(STAGE.connection, Config())
    for account in chosen.accounts:
        for target, held in chosen.of_account(account).items():
            other = each.of_account(account)[target]
            assert (held.verdict, held.administered) == (other.verdict, other.administered)
            assert [one[:2] for one in held.principals] == [one[:2] for one in other.principals]
            (worst, destroys), (likewise, also) = chosen.at_its_worst(held), each.at_its_worst(other)
            assert (worst.hops, destroys) == (likewise.hops, also)
        assert set(chosen.of_account(account)) == set(each.of_account(account))
    assert [row[2:4] for row in escalations(chosen)] == [row[2:4] for row in escalations(each)]


ASSUMING = [may("sts:AssumeRole"), may("sts:AssumeRole", arn(B, "*")), may("s3:GetObject"), deny("sts:AssumeRole", arn(C, "*"))]  # fmt: skip


@FEW
@given(people(ASSUMING))
def test_it_agrees_with_asking_the_trust_engine_again_and_again(roles: tuple[Person, ...]) -> None:
    """Worlds in which roles can do nothing but assume: a naive closure over `Trust.ask`."""
    world = World(roles)
    STAGE.set(world)
    asked = Trust.load(STAGE.connection)
    may_assume = {(one.arn, other.arn): asked.ask(one.arn, other.arn).verdict for one in roles for other in roles if one is not other}  # fmt: skip
    from_account = {(account, other.arn): _whole(roles, account, other) for account in (A, B, C) for other in roles if other.account != account}  # fmt: skip
    radius = STAGE.radius(world)
    for account in (A, B, C):
        best = {arn_: verdict for (start, arn_), verdict in from_account.items() if start == account}
        for _ in roles:
            for (source, target), verdict in may_assume.items():
                through = max(best.get(source, "deny"), verdict, key=ORDER.index)
                best[target] = min(best.get(target, "deny"), through, key=ORDER.index)
        expected: dict[str, str] = {}
        for target, verdict in best.items():
            owner = target.split(":")[4]
            expected[owner] = min(expected.get(owner, "deny"), verdict, key=ORDER.index)
        reached = {target: held.verdict for target, held in radius.of_account(account).items() if target != account}
        assert reached == {o: v for o, v in expected.items() if v != "deny" and o != account}, account


def _whole(roles: tuple[Person, ...], account: str, other: Person) -> str:
    """Whether somebody of an account in which every role may do everything can assume a role."""
    mighty = tuple(replace(one, policy=(EVERYTHING,)) if one.account == account else one for one in roles)
    extra = Person(account, "extra", trust=(trusts(root(account)),), policy=(EVERYTHING,))
    STAGE.set(World((*mighty, extra)))
    return Trust.load(STAGE.connection).ask(account, other.arn).verdict


# ---------------------------------------------------------------------- the graph itself

NODES = ["111111111111", "222222222222", arn(A, "x"), arn(B, "y"), "hub:z"]
edges = st.lists(
    st.builds(
        lambda source, target, verdict: Edge(
            source, target, verdict, "" if target == "hub:z" else f"{source}>{target}"
        ),
        st.sampled_from(NODES),
        st.sampled_from(NODES),
        st.sampled_from(["allow", "conditional", "unknown"]),
    ),
    max_size=12,
)


def graph_of(found: list[Edge]) -> Graph:
    graph = Graph()
    graph.add(found)
    return graph


@PATIENT
@given(edges)
def test_a_chain_is_a_path_of_edges_and_a_shortest_one(found: list[Edge]) -> None:
    graph = graph_of(found)
    for start in NODES:
        closure = graph.closure(start)
        for node in closure:
            steps = closure.steps(node)
            assert [one.source for one in steps] == [start, *(one.target for one in steps)][: len(steps)]
            assert (steps[-1].target if steps else start) == node
            assert all(one in found for one in steps)
            assert max((one.rank for one in steps), default=0) == closure.rank(node)
            assert closure.hops(node) == sum(bool(one.says) for one in steps) == shortest(found, start, node, closure.rank(node))  # fmt: skip


def shortest(found: list[Edge], start: str, goal: str, rank: int) -> int:
    """Bellman-Ford over the edges that are no weaker."""
    far = {start: 0}
    for _ in range(len(NODES)):
        for one in found:
            if one.rank <= rank and one.source in far:
                far[one.target] = min(far.get(one.target, 99), far[one.source] + bool(one.says))
    return far[goal]


@PATIENT
@given(edges, st.integers(0, 11))
def test_an_edge_less_never_enlarges_a_closure(found: list[Edge], which: int) -> None:
    fewer = [one for number, one in enumerate(found) if number != which]
    for start in NODES:
        before, after = graph_of(found).closure(start), graph_of(fewer).closure(start)
        assert all(node in before and before.rank(node) <= after.rank(node) for node in after)
