"""AWS Organizations: who may change its policies by a policy of its own, without being registered as an administrator of anything.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner import policy
from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "organization"
CALLS = (Call("organizations.describe_resource_policy", ("delegated_administrators",)),)
OF_POLICIES = "organizations.amazonaws.com"
"""Stands for the policies of the organization where a service is named."""
READS = ("organizations:describe", "organizations:list")


def fetch(api: Api) -> Iterator[Row]:
    answer = known(api.get("organizations.describe_resource_policy", absent=("ResourcePolicyNotFoundException",)))
    for account in delegates(((answer or {}).get("ResourcePolicy") or {}).get("Content")):
        yield "delegated_administrators", {"delegate_account_id": account, "service_principal": OF_POLICIES}


def delegates(content: str | None) -> list[str]:
    """Accounts that a delegation policy lets change policies, not only read them; those whose id it names."""
    found: set[str] = set()
    for statement in policy.as_list((policy.parse(content) or {}).get("Statement")):
        actions = [str(one).lower() for one in policy.as_list(statement.get("Action"))]
        changes = not actions or any(not one.startswith(READS) for one in actions)  # NotAction leaves others
        who = statement.get("Principal")
        if statement.get("Effect") == "Allow" and changes and isinstance(who, dict):
            named = (policy.principal("AWS", str(one)) for one in policy.as_list(who.get("AWS")))
            found |= {one["principal_account"] for one in named if one["principal_account"]}
    return sorted(found)
