"""Roles and users against their quotas, no quota of groups is told; a root user with a password and a second factor."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "iam.get_account_summary": {
        "SummaryMap": {
            "Roles": 812,
            "RolesQuota": 1000,
            "Users": 4300,
            "UsersQuota": 5000,
            "Groups": 3,
            "MFADevices": 1,
            "AccountMFAEnabled": 1,
            "AccountPasswordPresent": 1,
            "AccountAccessKeysPresent": 0,
            "AccountSigningCertificatesPresent": 0,
        }
    }
}
