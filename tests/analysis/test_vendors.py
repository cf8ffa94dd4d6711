"""Names of well-known vendors: in the list, beside trust answers, in the vocabulary and its findings."""

from __future__ import annotations

import json
from pathlib import Path

from scanner import scan
from scanner.analysis.vendors import LIST, names, shown
from scanner.config import Config
from scanner.explain import spoken_principals, trust, who_can_assume

DATADOG, NOBODY, OWN = "464622532012", "999999999999", "111111111111"


def test_the_list_is_sound() -> None:
    assert len(names()) > 400
    assert all(len(account) == 12 and account.isdigit() for account in names())
    assert all(name == name.strip() and name.isprintable() and name for name in names().values())
    assert shown(DATADOG) == f"Datadog ({DATADOG})" and shown(NOBODY) == NOBODY
    source = LIST.read_text().splitlines()[0]
    assert "https://" in source and "Apache-2.0" in source and "2025" in source


def test_vendors_are_named(tmp_path: Path) -> None:
    statements = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
        for account in (DATADOG, NOBODY)
    ]
    role = {"Arn": f"arn:aws:iam::{OWN}:role/watched", "Path": "/", "RoleName": "watched", "RoleId": "AROAWATCHEDXXXXXXXXXX",
            "RolePolicyList": [], "AttachedManagedPolicies": [],
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements}}  # fmt: skip
    details = {"RoleDetailList": [role], "UserDetailList": [], "GroupDetailList": [], "Policies": []}
    iam, organizations = (tmp_path / "r" / OWN / "global" / name for name in ("iam", "organizations"))
    iam.mkdir(parents=True)
    organizations.mkdir()
    (iam / "get_account_authorization_details.json").write_text(json.dumps(details))
    alone = {"Error": {"Code": "AWSOrganizationsNotInUseException", "Message": "no"}}
    (organizations / "describe_organization.json").write_text(json.dumps(alone))
    snapshot = scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=tmp_path / "r", workers=1))

    listed = who_can_assume(snapshot, "watched")
    assert {one["arn"].split(":")[4]: one.get("vendor") for one in listed["principals"]} == {
        DATADOG: "Datadog", NOBODY: None,
    }  # fmt: skip
    assert f"arn:aws:iam::{DATADOG}:root  (Datadog)" in spoken_principals(listed)
    assert f"account Datadog ({DATADOG})" in " ".join(trust(snapshot)(DATADOG, "watched")["reasons"])
    found = scan.judge(snapshot, Config())
    (finding,) = [one for one in found.findings if one.rule_id == "blast_radius/trusts_outsider_without_external_id"]
    assert f"{NOBODY}, Datadog ({DATADOG})" in finding.message
    assert finding.evidence["outsiders"] == f"{NOBODY}, Datadog ({DATADOG})"
