"""Guardrails: which denies hold somebody back of whom nothing is known, and which only seem to."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import analysis
from scanner.analysis import guardrails
from scanner.config import Config
from tests.analysis.trust.world import ALLOW_ALL, LAYERS, A, B, M, Stage, World

LEAVE = "organizations:LeaveOrganization"
TRAIL = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:UpdateTrail"]
Row = dict[str, Any]


def judged(*statements: Row, gaps: str = "", layer: str = "scp-account", account: str = A) -> dict[str, Row]:
    """The answers for an account under these statements beside FullAWSAccess, by question."""
    world = World(dict.fromkeys(LAYERS, (ALLOW_ALL,)), gaps=frozenset(gaps.split()))
    for statement in statements:
        world = world.adding(layer, statement)
    return answers(world, account)


@cache
def stage() -> Stage:
    made = Stage()
    analysis.create(made.connection, guardrails.TABLES)
    return made


def answers(world: World, account: str) -> dict[str, Row]:
    connection = stage().connection
    stage().trust(world)
    connection.execute("DELETE FROM account_guardrails")
    guardrails.run(connection, Config())
    found = connection.execute("SELECT * FROM account_guardrails WHERE account_id = ?", [account])
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["question"]: row for row in rows}


def deny(*actions: str, resource: str = "*", **condition: Any) -> Row:
    statement = {"Effect": "Deny", "Action": list(actions), "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


def test_with_full_access_alone_everything_is_open() -> None:
    assert {row["verdict"] for row in judged().values()} == {"allow"}


@pytest.mark.parametrize(
    ("condition", "verdict", "exempt"),
    [
        ({}, "deny", []),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform"}}, "deny", ["aws:PrincipalArn arn:aws:iam::*:role/platform"]),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, "allow", []),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "deny", []),
        ({"StringNotEquals": {"aws:PrincipalAccount": [B]}}, "deny", [f"aws:PrincipalAccount {B}"]),
        ({"StringNotEquals": {"aws:PrincipalAccount": [A, B]}}, "allow", []),
        # Everybody is left out.
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}}, "allow", []),
        ({"StringNotLike": {"aws:PrincipalArn": "*"}}, "allow", []),
        # Only some are meant.
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}, "allow", []),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/developer-*"}}, "allow", []),
        # Whoever wants to, gets away.
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, "allow", []),
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, "allow", []),
        ({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, "allow", []),
        # Calls of Organizations go to us-east-1.
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, "deny", []),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, "allow", []),
        # Who may set the tag is not known here.
        ({"StringNotEquals": {"aws:PrincipalTag/admin": "yes"}}, "conditional", []),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, "conditional", []),
    ],
)  # fmt: skip
def test_what_a_condition_of_a_deny_is_worth(condition: Row, verdict: str, exempt: list[str]) -> None:
    row = judged(deny(LEAVE, **condition))["leave_organization"]
    assert row["verdict"] == verdict
    assert [text for text in row["exempt"] if "RequestedRegion" not in text] == exempt
    assert bool(row["hangs_on"]) is (verdict == "conditional")
    assert row["open_actions"] == ([] if verdict == "deny" else [LEAVE])


def test_two_denies_with_different_exemptions_leave_out_the_fewer() -> None:
    one = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/one"}}
    row = judged(deny(LEAVE, **one), deny("organizations:*"))["leave_organization"]
    assert (row["verdict"], row["exempt"]) == ("deny", [])
    assert row["decided_by"] == ["statement 3 of SCP scp-account (p-scp-account)"]


@pytest.mark.parametrize(
    ("statement", "verdict", "regions"),
    [
        (deny("*", StringNotEquals={"aws:RequestedRegion": ["eu-west-1", "eu-north-1"]}), "deny", ["eu-north-1", "eu-west-1"]),
        (deny("*", StringNotLike={"aws:RequestedRegion": "eu-*"}), "deny", ["eu-*"]),
        (deny("*", StringEquals={"aws:RequestedRegion": "eu-west-1"}), "allow", []),
        (deny("ec2:*", StringNotEquals={"aws:RequestedRegion": "eu-west-1"}), "allow", ["eu-west-1"]),
        ({"Effect": "Deny", "NotAction": ["iam:*", "s3:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}, "deny", ["eu-west-1"]),
        ({"Effect": "Deny", "NotAction": ["iam:*", "ec2:*"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}, "allow", ["eu-west-1"]),
    ],
)  # fmt: skip
def test_regions(statement: Row, verdict: str, regions: list[str]) -> None:
    row = judged(statement)["other_regions"]
    assert (row["verdict"], row["regions"]) == (verdict, regions)


def test_a_list_of_what_is_allowed_confines_too() -> None:
    here = {**ALLOW_ALL, "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
    world = World({**dict.fromkeys(LAYERS, (ALLOW_ALL,)), "scp-root": (here,)})
    row = answers(world, A)["other_regions"]
    assert (row["verdict"], row["regions"]) == ("deny", ["eu-west-1"])
    world = World({**dict.fromkeys(LAYERS, (ALLOW_ALL,)), "scp-root": ({**ALLOW_ALL, "Action": "s3:*"},)})
    assert answers(world, A)["leave_organization"]["verdict"] == "deny"


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}, "deny"),
        ({"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:root"}, "Null": {"aws:AssumedRoot": "true"}}, "deny"),
        ({"StringEquals": {"aws:PrincipalType": "Account"}}, "deny"),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}, "allow"),
        ({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/root"}}, "allow"),
    ],
)
def test_the_root_user(condition: Row, verdict: str) -> None:
    assert judged(deny("*", **condition))["root_user"]["verdict"] == verdict


def test_keys_denied_to_the_root_user_are_not_everything() -> None:
    row = judged(deny("iam:CreateAccessKey", "iam:CreateUser", StringLike={"aws:PrincipalArn": "arn:aws:iam::*:root"}))[
        "root_user"
    ]
    assert row["verdict"] == "allow"
    assert "iam:CreateUser" not in row["open_actions"]
    assert "s3:DeleteBucket" in row["open_actions"]


def test_one_action_left_open_is_enough() -> None:
    row = judged(deny("cloudtrail:StopLogging"))["cloudtrail"]
    assert (row["verdict"], row["open_actions"]) == ("allow", sorted(TRAIL[1:]))
    # A trail may be told to record nothing, too.
    assert judged(deny(*TRAIL[:2]))["cloudtrail"]["verdict"] == "allow"
    assert judged(deny(*TRAIL))["cloudtrail"]["verdict"] == "deny"


def test_a_deny_for_some_trails_says_which() -> None:
    row = judged(deny(*TRAIL, resource="arn:aws:cloudtrail:*:*:trail/main-*"))["cloudtrail"]
    assert (row["verdict"], row["parts"]) == ("allow", ["arn:aws:cloudtrail:*:*:trail/main-*"])


@pytest.mark.parametrize(
    ("actions", "trail", "verdict"),
    [
        (TRAIL, {"is_logging": True, "is_multi_region": True}, "deny"),
        (TRAIL[:1], {"is_logging": True, "is_multi_region": True}, "allow"),
        (TRAIL, {"is_logging": False, "is_multi_region": True}, "allow"),
        (TRAIL, {"is_logging": True, "is_multi_region": False}, "allow"),
        (TRAIL, {"is_logging": True, "is_multi_region": True, "records_changes": False}, "allow"),
    ],
)
def test_a_deny_for_a_trail_that_records_everything_will_do(actions: list[str], trail: Row, verdict: str) -> None:
    arn = f"arn:aws:cloudtrail:eu-west-1:{A}:trail/main-1"
    stage().connection.execute(
        "INSERT INTO trails (owner_id, arn, is_logging, is_multi_region, records_changes) VALUES (?, ?, ?, ?, ?)",
        [A, arn, trail["is_logging"], trail["is_multi_region"], trail.get("records_changes", True)],
    )
    found = judged(deny(*actions, resource="arn:aws:cloudtrail:*:*:trail/main-*"))["cloudtrail"]
    stage().connection.execute("DELETE FROM trails")
    assert found["verdict"] == verdict


def test_a_boundary_that_has_to_be_attached() -> None:
    bound = {"StringNotEquals": {"iam:PermissionsBoundary": "arn:aws:iam::222222222222:policy/limit"}}
    assert judged(deny("iam:CreateRole", **bound))["unbounded_roles"]["verdict"] == "deny"
    only = {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::222222222222:policy/limit"}}
    assert judged(deny("iam:CreateRole", **only))["unbounded_roles"]["verdict"] == "allow"


def test_the_management_account_is_never_bound() -> None:
    row = judged(deny("*"), layer="scp-root", account=M)["leave_organization"]
    assert (row["verdict"], row["decided_by"]) == ("allow", ["SCPs do not bind the management account"])


@pytest.mark.parametrize("gap", ["tree", "types", "targets", "scp-root"])
def test_what_was_not_read_is_unknown_and_a_deny_stands(gap: str) -> None:
    assert {row["verdict"] for row in judged(gaps=gap).values()} == {"unknown"}
    known = judged(deny(LEAVE), gaps=gap)["leave_organization"]["verdict"]
    assert known == ("deny" if gap in ("tree", "scp-root") else "unknown")


STATEMENTS = st.builds(
    lambda actions, condition: deny(*actions, **condition),
    st.lists(st.sampled_from([LEAVE, *TRAIL, "*", "ec2:*", "config:*"]), min_size=1, max_size=2),
    st.sampled_from(
        [
            {},
            {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}},
            {"StringNotEquals": {"aws:PrincipalTag/t": "v"}},
            {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}},
        ]
    ),
)
LOOSER = ("deny", "conditional", "unknown", "allow")


@settings(max_examples=40, deadline=None)
@given(st.lists(STATEMENTS, max_size=2), STATEMENTS)
def test_one_more_deny_never_opens_anything(before: list[Row], more: Row) -> None:
    first, second = judged(*before), judged(*before, more)
    for question, row in first.items():
        assert LOOSER.index(second[question]["verdict"]) <= LOOSER.index(row["verdict"])


@settings(max_examples=20, deadline=None)
@given(st.lists(STATEMENTS, max_size=2))
def test_accounts_under_the_same_policies_get_what_each_would_get_alone(statements: list[Row]) -> None:
    own = {"StringNotEquals": {"aws:PrincipalAccount": [A]}}
    assert judged(*statements, deny(LEAVE, **own), account=B)["leave_organization"]["verdict"] == "deny"
    one, two = (judged(*statements, account=account) for account in (A, B))
    assert [row["verdict"] for row in one.values()] == [row["verdict"] for row in two.values()]
