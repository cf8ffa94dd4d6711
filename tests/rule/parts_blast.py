"""Ways through the organization of `organization.py`: into the management account, into much of production, and up."""

from __future__ import annotations

from typing import Any

DETAILS = "iam.get_account_authorization_details"
ADMINISTRATOR = [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]


def add(
    found: dict[tuple[str, str, str], Any], management: str, payments: str, orders: str, backup: str, test: str
) -> None:
    """Add roles: orders gets into the management account, backup into both accounts of production; one role raises itself."""
    pipeline = _role(management, "pipeline", f"arn:aws:iam::{orders}:role/app", AttachedManagedPolicies=ADMINISTRATOR)
    restore = _role(payments, "restore", f"arn:aws:iam::{backup}:root")
    raises = {"Effect": "Allow", "Action": "iam:AttachRolePolicy", "Resource": f"arn:aws:iam::{test}:role/raiser"}
    policy = {"PolicyName": "raise", "PolicyDocument": {"Version": "2012-10-17", "Statement": [raises]}}
    raiser = _role(test, "raiser", f"arn:aws:iam::{test}:role/app", RolePolicyList=[policy])
    for account, role in ((management, pipeline), (payments, restore), (test, raiser)):
        details = found[account, "global", DETAILS] = dict(found[account, "global", DETAILS])
        details["RoleDetailList"] = [*details.get("RoleDetailList", ()), role]


def _role(account: str, name: str, trusts: str, **more: Any) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": trusts}}
    return {"Path": "/", "RoleName": name, "RoleId": f"AROA{name.upper():X<16}", "Arn": f"arn:aws:iam::{account}:role/{name}",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}, "RolePolicyList": [],
            "AttachedManagedPolicies": [], "InstanceProfileList": [], "Tags": [], **more}  # fmt: skip
