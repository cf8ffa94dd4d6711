"""SNS: topics, their policies and keys."""

from __future__ import annotations

from collections.abc import Iterator

from scanner import policy
from scanner.collect.api import Api, Call, Unread
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("sns.list_topics", ("topics",)),
    Call("sns.get_topic_attributes", ("topics", "policy_documents", "policy_statements")),
)


def fetch(api: Api) -> Iterator[Row]:
    for topic in api.list("sns.list_topics", "Topics"):
        arn = topic["TopicArn"]
        answer = api.get("sns.get_topic_attributes", absent=("NotFound", "NotFoundException"), TopicArn=arn)
        if answer is None:
            continue  # deleted since it was listed
        said = (known(answer) or {}).get("Attributes") or {}
        row = {"arn": arn, "name": arn.rpartition(":")[2], "kms_key": said.get("KmsMasterKeyId") or None}
        yield "topics", {**row, "policy_read": not isinstance(answer, Unread)}
        if said.get("Policy"):
            yield from policy.rows(arn, "resource", "", said["Policy"])
