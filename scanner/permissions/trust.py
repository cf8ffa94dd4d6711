"""What the formats have in common: who may assume the role in each account, and how policies are called."""

from __future__ import annotations

from typing import Any

from scanner.aws.live import SESSION_NAME

SECONDS = 3600
DESCRIPTION = "Read-only role that Bulkhead assumes in every account of the organization"
SCANNER = "Account that scans: the management account or a delegated administrator"
STARTING = "BulkheadStart"
"""Name of the policies of the credentials that the scan starts with."""


def trust(principal: Any) -> dict[str, Any]:
    """The trust policy of the role: only sessions that bear Bulkhead's name."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": principal},
                "Condition": {"StringEquals": {"sts:RoleSessionName": SESSION_NAME}},
            }
        ],
    }
