"""A root user with a password and a second factor."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "iam.get_account_summary": {
        "SummaryMap": {
            "Users": 2,
            "AccountMFAEnabled": 1,
            "AccountPasswordPresent": 1,
            "AccountAccessKeysPresent": 0,
            "AccountSigningCertificatesPresent": 0,
        }
    }
}
