"""Lambda: functions, where they run and who may use them. Environment variables come with the answer and are dropped.

Tags come from the tagging API, which knows every function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.collect.api import Api, Call, Unread
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call("lambda.list_functions", ("compute",), hides=("Environment",)),
    Call("lambda.get_policy", ("compute", "policy_documents", "policy_statements")),
)


def fetch(api: Api) -> Iterator[Row]:
    for function in api.list("lambda.list_functions", "Functions"):
        arn = function["FunctionArn"]
        answer = api.get("lambda.get_policy", absent=("ResourceNotFoundException",), FunctionName=arn)
        yield "compute", {**function_row(function), "policy_read": not isinstance(answer, Unread)}
        document = (known(answer) or {}).get("Policy")
        if document:
            yield from policy.rows(arn, "resource", "", document)


def function_row(function: dict[str, Any]) -> dict[str, Any]:
    network = function.get("VpcConfig") or {}
    return {
        "arn": function["FunctionArn"],
        "name": function.get("FunctionName"),
        "type": "function",
        "status": function.get("State"),
        # Functions that left their VPC keep an empty text there.
        "vpc_id": network.get("VpcId") or None,
        "subnet_ids": network.get("SubnetIds") or [],
        "group_ids": network.get("SecurityGroupIds") or [],
        "role_arn": function.get("Role"),
        "is_public": None,
    }
