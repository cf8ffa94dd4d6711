"""IAM policy documents: what the collectors call, no more, each within what a managed policy may hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from botocore.session import Session

from scanner.aws.aggregator.calls import CALLS
from scanner.collect import registry
from scanner.collect.api import Call

MANAGED_POLICY_CHARACTERS = 6_144
"""Without white space, which IAM does not count (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

Document = dict[str, Any]


def member_policies(*, aggregator: bool = False) -> list[Document]:
    """What the role in every account needs; with `aggregator`, where that of AWS Config may be in any of them."""
    return packed(list(_read("ReadAccount", account_actions() | _aggregator_actions(aggregator))))


def management_policies(roles: Sequence[str], *, aggregator: bool = False) -> list[Document]:
    """What the credentials the scan starts with need.

    To read the organization, to enter its accounts, and to read their own account, which is entered through no role.
    """
    organization = organization_actions()
    enter = _statement("EnterAccounts", ["sts:AssumeRole"], [f"arn:*:iam::*:role/{role}" for role in roles])
    own = _read("ReadAccount", (account_actions() | _aggregator_actions(aggregator)) - organization)
    return packed([enter, *_read("ReadOrganization", organization), *own])


def account_actions() -> set[str]:
    """Actions asked for in every account that is read."""
    return actions(call for module in registry().values() if module.SCOPE != "organization" for call in module.CALLS)


def organization_actions() -> set[str]:
    """Actions asked for once, where the scan starts."""
    return actions(call for module in registry().values() if module.SCOPE == "organization" for call in module.CALLS)


def _aggregator_actions(wanted: bool) -> set[str]:
    """Actions asked for where an aggregator of AWS Config is read."""
    return actions(CALLS) if wanted else set()


def actions(calls: Iterable[Call]) -> set[str]:
    return {action for call in calls for action in (action_of(call), *call.also)}


def action_of(call: Call) -> str:
    """`ec2.describe_vpcs` -> `ec2:DescribeVpcs`, spelt as the service spells it, where the call does not name another."""
    if call.action:
        return call.action
    wanted = call.method.replace("_", "")
    operation = next((name for name in _operations(call.client) if name.lower() == wanted), None)
    if operation is None:
        raise KeyError(f"{call.name} is not an operation of {call.client}")
    return f"{call.client}:{operation}"


@cache
def _operations(client: str) -> tuple[str, ...]:
    return tuple(Session().get_service_model(client).operation_names)


def packed(statements: Iterable[Document], most: int = MANAGED_POLICY_CHARACTERS) -> list[Document]:
    """Put statements into as few documents as hold them in this order; statements of one Sid that meet become one."""
    documents: list[Document] = []
    for statement in statements:
        larger = _joined(documents[-1], statement) if documents else None
        if larger is not None and size(larger) <= most:
            documents[-1] = larger
        else:
            documents.append(_policy([statement]))
    return documents


def size(document: Document) -> int:
    """Characters that IAM counts."""
    return len(json.dumps(document, separators=(",", ":")))


def _joined(document: Document, statement: Document) -> Document:
    before, last = document["Statement"][:-1], document["Statement"][-1]
    if last["Sid"] == statement["Sid"]:
        return _policy([*before, {**last, "Action": last["Action"] + statement["Action"]}])
    return _policy([*before, last, statement])


def _read(sid: str, wanted: set[str]) -> Iterator[Document]:
    """Yield a statement per service, so that no service is torn over two documents."""
    for _, group in groupby(sorted(wanted), key=lambda action: action.partition(":")[0]):
        yield _statement(sid, list(group), "*")


def _statement(sid: str, allowed: list[str], resource: str | list[str]) -> Document:
    return {"Sid": sid, "Effect": "Allow", "Action": allowed, "Resource": resource}


def _policy(statements: list[Document]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}
