"""Control Tower lays a function into every account that it governs: that is no workload."""

from __future__ import annotations

import pytest

from tests.rule.test_suspicions import A, B, Rows, organization, view


def function(account: str, name: str) -> Rows:
    arn = f"arn:aws:lambda:eu-west-1:{account}:function:{name}"
    row = {"account_id": account, "region": "eu-west-1", "arn": arn, "name": name, "type": "function"}
    return [("compute", row)]


@pytest.mark.parametrize(("name", "accounts"), [("aws-controltower-NotificationForwarder", 1), ("shop-api", 2)])
def test_what_control_tower_lays_everywhere_is_no_workload(name: str, accounts: int) -> None:
    rows = organization(A, B) + function(A, "shop") + function(B, name)
    assert view("account", rows)[B]["runs_workloads"] is (accounts == 2)
    assert view("organization", rows)["o-1"]["accounts_with_workloads"] == accounts
