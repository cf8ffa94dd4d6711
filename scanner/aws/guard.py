"""The read-only guard: no operation leaves that a collector has not declared, or that is not a read.

One client has another guard, and only where `--push-security-hub` asks for it: it imports findings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.session import Session

from scanner.collect.api import Call
from scanner.errors import ForbiddenCall

READS = ("Describe", "Get", "List", "Search", "Select", "BatchGet", "Lookup")
ENTRY = frozenset({("sts", "AssumeRole"), ("sts", "GetCallerIdentity")})
IMPORT = frozenset({("sts", "GetCallerIdentity"), ("securityhub", "BatchImportFindings")})
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

    @classmethod
    def importing(cls) -> Guard:
        """Return the guard of the one client that writes: it imports findings into Security Hub and does nothing else."""
        guard = cls(())
        guard._allowed = {(client, name.lower()) for client, name in IMPORT}
        return guard

    def install(self, session: Session) -> None:
        session.register("before-call", self._check)

    def _check(self, model: Any, **_: Any) -> None:
        if (model.service_model.service_name, model.name.lower()) not in self._allowed:
            raise ForbiddenCall(f"{model.service_model.service_name}:{model.name} is not declared by any collector")
