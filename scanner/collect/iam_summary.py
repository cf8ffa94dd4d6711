"""IAM's own count of what an account has and may have, and what its root user can log in with.

No other call tells IAM's quotas in force with their use.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html; which of them AWS raises on request:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "account"
CALLS = (Call("iam.get_account_summary", ("quotas", "root_users")),)

# Entry of the summary -> quota code, name, whether AWS raises it.
COUNTED = {
    "Groups": ("L-F4A5425F", "Groups per account", True),
    "InstanceProfiles": ("L-6E65F664", "Instance profiles per account", True),
    "Policies": ("L-E95E4862", "Customer managed policies per account", True),
    "Roles": ("L-FE177D64", "Roles per account", True),
    "Users": ("L-F55AF5E4", "Users per account", False),
}


def fetch(api: Api) -> Iterator[Row]:
    summary = (known(api.get("iam.get_account_summary")) or {}).get("SummaryMap") or {}
    if summary:
        yield "root_users", root_row(summary)
    for entry, row in quota_rows(summary):
        yield "quotas", {**row, "arn": api.arn("servicequotas", f"iam/{COUNTED[entry][0]}")}


def quota_rows(summary: Mapping[str, int]) -> Iterator[tuple[str, dict[str, object]]]:
    for entry, (code, name, adjustable) in COUNTED.items():
        if entry in summary and f"{entry}Quota" in summary:
            yield (
                entry,
                {
                    "service_code": "iam",
                    "quota_code": code,
                    "name": name,
                    "value": float(summary[f"{entry}Quota"]),
                    "adjustable": adjustable,
                    "measured": True,
                    "used": float(summary[entry]),
                },
            )


def root_row(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What AWS leaves out, as old recordings do, is not known."""
    return {
        "has_password": flag(summary, "AccountPasswordPresent"),
        "has_access_keys": flag(summary, "AccountAccessKeysPresent"),
        "has_certificates": flag(summary, "AccountSigningCertificatesPresent"),
        "has_mfa": flag(summary, "AccountMFAEnabled"),
    }


def flag(summary: Mapping[str, Any], key: str) -> bool | None:
    value = summary.get(key)
    return None if value is None else bool(value)
