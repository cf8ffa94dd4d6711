"""One with a key that another account may use, and a bare one."""

from __future__ import annotations

from typing import Any

HERE = "arn:aws:sns:eu-west-1:111122223333"

ANSWERS: dict[str, Any] = {
    "sns.list_topics": {"Topics": [{"TopicArn": f"{HERE}:orders"}, {"TopicArn": f"{HERE}:bare"}]},
    "sns.get_topic_attributes": [
        (
            {"TopicArn": f"{HERE}:orders"},
            {
                "Attributes": {
                    "KmsMasterKeyId": "alias/orders",
                    "Policy": '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
                    '"Action":"sns:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}',
                }
            },
        ),
        ({}, {"Attributes": {}}),
    ],
}
