"""The command line against something that answers like AWS: what an organization lets one see is judged, the rest is said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.aws.servers import Reply, serving
from tests.test_cli import KEYS, bulkhead, says

OWN, MEMBER = "111111111111", "222222222222"
JSON, XML = "application/x-amz-json-1.1", "text/xml"
DENIED = '{"__type": "AccessDeniedException", "Message": "no"}'


def listed(account: str, name: str) -> dict[str, Any]:
    return {
        "Id": account,
        "Arn": f"arn:aws:organizations::{OWN}:account/o-1/{account}",
        "Name": name,
        "Status": "ACTIVE",
    }


ORGANIZATION: dict[str, Any] = {
    "Organization": {"Id": "o-1", "Arn": "arn", "FeatureSet": "ALL", "MasterAccountId": OWN},
    "Roots": [{"Id": "r-1", "Arn": "arn:root", "Name": "Root", "PolicyTypes": []}],
    "Accounts": [listed(OWN, "main"), listed(MEMBER, "shop-production")],
}


def aws(*, organization: bool, roles: bool) -> Callable[[str, str], Reply]:
    """Denies everything but who one is and, where asked for, what the organization says."""

    def reply(_: str, body: str) -> Reply:
        action = re.search(r"Action=(\w+)", body)
        if action and action[1] == "GetCallerIdentity":
            inner = f"<Account>{OWN}</Account><Arn>arn:aws:iam::{OWN}:user/me</Arn>"
            return (
                200,
                XML,
                f"<GetCallerIdentityResponse><GetCallerIdentityResult>{inner}</GetCallerIdentityResult></GetCallerIdentityResponse>",
            )
        if action and action[1] == "AssumeRole" and roles:
            inner = "<AccessKeyId>K</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>"
            return (
                200,
                XML,
                f"<AssumeRoleResponse><AssumeRoleResult><Credentials>{inner}</Credentials></AssumeRoleResult></AssumeRoleResponse>",
            )
        if action or not body.startswith("{"):
            error = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
            return 403, XML, f"<Response><Errors>{error}</Errors>{error}</Response>"
        return (200, JSON, json.dumps(ORGANIZATION)) if organization else (400, JSON, DENIED)

    return reply


def scan(tmp_path: Path, url: str, *more: str) -> Any:
    arguments = ("scan", "--regions", "eu-central-1", "--format", "json", "--max-api-share", "1", *more)
    return bulkhead(*arguments, cwd=tmp_path, AWS_ENDPOINT_URL=url, **KEYS)


def test_a_wrong_role_name_is_told_for_every_account_and_is_no_clean_result(tmp_path: Path) -> None:
    with serving(aws(organization=True, roles=False)) as url:
        done = scan(tmp_path, url, "--role-name", "Misspelt")
    says(done, 3, "could be evaluated")
    found = json.loads((tmp_path / "out" / "findings.json").read_text())
    gaps = [gap for gap in found["coverage"]["gaps"] if gap["account_id"] == MEMBER]
    assert [gap["status"] for gap in gaps] == ["no_role"]
    assert "Misspelt: AccessDenied" in gaps[0]["reason"]
    assert not [
        one
        for one in found["findings"]
        if one["outcome"] == "fail" and one["subject"]["type"] != "account" and one["account_id"] == MEMBER
    ]


@pytest.mark.parametrize("roles", [True, False])
def test_everything_denied_ends_without_findings(tmp_path: Path, roles: bool) -> None:
    with serving(aws(organization=False, roles=roles)) as url:
        says(scan(tmp_path, url), 4, "not one call was answered")
    assert not list(tmp_path.glob("out/*"))
