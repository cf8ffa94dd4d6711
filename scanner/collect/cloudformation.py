"""CloudFormation: stacks by name, with their tags. They tell what a resource is for that says nothing itself.

Parameters and outputs may hold secrets; nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call, tag_rows
from scanner.policy import Row

SCOPE = "region"
CALLS = (
    Call(
        "cloudformation.describe_stacks",
        ("stacks", "tags"),
        hides=("Parameters", "Outputs"),
        also=("cloudformation:ListStacks",),
    ),
)


def fetch(api: Api) -> Iterator[Row]:
    for stack in api.list("cloudformation.describe_stacks", "Stacks"):
        yield "stacks", {"arn": stack["StackId"], "name": stack["StackName"], "status": stack.get("StackStatus")}
        yield from tag_rows(stack["StackId"], stack.get("Tags"))
