"""The hub of a delegated administrator under central configuration, whose root has a policy."""

from __future__ import annotations

from typing import Any

POLICY = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"

ANSWERS: dict[str, Any] = {
    "securityhub.describe_hub": {"HubArn": "arn:aws:securityhub:eu-west-1:111122223333:hub/default"},
    "securityhub.describe_organization_configuration": {
        "AutoEnable": False,
        "MemberAccountLimitReached": False,
        "OrganizationConfiguration": {"ConfigurationType": "CENTRAL", "Status": "ENABLED"},
    },
    "securityhub.list_configuration_policy_associations": {
        "ConfigurationPolicyAssociationSummaries": [
            {
                "ConfigurationPolicyId": "SELF_MANAGED_SECURITY_HUB",
                "TargetId": "ou-ab12-11111111",
                "TargetType": "ORGANIZATIONAL_UNIT",
            },
            {"ConfigurationPolicyId": POLICY, "TargetId": "r-ab12", "TargetType": "ROOT"},
        ]
    },
    "securityhub.get_configuration_policy": {
        "Id": POLICY,
        "ConfigurationPolicy": {"SecurityHub": {"ServiceEnabled": True}},
    },
}
