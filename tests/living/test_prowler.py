"""A mutelist of Prowler becomes waivers, never more than it mutes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scanner.errors import WaiverError
from scanner.living import prowler, waivers
from scanner.rule import load

LIST = """\
Mutelist:
  Accounts:
    "012345678901":
      Checks:
        "iam_role_administratoraccess_policy":
          Regions: ["*"]
          Resources: ["deployer", "^admin$", "arn:aws:iam::012345678901:role/ops", "arn:aws:iam::012345678901:user/u"]
          Description: "used by the
            pipeline"
        "iam_user_hardware_mfa_enabled":
          Regions: ["us-east-1"]
          Resources: ["user-1"]
        "rds_instance_no_public_access":
          Regions: ["eu-west-1", "us-*"]
          Resources: ["web-.*", "*"]
          Tags: []
    "*":
      Checks:
        "ec2_*":
          Regions: ["*"]
          Resources: ["snap-1"]
        "dynamodb_table_cross_account_access":
          Regions: ["*"]
          Resources: ["a|b", "t1"]
        "rds_snapshots_public_access":
          Regions: ["*"]
          Resources: ["*"]
        "organizations_account_part_of_organizations":
          Regions: ["*"]
          Resources: ["*"]
          Tags: ["environment=dev"]
        "iam_user_administrator_access_policy":
          Regions: ["us-east-1"]
          Resources: ["root-like"]
          Exceptions:
            Accounts: ["1"]
        "iam_group_administrator_access_policy":
          Regions: ["us-east-1"]
          Resources: ["admins"]
"""


def imported(tmp_path: Path, text: str = LIST, **more: str) -> prowler.Imported:
    file = tmp_path / "mutelist.yaml"
    file.write_text(text)
    given = {"owner": "security", "expiry": "2027-01-31", "reason": None, **more}
    return prowler.imported(file, **given)


def test_what_corresponds_becomes_waivers_that_load(tmp_path: Path) -> None:
    found = imported(tmp_path)
    file = tmp_path / "bulkhead-waivers.yaml"
    file.write_text(found.text)
    kept = {(one.rule, one.account, one.region, one.subject) for one in waivers.load(file)}
    admin, public, table = (
        "least_privilege/administrator_access",
        "database_integration/publicly_reachable",
        "arn:*:dynamodb:*:*:table/t1",
    )
    assert kept == {
        (admin, "012345678901", None, "arn:*:iam::*:role/deployer"),
        (admin, "012345678901", None, "arn:*:iam::*:role/admin"),
        (admin, "012345678901", None, "arn:aws:iam::012345678901:role/ops"),
        (public, "012345678901", "eu-west-1", "arn:*:rds:*:*:db:web-*"),
        (public, "012345678901", "us-*", "arn:*:rds:*:*:db:web-*"),
        (public, "012345678901", "eu-west-1", "arn:*:rds:*:*:db:*"),
        (public, "012345678901", "us-*", "arn:*:rds:*:*:db:*"),
        ("backup_isolation/snapshot_public", "*", None, "arn:*:ec2:*:*:snapshot/snap-1"),
        ("database_integration/table_policy_crosses_workloads", "*", None, table),
        ("blast_radius/resource_open_to_outsiders", "*", None, table),
    }
    said = yaml.safe_load(found.text)["waivers"]
    assert said[0]["reason"] == "used by the pipeline" and {one["owner"] for one in said} == {"security"}
    assert said[-1]["reason"].startswith("muted in Prowler (mutelist.yaml)")


def test_what_has_no_counterpart_is_listed(tmp_path: Path) -> None:
    told = "\n".join(imported(tmp_path).left_out)
    for words in (
        "iam_user_hardware_mfa_enabled of account 012345678901: no rule corresponds",
        "ec2_* of account *: it is a pattern",
        "a|b in * is a regular expression",
        "named resources only, not for *",
        "it is bound to tags",
        "it has exceptions",
        "has no Region here",
    ):
        assert words in told


def test_keys_with_nothing_behind_them_say_nothing(tmp_path: Path) -> None:
    text = (
        "Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        rds_instance_no_public_access:\n          Regions: ['*']\n"
        "          Resources: [web]\n          Tags:\n          Exceptions:\n            Accounts:\n            Tags: []\n"
    )
    found = imported(tmp_path, text)
    assert found.left_out == () and [one["subject"] for one in yaml.safe_load(found.text)["waivers"]] == [
        "arn:*:rds:*:*:db:web"
    ]


def test_reason_where_the_list_has_none(tmp_path: Path) -> None:
    said = yaml.safe_load(imported(tmp_path, reason="agreed in 2026").text)["waivers"]
    assert {one["reason"] for one in said} == {"used by the pipeline", "agreed in 2026"}


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("Allowlist: {}\n", {}, "mutelist.yaml:1: "),
        ("Mutelist:\n  Accounts:\n    '*':\n      Checks:\n        x: {Regions: ['*']}\n", {}, "mutelist.yaml:5: "),
        ("a: [", {}, "not YAML"),
        (LIST, {"expiry": "soon"}, "--expiry: soon is no day"),
        (LIST, {"owner": " "}, "--owner"),
    ],
)
def test_broken_input_is_told(tmp_path: Path, text: str, more: dict[str, str], words: str) -> None:
    with pytest.raises(WaiverError) as error:
        imported(tmp_path, text, **more)
    assert words in str(error.value)


def test_every_counterpart_is_a_rule() -> None:
    rules = {rule.id for rule in load.load([load.BUILT_IN])}
    named = {one.rule for found in prowler.counterparts().values() for one in found}
    assert named <= rules
