"""Cases in which a view could easily say the wrong thing, each as a few rows of a snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest

from scanner import analysis, policy, vocabulary
from scanner.collect.organizations import account_row
from scanner.config import Config
from scanner.snapshot.read import connect_empty
from scanner.snapshot.tables import TABLES

M, A, B = "100000000001", "100000000002", "100000000003"
NOW = "2025-06-02T00:00:00"
Rows = list[tuple[str, dict[str, Any]]]


def view(
    name: str, rows: Iterable[tuple[str, dict[str, Any]]], config: Config | None = None
) -> dict[str, dict[str, Any]]:
    """The rows of a view by id."""
    connection, config = connect_empty(), config or Config()
    put(connection, rows)
    analysis.run_all(connection, config, NOW)
    vocabulary.create(connection, vocabulary.load(), config, NOW)
    found = connection.execute(f"SELECT * FROM {name}")
    columns = [column[0] for column in found.description]
    return {row[columns.index("id")]: dict(zip(columns, row, strict=True)) for row in found.fetchall()}


def put(connection: Any, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Insert rows into the tables of a snapshot."""
    for table, row in rows:
        names = TABLES[table].names
        marks = ", ".join("?" for _ in names)
        connection.execute(f"INSERT INTO {table} VALUES ({marks}, NULL)", [row.get(column) for column in names])


def organization(*accounts: str) -> Rows:
    """A root with a management account and members directly under it, and FullAWSAccess everywhere."""
    at = {"account_id": M, "region": "global"}
    rows: Rows = [
        ("organizations", {**at, "organization_id": "o-1", "management_account_id": M, "feature_set": "ALL"}),
        ("organizational_units", {**at, "unit_id": "r-1", "name": "Root", "is_root": True, "path": "Root", "depth": 0}),
        ("policy_types", {**at, "root_id": "r-1", "type": "SERVICE_CONTROL_POLICY", "status": "ENABLED"}),
        ("unit_ancestors", {**at, "target_id": "r-1", "ancestor_id": "r-1", "distance": 0}),
    ]
    for number in (M, *accounts):
        row = {
            "account_id": number,
            "region": "global",
            "name": f"a{number[-1]}",
            "status": "ACTIVE",
            "parent_id": "r-1",
        }
        rows.append(("accounts", {**row, "is_member": True, "is_management": number == M, "joined_method": "CREATED"}))
        for distance, ancestor in enumerate((number, "r-1")):
            rows.append(("unit_ancestors", {**at, "target_id": number, "ancestor_id": ancestor, "distance": distance}))
    return rows + scp("p-FullAWSAccess", [ALL], ["r-1", M, *accounts])


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def scp(key: str, statements: list[dict[str, Any]], targets: list[str]) -> Rows:
    at = {"account_id": M, "region": "global"}
    arn = f"arn:aws:organizations::{M}:policy/o-1/service_control_policy/{key}"
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    row = {**at, "policy_id": key, "arn": arn, "name": key, "type": "SERVICE_CONTROL_POLICY", "content": text}
    rows: Rows = [("organization_policies", {**row, "aws_managed": key == "p-FullAWSAccess"})]
    rows += [(table, {**at, **content}) for table, content in policy.rows(arn, "scp", key, text)]
    return rows + [("policy_targets", {**at, "policy_id": key, "target_id": target}) for target in targets]


LIST = {"Effect": "Allow", "Action": ["ec2:*", "s3:*"], "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "restricts", "in_effect"),
    [
        # Allows of one level add up: beside FullAWSAccess a list of what is allowed holds back nothing.
        ([LIST], True, 0),
        ([ALL, LIST], False, 0),
        ([LIST, {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}], True, 1),
    ],
)
def test_an_allow_list_beside_full_access_is_no_guardrail(
    statements: list[dict[str, Any]], restricts: bool, in_effect: int
) -> None:
    rows = organization(A) + scp("p-list", statements, [A])
    said = view("scp", rows)["p-list"]
    assert (said["restricts"], said["accounts_in_effect"], said["targets"]) == (restricts, in_effect, 1)
    assert view("account", rows)[A]["guardrails"] == in_effect


def test_an_allow_list_in_place_of_full_access_is_a_guardrail() -> None:
    rows = [row for row in organization(A) if row[1].get("target_id") != A or row[0] != "policy_targets"]
    rows += scp("p-list", [LIST], [A])
    assert view("scp", rows)["p-list"]["accounts_in_effect"] == 1
    assert view("account", rows)[A]["guardrails"] == 1


def tag(arn: str, key: str, value: str, account: str = A) -> tuple[str, dict[str, Any]]:
    return "tags", {"account_id": account, "region": "global", "arn": arn, "key": key, "value": value}


