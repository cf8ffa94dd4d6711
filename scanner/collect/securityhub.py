"""Security Hub: where it is on, and whether accounts that join the organization are enrolled by themselves.

Only the delegated administrator is told how members are enrolled; AWS answers InvalidAccessException to everybody else, and to
whoever has not switched it on. Under central configuration the policy of the organization's root decides, and only the home
Region shows it.
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeOrganizationConfiguration.html
https://docs.aws.amazon.com/securityhub/latest/userguide/central-configuration-intro.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.reading import known, whole
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("securityhub.describe_hub", ("security_hubs",)),
    Call("securityhub.describe_organization_configuration", ("security_hubs",)),
    Call("securityhub.list_configuration_policy_associations", ("security_hubs",)),
    Call("securityhub.get_configuration_policy", ("security_hubs",)),
)
OFF = ("InvalidAccessException", "ResourceNotFoundException")
NOT_ADMINISTRATOR = ("InvalidAccessException",)
SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"


def fetch(api: Api) -> Iterator[Row]:
    hub = known(api.get("securityhub.describe_hub", absent=OFF))
    if not hub or not hub.get("HubArn"):
        return
    answer = known(api.get("securityhub.describe_organization_configuration", absent=NOT_ADMINISTRATOR))
    central = None if answer is None else _is_central(answer)
    auto = _by_policy(api) if central else enrols(answer)
    yield "security_hubs", {"arn": hub["HubArn"], "is_central": central, "auto_enables": auto}


def _is_central(answer: Mapping[str, Any]) -> bool:
    return bool((answer.get("OrganizationConfiguration") or {}).get("ConfigurationType") == "CENTRAL")


def enrols(answer: Mapping[str, Any] | None) -> str | None:
    """Return NEW or NONE for an administrator that configures its members Region by Region, None for everybody else."""
    if answer is None or "AutoEnable" not in answer:
        return None
    return "NEW" if answer["AutoEnable"] else "NONE"


def _by_policy(api: Api) -> str | None:
    """ALL where the policy of the root switches it on, NONE where there is no such policy; None where nobody says."""
    name = "securityhub.list_configuration_policy_associations"
    listed = whole(api, name, "ConfigurationPolicyAssociationSummaries", absent=NOT_ADMINISTRATOR)
    if not listed:
        return None  # not asked in its home Region, where at least one association always is
    roots = [one["ConfigurationPolicyId"] for one in listed if one.get("TargetType") == "ROOT"]
    if not roots or roots[0] == SELF_MANAGED:
        return "NONE"
    policy = known(api.get("securityhub.get_configuration_policy", Identifier=roots[0]))
    service = ((policy or {}).get("ConfigurationPolicy") or {}).get("SecurityHub") or {}
    on = service.get("ServiceEnabled")
    return None if on is None else "ALL" if on else "NONE"
