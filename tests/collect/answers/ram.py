"""A share of a subnet with an account outside the organization."""

from __future__ import annotations

from typing import Any

SHARE = "arn:aws:ram:eu-west-1:111122223333:resource-share/1"

ANSWERS: dict[str, Any] = {
    "ram.get_resource_shares": {
        "resourceShares": [
            {
                "resourceShareArn": SHARE,
                "name": "subnets",
                "owningAccountId": "111122223333",
                "allowExternalPrincipals": True,
                "status": "ACTIVE",
                "tags": [{"key": "team", "value": "network"}],
            }
        ]
    },
    "ram.list_resources": {
        "resources": [
            {
                "resourceShareArn": SHARE,
                "arn": "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-1",
                "type": "ec2:Subnet",
            }
        ]
    },
    "ram.list_principals": {
        "principals": [{"resourceShareArn": SHARE, "id": "999999999999", "external": True}],
    },
}
