"""The gate from end to end: small changes to a small organization, and what it says of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main
from scanner.config import Config
from scanner.gate import judge
from scanner.gated import Gated
from tests.gate import small

RULE = "aws_vpc_security_group_ingress_rule.db"
OPENED = {"security_group_id": "sg-1-db", "ip_protocol": "tcp", "from_port": 5432, "to_port": 5432}


OPEN = "database_integration/open_to_whole_network"
PATH = "environment_separation/network_path_to_production"


def gate(snapshot: Path | None, *paths: Path, select: tuple[str, ...] = (OPEN,), **settings: Any) -> Gated:
    return judge.gate(paths, snapshot, Config(select=list(select), **settings))


def kinds(found: Gated) -> set[tuple[str, str, str]]:
    return {(one.kind, one.finding.rule_id, one.finding.subject.id) for one in found.judged}


def test_a_change_that_opens_a_database_fails_with_its_address(snapshot: Path, tmp_path: Path) -> None:
    path = small.plan(tmp_path / "p.json", small.change(RULE, {**OPENED, "cidr_ipv4": "10.0.0.0/8"}))
    found = gate(snapshot, path, fail_on="medium")
    assert ("new", "database_integration/open_to_whole_network", small.DATABASE) in kinds(found)
    one = next(one for one in found.judged if one.finding.rule_id == "database_integration/open_to_whole_network")
    assert (one.address, one.finding.file, one.finding.line) == (RULE, str(path), 1)
    assert (found.exit_code, one.fails) == (1, True)


def test_what_is_no_worse_passes(snapshot: Path, tmp_path: Path) -> None:
    path = small.plan(tmp_path / "p.json", small.change("aws_vpc_security_group_ingress_rule.app", {**OPENED, "security_group_id": "sg-1-app", "referenced_security_group_id": "sg-1-db"}))  # fmt: skip
    found = gate(snapshot, path)
    assert found.exit_code == 0, found.shortfalls
    assert not [one for one in found.judged if one.kind in ("new", "worse", "unread")]


def test_taking_it_back_resolves_it(tmp_path: Path) -> None:
    rule = {"account_id": small.PRODUCTION, "group_id": "sg-1-db", "direction": "ingress", "protocol": "tcp"}
    rule |= {"from_port": 5432, "to_port": 5432, "peer_type": "ipv4", "peer": "10.0.0.0/8"}
    snapshot = small.write(tmp_path / "s", {"security_group_rules": [rule]})
    before = {**OPENED, "cidr_ipv4": "10.0.0.0/8", "id": "sgr-1"}
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change(RULE, before=before)))
    assert ("resolved", "database_integration/open_to_whole_network", small.DATABASE) in kinds(found)
    assert found.exit_code == 0
    assert found.scores[1] > found.scores[0]


def test_an_unknown_range_is_a_gap_that_names_the_address_and_never_a_pass(snapshot: Path, tmp_path: Path) -> None:
    refs = {"cidr_ipv4": ["local.range"]}
    path = small.plan(tmp_path / "p.json", small.change(RULE, dict(OPENED), unknown={"cidr_ipv4": True}, refs=refs))
    found = gate(snapshot, path)
    assert found.exit_code == 3
    assert found.unread == (f"{RULE}: cidr_ipv4 is known after apply only",)
    hung = [one for one in found.judged if one.kind == "unread" and one.finding.subject.id == small.DATABASE]
    assert any("known after apply" in one.finding.message for one in hung)


def test_what_could_not_be_judged_before_either_is_told_where_the_change_bears_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = small.organization

    def without_databases() -> small.Rows:
        rows = {**whole(), "databases": []}
        for row in rows["coverage"]:
            if (row["call"], row["account_id"]) == ("rds.describe_db_instances", small.PRODUCTION):
                row |= {"status": "access_denied", "failed": 1}
        return rows

    monkeypatch.setattr(small, "organization", without_databases)
    snapshot = small.write(tmp_path / "s")
    opened = small.plan(tmp_path / "open.json", small.change(RULE, {**OPENED, "cidr_ipv4": "0.0.0.0/0"}))
    found = gate(snapshot, opened)
    assert (found.exit_code, found.coverage) == (3, 0.0)
    assert ("unread", OPEN, f"{small.PRODUCTION}/{small.REGION}/*") in kinds(found)
    # The other account was read, and what is unread in this one does not hang on a change there.
    elsewhere = small.change(
        RULE, {**OPENED, "security_group_id": "sg-2-db", "cidr_ipv4": "10.2.0.0/16"}, provider="aws.test"
    )
    assert gate(snapshot, small.plan(tmp_path / "there.json", elsewhere)).exit_code == 0


@pytest.mark.parametrize("region", ["*", small.REGION, None])
def test_what_the_scan_left_out_is_no_empty_place(
    region: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = small.organization

    def left_out() -> small.Rows:
        """The account (`*`, or without any line), or the Region alone."""
        rows = {**whole(), "databases": []}
        rows["coverage"] = [
            row
            for row in rows["coverage"]
            if row["account_id"] != small.PRODUCTION or region == small.REGION != row["region"]
        ]
        line = {"account_id": small.PRODUCTION, "region": region, "collector": "*", "call": "*"}
        rows["coverage"] += [{**line, "status": "not_selected", "items": 0, "failed": 1, "requests": 0}] * bool(region)
        return rows

    monkeypatch.setattr(small, "organization", left_out)
    snapshot = small.write(tmp_path / "s")
    opened = small.plan(tmp_path / "open.json", small.change(RULE, {**OPENED, "cidr_ipv4": "0.0.0.0/0"}))
    found = gate(snapshot, opened)
    place = f"account {small.PRODUCTION}" if region != small.REGION else f"{small.REGION} of account {small.PRODUCTION}"
    assert found.exit_code == 3
    assert f"{place} was not scanned when the snapshot was made" in found.shortfalls


def test_where_the_scan_never_looked_no_recorder_is_known_to_be_missing(snapshot: Path, tmp_path: Path) -> None:
    template = tmp_path / "t.yaml"
    template.write_text(
        """Resources: {T: {Type: AWS::DynamoDB::Table, Properties: {TableName: t, KeySchema: [{AttributeName: id, KeyType: HASH}],
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}], BillingMode: PAY_PER_REQUEST}}}"""
    )
    rule, settings = "governance/changes_unrecorded", Config(select=["governance/changes_unrecorded"])
    for place, kind in (
        (f"{small.PRODUCTION}/{small.REGION}", {"as_before"}),
        (f"{small.PRODUCTION}/ap-south-2", {"unread"}),
        (f"999999999999/{small.REGION}", {"unread"}),
    ):
        found = judge.gate([template], snapshot, settings, said=[f"{template}={place}"])
        assert {one.kind for one in found.judged if one.finding.subject.id == place} <= kind, place
        assert (rule in {one.finding.rule_id for one in found.judged if one.kind == "unread"}) == (kind == {"unread"})


def test_an_account_that_is_not_known_is_named_with_the_option_that_settles_it(snapshot: Path, tmp_path: Path) -> None:
    one = small.change(RULE, {**OPENED, "cidr_ipv4": "10.0.0.0/8"}, provider="aws.elsewhere")
    path = small.plan(tmp_path / "p.json", one)
    found = gate(snapshot, path)
    assert found.exit_code == 3
    assert any("aws.elsewhere" in text and "--account aws.elsewhere=ACCOUNT" in text for text in found.shortfalls)
    settled = judge.gate([path], snapshot, Config(), said=[f"aws.elsewhere={small.PRODUCTION}/{small.REGION}"])
    assert ("new", "database_integration/open_to_whole_network", small.DATABASE) in kinds(settled)


def peering(path: Path) -> tuple[Path, Path]:
    """A peering in two plans: production asks and routes, test accepts, routes back and comes through."""
    asked = {"vpc_id": "vpc-1", "peer_vpc_id": "vpc-2", "peer_owner_id": small.TEST}
    there = {"route_table_id": "rtb-1", "destination_cidr_block": "10.2.0.0/16"}
    back = {"route_table_id": "rtb-2", "destination_cidr_block": "10.1.0.0/16"}
    exists = {**asked, "id": "pcx-1", "accept_status": "pending-acceptance"}
    one = small.plan(
        path / "production.json",
        small.change("aws_vpc_peering_connection.p", exists, before=exists, actions=["no-op"]),
        small.change("aws_route.there", {**there, "vpc_peering_connection_id": "pcx-1"}),
        small.change(RULE, {**OPENED, "cidr_ipv4": "10.2.0.0/16"}),
    )
    accepted = {"vpc_peering_connection_id": "pcx-1", "auto_accept": True}
    two = small.plan(
        path / "test.json",
        small.change("aws_vpc_peering_connection_accepter.p", accepted, provider="aws.test"),
        small.change("aws_route.back", {**back, "vpc_peering_connection_id": "pcx-1"}, provider="aws.test"),
    )
    return one, two


def test_two_plans_are_judged_together(snapshot: Path, tmp_path: Path) -> None:
    one, two = peering(tmp_path)
    opens = ("new", PATH, "pcx-1")
    assert opens not in kinds(gate(snapshot, one, select=(PATH,)))
    assert opens in kinds(gate(snapshot, one, two, select=(PATH,)))


def test_moving_the_vault_takes_its_copies_along(snapshot: Path, tmp_path: Path) -> None:
    gone = small.change(
        "aws_backup_vault.copies", before={"name": "copies", "arn": small.VAULT, "id": "copies"}, provider="aws.backup"
    )
    made = small.change("aws_backup_vault.here", {"name": "copies"}, unknown={"arn": True, "id": True})
    found = gate(
        snapshot, small.plan(tmp_path / "p.json", gone, made), select=("backup_isolation/copies_share_account",)
    )
    assert ("new", "backup_isolation/copies_share_account", small.DATABASE) in kinds(found)
    assert found.exit_code == 1


def test_a_new_account_without_owner_in_the_root(snapshot: Path, tmp_path: Path) -> None:
    after = {"name": "wishlist-production", "email": "a@example.com", "parent_id": small.ROOT}
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change("aws_organizations_account.new", after, unknown={"id": True, "arn": True}, provider="aws")), select=("governance", "ownership_and_billing/account_without_owner"))  # fmt: skip
    address = "aws_organizations_account.new"
    assert ("new", "governance/account_under_root", address) in kinds(found)
    assert ("new", "ownership_and_billing/account_without_owner", address) in kinds(found)
    # The guardrail of the root holds for it too, and AWS attaches FullAWSAccess.
    assert ("new", "governance/can_leave_organization", address) not in kinds(found)
    assert ("unread", "governance/can_leave_organization", address) not in kinds(found)


def test_no_relevant_resource_passes_and_is_counted(snapshot: Path, tmp_path: Path) -> None:
    log = small.change("aws_cloudwatch_log_group.l", {"name": "/l"})
    found = gate(snapshot, small.plan(tmp_path / "p.json", log, small.change("random_id.r", {"byte_length": 2})))
    assert (found.exit_code, found.coverage) == (0, None)
    assert (found.counted.looked_at, found.counted.understood) == (1, 0)
    assert found.counted.strangers == {"aws_cloudwatch_log_group": 1}


def test_a_plan_alone_fails_by_what_it_shows_and_else_says_that_it_knows_too_little(tmp_path: Path) -> None:
    everybody = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}]})
    service = json.dumps(
        {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
    )

    def role(trust: str) -> Path:
        after = {"name": "r", "path": "/", "assume_role_policy": trust}
        return small.plan(tmp_path / "p.json", small.change("aws_iam_role.r", after, unknown={"arn": True, "id": True}))

    trusts = ("blast_radius/trusts_everyone",)
    bad = gate(None, role(everybody), select=trusts)
    arn = f"arn:aws:iam::{small.PRODUCTION}:role/r"
    assert ("new", "blast_radius/trusts_everyone", arn) in kinds(bad)
    assert bad.exit_code == 1
    good = gate(None, role(service), select=("blast_radius/dead_trust", "least_privilege/can_escalate"))
    assert good.exit_code == 3
    assert any("--snapshot" in text for text in good.shortfalls)
    assert gate(None, role(service), select=trusts, min_coverage=0).exit_code == 0


def test_a_waiver_and_a_skip_comment_let_it_pass(snapshot: Path, tmp_path: Path) -> None:
    path = small.plan(tmp_path / "p.json", small.change(RULE, {**OPENED, "cidr_ipv4": "10.0.0.0/8"}))
    waivers = tmp_path / "w.yaml"
    waivers.write_text(
        "waivers:\n- {rule: 'database_integration/*', account: '*', reason: r, owner: o, expiry: 2099-01-01}\n"
    )
    assert gate(snapshot, path, fail_on="medium", waivers=waivers).exit_code == 0
    source = 'resource "aws_vpc_security_group_ingress_rule" "db" {\n  # checkov:skip=CKV_BULKHEAD_DATABASE_INTEGRATION_OPEN_TO_WHOLE_NETWORK: the migration of May\n  cidr_ipv4 = "10.0.0.0/8"\n}\n'
    (tmp_path / "main.tf").write_text("# one line before\n" + source)
    found = gate(snapshot, path, fail_on="medium")
    one = next(one for one in found.judged if one.finding.rule_id == "database_integration/open_to_whole_network")
    assert (found.exit_code, one.finding.status, one.finding.line) == (0, "waived", 2)
    assert one.finding.waiver is not None and one.finding.waiver.reason == "the migration of May"


def test_order_of_plans_and_resources_does_not_matter(snapshot: Path, tmp_path: Path) -> None:
    one, two = peering(tmp_path)
    first = kinds(gate(snapshot, one, two, select=(PATH,)))
    document = json.loads(one.read_text())
    document["resource_changes"].reverse()
    one.write_text(json.dumps(document))
    assert kinds(gate(snapshot, two, one, select=(PATH,))) == first


def test_command_line_prints_and_exits(snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small.plan(tmp_path / "p.json", small.change(RULE, {**OPENED, "cidr_ipv4": "10.0.0.0/8"}))
    arguments = ["gate", str(path), "--snapshot", str(snapshot), "--fail-on", "medium", "--select", OPEN]
    assert main([*arguments, "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["resources"]["understood"]) == ("fail", 1)
    assert [one["address"] for one in said["findings"] if one["fails"]] == [RULE]
    output = tmp_path / "out.md"
    assert main([*arguments, "--format", "markdown", "--output", str(output)]) == 1
    assert "### New: 1" in output.read_text()
    assert main([*arguments, "--format", "nonsense"]) == 2
    assert "choose" in capsys.readouterr().err


def test_a_unit_in_a_root_that_nobody_knows_is_told(snapshot: Path, tmp_path: Path) -> None:
    unit = small.change("aws_organizations_organizational_unit.new", {"name": "new", "parent_id": "r-else"})
    found = gate(snapshot, small.plan(tmp_path / "p.json", unit), select=("governance/no_guardrail",))
    assert found.exit_code == 3
    assert "r-else: it, or what it belongs to, is in neither the snapshot nor the plans" in found.shortfalls


@pytest.mark.parametrize(
    "made",
    [
        small.change("aws_vpc_peering_connection.p", {"vpc_id": "vpc-else", "peer_vpc_id": "vpc-1"}),
        small.change("aws_security_group.g", {"name": "g", "vpc_id": "vpc-else"}),
        small.change("aws_subnet.s", {"cidr_block": "10.0.9.0/24", "vpc_id": "vpc-else"}),
    ],
    ids=["peering", "group", "subnet"],
)
def test_what_is_made_in_a_network_that_nobody_knows_is_told(
    snapshot: Path, tmp_path: Path, made: dict[str, Any]
) -> None:
    found = gate(snapshot, small.plan(tmp_path / "p.json", made), select=(PATH, OPEN))
    assert found.exit_code == 3
    assert "vpc-else: it, or what it belongs to, is in neither the snapshot nor the plans" in found.shortfalls
