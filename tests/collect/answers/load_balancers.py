"""One that faces the internet, an internal one, a gateway, and those of the first generation."""

from __future__ import annotations

from typing import Any

HERE = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer"

ANSWERS: dict[str, Any] = {
    "elbv2.describe_load_balancers": {
        "LoadBalancers": [
            {
                "LoadBalancerArn": f"{HERE}/app/shop/1",
                "LoadBalancerName": "shop",
                "Type": "application",
                "Scheme": "internet-facing",
                "State": {"Code": "active"},
                "VpcId": "vpc-1",
                "AvailabilityZones": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
                "SecurityGroups": ["sg-1"],
            },
            {"LoadBalancerArn": f"{HERE}/gwy/inspection/2", "LoadBalancerName": "inspection", "Type": "gateway"},
        ]
    },
    "elb.describe_load_balancers": {
        "LoadBalancerDescriptions": [
            {
                "LoadBalancerName": "old",
                "Scheme": "internal",
                "VPCId": "vpc-1",
                "Subnets": ["subnet-1"],
                "SecurityGroups": ["sg-1"],
            },
            {"LoadBalancerName": "classic"},
        ]
    },
}
