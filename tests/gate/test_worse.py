"""Changes that make something worse in a roundabout way, and that no verdict may pass over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import policy
from scanner.gate import accounts, changes, plan, strangers
from scanner.gate.cloudformation import kinds
from scanner.gate.identity import identity
from scanner.gate.shape import registry
from scanner.gate.values import DEFAULT_GROUP
from scanner.gate.verdict import let_in
from scanner.gated import Gated
from tests.gate import small
from tests.gate.small import gate

OPEN = "database_integration/open_to_whole_network"
PATH = "environment_separation/network_path_to_production"
SHARED = "backup_isolation/copies_share_account"
OUTSIDER = "blast_radius/trusts_outsider_without_external_id"
DATABASE = {"security_group_id": "sg-1-db", "ip_protocol": "tcp", "from_port": 5432, "to_port": 5432}
EVERYBODY = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "self": False}


def kinds_of(found: Gated) -> set[tuple[str, str, str]]:
    return {(one.kind, one.finding.rule_id, one.finding.subject.id) for one in found.judged}


def gathered(path: Path) -> changes.Changes:
    read = plan.read(path)
    accounts.place(read, {})
    return changes.gather([read])


# ---------------------------------------------------------------------- types that nobody shapes


def test_no_type_is_both_shaped_and_told() -> None:
    assert not strangers.types() & (registry().keys() | kinds.registry().keys())


@pytest.mark.parametrize(
    ("address", "after", "before", "told"),
    [
        ("aws_cloudtrail.org", None, {"name": "org"}, "cloudtrail.describe_trails"),
        ("aws_guardduty_detector.x", {"enable": False}, {"enable": True}, "guardduty.list_detectors"),
        ("aws_ssoadmin_account_assignment.x", {"principal_id": "g"}, None, "sso-admin.list_account_assignments"),
        ("aws_network_interface_sg_attachment.x", {"security_group_id": "sg-1-db"}, None, "ec2.describe_network_interfaces"),
        ("aws_ec2_tag.x", {"key": "environment"}, None, "resourcegroupstaggingapi.get_resources"),
        ("aws_eks_fargate_profile.x", {"subnet_ids": ["subnet-1"]}, None, "ec2.describe_network_interfaces"),
        ("aws_eks_fargate_profile.x", {"subnet_ids": ["s"], "tags": {"a": "2"}}, {"subnet_ids": ["s"], "tags": {"a": "1"}}, None),
        ("aws_eks_fargate_profile.x", None, {"subnet_ids": ["subnet-1"]}, None),
        ("aws_eip.nat", {"domain": "vpc"}, None, None),
        ("aws_eip.host", {"domain": "vpc", "instance": "i-1"}, None, "ec2.describe_network_interfaces"),
        ("aws_cloudwatch_log_group.x", {"name": "x"}, None, None),
    ],
)  # fmt: skip
def test_a_type_that_rules_hang_on_is_told(
    address: str, after: Any, before: Any, told: str | None, tmp_path: Path
) -> None:
    found = gathered(small.plan(tmp_path / "p.json", small.change(address, after, before=before)))
    assert [(one.address, one.call, one.whole) for one in found.unread] == ([(address, told, True)] if told else [])
    assert found.strangers.total() == 1 and found.understood == 0


def test_a_trail_that_goes_is_no_pass(snapshot: Path, tmp_path: Path) -> None:
    gone = small.change("aws_cloudtrail.org", before={"name": "org"}, provider="aws")
    found = gate(snapshot, small.plan(tmp_path / "p.json", gone), "governance/log_archive_missing")
    assert found.exit_code == 3
    assert ("unread", "governance/log_archive_missing", "o-small00000") in kinds_of(found)


def test_what_a_stack_makes_is_told(snapshot: Path, tmp_path: Path) -> None:
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change("aws_cloudformation_stack.x", {})), OPEN)
    assert (found.exit_code, found.shortfalls[0]) == (3, "aws_cloudformation_stack.x: what it makes was not read")


# ---------------------------------------------------------------------- what was there stays, or does not


def test_a_peering_that_is_tagged_stays_accepted(tmp_path: Path) -> None:
    peering = {
        "account_id": small.PRODUCTION, "peering_id": "pcx-1", "status": "active",
        "requester_account_id": small.TEST, "requester_vpc_id": "vpc-2", "requester_region": small.REGION,
        "requester_cidrs": ["10.2.0.0/16"], "accepter_account_id": small.PRODUCTION, "accepter_vpc_id": "vpc-1",
        "accepter_region": small.REGION, "accepter_cidrs": ["10.1.0.0/16"],
    }  # fmt: skip
    routes = [
        {"account_id": account, "route_table_id": f"rtb-{own}", "destination": f"10.{other}.0.0/16", "destination_type": "ipv4",
         "target_type": "peering", "target_id": "pcx-1", "state": "active"}
        for account, own, other in ((small.PRODUCTION, 1, 2), (small.TEST, 2, 1))
    ]  # fmt: skip
    more = {"vpc_peerings": [peering, {**peering, "account_id": small.TEST}], "routes": routes}
    snapshot = small.write(tmp_path / "s", more)
    was = {"id": "pcx-1", "vpc_id": "vpc-2", "peer_vpc_id": "vpc-1", "peer_owner_id": small.PRODUCTION}
    was |= {"accept_status": "active", "auto_accept": None}
    tagged = small.change("aws_vpc_peering_connection.x", {**was, "tags": {"a": "b"}}, before=was, provider="aws.test")
    opened = small.change("aws_vpc_security_group_ingress_rule.x", {**DATABASE, "cidr_ipv4": "10.2.0.0/16"})
    found = gate(snapshot, small.plan(tmp_path / "p.json", tagged, opened), PATH)
    assert (found.exit_code, kinds_of(found)) == (1, {("new", PATH, "pcx-1")})


def test_with_an_account_go_the_copies_it_holds(snapshot: Path, tmp_path: Path) -> None:
    arn = f"arn:aws:organizations::{small.MANAGEMENT}:account/o-small00000/{small.BACKUP}"
    was = {"id": small.BACKUP, "arn": arn, "name": "backup", "parent_id": small.WORKLOADS, "close_on_deletion": True}
    closed = small.change("aws_organizations_account.backup", before=was, provider="aws")
    found = gate(snapshot, small.plan(tmp_path / "p.json", closed), SHARED)
    one = next(one for one in found.judged if one.kind == "new")
    assert (found.exit_code, one.finding.subject.id, one.address) == (
        1,
        small.DATABASE,
        "aws_organizations_account.backup",
    )


@pytest.mark.parametrize("kind", ["aws_backup_vault", "aws_backup_logically_air_gapped_vault"])
def test_with_every_kind_of_vault_go_its_copies(kind: str, snapshot: Path, tmp_path: Path) -> None:
    gone = small.change(f"{kind}.x", before={"name": "copies", "arn": small.VAULT}, provider="aws.backup")
    found = gate(snapshot, small.plan(tmp_path / "p.json", gone), SHARED)
    assert (found.exit_code, kinds_of(found)) == (1, {("new", SHARED, small.DATABASE)})


def test_what_is_made_anew_has_lost_its_lock(tmp_path: Path) -> None:
    was = {"name": "copies", "arn": small.VAULT, "id": "copies", "kms_key_arn": "arn:aws:kms:eu-central-1:1:key/a"}
    anew = {**was, "kms_key_arn": "arn:aws:kms:eu-central-1:1:key/b"}
    path = small.plan(
        tmp_path / "p.json",
        small.change("aws_backup_vault.x", anew, before=was, actions=["delete", "create"], provider="aws.backup"),
    )
    (row,) = gathered(path).come.plain["backup_vaults"]
    assert (row["locked"], row["recovery_points"]) == (False, 0)


def test_what_is_made_anew_under_another_name_is_another_one(tmp_path: Path) -> None:
    stem = f"arn:aws:iam::{small.PRODUCTION}:role"
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})  # fmt: skip
    was = {"arn": f"{stem}/old", "id": "old", "name": "old", "path": "/", "assume_role_policy": trust}
    path = small.plan(
        tmp_path / "p.json",
        small.change(
            "aws_iam_role.x", {"name": "new", "path": "/", "assume_role_policy": trust}, before=was,
            actions=["delete", "create"], unknown={"arn": True, "id": True},
        ),
    )  # fmt: skip
    found = gathered(path)
    assert [row["arn"] for row in found.gone.plain["principals"]] == [f"{stem}/old"]
    assert [row["arn"] for row in found.come.plain["principals"]] == [f"{stem}/new"]
    assert found.subjects.keys() >= {f"{stem}/old", f"{stem}/new"}


@pytest.mark.parametrize("actions", [["create", "forget"], ["forget", "create"]])
def test_what_terraform_forgets_stays_beside_what_it_makes(actions: list[str], tmp_path: Path) -> None:
    was = {"name": "a", "arn": "arn:aws:ec2:eu-central-1:1:security-group/sg-old", "id": "sg-old", "vpc_id": "vpc-1"}
    changed = small.change("aws_security_group.x", {"name": "b", "vpc_id": "vpc-1"}, before=was, actions=actions)
    found = gathered(small.plan(tmp_path / "p.json", changed))
    assert not found.gone.plain and [identity(one) for one in found.plans[0].resources] == ["aws_security_group.x"]


def test_what_the_provider_leaves_behind_does_not_go(snapshot: Path, tmp_path: Path) -> None:
    was = {"policy_id": "p-guard", "target_id": small.ROOT, "skip_destroy": True}
    path = small.plan(tmp_path / "p.json", small.change("aws_organizations_policy_attachment.x", before=was, provider="aws"))  # fmt: skip
    assert gate(snapshot, path, "governance/can_leave_organization").exit_code == 0


@pytest.mark.parametrize(("before", "tables"), [(False, ["tgw-rtb-1"]), (True, []), (None, [])])
def test_an_attachment_joins_default_tables_when_it_is_told_to(before: Any, tables: list[str], tmp_path: Path) -> None:
    asked = "transit_gateway_default_route_table_propagation"
    gateway = {"id": "tgw-1", "propagation_default_route_table_id": "tgw-rtb-1"}
    was = {"id": "tgw-attach-1", "transit_gateway_id": "tgw-1", "vpc_id": "vpc-1", asked: before}
    path = small.plan(
        tmp_path / "p.json",
        small.change("aws_ec2_transit_gateway.x", gateway, before=gateway, actions=["no-op"]),
        small.change(
            "aws_ec2_transit_gateway_vpc_attachment.x", {**was, asked: True}, before=was,
            refs={"transit_gateway_id": ["aws_ec2_transit_gateway.x.id", "aws_ec2_transit_gateway.x"]},
        ),
    )  # fmt: skip
    found = gathered(path).come.plain.get("transit_gateway_propagations", [])
    assert [row["route_table_id"] for row in found] == tables


# ---------------------------------------------------------------------- whose rules these are


def test_rules_of_a_default_group_that_the_plan_does_not_have_are_told(snapshot: Path, tmp_path: Path) -> None:
    made = small.change(
        "aws_default_security_group.x", {"vpc_id": "vpc-1", "ingress": [EVERYBODY]}, unknown={"id": True}
    )
    found = gate(snapshot, small.plan(tmp_path / "p.json", made), OPEN)
    assert (found.exit_code, kinds_of(found)) == (3, {("unread", OPEN, small.DATABASE)})


def test_rules_of_a_default_group_are_those_of_the_vpc(tmp_path: Path) -> None:
    vpc = {"id": "vpc-9", "arn": "arn:aws:ec2:eu-central-1:222222222222:vpc/vpc-9", "default_security_group_id": "sg-9"}
    path = small.plan(
        tmp_path / "p.json",
        small.change("aws_vpc.x", vpc, before=vpc, actions=["no-op"]),
        small.change(
            "aws_default_security_group.x", {"vpc_id": "vpc-9", "ingress": [EVERYBODY]}, unknown={"id": True},
            refs={"vpc_id": ["aws_vpc.x.id", "aws_vpc.x"]},
        ),
    )  # fmt: skip
    found = gathered(path)
    assert not found.unread
    assert {row["group_id"] for row in found.come.plain["security_group_rules"]} == {"sg-9"}


def test_closing_a_default_group_is_never_worse(snapshot: Path, tmp_path: Path) -> None:
    made = small.change("aws_default_security_group.x", {"vpc_id": "vpc-1", "ingress": [], "egress": []}, unknown={"id": True})  # fmt: skip
    assert gate(snapshot, small.plan(tmp_path / "p.json", made), OPEN).exit_code == 0


@pytest.mark.parametrize(
    ("address", "name"),
    [("aws_db_instance.x", "vpc_security_group_ids"), ("aws_instance.x", "vpc_security_group_ids"), ("aws_lb.x", "security_groups")],
)  # fmt: skip
def test_who_names_no_group_has_that_of_its_network(address: str, name: str, snapshot: Path, tmp_path: Path) -> None:
    path = small.plan(tmp_path / "p.json", small.change(address, {"engine": "mysql"}, unknown={name: True}))
    found = gathered(path)
    rows = [row for listed in found.come.plain.values() for row in listed if "group_ids" in row]
    assert [row["group_ids"] for row in rows] == [[DEFAULT_GROUP]] and not found.unread
    lost = [one for one in gate(snapshot, path, OPEN).shortfalls if "the default group of" in one]
    assert len(lost) == 1  # nothing says which network it is in


@pytest.mark.parametrize(
    ("address", "after", "lost"),
    [
        ("aws_route.x", {"route_table_id": "rtb-1", "destination_cidr_block": "10.9.0.0/16", "vpc_peering_connection_id": "pcx-9"}, "pcx-9"),
        ("aws_vpc_security_group_ingress_rule.x", {**DATABASE, "referenced_security_group_id": "sg-9"}, "sg-9"),
        ("aws_instance.x", {"subnet_id": "subnet-1", "vpc_security_group_ids": ["sg-1-app", "sg-9"]}, "sg-9"),
        ("aws_ec2_transit_gateway_route_table_propagation.x", {"transit_gateway_attachment_id": "a-9", "transit_gateway_route_table_id": "t"}, "a-9"),
        ("aws_ram_principal_association.x", {"resource_share_arn": "arn:share", "principal": "999999999999"}, "arn:share"),
    ],
)  # fmt: skip
def test_what_a_change_names_and_nobody_knows_is_told(
    address: str, after: dict[str, Any], lost: str, snapshot: Path, tmp_path: Path
) -> None:
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change(address, after)), OPEN)
    assert found.exit_code == 3
    assert f"{lost}: it, or what it belongs to, is in neither the snapshot nor the plans" in found.shortfalls


def test_a_group_of_somebody_else_is_nobody_we_know(snapshot: Path, tmp_path: Path) -> None:
    rule = {**DATABASE, "referenced_security_group_id": "999999999999/sg-9"}
    path = small.plan(tmp_path / "p.json", small.change("aws_vpc_security_group_ingress_rule.x", rule))
    assert not gate(snapshot, path, SHARED).shortfalls


def test_a_snapshot_that_the_scan_did_not_see_is_judged(snapshot: Path, tmp_path: Path) -> None:
    arn = f"arn:aws:rds:{small.REGION}:{small.PRODUCTION}:snapshot:x"
    was = {"db_snapshot_identifier": "x", "db_snapshot_arn": arn, "db_instance_identifier": "orders"}
    was |= {"shared_accounts": []}
    path = small.plan(tmp_path / "p.json", small.change("aws_db_snapshot.x", {**was, "shared_accounts": ["all"]}, before=was))  # fmt: skip
    found = gate(snapshot, path, "backup_isolation/snapshot_public")
    assert (found.exit_code, kinds_of(found)) == (1, {("new", "backup_isolation/snapshot_public", arn)})


# ---------------------------------------------------------------------- policies


def test_a_secret_whose_policy_is_not_known_is_no_secret_without_one(tmp_path: Path) -> None:
    arn = f"arn:aws:secretsmanager:{small.REGION}:{small.PRODUCTION}:secret:x"
    was = {"arn": arn, "name": "x", "policy": ""}
    path = small.plan(
        tmp_path / "p.json",
        small.change(
            "aws_secretsmanager_secret.x", {"arn": arn, "name": "x"}, before=was, unknown={"policy": True},
            refs={"policy": ["local.x"]},
        ),
    )  # fmt: skip
    (row,) = gathered(path).come.plain["secrets"]
    assert row["policy_read"] is False


def test_what_is_written_into_a_bucket_is_read(tmp_path: Path) -> None:
    everybody = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
    said = {
        "bucket": "x",
        "policy": json.dumps(everybody),
        "versioning": [{"enabled": False}],
        "replication_configuration": [{}],
    }
    found = gathered(small.plan(tmp_path / "p.json", small.change("aws_s3_bucket.x", said)))
    (row,) = found.come.plain["buckets"]
    assert (row["versioning"], row["replication_accounts"], row["policy_read"]) == ("Suspended", None, True)
    assert [one["holder_arn"] for one in found.come.plain["policy_documents"]] == ["arn:aws:s3:::x"]
    assert [one.attribute for one in found.unread] == ["replication_configuration"]


def test_what_the_provider_repeats_in_a_bucket_is_that_of_another_resource(tmp_path: Path) -> None:
    was = {"bucket": "x", "arn": "arn:aws:s3:::x", "policy": "{}", "versioning": [{"enabled": True}]}
    changed = small.change("aws_s3_bucket.x", {**was, "tags": {"a": "b"}}, before=was)
    for name in ("policy", "versioning"):
        del changed["block"]["expressions"][name]
    found = gathered(small.plan(tmp_path / "p.json", changed))
    (row,) = found.come.plain["buckets"]
    assert "versioning" not in row and "policy_documents" not in found.come.plain


# ---------------------------------------------------------------------- worse than it was


def test_another_outsider_is_worse(tmp_path: Path) -> None:
    arn = f"arn:aws:iam::{small.PRODUCTION}:role/x"
    rows: small.Rows = {
        "principals": [
            {"account_id": small.PRODUCTION, "arn": arn, "type": "role", "name": "x", "service_linked": False}
        ]
    }
    for table, row in policy.rows(arn, "trust", "", _trust("999999999999")):
        rows.setdefault(table, []).append({"account_id": small.PRODUCTION, **row})
    was = {"arn": arn, "id": "x", "name": "x", "path": "/", "assume_role_policy": json.dumps(_trust("999999999999"))}
    changed = small.change("aws_iam_role.x", {**was, "assume_role_policy": json.dumps(_trust("888888888888"))}, before=was)  # fmt: skip
    found = gate(small.write(tmp_path / "s", rows), small.plan(tmp_path / "p.json", changed), OUTSIDER)
    assert (found.exit_code, kinds_of(found)) == (1, {("worse", OUTSIDER, arn)})


def _trust(account: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(("cidr", "code"), [("0.0.0.0/0", 1), ("10.1.0.0/16", 0)])
def test_a_wider_range_is_worse_and_a_narrower_one_is_not(cidr: str, code: int, tmp_path: Path) -> None:
    rule = {"account_id": small.PRODUCTION, "group_id": "sg-1-db", "direction": "ingress", "protocol": "tcp"}
    rule |= {"from_port": 5432, "to_port": 5432, "peer_type": "ipv4", "peer": "10.0.0.0/8"}
    snapshot = small.write(tmp_path / "s", {"security_group_rules": [rule]})
    was = {**DATABASE, "cidr_ipv4": "10.0.0.0/8", "id": "sgr-1"}
    changed = small.change("aws_vpc_security_group_ingress_rule.x", {**was, "cidr_ipv4": cidr}, before=was)
    assert gate(snapshot, small.plan(tmp_path / "p.json", changed), OPEN).exit_code == code


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        ("10.0.0.0/8", "10.1.0.0/16", False),
        ("10.0.0.0/8, 192.168.0.0/16", "10.0.0.0/8, 172.16.0.0/12", True),
        ("10.0.0.0/8", "::/0", True),
        (["111111111111", "222222222222"], ["111111111111", "333333333333"], True),
        (["111111111111", "222222222222"], ["111111111111"], False),
        ("arn:aws:iam::111111111111:role/a", "arn:aws:iam::111111111111:role/b", True),
        ("through OldPolicy", "through NewPolicy", False),
        ("arn:aws:rds:eu-central-1:111111111111:db:a", "arn:aws:rds:eu-central-1:222222222222:db:a", False),
        (None, "10.0.0.0/8", False),
    ],
)
def test_whom_evidence_lets_in(before: Any, after: Any, worse: bool) -> None:
    assert let_in(before, after) is worse