ACCOUNT_ARN, BUCKET = f"arn:aws:organizations::{M}:account/o-1/{A}", "arn:aws:s3:::orders"


@pytest.mark.parametrize(
    ("of_account", "of_bucket", "unclear"),
    [
        # A cost centre beside the unit it belongs to is no second unit.
        (("BusinessUnit", "Retail"), ("CostCenter", "4711"), False),
        (("cost-centre", "4711"), ("bu", "Retail"), False),
        (("BusinessUnit", "Retail"), ("division", "retail"), False),
        (("BusinessUnit", "Retail"), ("bu", "Wholesale"), True),
        (("CostCenter", "4711"), ("cost-centre", "4712"), True),
        (("Name", "it"), ("Name", "it"), True),
    ],
)
def test_a_cost_centre_is_no_second_business_unit(
    of_account: tuple[str, str], of_bucket: tuple[str, str], unclear: bool
) -> None:
    rows = [
        (table, {**row, "arn": ACCOUNT_ARN} if row.get("account_id") == A else row) for table, row in organization(A)
    ]
    rows += [("buckets", {"account_id": A, "region": "eu-west-1", "arn": BUCKET, "name": "orders"})]
    rows += [tag(ACCOUNT_ARN, *of_account, M), tag(BUCKET, *of_bucket)]
    assert view("account", rows)[A]["business_unit_unclear"] is unclear


def role(name: str, *statements: dict[str, Any], account: str = A) -> Rows:
    at = {"account_id": account, "region": "global"}
    arn = f"arn:aws:iam::{account}:role/{name}"
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    rows: Rows = [("principals", {**at, "arn": arn, "name": name, "type": "role", "service_linked": False})]
    return rows + [(table, {**at, **row}) for table, row in policy.rows(arn, "inline", "p", text)]


