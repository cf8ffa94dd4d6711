"""A cluster with everything, and a bare one."""

from __future__ import annotations

from typing import Any

HERE = "arn:aws:eks:eu-west-1:111122223333:cluster"

ANSWERS: dict[str, Any] = {
    "eks.list_clusters": {"clusters": ["shop", "bare"]},
    "eks.describe_cluster": [
        (
            {"name": "shop"},
            {
                "cluster": {
                    "name": "shop",
                    "arn": f"{HERE}/shop",
                    "status": "ACTIVE",
                    "roleArn": "arn:aws:iam::111122223333:role/eks",
                    "resourcesVpcConfig": {
                        "vpcId": "vpc-1",
                        "subnetIds": ["subnet-1", "subnet-2"],
                        "securityGroupIds": ["sg-1"],
                        "clusterSecurityGroupId": "sg-2",
                    },
                    "tags": {"environment": "production"},
                }
            },
        ),
        ({}, {"cluster": {"name": "bare", "arn": f"{HERE}/bare"}}),
    ],
}
