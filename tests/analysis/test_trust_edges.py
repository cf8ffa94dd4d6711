"""Trust and resource policies as an attacker reads them: conditions that confine nothing, denies that do, and who `*` means."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scanner import analysis, policy, vocabulary
from scanner.config import Config
from scanner.snapshot.read import connect_empty

M, A, B, OUT = "111111111111", "222222222222", "333333333333", "999999999999"
NAMES = {M: "acme-management", A: "orders-production", B: "orders-test"}
ORG = "o-acme123456"
GITHUB = "token.actions.githubusercontent.com"
EVERYONE = {"AWS": "*"}


def root(account: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account}:root"}


def provider(host: str) -> dict[str, str]:
    return {"Federated": host if host.startswith("cognito") else f"arn:aws:iam::{A}:oidc-provider/{host}"}


def lets(principal: Any, effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    action = "sts:AssumeRoleWithWebIdentity" if "Federated" in principal else "sts:AssumeRole"
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        **({"Condition": condition} if condition else {}),
    }


def on(operator: str, key: str, *values: str) -> dict[str, dict[str, list[str]]]:
    return {operator: {key: list(values)}}


def sub(operator: str, host: str, *values: str) -> dict[str, dict[str, list[str]]]:
    return on(operator, f"{host}:sub", *values)


DENY_STRANGERS = lets(EVERYONE, "Deny", **on("StringNotEquals", "aws:PrincipalOrgID", ORG))
Cases = dict[str, list[tuple[str, bool, list[dict[str, Any]]]]]
ROLES: Cases = {
    "trusts_everyone": [
        ("a star", True, [lets("*")]),
        ("a star of AWS", True, [lets(EVERYONE)]),
        ("any ARN", True, [lets(EVERYONE, **on("StringLike", "aws:PrincipalArn", "*"))]),
        ("a name in any account", True, [lets(EVERYONE, **on("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/deploy"))]),
        ("if exists", True, [lets(EVERYONE, **on("StringEqualsIfExists", "aws:PrincipalOrgID", ORG))]),
        ("for all values", True, [lets(EVERYONE, **on("ForAllValues:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/*"))]),
        ("any organization", True, [lets(EVERYONE, **on("StringLike", "aws:PrincipalOrgID", "o-*"))]),
        ("from anywhere", True, [lets(EVERYONE, **on("IpAddress", "aws:SourceIp", "0.0.0.0/0"))]),
        ("an external id", True, [lets(EVERYONE, **on("StringEquals", "sts:ExternalId", "x"))]),
        ("over TLS", True, [lets(EVERYONE, **on("Bool", "aws:SecureTransport", "true"))]),
        ("everybody but one account", True, [lets(EVERYONE, **on("StringNotEquals", "aws:PrincipalAccount", OUT))]),
        ("somebody of some organization", True, [lets(EVERYONE, **on("Null", "aws:PrincipalOrgID", "false"))]),
        ("not some actions", True, [{"Effect": "Allow", "Principal": EVERYONE, "NotAction": "iam:*"}]),
        ("the second statement", True, [lets({"Service": "ec2.amazonaws.com"}), lets(EVERYONE)]),
        ("the organization", False, [lets(EVERYONE, **on("StringEquals", "aws:PrincipalOrgID", ORG))]),
        ("a unit", False, [lets(EVERYONE, **on("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", f"{ORG}/r-1/*"))]),
        ("strangers denied", False, [lets(EVERYONE), DENY_STRANGERS]),
        ("all but one account denied", False, [lets(EVERYONE), lets(EVERYONE, "Deny", **on("StringNotEqualsIfExists", "aws:PrincipalAccount", OUT))]),
        ("a role", False, [lets(EVERYONE, **on("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{B}:role/x"))]),
        ("an account", False, [lets(root(B))]),
        ("NotPrincipal, which is not valid here", False, [{"Effect": "Allow", "NotPrincipal": root(B), "Action": "sts:AssumeRole"}]),
    ],
    "trusts_outsider_without_external_id": [
        ("root", True, [lets(root(OUT))]),
        ("digits", True, [lets({"AWS": OUT})]),
        ("a role", True, [lets({"AWS": f"arn:aws:iam::{OUT}:role/x"})]),
        ("a star for it", True, [lets(EVERYONE, **on("StringEquals", "aws:PrincipalAccount", OUT))]),
        ("a star for its role", True, [lets(EVERYONE, **on("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OUT}:role/*"))]),
        ("another organization", True, [lets(EVERYONE, **on("StringEquals", "aws:PrincipalOrgID", "o-another1234"))]),
        ("an id if there is one", True, [lets(root(OUT), **on("StringEqualsIfExists", "sts:ExternalId", "x"))]),
        ("any id", True, [lets(root(OUT), **on("StringLike", "sts:ExternalId", "*"))]),
        ("any id but one", True, [lets(root(OUT), **on("StringNotEquals", "sts:ExternalId", "x"))]),
        ("some id", True, [lets(root(OUT), **on("Null", "sts:ExternalId", "false"))]),
        ("a statement without", True, [lets(root(OUT), **on("StringEquals", "sts:ExternalId", "x")), lets(root(OUT))]),
        ("an id", False, [lets(root(OUT), **on("StringEquals", "sts:ExternalId", "x"))]),
        ("an id or denied", False, [lets(root(OUT)), lets(root(OUT), "Deny", **on("StringNotEquals", "sts:ExternalId", "x"))]),
        ("denied as a stranger", False, [lets(root(OUT)), DENY_STRANGERS]),
        ("a member", False, [lets(root(B))]),
    ],
    "trusts_whole_account": [
        ("root", True, [lets(root(B))]),
        ("digits", True, [lets({"AWS": B})]),
        ("any ARN", True, [lets(root(B), **on("StringLike", "aws:PrincipalArn", "*"))]),
        ("the organization", True, [lets(root(B), **on("StringEquals", "aws:PrincipalOrgID", ORG))]),
        ("any session name", True, [lets(root(B), **on("StringLike", "sts:RoleSessionName", "deploy-*"))]),
        ("a star for it", True, [lets(EVERYONE, **on("StringEquals", "aws:PrincipalAccount", B))]),
        ("a role", False, [lets(root(B), **on("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{B}:role/x"))]),
        ("with MFA", False, [lets(root(B), **on("Bool", "aws:MultiFactorAuthPresent", "true"))]),
        ("itself", False, [lets(root(A))]),
    ],
    "trusts_any_repository": [
        ("no sub", True, [lets(provider(GITHUB), **on("StringEquals", f"{GITHUB}:aud", "sts.amazonaws.com"))]),
        ("any sub", True, [lets(provider(GITHUB), **sub("StringLike", GITHUB, "repo:*"))]),
        ("any owner that begins so", True, [lets(provider(GITHUB), **sub("StringLike", GITHUB, "repo:acme*/x:*"))]),
        ("one of two", True, [lets(provider(GITHUB), **sub("StringLike", GITHUB, "repo:acme/x:*", "repo:*/x:*"))]),
        ("all but one", True, [lets(provider(GITHUB), **sub("StringNotLike", GITHUB, "repo:evil/*"))]),
        ("GitLab", True, [lets(provider("gitlab.com"), **sub("StringLike", "gitlab.com", "project_path:*:ref_type:branch:*"))]),
        ("Terraform", True, [lets(provider("app.terraform.io"), **sub("StringLike", "app.terraform.io", "organization:*:project:*"))]),
        ("Cognito", True, [lets(provider("cognito-identity.amazonaws.com"))]),
        ("an owner", False, [lets(provider(GITHUB), **sub("StringLike", GITHUB, "repo:acme/*"))]),
        ("a star that is a star", False, [lets(provider(GITHUB), **sub("StringEquals", GITHUB, "repo:acme/x:*"))]),
        ("a group", False, [lets(provider("gitlab.com"), **sub("StringLike", "gitlab.com", "project_path:acme/*"))]),
        ("a pool", False, [lets(provider("cognito-identity.amazonaws.com"), **on("StringEquals", "cognito-identity.amazonaws.com:aud", "eu-west-1:1"))]),
        ("a cluster of its own", False, [lets(provider("oidc.eks.eu-west-1.amazonaws.com/id/ABC"))]),
    ],
    "entered_from_nonproduction": [
        ("test", True, [lets(root(B))]),
        ("the organization", True, [lets(EVERYONE, **on("StringEquals", "aws:PrincipalOrgID", ORG))]),
        ("the organization without test", False, [
            lets(EVERYONE, **on("StringEquals", "aws:PrincipalOrgID", ORG)), lets(root(B), "Deny")]),
        ("management", False, [lets(root(M))]),
    ],
}  # fmt: skip


def uses(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        **more,
    }


SECRETS: Cases = {
    "open_to_outsiders": [
        ("a star", True, [uses("*")]),
        ("everybody but", True, [{**uses(root(B)), "NotPrincipal": root(B), "Principal": None}]),
        ("any action", True, [uses(root(OUT), Action="secretsmanager:*")]),
        ("all but some actions", True, [{key: value for key, value in uses(root(OUT), NotAction="iam:*").items() if key != "Action"}]),
        ("a lesser action", True, [uses(root(OUT), Action="secretsmanager:DescribeSecret")]),
        ("from a wide range", True, [uses("*", Condition=on("IpAddress", "aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1"))]),
        ("an outsider's role", True, [uses(root(OUT), Condition=on("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OUT}:role/*"))]),
        ("through a service", True, [uses(root(OUT), Condition=on("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"))]),
        ("one endpoint", False, [uses("*", Condition=on("StringEquals", "aws:SourceVpce", "vpce-1"))]),
        ("strangers denied", False, [uses(root(OUT)), uses("*", "Deny", Condition=on("StringNotEquals", "aws:PrincipalOrgID", ORG))]),
        ("all but its own account denied", False, [uses("*"), {**uses(root(A), "Deny"), "NotPrincipal": root(A), "Principal": None}]),
        ("a deny of something else", True, [uses("*"), uses("*", "Deny", Action="secretsmanager:DeleteSecret")]),
        ("the organization", False, [uses("*", Condition=on("StringEquals", "aws:PrincipalOrgID", ORG))]),
    ],
    "crosses_environments": [
        ("the other account", True, [uses(root(B))]),
        ("a role of the other account", True, [uses({"AWS": f"arn:aws:iam::{B}:role/x"})]),
        ("the organization", True, [uses("*", Condition=on("StringEquals", "aws:PrincipalOrgID", ORG))]),
        ("a lesser action", False, [uses(root(B), Action="secretsmanager:DescribeSecret")]),
        ("test denied", False, [uses("*", Condition=on("StringEquals", "aws:PrincipalOrgID", ORG)), uses(root(B), "Deny")]),
        ("management, which serves all", False, [uses(root(M))]),
        ("itself", False, [uses(root(A))]),
    ],
}  # fmt: skip


def invokes(principal: Any, action: str, **condition: Any) -> list[dict[str, Any]]:
    more = {"Condition": condition} if condition else {}
    return [{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}]


OWNER = on("StringEquals", "AWS:SourceOwner", A)
MORE: dict[str, list[tuple[str, bool, list[dict[str, Any]]]]] = {
    "queue": [
        ("a star", True, invokes("*", "sqs:SendMessage")),
        ("from one bucket", False, invokes("*", "sqs:SendMessage", **on("ArnLike", "aws:SourceArn", "arn:aws:s3:::x"), **on("StringEquals", "aws:SourceAccount", A))),
        ("a service", False, invokes({"Service": "events.amazonaws.com"}, "sqs:SendMessage")),
        ("an outsider", True, invokes(root(OUT), "sqs:*")),
    ],
    "topic": [
        ("what AWS writes", False, invokes(EVERYONE, "SNS:Publish", **OWNER)),
        ("an outsider as the owner", True, invokes(EVERYONE, "SNS:Publish", **on("StringEquals", "AWS:SourceOwner", OUT))),
        ("a star", True, invokes(EVERYONE, "SNS:Subscribe")),
    ],
    "function": [
        ("a public address", True, invokes("*", "lambda:InvokeFunctionUrl", **on("StringEquals", "lambda:FunctionUrlAuthType", "NONE"))),
        ("an outsider", True, invokes(root(OUT), "lambda:InvokeFunction")),
        ("a service", False, invokes({"Service": "apigateway.amazonaws.com"}, "lambda:InvokeFunction")),
    ],
    "domain": [
        ("a star", True, invokes({"AWS": "*"}, "es:*")),
        ("a star from one address", False, invokes({"AWS": "*"}, "es:ESHttp*", **on("IpAddress", "aws:SourceIp", "198.51.100.7/32"))),
        ("itself", False, invokes(root(A), "es:*")),
    ],
}  # fmt: skip
TABLE_OF: dict[str, tuple[str, dict[str, Any]]] = {
    "secretsmanager": ("secrets", {"policy_read": True}),
    "queue": ("queues", {"policy_read": True}),
    "topic": ("topics", {"policy_read": True}),
    "function": ("compute", {"type": "function", "policy_read": True}),
    "domain": ("databases", {"type": "domain", "subnet_ids": [], "group_ids": []}),
}


def arn_of(column: str, name: str, kind: str) -> str:
    slug = f"{column}-{name}".replace(" ", "-").replace(",", "")
    service = column if column in MORE else "secretsmanager"
    return f"arn:aws:iam::{A}:role/{slug}" if kind == "trust" else f"arn:aws:{service}:eu-west-1:{A}:x:{slug}"


@pytest.fixture(scope="module")
def judged() -> Any:
    connection = connect_empty()
    add(connection, "organizations", account_id=M, organization_id=ORG, management_account_id=M, feature_set="ALL")
    for account, name in NAMES.items():
        add(
            connection,
            "accounts",
            account_id=account,
            name=name,
            status="ACTIVE",
            is_member=True,
            is_management=account == M,
        )
    for kind, cases in (("trust", ROLES), ("resource", SECRETS), ("resource", MORE)):
        for column, listed in cases.items():
            for name, _, statements in listed:
                holder(connection, arn_of(column, name, kind), kind, statements)
    analysis.run_all(connection, Config())
    # All these roles share an account: what one lets in reaches others over it, which is the blast radius' business.
    connection.execute("DELETE FROM role_entries")
    vocabulary.create(connection, vocabulary.load(), Config())
    return connection


def holder(connection: Any, arn: str, kind: str, statements: list[dict[str, Any]]) -> None:
    if kind == "trust":
        add(
            connection,
            "principals",
            account_id=A,
            region="global",
            arn=arn,
            type="role",
            name=arn.rpartition("/")[2],
            service_linked=False,
        )
    else:
        table, more = TABLE_OF[arn.split(":")[2]]
        add(connection, table, account_id=A, region="eu-west-1", arn=arn, name=arn.rpartition(":")[2], **more)
    kept = [{key: value for key, value in one.items() if value is not None} for one in statements]
    text = json.dumps({"Version": "2012-10-17", "Statement": kept})
    for table, row in policy.rows(arn, kind, "", text):
        add(connection, table, account_id=A, region="global" if kind == "trust" else "eu-west-1", **row)


def add(connection: Any, table: str, **row: Any) -> None:
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def flat(cases: Cases) -> list[Any]:
    return [
        pytest.param(column, name, expected, id=f"{column}: {name}")
        for column, listed in cases.items()
        for name, expected, _ in listed
    ]


@pytest.mark.parametrize(("column", "name", "expected"), flat(ROLES))
def test_roles(column: str, name: str, expected: bool, judged: Any) -> None:
    found = judged.execute(f"SELECT {column} FROM role WHERE arn = ?", [arn_of(column, name, "trust")]).fetchall()
    assert found == [(expected,)]


@pytest.mark.parametrize(("column", "name", "expected"), flat(SECRETS))
def test_resources(column: str, name: str, expected: bool, judged: Any) -> None:
    arn = arn_of(column, name, "resource")
    assert judged.execute(f"SELECT {column} FROM guarded_resource WHERE arn = ?", [arn]).fetchall() == [(expected,)]


@pytest.mark.parametrize(("kind", "name", "expected"), flat(MORE))
def test_resources_of_more_kinds(kind: str, name: str, expected: bool, judged: Any) -> None:
    found = judged.execute(
        "SELECT type, open_to_outsiders FROM guarded_resource WHERE arn = ?", [arn_of(kind, name, "resource")]
    ).fetchall()
    assert found == [(kind, expected)]


def test_a_statement_has_one_row_per_source(judged: Any) -> None:
    arn = arn_of("trusts_outsider_without_external_id", "a statement without", "trust")
    rows = judged.execute(
        "SELECT statement_id, source_kind, is_member, verdict, external_id FROM trust_edges WHERE role_arn = ? ORDER BY 1",
        [arn],
    ).fetchall()
    assert rows == [
        (f"{arn}|trust||0", "account", False, "conditional", True),
        (f"{arn}|trust||1", "account", False, "allow", False),
    ]
    known = judged.execute(
        "SELECT count(*) FROM trust_edges e JOIN policy_statements s ON s.statement_id = e.statement_id"
    ).fetchone()
    assert known == judged.execute("SELECT count(*) FROM trust_edges").fetchone()
