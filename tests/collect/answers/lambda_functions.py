"""A function in a VPC with a secret in its environment, one that left its VPC, and a bare one."""

from __future__ import annotations

from typing import Any

HERE = "arn:aws:lambda:eu-west-1:111122223333:function"

ANSWERS: dict[str, Any] = {
    "lambda.list_functions": {
        "Functions": [
            {
                "FunctionName": "orders",
                "FunctionArn": f"{HERE}:orders",
                "State": "Active",
                "Role": "arn:aws:iam::111122223333:role/orders",
                "Environment": {"Variables": {"PASSWORD": "hunter2"}},
                "VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
            },
            {
                "FunctionName": "left",
                "FunctionArn": f"{HERE}:left",
                "VpcConfig": {"VpcId": "", "SubnetIds": [], "SecurityGroupIds": []},
            },
            {"FunctionName": "bare", "FunctionArn": f"{HERE}:bare"},
        ]
    },
    "lambda.get_policy": [
        (
            {"FunctionName": f"{HERE}:orders"},
            {
                "Policy": '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
                '"Action":"lambda:InvokeFunction","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}'
            },
        ),
        ({}, {}),
    ],
}
