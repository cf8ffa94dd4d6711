"""What was not read, as far as questions of trust hang on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DETAILS = "iam.get_account_authorization_details"


@dataclass(frozen=True, slots=True)
class Gap:
    """A call that gave no (complete) answer; making it settles the question."""

    call: str
    status: str

    @property
    def text(self) -> str:
        return f"{self.call} ({self.status})"


ORGANIZATION = (
    "organizations",
    "accounts",
    "unit_ancestors",
    "policy_types",
    "policy_targets",
    "organization_policies",
)
IAM = ("principals", "group_members", "policy_attachments", "policy_documents", "tags")


def organization_gaps(connection: Any) -> dict[str, Gap]:
    """Return gaps by table.

    `organizations.describe_policy` is left out: a policy without content says for itself that it was not read. So is an
    account that was not entered (`*`): the organization is read before any account is.
    """
    return gaps_of(connection, "organizations", ORGANIZATION)


def gaps_of(connection: Any, collector: str, tables: tuple[str, ...]) -> dict[str, Gap]:
    """Return gaps of a collector by table, wherever they are."""
    sql = (
        "SELECT DISTINCT table_name, call, status FROM unread WHERE list_contains(?, table_name) "
        "AND collector = ? AND call <> 'organizations.describe_policy' ORDER BY ALL"
    )
    found: dict[str, Gap] = {}
    for table, call, status in connection.execute(sql, [list(tables), collector]).fetchall():
        found.setdefault(table, Gap(call, status))
    return found


def iam_gaps(connection: Any) -> dict[str, Gap]:
    """Return per account why its users, roles and policies were not, or not all, read."""
    return {account: Gap(DETAILS, status) for account, _, status in _of_accounts(connection, IAM)}


def provider_gaps(connection: Any) -> dict[str, Gap]:
    """Return per account why its identity providers were not, or not all, read."""
    rows = _of_accounts(connection, ("identity_providers",))
    return {account: Gap(call if call != "*" else "iam.list_*_providers", status) for account, call, status in rows}


def _of_accounts(connection: Any, tables: tuple[str, ...]) -> list[tuple[str, str, str]]:
    sql = (
        "SELECT DISTINCT account_id, call, status FROM unread WHERE list_contains(?, table_name) "
        "AND collector IN ('iam', '*') AND coalesce(region, '*') IN ('global', '*') ORDER BY ALL"
    )
    rows: list[tuple[str, str, str]] = connection.execute(sql, [list(tables)]).fetchall()
    return rows
