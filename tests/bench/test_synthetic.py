"""A synthetic organization is a snapshot like any other, the same for the same seed, and has in it what was built in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bench.analyses import measure, steps
from bench.organization import generate
from bench.synthetic.documents import VENDOR
from scanner import policy
from scanner.config import Config
from scanner.findings import Result
from scanner.scan import judge
from scanner.snapshot.read import connect
from scanner.snapshot.tables import TABLES

ACCOUNTS = 20
FLAT = ("policy_statements", "statement_principals", "statement_actions", "statement_resources", "statement_conditions")
# What a synthetic organization has none of: it has no Identity Center, its single sign-on roles trust a SAML provider.
IDENTITY_CENTER = {name for name in TABLES if name.startswith(("identity_", "permission_set"))} - {"identity_providers"}
MONEY = {"cost_allocation_tags", "spend_months", "spend", "untagged_spend", "quota_defaults"}
EMPTY = {
    *(
        "endpoint_services",
        "public_access_exclusions",
        "account_assignments",
        "service_snapshots",
        "file_system_replicas",
    ),
    *("iam_features", "trails", "guardduty_detectors", "security_hubs", *MONEY, *IDENTITY_CENTER),
}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("synthetic") / "s"
    generate(target, ACCOUNTS, 7)
    return target


@pytest.fixture(scope="module")
def connection(snapshot: Path) -> Iterator[Any]:
    with connect(snapshot) as opened:
        yield opened


@pytest.fixture(scope="module")
def result(snapshot: Path) -> Result:
    return judge(snapshot, Config())


def one(connection: Any, sql: str) -> Any:
    return connection.execute(sql).fetchone()[0]


def hashes(folder: Path) -> dict[str, list[str]]:
    return {name: pq.read_table(folder / f"{name}.parquet")["row_hash"].to_pylist() for name in TABLES}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_has_the_declared_columns_and_rows(snapshot: Path, name: str) -> None:
    file = pq.ParquetFile(snapshot / f"{name}.parquet")
    declared = TABLES[name].arrow
    assert file.schema_arrow.names == [*declared.names, "row_hash"]
    assert file.schema_arrow.types[:-1] == declared.types
    manifest = json.loads((snapshot / "manifest.json").read_text())
    assert file.metadata.num_rows == manifest["tables"][name]
    assert bool(file.metadata.num_rows) == (name not in EMPTY)


def test_the_same_seed_gives_the_same_rows_and_another_does_not(snapshot: Path, tmp_path: Path) -> None:
    generate(tmp_path / "same", ACCOUNTS, 7)
    generate(tmp_path / "other", ACCOUNTS, 8)
    assert hashes(tmp_path / "same") == hashes(snapshot)
    assert hashes(tmp_path / "other") != hashes(snapshot)


def test_rows_are_sorted_as_the_store_sorts_them(connection: Any) -> None:
    for name in ("principals", "statement_actions", "security_group_rules", "coverage"):
        columns = ", ".join(f'"{column}"' for column in TABLES[name].names)
        stored = connection.execute(f"SELECT {columns} FROM {name}").fetchall()
        assert stored == connection.execute(f"SELECT {columns} FROM {name} ORDER BY {columns}").fetchall()


def test_flattened_statements_are_those_of_the_raw_documents(connection: Any) -> None:
    documents = connection.execute(
        """SELECT account_id, holder_arn, kind, name, document FROM policy_documents
        WHERE hash(account_id, holder_arn, name) % 12 = 0 OR kind IN ('resource', 'scp', 'rcp') ORDER BY ALL"""
    ).fetchall()
    assert len(documents) > 500
    connection.execute("CREATE TEMP TABLE sample (account_id VARCHAR, statement_id VARCHAR)")
    wanted: dict[str, list[str]] = {table: [] for table in FLAT}
    for account, holder, kind, name, document in documents:
        for table, row in policy.rows(holder, kind, name, document):
            if table in wanted:
                wanted[table].append(_text(table, {"account_id": account, **row}))
            if table == "policy_statements":
                connection.execute("INSERT INTO sample VALUES (?, ?)", [account, row["statement_id"]])
    for table in FLAT:
        cursor = connection.execute(f"SELECT t.* FROM {table} t JOIN sample USING (account_id, statement_id)")
        names = [column[0] for column in cursor.description]
        found = [_text(table, dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
        assert sorted(found) == sorted(wanted[table]), table
        assert found


def _text(table: str, row: dict[str, Any]) -> str:
    return repr([row.get(name) for name in TABLES[table].names if name != "region"])


def test_everything_was_read(connection: Any, result: Result) -> None:
    assert one(connection, "SELECT count(*) FROM coverage WHERE status <> 'collected'") == 0
    regional = one(connection, "SELECT count(*) FROM coverage WHERE call = 'ec2.describe_vpcs'")
    assert regional == ACCOUNTS * 2
    assert not result.coverage.gaps


def test_references_lead_somewhere(connection: Any) -> None:
    for table, column, target, key in (
        ("subnets", "vpc_id", "vpcs", "vpc_id"),
        ("network_interfaces", "subnet_id", "subnets", "subnet_id"),
        ("routes", "route_table_id", "route_tables", "route_table_id"),
        ("instances", "instance_profile_arn", "instance_profiles", "arn"),
        ("policy_attachments", "principal_arn", "principals", "arn"),
        ("policy_attachments", "policy_arn", "managed_policies", "arn"),
        ("transit_gateway_attachments", "resource_id", "vpcs", "vpc_id"),
        ("transit_gateway_routes", "attachment_id", "transit_gateway_attachments", "attachment_id"),
        ("recovery_points", "vault_arn", "backup_vaults", "arn"),
        ("databases", "kms_key_arn", "kms_keys", "arn"),
        ("policy_targets", "policy_id", "organization_policies", "policy_id"),
        ("accounts", "parent_id", "organizational_units", "unit_id"),
    ):
        lost = (
            f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {target})"
        )
        assert one(connection, lost) == 0, f"{table}.{column}"
    for table in ("databases", "network_interfaces", "instances"):
        lost = f"SELECT count(*) FROM (SELECT unnest(group_ids) AS g FROM {table}) WHERE g NOT IN (SELECT group_id FROM security_groups)"
        assert one(connection, lost) == 0, table
    sources = "SELECT arn FROM databases UNION ALL SELECT arn FROM dynamodb_tables"
    assert one(connection, f"SELECT count(*) FROM recovery_points WHERE source_arn NOT IN ({sources})") == 0


def test_ids_are_those_of_one_thing(connection: Any) -> None:
    for table, key in (
        ("principals", "arn"), ("vpcs", "vpc_id"), ("security_groups", "group_id"), ("network_interfaces", "eni_id"),
        ("databases", "arn"), ("buckets", "arn"), ("recovery_points", "arn"), ("snapshots", "arn"), ("kms_keys", "arn"),
    ):  # fmt: skip
        assert one(connection, f"SELECT count(*) - count(DISTINCT {key}) FROM {table}") == 0, table
    addresses = "SELECT vpc_id, unnest(private_ips) AS ip FROM network_interfaces"
    twice = f"SELECT count(*) FROM (SELECT vpc_id, ip FROM ({addresses}) GROUP BY ALL HAVING count(*) > 1)"
    assert one(connection, twice) == 0


def whole_account(principal: Any, own: str) -> bool:
    """Whether a principal is another account as a whole."""
    value = principal.get("AWS", "") if isinstance(principal, dict) else ""
    account = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", value)
    return account is not None and account[1] != own


def test_what_was_built_in_is_found(connection: Any, result: Result) -> None:
    """Rules find as many as the raw documents have."""
    trusts = connection.execute("SELECT account_id, holder_arn, document FROM policy_documents WHERE kind = 'trust'")
    roles = sum(
        any(whole_account(s["Principal"], account) and "Condition" not in s for s in json.loads(document)["Statement"])
        for account, arn, document in trusts.fetchall()
        if not arn.endswith("/OrganizationAccountAccessRole")
    )
    failed = {rule.rule_id: rule.failed for rule in result.rules}
    assert roles > 10
    assert failed["blast_radius/trusts_whole_account"] == roles
    vendors = one(connection, "SELECT count(*) FROM principals WHERE name = 'vendor-legacy'")
    assert failed["blast_radius/trusts_outsider_without_external_id"] == vendors
    assert failed["backup_isolation/snapshot_public"] == one(
        connection, f"SELECT count(*) FROM snapshots WHERE list_has_any(shared_with, ['all', '{VENDOR}'])"
    )


def test_the_average_account_is_as_large_as_promised(tmp_path: Path) -> None:
    counts = generate(tmp_path / "s", 300, 3)
    assert 75 < counts["principals"] / 300 < 135
    assert 230 < counts["security_group_rules"] / 300 < 400
    assert 75 < counts["network_interfaces"] / 300 < 140


@pytest.mark.parametrize("step", steps())
def test_every_step_is_measured(snapshot: Path, step: str) -> None:
    cost = measure(step, snapshot)
    # Nobody made what the others read, and everything was read.
    assert cost.rows > 0 or step in ("permission_sets", "tag_policies", "tag_values", "unread")
    assert cost.cpu > 0
    assert cost.peak_mb > 0
