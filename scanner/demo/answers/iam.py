"""IAM: account details with whole policies, and only those AWS-managed ones that are in use.

moto leaves out names and ids of policies, and lists all 1,500 of AWS for every account: a second and several megabytes.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from moto.iam.models import AWSManagedPolicy, ManagedPolicy, iam_backends

from scanner.demo.store import Store
from scanner.demo.wire import Call

SERVICE = "iam"

OWN_KINDS = ("User", "Role", "Group", "LocalManagedPolicy")


def get_account_authorization_details(call: Call, store: Store) -> dict[str, Any]:
    wanted = call.params.get("Filter") or [*OWN_KINDS, "AWSManagedPolicy"]
    own = [kind for kind in wanted if kind in OWN_KINDS]
    answer = call.ask_moto(_with_filter(call.body, own or ["LocalManagedPolicy"]))
    return {
        **answer,
        "RoleDetailList": [_with_past(role, store) for role in answer.get("RoleDetailList", ())],
        "Policies": [_describe(policy) for policy in _policies(call.account) if _is_wanted(policy, wanted)],
    }


def _with_past(role: dict[str, Any], store: Store) -> dict[str, Any]:
    """A role with the use it has seen; AWS sends an empty element where there was none."""
    past = store.role_uses.get(role["Arn"])
    if past is None:
        return {**role, "RoleLastUsed": {}}
    return {**role, "CreateDate": past.created, "RoleLastUsed": {"LastUsedDate": past.used, "Region": "eu-central-1"}}


def get_account_summary(call: Call, store: Store) -> dict[str, Any]:
    """moto's, and what the organization is said to have beyond it."""
    return {"SummaryMap": {**call.ask_moto()["SummaryMap"], **store.iam_counts.get(call.account, {})}}


def _with_filter(body: bytes, kinds: list[str]) -> bytes:
    pairs = [pair for pair in parse_qsl(body.decode()) if not re.match(r"Filter\.", pair[0])]
    pairs += [(f"Filter.member.{number}", kind) for number, kind in enumerate(kinds, 1)]
    return urlencode(pairs).encode()


def _policies(account: str) -> list[ManagedPolicy]:
    policies = iam_backends[account]["aws"].managed_policies.values()
    return sorted(policies, key=lambda policy: str(policy.arn))


def _is_wanted(policy: ManagedPolicy, kinds: list[str]) -> bool:
    if isinstance(policy, AWSManagedPolicy):
        return "AWSManagedPolicy" in kinds and policy.attachment_count > 0
    return "LocalManagedPolicy" in kinds


def _describe(policy: ManagedPolicy) -> dict[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "Description": policy.description,
        "CreateDate": policy.create_date,
        "UpdateDate": policy.update_date,
        "PolicyVersionList": [
            {
                "Document": version.document,
                "VersionId": version.version_id,
                "IsDefaultVersion": version.is_default,
                "CreateDate": version.create_date,
            }
            for version in policy.versions
        ],
    }
