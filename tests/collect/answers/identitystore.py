"""Two groups, and users of whom AWS tells more than anybody needs to know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

FOUND: dict[str, Any] = {
    "organizations.describe_organization": {
        "Organization": {"Id": "o-acme", "MasterAccountId": "111122223333", "FeatureSet": "ALL"}
    },
    "ec2.describe_regions": {
        "Regions": [
            {"RegionName": "eu-west-1", "OptInStatus": "opt-in-not-required"},
            {"RegionName": "ap-east-1", "OptInStatus": "not-opted-in"},
        ]
    },
    "sso-admin.list_instances": {
        "Instances": [
            {
                "InstanceArn": "arn:aws:sso:::instance/ssoins-1",
                "IdentityStoreId": "d-1",
                "OwnerAccountId": "111122223333",
                "Name": "acme",
                "Status": "ACTIVE",
                "CreatedDate": datetime(2025, 1, 1, tzinfo=UTC),
            }
        ]
    },
}

ANSWERS: dict[str, Any] = {
    **FOUND,
    "identitystore.list_groups": {
        "Groups": [
            {"GroupId": "g-1", "DisplayName": "platform", "IdentityStoreId": "d-1"},
            {"GroupId": "g-2", "IdentityStoreId": "d-1"},
        ]
    },
    "identitystore.list_users": {
        "Users": [
            {
                "UserId": "u-1",
                "UserName": "anna",
                "DisplayName": "Anna Example",
                "Emails": [{"Value": "anna@example.com", "Primary": True}],
                "IdentityStoreId": "d-1",
            },
            {"UserId": "u-2", "IdentityStoreId": "d-1"},
        ]
    },
}
