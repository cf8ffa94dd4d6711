"""What CDK writes: `cloudformation/cdk.out` is the output of `cloudformation/app.js` with aws-cdk-lib 2.276.0, its own reports taken out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import main
from scanner.gate import accounts, changes, inputs
from scanner.gate.changes import Changes
from tests.gate import small

OUT = Path(__file__).parent / "cloudformation" / "cdk.out"


def gathered(path: Path, *said: str) -> Changes:
    plans = inputs.read(path)
    for plan in plans:
        accounts.place(plan, accounts.given(said, {}))
    return changes.gather(plans)


@pytest.fixture(scope="module")
def app() -> Changes:
    return gathered(OUT)


def rows(found: Changes, table: str) -> list[dict[str, Any]]:
    return found.come.plain[table]


def test_every_stack_lands_where_the_manifest_says(app: Changes) -> None:
    assert {plan.path.name: {(one.account_id, one.region) for one in plan.resources} for plan in app.plans} == {
        "Anywhere.template.json": {(None, None)},
        "Backup.template.json": {(small.BACKUP, small.REGION)},
        "Network.template.json": {(small.PRODUCTION, small.REGION)},
        "Orders.template.json": {(small.PRODUCTION, small.REGION)},
        "TestNetworkDFC5FB2C.template.json": {(small.TEST, small.REGION)},
        "TestOrdersC225794E.template.json": {(small.TEST, small.REGION)},
    }


def test_a_stack_for_any_account_is_a_gap_that_names_the_option(app: Changes) -> None:
    assert {one.address.partition(".")[0] for one in app.unplaced} == {"Anywhere"}
    assert "Anywhere.template.json=ACCOUNT" in app.unplaced[0].unplaced
    file = f"{OUT}/Anywhere.template.json={small.TEST}/{small.REGION}"
    assert gathered(OUT, file).unplaced == []


def test_what_is_said_beats_the_manifest() -> None:
    found = gathered(OUT, f"{OUT}/={small.MANAGEMENT}/{small.REGION}")
    assert {row["account_id"] for row in rows(found, "vpcs")} == {small.MANAGEMENT}


def test_addresses_are_paths_in_the_app(app: Changes) -> None:
    vpcs = {row["vpc_id"]: row["account_id"] for row in rows(app, "vpcs")}
    assert vpcs == {"Network.Vpc.Resource": small.PRODUCTION, "Test.Network.Vpc.Resource": small.TEST}
    assert len({one.address for plan in app.plans for one in plan.resources if not one.is_part}) == app.looked_at


def test_paths_come_from_the_manifest_where_templates_have_none(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    for path in folder.rglob("*.template.json"):
        template = json.loads(path.read_text())
        for block in template["Resources"].values():
            block.get("Metadata", {}).pop("aws:cdk:path", None)
        path.write_text(json.dumps(template))
    assert "Network.Vpc.Resource" in {row["vpc_id"] for row in rows(gathered(folder), "vpcs")}


def test_stacks_import_from_each_other(app: Changes) -> None:
    subnets = {(row["name"], row["subnet_id"]) for row in rows(app, "subnet_groups")}
    assert subnets == {
        (f"{stage}Orders.Database.SubnetGroup.Default", f"{stage}Network.Vpc.PrivateSubnet{number}.Subnet")
        for stage in ("", "Test.")
        for number in (1, 2)
    }


def test_a_nested_stack_gets_its_parameters(app: Changes) -> None:
    vault = rows(app, "backup_vaults")[0]
    assert vault["kms_key_arn"] == f"arn:aws:kms:{small.REGION}:{small.BACKUP}:key/Backup.Key.Resource"
    label, row = app.come.patches["backup_vaults"][0]
    assert (label, row["locked"]) == ("Backup.Copies.Vault.Resource", True)


def test_policies_name_what_does_not_exist_yet(app: Changes) -> None:
    read = [row["document"] for row in rows(app, "policy_documents") if row["kind"] == "inline"]
    assert len(read) == 2
    assert f"arn:aws:sqs:{small.REGION}:{small.PRODUCTION}:Orders.Queue.Resource" in read[0]
    assert "arn:aws:s3:::Orders.Exports.Resource/*" in read[0]


def test_tags_of_a_stack_are_those_of_its_resources(app: Changes) -> None:
    tags = {(row["arn"], row["key"]): row["value"] for row in rows(app, "tags")}
    database = f"arn:aws:rds:{small.REGION}:{small.PRODUCTION}:db:orders-cdk"
    assert (tags[database, "product"], tags[database, "environment"]) == ("orders", "production")


def test_what_cannot_be_told_is_told(app: Changes) -> None:
    assert {one.text for one in app.unread} == {
        f"{stage}Orders.Database.Resource: publicly_accessible is not said: where the VPC has an internet gateway, RDS makes it public"
        for stage in ("", "Test.")
    }
    assert app.strangers == {"AWS::EC2::EIP": 3, "AWS::SecretsManager::SecretTargetAttachment": 2}
    assert app.lost == []


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(OUT, folder / "cdk.out"))


def test_what_was_not_looked_up_is_a_gap(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    props = {"account": small.PRODUCTION, "region": small.REGION}
    manifest["missing"] = [{"key": "vpc-provider:shop", "provider": "vpc-provider", "props": props}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    lost = gathered(folder).lost
    assert len(lost) == 2
    assert all("vpc-provider:shop was not looked up" in text for text in lost)


def test_the_folder_of_the_app_is_read_once(tmp_path: Path) -> None:
    copied(tmp_path)
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "t.yaml").write_text("Resources: {V: {Type: 'AWS::EC2::VPC'}}\n")
    found = gathered(tmp_path)
    assert (len(found.plans), found.looked_at) == (6, gathered(OUT).looked_at)
    assert len(inputs.read(tmp_path / "cdk.out" / "manifest.json")) == 6


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("manifest.json", '{"version": "55.0.0", "artifacts": {"a": ', "no whole manifest"),
        ("manifest.json", '{"version": "55.0.0"}', "no manifest of CDK"),
        ("manifest.json", '{"version": "55.0.0", "artifacts": {"a": []}}', "artifact a is not whole"),
        ("Orders.template.json", None, "the template of Orders does not lie in"),
        ("Orders.template.json", '{"Resources": {', "Checkov cannot parse it"),
        ("assembly-Test/manifest.json", None, "the assembly assembly-Test does not lie in"),
        ("Orders.metadata.json", "{", "no whole JSON"),
    ],
)
def test_a_broken_assembly_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, text: str | None, says: str
) -> None:
    folder = copied(tmp_path)
    path = folder / file
    path.unlink() if text is None else path.write_text(text)
    assert main(["gate", str(folder)]) == 2
    assert says in capsys.readouterr().err