CREATES = {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*"}


@pytest.mark.parametrize(
    ("left_out", "pipeline", "other"),
    [
        ({}, False, False),
        # The policy holds nobody back whom it leaves out, and these are the ones it was written around.
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/pipeline"}}, None, False),
        ({"StringNotEquals": {"aws:PrincipalTag/x": "y"}}, None, None),
    ],
)
def test_a_role_that_a_guardrail_leaves_out_is_not_held_back(
    left_out: dict[str, Any], pipeline: bool | None, other: bool | None
) -> None:
    unbounded = {"Null": {"iam:PermissionsBoundary": "true"}, **left_out}
    deny = {"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*", "Condition": unbounded}
    rows = organization(A) + scp("p-bound", [deny], [A]) + role("pipeline", CREATES) + role("other", CREATES)
    said = view("principal", rows)
    found = {key.rpartition("/")[2]: row["creates_unbounded_roles"] for key, row in said.items()}
    assert found == {"pipeline": pipeline, "other": other}


def test_with_full_access_alone_a_role_that_creates_roles_is_unbounded() -> None:
    (said,) = view("principal", organization(A) + role("pipeline", CREATES)).values()
    assert said["creates_unbounded_roles"] is True


def test_only_clusters_of_rds_use_its_quota() -> None:
    at = {"account_id": A, "region": "eu-west-1"}
    arns = [f"arn:aws:{part}" for part in (f"rds:eu-west-1:{A}:cluster:c", f"redshift:eu-west-1:{A}:cluster:c", f"memorydb:eu-west-1:{A}:cluster/c")]  # fmt: skip
    rows = organization(A) + [("databases", {**at, "arn": arn, "name": "c", "type": "cluster"}) for arn in arns]
    quota = {"service_code": "rds", "quota_code": "L-952B80B8", "value": 3.0, "adjustable": True, "measured": False}
    rows.append(("quotas", {**at, **quota}))
    (said,) = view("quota", rows).values()
    assert said["used"] == 1


@pytest.mark.parametrize(
    ("answer", "status", "accounts"),
    [
        ({"Status": "ACTIVE"}, "ACTIVE", 2),
        ({"State": "ACTIVE"}, "ACTIVE", 2),
        ({"Status": "SUSPENDED", "State": "CLOSED"}, "CLOSED", 1),
        # An account whose status was not told is judged all the same, by every rule.
        ({}, None, 2),
    ],
)
def test_what_organizations_say_of_the_state_of_an_account(
    answer: dict[str, str], status: str | None, accounts: int
) -> None:
    row = account_row({"Id": A, "Arn": ACCOUNT_ARN, "Name": "a2", **answer}, "r-1", M)
    assert row["status"] == status
    rows = [("accounts", row) if table == "accounts" and old["account_id"] == A else (table, old) for table, old in organization(A)]  # fmt: skip
    unit = view("organizational_unit", rows)["r-1"]
    assert (unit["accounts"], unit["tags_enforced"]) == (accounts, False)


@pytest.mark.parametrize(
    ("user", "idle"),
    [
        ({"active_keys": 0, "has_password": True}, True),
        ({"active_keys": 0, "password_used_at": datetime(2024, 1, 1)}, True),
        ({"active_keys": 0, "password_used_at": datetime(2025, 5, 30)}, False),
        # When a key was last used is not asked for.
        ({"active_keys": 1, "has_password": False}, None),
        ({"active_keys": None, "has_password": False}, None),
    ],
)
def test_whoever_logs_in_as_a_user_uses_the_account(user: dict[str, Any], idle: bool | None) -> None:
    at = {"account_id": A, "region": "global"}
    rows = [*organization(A), ("user_credentials", {**at, "user_arn": f"arn:aws:iam::{A}:user/joe", **user})]
    rows.append(("spend_months", {"account_id": M, "region": "global", "starts_at": datetime(2025, 5, 1)}))
    assert view("account", rows)[A]["idle"] is idle


@pytest.mark.parametrize(
    ("keeper", "budget", "found"),
    [
        (A, {"filters_shown": True}, (1, 0)),
        (A, {"filters_shown": True, "filtered_by": "Service"}, (0, 0)),
        (A, {"filters_shown": False}, (None, 0)),
        # It may be about any member.
        (M, {"filters_shown": False}, (None, None)),
    ],
)
def test_a_budget_whose_filter_is_not_shown_may_watch_a_part(
    keeper: str, budget: dict[str, Any], found: tuple[int | None, int | None]
) -> None:
    row = {"account_id": keeper, "region": "global", "name": "b", "type": "COST", **budget}
    said = view("account", [*organization(A, B), ("budgets", row)])
    assert (said[A]["budgets"], said[B]["budgets"]) == found


@pytest.mark.parametrize(
    ("records", "open_services", "missing"),
    [(True, "config", False), (False, "cloudtrail, config", True), (None, "config", None)],
)
def test_a_trail_of_data_events_is_neither_guardrail_nor_archive(
    records: bool | None, open_services: str, missing: bool | None
) -> None:
    arn = f"arn:aws:cloudtrail:us-east-1:{M}:trail/data"
    trail = {"account_id": M, "region": "global", "arn": arn, "name": "data", "owner_id": M, "bucket_name": "logs"}
    told = {"is_organization": True, "is_multi_region": True, "is_logging": True, "records_changes": records}
    rows = [*organization(A, B), ("trails", {**trail, **told})]
    rows.append(("buckets", {"account_id": B, "region": "us-east-1", "arn": "arn:aws:s3:::logs", "name": "logs"}))
    assert view("account", rows)[A]["audit_open"] == open_services
    assert view("organization", rows)["o-1"]["log_archive_missing"] is missing


def test_what_names_the_unit_of_two_cost_centres_may_not_have_been_read() -> None:
    call = {"collector": "organizations", "call": "organizations.list_tags_for_resource"}
    bucket = {"account_id": A, "region": "eu-west-1"}
    rows = [*organization(A), ("call_tables", {**call, "table_name": "tags"})]
    for name in ("1", "2"):
        rows += [
            ("buckets", {**bucket, "arn": f"{BUCKET}{name}", "name": name}),
            tag(f"{BUCKET}{name}", "cost-centre", name),
        ]
    assert view("account", rows)[A]["business_unit_unclear"] is True
    rows.append(("coverage", {"account_id": M, "region": "global", **call, "status": "access_denied"}))
    assert view("account", rows)[A]["business_unit_unclear"] is None


@pytest.mark.parametrize("service", ["memorydb", "elasticache", "es", "redshift-serverless", "lambda"])
def test_what_may_be_tagged_otherwise_than_its_account_does_not_take_after_it(service: str) -> None:
    here = {"account_id": A, "region": "eu-west-1"}
    arn = f"arn:aws:{service}:eu-west-1:{A}:thing/carts"
    rows = [
        ("accounts", {**row, "arn": ACCOUNT_ARN}) if table == "accounts" and row["account_id"] == A else (table, row)
        for table, row in organization(A)
    ]
    rows += [tag(ACCOUNT_ARN, "environment", "production"), tag(ACCOUNT_ARN, "workload", "carts")]
    kind = ("compute", {"type": "function"}) if service == "lambda" else ("databases", {"type": "cluster"})
    rows.append((kind[0], {**here, **kind[1], "arn": arn, "name": "carts"}))
    said = view("resource", rows)[arn]
    assert (said["environment"], said["workload"]) == ("production", "carts")
    call = {"collector": "tagging", "call": "resourcegroupstaggingapi.get_resources"}
    rows += [
        ("call_tables", {**call, "table_name": "tags"}),
        ("coverage", {**here, **call, "status": "access_denied"}),
    ]
    said = view("resource", rows)[arn]
    assert (said["environment"], said["workload"]) == (None, None)
