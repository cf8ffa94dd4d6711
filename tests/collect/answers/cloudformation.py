"""A stack with tags and secrets, and one without either."""

from __future__ import annotations

from typing import Any

SHOP = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-prod/0a1b2c3d-0000-4000-8000-000000000000"
PLAIN = "arn:aws:cloudformation:eu-west-1:111122223333:stack/plain/0a1b2c3d-0000-4000-8000-000000000001"

ANSWERS: dict[str, Any] = {
    "cloudformation.describe_stacks": {
        "Stacks": [
            {
                "StackId": SHOP,
                "StackName": "shop-prod",
                "StackStatus": "UPDATE_COMPLETE",
                "CreationTime": "2026-01-02T03:04:05Z",
                "Parameters": [{"ParameterKey": "Password", "ParameterValue": "correct horse"}],
                "Outputs": [{"OutputKey": "Token", "OutputValue": "battery staple"}],
                "Tags": [{"Key": "product", "Value": "shop"}],
            },
            {
                "StackId": PLAIN,
                "StackName": "plain",
                "StackStatus": "CREATE_COMPLETE",
                "CreationTime": "2026-01-02T03:04:05Z",
                "Tags": [],
            },
        ]
    }
}
