"""The policies allow exactly what collectors call, and stay within what IAM takes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from scanner.aws.aggregator import CALLS as AGGREGATOR
from scanner.aws.guard import Guard
from scanner.collect import registry
from scanner.collect.api import Api, Call
from scanner.collect.run import all_calls
from scanner.errors import ForbiddenCall
from scanner.permissions import policy
from scanner.policy import Row
from tests.collect.fake import Fake, api, operation, service
from tests.collect.test_contracts import NEWER_ACTIONS

ROLES = [f"{number:0>64}" for number in range(10)]


def made(*scopes: str) -> set[str]:
    """The actions of every request that the collectors of these scopes send, over their recorded answers."""
    found: set[str] = set()
    for name, module in registry().items():
        if module.SCOPE in scopes:
            source = Fake(importlib.import_module(f"tests.collect.answers.{name}").ANSWERS)
            list(module.fetch(api(module, source)))
            declared = {call.name: call for call in module.CALLS}
            for call in {declared[name] for name, _, _ in source.requests}:
                found |= {call.action or f"{call.client}:{operation(call).name}", *call.also}
    return found


def allowed(documents: list[dict[str, Any]]) -> list[str]:
    return [action for document in documents for one in document["Statement"] for action in one["Action"]]


def test_the_role_in_each_account_may_do_exactly_what_is_called_there() -> None:
    assert sorted(allowed(policy.member_policies())) == sorted(made("account", "region"))


def test_whoever_reads_an_aggregator_may_do_just_that_besides() -> None:
    more = {f"config:{operation(call).name}" for call in set(AGGREGATOR) - set(all_calls())}
    assert len(more) == 3
    assert set(allowed(policy.member_policies(aggregator=True))) - set(allowed(policy.member_policies())) == more
    start = policy.management_policies(["audit"])
    assert set(allowed(policy.management_policies(["audit"], aggregator=True))) - set(allowed(start)) == more
    Guard(AGGREGATOR)


def test_the_start_may_do_exactly_what_is_called_there_and_enter_accounts() -> None:
    documents = policy.management_policies(["audit"])
    wanted = made("organization", "account", "region") | {"sts:AssumeRole"}
    assert sorted(allowed(documents)) == sorted(wanted)
    enters = [one for document in documents for one in document["Statement"] if "sts:AssumeRole" in one["Action"]]
    assert enters == [
        {
            "Sid": "EnterAccounts",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Resource": ["arn:*:iam::*:role/audit"],
        }
    ]


@pytest.mark.parametrize("action", sorted(policy.account_actions() | policy.organization_actions()))
def test_every_action_only_reads(action: str) -> None:
    if action.lower() in NEWER_ACTIONS:
        assert action.startswith("ec2:Describe")
        return
    prefix, _, name = action.partition(":")
    known = get_action_data(prefix, name)
    assert known
    assert {row["action"] for row in known[prefix]} == {action}, "spelt as AWS spells it"
    assert {row["access_level"] for row in known[prefix]} <= {"Read", "List"}


@pytest.mark.parametrize("call", all_calls(), ids=lambda call: call.name)
def test_further_actions_are_those_that_aws_documents(call: Call) -> None:
    prefix, _, name = policy.action_of(call).partition(":")
    known = get_action_data(prefix, name) or {}
    documented = {action for row in known.get(prefix, ()) for action in row["dependent_actions"] or ()}
    assert set(call.also) == documented


def test_a_collector_that_calls_what_it_has_not_declared_fails() -> None:
    def fetch(api: Api) -> Iterator[Row]:
        yield from (("vpcs", vpc) for vpc in api.list("ec2.describe_vpcs", "Vpcs"))

    sneaky = ModuleType("sneaky")
    sneaky.SCOPE, sneaky.CALLS, sneaky.fetch = "region", (Call("ec2.describe_subnets", ("subnets",)),), fetch  # type: ignore[attr-defined]
    source = Fake({})
    with pytest.raises(KeyError, match="describe_vpcs is not declared"):
        list(sneaky.fetch(api(sneaky, source)))
    assert source.requests == []


@pytest.mark.parametrize("client", sorted({call.client for call in all_calls()}))
def test_the_guard_lets_nothing_pass_but_what_is_declared(client: str) -> None:
    guard = Guard(all_calls())
    passed = set()
    for name in service(client).operation_names:
        try:
            guard._check(service(client).operation_model(name))
        except ForbiddenCall:
            continue
        passed.add(name)
    assert passed == {operation(call).name for call in all_calls() if call.client == client}


def test_every_document_fits_a_managed_policy() -> None:
    for documents in (policy.member_policies(), policy.management_policies(ROLES)):
        assert len(documents) <= 10, "a role holds ten managed policies"
        assert all(policy.size(document) <= policy.MANAGED_POLICY_CHARACTERS for document in documents)


@pytest.mark.parametrize("most", [1500, 2500, 6144])
def test_what_is_too_large_is_split_between_services(most: int) -> None:
    single = policy.packed(policy._read("ReadAccount", policy.account_actions()), 10**6)
    split = policy.packed(policy._read("ReadAccount", policy.account_actions()), most)
    assert len(single) == 1
    assert all(policy.size(document) <= most for document in split)
    assert allowed(split) == allowed(single)
    services = [{action.partition(":")[0] for action in allowed([document])} for document in split]
    assert sum(map(len, services)) == len(set.union(*services)), "no service is torn over two documents"
    for one, following in pairwise(split):
        assert policy.size(one) + policy.size(following) > most
