"""IAM's own count of what an account has and may have; no other call tells its quotas in force with their use.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html; which of them AWS raises on request:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "account"
CALLS = (Call("iam.get_account_summary", ("quotas",)),)

# Entry of the summary -> quota code, name, whether AWS raises it.
COUNTED = {
    "Groups": ("L-F4A5425F", "Groups per account", True),
    "InstanceProfiles": ("L-6E65F664", "Instance profiles per account", True),
    "Policies": ("L-E95E4862", "Customer managed policies per account", True),
    "Roles": ("L-FE177D64", "Roles per account", True),
    "Users": ("L-F55AF5E4", "Users per account", False),
}


def fetch(api: Api) -> Iterator[Row]:
    answer = known(api.get("iam.get_account_summary"))
    for entry, row in quota_rows((answer or {}).get("SummaryMap") or {}):
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
