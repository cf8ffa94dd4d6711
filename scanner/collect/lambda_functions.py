"""Lambda: functions and where they run. Environment variables come with the answer and are dropped.

Tags come from the tagging API, which knows every function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.policy import Row

SCOPE = "region"
CALLS = (Call("lambda.list_functions", ("compute",), hides=("Environment",)),)


def fetch(api: Api) -> Iterator[Row]:
    for function in api.list("lambda.list_functions", "Functions"):
        yield "compute", function_row(function)


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
