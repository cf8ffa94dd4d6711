"""A key of the account with two aliases, and one that AWS manages."""

from __future__ import annotations

from typing import Any

from tests.collect.fake import Refused

HERE = "arn:aws:kms:eu-west-1:111122223333"

ANSWERS: dict[str, Any] = {
    "kms.list_keys": {
        "Keys": [{"KeyId": "k1", "KeyArn": f"{HERE}:key/k1"}, {"KeyId": "k2", "KeyArn": f"{HERE}:key/k2"}]
    },
    "kms.list_aliases": {
        "Aliases": [
            {"AliasName": "alias/orders", "TargetKeyId": "k1"},
            {"AliasName": "alias/data", "TargetKeyId": "k1"},
            {"AliasName": "alias/aws/rds", "TargetKeyId": "k2"},
            {"AliasName": "alias/aws/unused"},
        ]
    },
    "kms.describe_key": [
        (
            {"KeyId": "k1"},
            {
                "KeyMetadata": {
                    "KeyId": "k1",
                    "Arn": f"{HERE}:key/k1",
                    "KeyManager": "CUSTOMER",
                    "KeyState": "PendingDeletion",
                    "Origin": "AWS_KMS",
                    "MultiRegion": True,
                }
            },
        ),
        ({}, {"KeyMetadata": {"KeyId": "k2", "KeyManager": "AWS", "KeyState": "Enabled", "Origin": "AWS_KMS"}}),
    ],
    "kms.get_key_policy": [
        (
            {"KeyId": "k1", "PolicyName": "default"},
            {
                "Policy": '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},'
                '"Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"rds"}}}]}'
            },
        ),
        ({}, Refused("AccessDeniedException")),
    ],
}
