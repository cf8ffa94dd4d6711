"""Planned resources become rows of declared tables, and nothing unknown passes for known on the way."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from scanner.analysis.evidence import UNKNOWN_TAGS
from scanner.collect import registry as collectors
from scanner.config import Config
from scanner.gate import accounts, judge, plan, shape
from scanner.gate.overlay import GROUPED, KEYS, SAME_WHOLE
from scanner.gate.planned import Location, Planned, Unread
from scanner.gate.shape import PATCH, Added
from scanner.gate.values import UNKNOWN_KEY
from scanner.snapshot.tables import TABLES
from tests.gate import small

PLANS = Path(__file__).parent / "plans"
ARN = f"arn:aws:iam::{small.PRODUCTION}:role/deploy"


def resource(kind: str, after: dict[str, Any], unknown: Any = None) -> Planned:
    return Planned(
        f"{kind}.x", kind, "x", "create", None, after, unknown, Location("p.json"),
        account_id=small.PRODUCTION, region=small.REGION, label=f"{kind}.x",
    )  # fmt: skip


def shaped(one: Planned) -> tuple[list[Any], list[Unread]]:
    unread: list[Unread] = []
    return list(shape.rows(one, "after", None, unread)), unread


def test_every_type_names_a_call_that_a_collector_makes() -> None:
    calls = {call.name for module in collectors().values() for call in module.CALLS}
    assert {one.call for one in shape.registry().values()} <= calls
    assert len(shape.registry()) > 100


@pytest.mark.parametrize("kind", sorted(shape.registry()))
def test_a_resource_of_which_nothing_is_known(kind: str) -> None:
    """Rows fit their tables; whatever they say is an identity made up here, a default of AWS, or nothing."""
    for unknown in ({}, True):
        rows, _ = shaped(resource(kind, {}, unknown))
        for table, row in rows:
            declared = TABLES[table.removeprefix(PATCH)]
            assert row.keys() <= declared.known, (table, row)
            assert declared.name in {*KEYS, *GROUPED, *SAME_WHOLE}


def test_real_plans_are_shaped_whole() -> None:
    found: dict[str, int] = defaultdict(int)
    for name in ("estate_new", "estate_change"):
        read = plan.read(PLANS / f"{name}.json")
        accounts.place(read, {})
        for one in read.resources:
            for side in ("before", "after"):
                unread: list[Unread] = []
                for table, row in shape.rows(one, side, read.references, unread):
                    assert row.keys() <= TABLES[table.removeprefix(PATCH)].known
                    found[table] += 1
    assert {
        "vpcs",
        "subnets",
        "routes",
        "security_group_rules",
        "databases",
        "policy_statements",
        "vpc_peerings",
    } <= found.keys()


RULE = {"from_port": 443, "to_port": 443, "protocol": "tcp"}


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("aws_security_group", {"id": "sg-1", "ingress": [{**RULE, "cidr_blocks": ["10.0.0.0/8"]}]}),
        ("aws_security_group_rule", {"security_group_id": "sg-1", "type": "ingress", **RULE, "cidr_blocks": ["10.0.0.0/8"]}),
        ("aws_security_group_rule", {"security_group_id": "sg-1", "type": "ingress", **RULE, "protocol": "6", "cidr_blocks": ["10.0.0.0/8"]}),
        ("aws_vpc_security_group_ingress_rule", {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"}),
    ],
)  # fmt: skip
def test_every_spelling_of_a_rule_is_the_same_row(kind: str, after: dict[str, Any]) -> None:
    rows = [row for table, row in shaped(resource(kind, after))[0] if table == "security_group_rules"]
    wanted = {"group_id": "sg-1", "direction": "ingress", "protocol": "tcp", "from_port": 443, "to_port": 443, "peer_type": "ipv4", "peer": "10.0.0.0/8"}  # fmt: skip
    assert [{name: row[name] for name in wanted} for row in rows] == [wanted]


@pytest.mark.parametrize("protocol", ["-1", "all", "ALL"])
def test_all_protocols_have_no_ports(protocol: str) -> None:
    after = {"security_group_id": "sg-1", "type": "egress", "protocol": protocol, "from_port": 0, "to_port": 0}
    rows, _ = shaped(resource("aws_security_group_rule", {**after, "cidr_blocks": ["0.0.0.0/0"]}))
    assert [(row["protocol"], row["from_port"], row["to_port"]) for _, row in rows] == [("-1", None, None)]


@pytest.mark.parametrize(
    "name", ["cidr_blocks", "ipv6_cidr_blocks", "from_port", "protocol", "source_security_group_id", "self"]
)
def test_an_unknown_part_of_a_rule_makes_the_list_of_rules_incomplete(name: str) -> None:
    after = {"security_group_id": "sg-1", "type": "ingress", **RULE, "cidr_blocks": ["10.0.0.0/8"]}
    after.pop(name, None)
    _, unread = shaped(resource("aws_security_group_rule", after, {name: True}))
    assert [(one.attribute, one.whole, one.call) for one in unread] == [(name, True, "ec2.describe_security_groups")]


@pytest.mark.parametrize("text", ["[]", "${local.trust}", "{"])
def test_a_text_that_is_no_policy_document_is_not_read(text: str) -> None:
    """It may have been misread; as one that grants nothing it would pass."""
    rows, unread = shaped(resource("aws_iam_role", {"name": "r", "assume_role_policy": text}))
    documents = [row for table, row in rows if table == "policy_documents"]
    assert [(row["document"], row["readable"]) for row in documents] == [(None, None)]
    assert [one.text for one in unread] == ["aws_iam_role.x: assume_role_policy is no policy document"]


def test_an_unknown_document_is_not_read_and_not_empty() -> None:
    rows, unread = shaped(resource("aws_iam_role", {"name": "r", "path": "/"}, {"assume_role_policy": True}))
    documents = [row for table, row in rows if table == "policy_documents"]
    assert [(row["kind"], row["document"], row["readable"]) for row in documents] == [("trust", None, None)]
    assert [one.attribute for one in unread] == ["assume_role_policy"]


KEYED = {
    "aws_db_instance": "kms_key_id", "aws_rds_cluster": "kms_key_id", "aws_redshift_cluster": "kms_key_id",
    "aws_elasticache_replication_group": "kms_key_id", "aws_db_instance_automated_backups_replication": "kms_key_id", "aws_efs_file_system": "kms_key_id",
    "aws_ebs_volume": "kms_key_id", "aws_backup_vault": "kms_key_arn", "aws_secretsmanager_secret": "kms_key_id",
    "aws_sqs_queue": "kms_master_key_id", "aws_sns_topic": "kms_master_key_id",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), KEYED.items())
def test_a_key_that_is_not_known_yet_is_not_taken_for_none(kind: str, name: str) -> None:
    def keys(after: dict[str, Any], unknown: Any = None) -> list[Any]:
        rows, _ = shaped(resource(kind, after, unknown))
        return [value for _, row in rows for column, value in row.items() if column in ("kms_key", "kms_key_arn")]

    assert keys({}) == [None]
    assert keys({}, {name: True}) == [UNKNOWN_KEY]
    assert keys({name: "arn:aws:kms:eu-central-1:1:key/k"}) == ["arn:aws:kms:eu-central-1:1:key/k"]


@pytest.mark.parametrize(
    ("kind", "after", "unknown", "encrypted", "key"),
    [
        ("aws_db_snapshot_copy", {}, None, None, UNKNOWN_KEY),
        ("aws_db_snapshot_copy", {"kms_key_id": "k"}, None, True, "k"),
        ("aws_db_snapshot_copy", {}, {"kms_key_id": True}, True, UNKNOWN_KEY),
        ("aws_ebs_snapshot_copy", {"encrypted": False}, None, False, None),
        ("aws_ebs_snapshot_copy", {"encrypted": True}, None, True, None),  # AWS's own, which is not said here either
        ("aws_ebs_snapshot", {}, {"encrypted": True, "kms_key_id": True}, True, UNKNOWN_KEY),
        ("aws_db_cluster_snapshot", {}, {"storage_encrypted": True}, None, UNKNOWN_KEY),
    ],
)
def test_a_copy_may_need_a_key_where_nobody_says_that_it_is_not_encrypted(
    kind: str, after: Any, unknown: Any, encrypted: bool | None, key: str | None
) -> None:
    rows, _ = shaped(resource(kind, after, unknown))
    assert [(row["encrypted"], row["kms_key_arn"]) for table, row in rows if table == "snapshots"] == [(encrypted, key)]


ENCRYPTED = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}


@pytest.mark.parametrize(
    ("kind", "after", "unknown", "column"),
    [
        ("aws_dynamodb_table", {"name": "t", "server_side_encryption": [{"enabled": True}]}, {"server_side_encryption": [{"kms_key_arn": True}]}, "kms_key_arn"),
        ("aws_opensearch_domain", {"domain_name": "d", "encrypt_at_rest": [{"enabled": True}]}, {"encrypt_at_rest": [{"kms_key_id": True}]}, "kms_key_arn"),
        ("aws_s3_bucket_server_side_encryption_configuration", {"bucket": "b", "rule": [ENCRYPTED]},
         {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": True}]}]}, "kms_key_arn"),
    ],
)  # fmt: skip
def test_a_key_in_a_block_that_is_not_known_yet(kind: str, after: Any, unknown: Any, column: str) -> None:
    rows, _ = shaped(resource(kind, after, unknown))
    assert [row[column] for _, row in rows if column in row] == [UNKNOWN_KEY]


REPLICATION = "aws_s3_bucket_replication_configuration"
TO = {"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::copy", "account": small.BACKUP}]}


@pytest.mark.parametrize(
    ("kind", "after", "unknown"),
    [
        (REPLICATION, {"bucket": "b"}, {"rule": True}),
        (REPLICATION, {"bucket": "b", "rule": [{"destination": TO["destination"]}]}, {"rule": [{"status": True}]}),
        (REPLICATION, {"bucket": "b", "rule": [{**TO, "destination": [{}]}]}, {"rule": [{"destination": [{"bucket": True}]}]}),
        (REPLICATION, {"bucket": "b", "rule": [TO]}, {"rule": [{"destination": [{"account": True}]}]}),
        ("aws_dynamodb_table", {"name": "t"}, {"replica": True}),
        ("aws_dynamodb_table", {"name": "t", "point_in_time_recovery": [{}]}, {"point_in_time_recovery": [{"enabled": True}]}),
        ("aws_db_instance", {"identifier": "d"}, {"backup_retention_period": True}),
        ("aws_redshift_cluster", {"cluster_identifier": "c"}, {"automated_snapshot_retention_period": True}),
        ("aws_instance", {}, {"iam_instance_profile": True}),
        ("aws_organizations_account", {"name": "a"}, {"parent_id": True}),
        ("aws_organizations_organizational_unit", {"name": "u"}, {"parent_id": True}),
    ],
)  # fmt: skip
def test_copies_roles_and_places_that_are_not_known_yet_make_the_list_incomplete(
    kind: str, after: Any, unknown: Any
) -> None:
    leaf = str(unknown).partition(": True")[0].rpartition("'")[0].rpartition("'")[2]
    _, unread = shaped(resource(kind, after, unknown))
    assert leaf in {one.attribute.rpartition(".")[2] for one in unread if one.whole}


@pytest.mark.parametrize(("said", "encrypted"), [(True, True), ("true", True), (False, False), (None, False)])
def test_encryption_that_is_not_known_yet_is_not_taken_for_none(said: Any, encrypted: bool) -> None:
    kind, name = "aws_elasticache_replication_group", "at_rest_encryption_enabled"
    rows, _ = shaped(resource(kind, {name: said}))
    assert [row["encrypted"] for table, row in rows if table == "databases"] == [encrypted]
    rows, _ = shaped(resource(kind, {}, {name: True}))
    assert [row["encrypted"] for table, row in rows if table == "databases"] == [None]


@pytest.mark.parametrize(
    ("after", "lets_in"),
    [
        ({"account_id": "999999999999"}, "999999999999"),
        ({"group": "all"}, "all"),
        (
            {"organization_arn": "arn:aws:organizations::1:organization/o-1"},
            "arn:aws:organizations::1:organization/o-1",
        ),
    ],
)
def test_who_may_launch_an_image(after: dict[str, Any], lets_in: str) -> None:
    rows, unread = shaped(resource("aws_ami_launch_permission", {"image_id": "ami-1", **after}))
    row = {"arn": f"arn:aws:ec2:{small.REGION}::image/ami-1", "shared_with": Added((lets_in,))}
    assert [(table, {name: one[name] for name in row}) for table, one in rows] == [(PATCH + "images", row)]
    _, unread = shaped(resource("aws_ami_launch_permission", {"image_id": "ami-1"}, {"account_id": True}))
    assert [(one.attribute, one.whole) for one in unread] == [("account_id", True)]


def test_unknown_tags_are_a_gap_and_not_missing() -> None:
    rows, unread = shaped(resource("aws_kms_key", {}, {"tags": True, "tags_all": True}))
    assert [(row["key"], row["value"]) for table, row in rows if table == "tags"] == [(UNKNOWN_TAGS, None)]
    assert [(one.attribute, one.whole) for one in unread if one.attribute == "tags"] == [("tags", True)]
    rows, _ = shaped(resource("aws_kms_key", {"tags_all": {"a": "1"}}, {"tags_all": {"owner": True}}))
    assert {row["key"]: row["value"] for table, row in rows if table == "tags"} == {"a": "1", "owner": None}


def test_what_goes_away_says_what_becomes_of_the_row_that_stays() -> None:
    one = resource("aws_s3_bucket_versioning", {})
    one.deed, one.before, one.after = (
        "delete",
        {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
        None,
    )
    rows = list(shape.rows(one, "before", None, []))
    assert [(table, row["arn"], row["versioning"]) for table, row in rows] == [
        (PATCH + "buckets", "arn:aws:s3:::b", "Suspended")
    ]


@pytest.mark.parametrize("action", ["organizations:AttachPolicy", "organizations:DescribePolicy"])
def test_who_may_change_policies_of_the_organization_administers_it(action: str, tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": small.PRODUCTION}, "Action": action, "Resource": "*"}
    after = {"content": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    change = small.change("aws_organizations_resource_policy.x", after, provider="aws")
    found = judge.gate(
        (small.plan(tmp_path / "p.json", change),),
        small.write(tmp_path / "s"),
        Config(select=["blast_radius/workloads_in_delegated_administrator"]),
    )
    told = [(one.kind, one.finding.account_id, one.finding.evidence["administered_services"]) for one in found.judged]
    assert told == ([("new", small.PRODUCTION, "organizations.amazonaws.com")] if "Attach" in action else [])
