"""SQS: queues, their policies and keys."""

from __future__ import annotations

from collections.abc import Iterator

from scanner import policy
from scanner.collect.api import Api, Call, Unread
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("sqs.list_queues", ("queues",)),
    Call("sqs.get_queue_attributes", ("queues", "policy_documents", "policy_statements")),
)
ASKED = ["Policy", "KmsMasterKeyId"]
GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def fetch(api: Api) -> Iterator[Row]:
    for url in api.list("sqs.list_queues", "QueueUrls"):
        answer = api.get("sqs.get_queue_attributes", absent=GONE, QueueUrl=url, AttributeNames=ASKED)
        if answer is None:
            continue  # deleted since it was listed
        name = url.rpartition("/")[2]
        arn, said = api.arn("sqs", name), (known(answer) or {}).get("Attributes") or {}
        row = {"arn": arn, "name": name, "kms_key": said.get("KmsMasterKeyId")}
        yield "queues", {**row, "policy_read": not isinstance(answer, Unread)}
        if said.get("Policy"):
            yield from policy.rows(arn, "resource", "", said["Policy"])
