"""Root credentials are managed for the whole organization."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "organizations.describe_organization": {
        "Organization": {"Id": "o-exampleorg1", "FeatureSet": "ALL", "MasterAccountId": "111122223333"}
    },
    "iam.list_organizations_features": {
        "OrganizationId": "o-exampleorg1",
        "EnabledFeatures": ["RootCredentialsManagement", "RootSessions"],
    },
}
