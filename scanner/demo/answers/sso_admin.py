"""IAM Identity Center: one instance, in one Region, owned by the management account; sets are provisioned where assigned.

moto has an instance in every account and Region, provisions nowhere, and lacks tags and permissions boundaries.
https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ssoadmin.models import SSOAdminBackend, ssoadmin_backends

from scanner.demo.estate import MAIN
from scanner.demo.store import Store
from scanner.demo.wire import Call, Refusal

SERVICE = "sso-admin"


def list_instances(call: Call, store: Store) -> dict[str, Any]:
    at_home = (call.account, call.region) == (DEFAULT_ACCOUNT_ID, MAIN)
    return call.ask_moto() if at_home else {"Instances": []}


def list_accounts_for_provisioned_permission_set(call: Call, store: Store) -> dict[str, Any]:
    wanted = call.params["PermissionSetArn"]
    given = [one.target_id for one in _backend(call).account_assignments if one.permission_set_arn == wanted]
    return {"AccountIds": list(dict.fromkeys(given))}


def get_permissions_boundary_for_permission_set(call: Call, store: Store) -> dict[str, Any]:
    raise Refusal("ResourceNotFoundException", "The permission set has no permissions boundary")


def list_tags_for_resource(call: Call, store: Store) -> dict[str, Any]:
    wanted = call.params["ResourceArn"]
    tags = [one.tags for one in _backend(call).permission_sets if one.permission_set_arn == wanted]
    return {"Tags": tags[0] or []}


def _backend(call: Call) -> SSOAdminBackend:
    return ssoadmin_backends[call.account][call.region]
