"""One with a key that another account may use, and a bare one."""

from __future__ import annotations

from typing import Any

HERE = "https://sqs.eu-west-1.amazonaws.com/111122223333"

ANSWERS: dict[str, Any] = {
    "sqs.list_queues": {"QueueUrls": [f"{HERE}/orders", f"{HERE}/bare"]},
    "sqs.get_queue_attributes": [
        (
            {"QueueUrl": f"{HERE}/orders"},
            {
                "Attributes": {
                    "KmsMasterKeyId": "alias/orders",
                    "Policy": '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
                    '"Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}',
                }
            },
        ),
        ({}, {"Attributes": {}}),
    ],
}
