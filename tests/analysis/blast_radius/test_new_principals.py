"""New principals, boundaries that are taken away, principals that nobody may change, and resources that only some layer names."""

from __future__ import annotations

import pytest

from tests.analysis.blast_radius.estates import (
    EVERYTHING,
    A,
    B,
    Person,
    Stage,
    Statement,
    World,
    arn,
    deny,
    may,
    root,
    runs,
    trusts,
)

STAGE = Stage()
EDGE = arn(B, "edge", "policy")


def entering(*policy: Statement, boundary: str | None = None) -> Person:
    return Person(B, "entry", trust=(trusts(root(A)),), policy=policy, boundary=boundary)


def administered(*people: Person, edge: tuple[Statement, ...] = ()) -> str:
    return STAGE.radius(World(people, managed={(B, "edge"): edge} if edge else {})).of_account(A)[B].administered


def destroys(
    person: Person, edge: tuple[Statement, ...] = (), scps: dict[str, tuple[Statement, ...]] | None = None
) -> bool | None:
    radius = STAGE.radius(World((person,), managed={(B, "edge"): edge} if edge else {}, scps=scps or {}))
    return radius.destroys(radius.of_account(A)[B])


@pytest.mark.parametrize(
    ("kind", "calls"),
    [
        ("user", ["iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey"]),
        ("user", ["iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateLoginProfile"]),
        ("role", ["iam:CreateRole", "iam:PutRolePolicy"]),
        ("role", ["iam:CreateRole", "iam:AttachRolePolicy"]),
    ],
)
def test_who_makes_a_principal_with_any_permissions_administers(kind: str, calls: list[str]) -> None:
    assert administered(entering(may(calls, arn(B, "ci-*", kind)))) == "allow"
    assert administered(entering(may(calls[1:], arn(B, "ci-*", kind)))) == "deny"
    assert administered(entering(may(calls[:1], arn(B, "a-*", kind)), may(calls[1:], arn(B, "b-*", kind)))) == "deny"
    with_edge = {"iam:PermissionsBoundary": EDGE}
    assert administered(entering(may(calls, arn(B, "ci-*", kind), StringEquals=with_edge))) == "deny"


def test_a_principal_that_is_there_cannot_be_made() -> None:
    calls = may(["iam:CreateRole", "iam:PutRolePolicy"], arn(B, "taken"))
    assert administered(entering(calls), Person(B, "taken", trust=(runs("ec2"),))) == "deny"


def test_a_new_user_joins_a_group() -> None:
    admins = Person(B, "admins", "group", policy=(EVERYTHING,))
    joins = may("iam:AddUserToGroup", admins.arn)
    assert administered(entering(joins), admins) == "deny"
    makes = may(["iam:CreateUser", "iam:CreateAccessKey"], arn(B, "ci-*", "user"))
    assert administered(entering(joins, makes), admins) == "allow"


@pytest.mark.parametrize(
    "call", ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:CreatePolicyVersion"]
)
def test_a_boundary_that_one_may_take_away_is_none(call: str) -> None:
    edge = (may(["s3:*", call]),)
    assert administered(entering(EVERYTHING, boundary="edge"), edge=(may("s3:*"),)) == "deny"
    assert administered(entering(EVERYTHING, boundary="edge"), edge=edge) == "allow"
    assert administered(entering(may(["s3:*", call]), boundary="edge"), edge=edge) == "deny"
    assert administered(entering(EVERYTHING, deny(call), boundary="edge"), edge=edge) == "deny"


def test_who_grows_up_to_its_boundary_may_take_that_away_then() -> None:
    edge = (may(["iam:PutRolePolicy", "iam:DeleteRolePermissionsBoundary"]),)
    assert administered(entering(may("iam:PutRolePolicy"), boundary="edge"), edge=edge) == "allow"


def test_roles_of_identity_center_are_changed_by_nobody() -> None:
    saml = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithSAML",
        "Principal": {"Federated": f"arn:aws:iam::{B}:saml-provider/AWSSSO_1_DO_NOT_DELETE"},
    }
    name = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_1"
    boss = Person(B, name, trust=(saml,), policy=(EVERYTHING,))
    assert administered(entering(may("iam:UpdateAssumeRolePolicy")), boss) == "deny"
    assert (
        administered(
            entering(may("iam:UpdateAssumeRolePolicy")), Person(B, "boss", trust=(saml,), policy=(EVERYTHING,))
        )
        == "allow"
    )


def test_the_policies_that_they_carry_are_changed_like_any() -> None:
    name = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Some_1"
    some = Person(B, name, trust=(trusts(root(A)),), policy=(may("iam:*"),), attached=("edge",))
    assert administered(some, edge=(may("s3:GetObject"),)) == "allow"
    puts = may("iam:PutRolePolicy")
    assert administered(Person(B, name, trust=(trusts(root(A)),), policy=(puts,))) == "deny"


def test_what_only_a_boundary_or_a_deny_of_all_else_names_can_be_done_there() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html"""
    only = "arn:aws:s3:::app/*"
    but = {"Effect": "Deny", "Action": "*", "NotResource": only}
    assert destroys(entering(EVERYTHING, boundary="edge"), edge=(may("s3:DeleteObject", only),)) is True
    assert destroys(entering(may("s3:DeleteObject"), but)) is True
    assert destroys(entering(may("s3:DeleteObject")), scps={B: (but,)}) is True
    assert destroys(entering(may("dynamodb:DeleteTable")), scps={B: (but,)}) is False


def test_a_pattern_of_another_service_is_no_resource() -> None:
    function = Person(B, "strong", trust=(runs("lambda"),), policy=(EVERYTHING,))
    assert administered(entering(may("lambda:UpdateFunctionCode")), function) == "conditional"
    assert administered(entering(may("*", "arn:aws:s3:::app/*")), function) == "deny"
    assert destroys(entering(may("dynamodb:*", "arn:aws:s3:::app/*"))) is False
    assert destroys(entering(may("backup:*", "arn:aws:ec2:*::snapshot/*"))) is True
