"""Public access blocked, with one VPC left out."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "ec2.describe_vpc_block_public_access_options": {
        "VpcBlockPublicAccessOptions": {
            "AwsAccountId": "111122223333",
            "AwsRegion": "eu-west-1",
            "State": "update-complete",
            "InternetGatewayBlockMode": "block-bidirectional",
        }
    },
    "ec2.describe_vpc_block_public_access_exclusions": {
        "VpcBlockPublicAccessExclusions": [
            {
                "ExclusionId": "vpcbpa-exclude-1",
                "ResourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1",
                "InternetGatewayExclusionMode": "allow-egress",
                "State": "create-complete",
            }
        ]
    },
}
