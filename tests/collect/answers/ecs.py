"""Two clusters: one with a service in a network of its own and a bare one, one without services."""

from __future__ import annotations

from typing import Any

HERE = "arn:aws:ecs:eu-west-1:111122223333"

ANSWERS: dict[str, Any] = {
    "ecs.list_clusters": {"clusterArns": [f"{HERE}:cluster/shop", f"{HERE}:cluster/idle"]},
    "ecs.list_services": [
        (
            {"cluster": f"{HERE}:cluster/shop"},
            {"serviceArns": [f"{HERE}:service/shop/orders", f"{HERE}:service/shop/bare"]},
        ),
        ({}, {"serviceArns": []}),
    ],
    "ecs.describe_services": {
        "services": [
            {
                "serviceArn": f"{HERE}:service/shop/orders",
                "serviceName": "orders",
                "status": "ACTIVE",
                "networkConfiguration": {
                    "awsvpcConfiguration": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"]}
                },
                "tags": [{"key": "environment", "value": "production"}],
            },
            {"serviceArn": f"{HERE}:service/shop/bare", "serviceName": "bare"},
        ]
    },
}
