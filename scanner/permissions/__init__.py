"""The least privilege that collection needs, made from what the collectors declare: policies, CloudFormation, Terraform."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from scanner.aws.live import DEFAULT_ROLES
from scanner.errors import UsageError
from scanner.permissions import cloudformation, terraform
from scanner.permissions.policy import management_policies, member_policies

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
FORMATS = ("policy", "cloudformation", "terraform")


def text(format: str, *, management: bool = False, roles: Sequence[str] = (), aggregator: bool = False) -> str:
    """What `bulkhead permissions` prints, for the role in each account or for the credentials the scan starts with.

    With `aggregator` also what reading that of AWS Config takes. `roles` are those that the scan may assume; for the role in each account, the one name it gets. Raises UsageError.
    """
    if format not in FORMATS:
        raise UsageError(f"--format {format}: choose {', '.join(FORMATS)}")
    names = _checked(roles or DEFAULT_ROLES[:1], alone=not management)
    documents = (
        management_policies(names, aggregator=aggregator) if management else member_policies(aggregator=aggregator)
    )
    if format == "policy":
        return json.dumps(documents[0] if len(documents) == 1 else documents, indent=2) + "\n"
    if format == "cloudformation":
        return cloudformation.management(documents) if management else cloudformation.member_role(names[0], documents)
    return terraform.management(documents) if management else terraform.member_role(names[0], documents)


def _checked(roles: Sequence[str], *, alone: bool) -> Sequence[str]:
    for role in roles:
        if not all(map(ROLE_NAME.fullmatch, role.split("/"))) or (alone and "/" in role):
            raise UsageError(f"--role-name {role}: no name of a role")
    if alone and len(roles) > 1:
        raise UsageError("--role-name: the role in each account has one name; several are for --management")
    return roles
