"""The read-only guard: no operation leaves that a collector has not declared, or that is not a read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.session import Session

from scanner.collect.api import Call
from scanner.errors import ForbiddenCall

READS = ("Describe", "Get", "List", "Search", "Select", "BatchGet", "Lookup")
ENTRY = frozenset({("sts", "AssumeRole"), ("sts", "GetCallerIdentity")})
# Reads by name that return what a scanner must never hold.
SECRETS = frozenset(
    {
        ("secretsmanager", "GetSecretValue"),
        ("secretsmanager", "BatchGetSecretValue"),
        ("ssm", "GetParameter"),
        ("ssm", "GetParameters"),
        ("ssm", "GetParametersByPath"),
        ("s3", "GetObject"),
        ("ec2", "GetPasswordData"),
        ("lambda", "GetFunction"),
        ("sts", "GetSessionToken"),
        ("sts", "GetFederationToken"),
        ("iam", "GetAccessKeyLastUsed"),
    }
)


def operation_name(method: str) -> str:
    """`describe_db_instances` -> `DescribeDbInstances`; compare without case, since AWS writes `DescribeDBInstances`."""
    return "".join(word.capitalize() for word in method.split("_"))


class Guard:
    """Refuses, before it is sent, every operation outside `calls` and the two that open a role session."""

    def __init__(self, calls: Iterable[Call]):
        self._allowed = {(client, name.lower()) for client, name in ENTRY}
        for call in calls:
            name = operation_name(call.method)
            if not name.startswith(READS) or (call.client, name) in SECRETS:
                raise ForbiddenCall(f"{call.name} is declared by a collector but does not only read")
            self._allowed.add((call.client, name.lower()))

    def install(self, session: Session) -> None:
        session.register("before-call", self._check)

    def _check(self, model: Any, **_: Any) -> None:
        if (model.service_model.service_name, model.name.lower()) not in self._allowed:
            raise ForbiddenCall(f"{model.service_model.service_name}:{model.name} is not declared by any collector")
