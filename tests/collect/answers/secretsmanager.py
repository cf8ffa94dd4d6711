"""A secret that another account may read, and a bare one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

HERE = "arn:aws:secretsmanager:eu-west-1:111122223333:secret"

ANSWERS: dict[str, Any] = {
    "secretsmanager.list_secrets": {
        "SecretList": [
            {
                "ARN": f"{HERE}:orders-a1b2c3",
                "Name": "orders",
                "Description": "password of orders",
                "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "RotationEnabled": True,
                "OwningService": "rds",
                "LastAccessedDate": datetime(2026, 1, 2, tzinfo=UTC),
                "Tags": [{"Key": "team", "Value": "orders"}],
            },
            {"ARN": f"{HERE}:bare-d4e5f6", "Name": "bare"},
        ]
    },
    "secretsmanager.get_resource_policy": [
        (
            {"SecretId": f"{HERE}:orders-a1b2c3"},
            {
                "ARN": f"{HERE}:orders-a1b2c3",
                "ResourcePolicy": '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
                '"Action":"secretsmanager:GetSecretValue","Resource":"*",'
                '"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}',
            },
        ),
        ({}, {"ARN": f"{HERE}:bare-d4e5f6", "Name": "bare"}),
    ],
}
