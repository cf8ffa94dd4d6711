"""Policies that guard a resource and are resources of their own in a plan."""

from __future__ import annotations

from collections.abc import Iterator

from scanner import policy
from scanner.gate.shape import patch
from scanner.gate.values import Values
from scanner.policy import Row


def attached(v: Values, table: str, arn: str | None) -> Iterator[Row]:
    """The policy of what has this ARN, and that it is read now; nothing where it is not known whose it is, which was noted."""
    if arn is not None:
        yield from policy.rows(arn, "resource", "", document := v.policy("policy"))
        yield patch(table, {"arn": arn, "policy_read": document is not None})
