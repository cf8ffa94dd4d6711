"""Functions, container services and clusters: they run somewhere, and open connections from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import analysis
from scanner.config import Config
from scanner.gate import accounts, changes, judge, plan
from scanner.gated import Gated
from scanner.snapshot.read import connect
from tests.gate import small

SHARED = "database_integration/many_workloads_one_database"
APP = {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1-app"]}
FUNCTION = f"arn:aws:lambda:{small.REGION}:{small.PRODUCTION}:function:mailer"
SERVICE = f"arn:aws:ecs:{small.REGION}:{small.PRODUCTION}:service/main/mailer"
NEWSLETTER = {"product": "newsletter", "environment": "production", "owner": "mail"}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.write(tmp_path_factory.mktemp("small") / "s")


def gate(snapshot: Path, path: Path, *select: str) -> Gated:
    return judge.gate((path,), snapshot, Config(select=list(select), fail_on="low"))


def function(**more: Any) -> dict[str, Any]:
    return {"function_name": "mailer", "vpc_config": [APP], "tags_all": NEWSLETTER, **more}


def service(**more: Any) -> dict[str, Any]:
    network = [{"subnets": ["subnet-1"], "security_groups": ["sg-1-app"]}]
    cluster = f"arn:aws:ecs:{small.REGION}:{small.PRODUCTION}:cluster/main"
    return {"name": "mailer", "cluster": cluster, "network_configuration": network, "tags_all": NEWSLETTER, **more}


@pytest.mark.parametrize(
    ("address", "after"), [("aws_lambda_function.x", function()), ("aws_ecs_service.x", service())]
)
def test_what_is_new_connects_to_the_database_of_another_workload(
    address: str, after: dict[str, Any], snapshot: Path, tmp_path: Path
) -> None:
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change(address, after)), SHARED)
    assert [(one.kind, one.finding.evidence["client_workloads"], one.fails) for one in found.judged] == [
        ("new", "newsletter, shop", True)
    ]


def test_what_is_for_the_same_workload_changes_nothing(snapshot: Path, tmp_path: Path) -> None:
    own = function(tags_all={**NEWSLETTER, "product": "shop"})
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change("aws_lambda_function.x", own)), SHARED)
    assert (found.judged, found.exit_code) == ((), 0)


@pytest.mark.parametrize(
    ("groups", "default", "code"), [(["sg-1-db"], True, 0), (["sg-1-app"], True, 1), ([], True, 1), ([], False, 3)]
)
def test_groups_decide(groups: list[str], default: bool, code: int, tmp_path: Path) -> None:
    """Who names none has the default group of its VPC, which the database lets in here."""
    here = {"account_id": small.PRODUCTION, "group_id": "sg-1-own"}
    own = {**here, "name": "default", "vpc_id": "vpc-1", "owner_id": small.PRODUCTION}
    out = {**here, "direction": "egress", "protocol": "-1", "peer_type": "ipv4", "peer": "0.0.0.0/0"}
    admitted = {**out, "group_id": "sg-1-db", "direction": "ingress", "peer_type": "group", "peer": "sg-1-own"}
    more = {"security_groups": [own], "security_group_rules": [out, admitted]} if default else {}
    snapshot = small.write(tmp_path / "s", more)
    after = function(vpc_config=[{"subnet_ids": ["subnet-1"], "security_group_ids": groups}])
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change("aws_lambda_function.x", after)), SHARED)
    assert (found.exit_code, [one.fails for one in found.judged]) == (code, [True] if code == 1 else [])
    if code == 3:
        assert f"the default group of {FUNCTION}: it, or what it belongs to, is in neither" in found.shortfalls[0]


def test_a_subnet_that_is_not_known_leaves_open_whom_it_reaches(snapshot: Path, tmp_path: Path) -> None:
    after = function(vpc_config=[{"security_group_ids": ["sg-1-app"]}])
    unknown = {"vpc_config": [{"subnet_ids": True}]}
    changed = small.change("aws_lambda_function.x", after, unknown=unknown)
    found = gate(snapshot, small.plan(tmp_path / "p.json", changed), SHARED)
    assert [one.kind for one in found.judged] == ["unread"]
    assert found.unread == ("aws_lambda_function.x: vpc_config.subnet_ids is known after apply only",)


def rows_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    read = plan.read(path)
    accounts.place(read, {})
    return {name: list(listed) for name, listed in changes.gather([read]).come.plain.items()}


def test_what_moves_gets_interfaces_and_what_stays_keeps_its_own(tmp_path: Path) -> None:
    other = [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1-db"]}]
    for number, (after, moves) in enumerate([(function(), False), (function(vpc_config=other), True)]):
        changed = small.change("aws_lambda_function.x", {**after, "memory_size": 512}, before=function(arn=FUNCTION))
        found = rows_of(small.plan(tmp_path / f"{number}.json", changed))
        assert [row["arn"] for row in found["compute"]] == [FUNCTION]
        assert [row["subnet_id"] for row in found.get("network_interfaces", ())] == (["subnet-1"] if moves else [])


WORKING: dict[str, dict[str, Any]] = {
    FUNCTION: {"type": "function", "interface_type": "lambda", "description": "AWS Lambda VPC ENI-mailer-1"},
    SERVICE: {
        "type": "container_service",
        "interface_type": "interface",
        "description": f"arn:aws:ecs:{small.REGION}:{small.PRODUCTION}:attachment/1",
    },
}


def live(arn: str) -> dict[str, list[dict[str, Any]]]:
    """A function or service as a scan finds it, with the interface it works from."""
    kind = WORKING[arn]
    here = {"account_id": small.PRODUCTION}
    place = {"vpc_id": "vpc-1", "group_ids": ["sg-1-app"]}
    interface = {
        **here, **place, "owner_id": small.PRODUCTION, "eni_id": "eni-9", "subnet_id": "subnet-1", "private_ips": ["10.1.0.77"], "ipv6_ips": [],
        "public_ips": [], "source_dest_check": True, "interface_type": kind["interface_type"], "description": kind["description"],
    }  # fmt: skip
    return {
        "compute": [{**here, **place, "arn": arn, "name": "mailer", "type": kind["type"], "subnet_ids": ["subnet-1"]}],
        "network_interfaces": [interface],
        "tags": [{**here, "arn": arn, "key": key, "value": value} for key, value in NEWSLETTER.items()],
    }


def clients(snapshot: Path, change: str = "SELECT 1") -> list[tuple[Any, ...]]:
    sql = "SELECT source_arn, source_workload FROM network_paths WHERE target_arn = ? AND source_arn IS NOT NULL ORDER BY ALL"
    with connect(snapshot) as connection:
        connection.execute("ALTER VIEW coverage RENAME TO ledger")
        connection.execute("CREATE TABLE coverage AS FROM ledger")
        connection.execute(change)
        analysis.run_all(connection, Config())
        found: list[tuple[Any, ...]] = connection.execute(sql, [small.DATABASE]).fetchall()
    return found


@pytest.mark.parametrize("arn", WORKING)
def test_an_interface_works_for_what_its_function_or_service_is_for(arn: str, tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", live(arn))
    instance = f"arn:aws:ec2:{small.REGION}:{small.PRODUCTION}:instance/i-1"
    assert clients(snapshot) == sorted([(instance, "shop"), (arn, "newsletter")])


@pytest.mark.parametrize(
    ("refused", "known"), [("lambda.list_functions", False), ("elbv2.describe_load_balancers", True)]
)
def test_where_functions_were_not_listed_an_interface_may_be_for_anything(
    refused: str, known: bool, tmp_path: Path
) -> None:
    snapshot = small.write(tmp_path / "s", {**live(FUNCTION), "compute": []})
    change = f"UPDATE coverage SET status = 'denied', failed = 1 WHERE call = '{refused}'"
    assert {workload for _, workload in clients(snapshot, change)} == ({"shop"} if known else {"shop", None})


def test_a_template_that_is_deployed_already_changes_nothing(tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", live(FUNCTION))
    template = {
        "Resources": {
            "Mailer": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "mailer",
                    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1-app"]},
                    "Tags": [{"Key": key, "Value": value} for key, value in NEWSLETTER.items()],
                },
            }
        }
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps(template))
    found = judge.gate(
        (path,), snapshot, Config(select=[SHARED], fail_on="low"), said=[f"{path}={small.PRODUCTION}/{small.REGION}"]
    )
    assert [(one.kind, one.fails) for one in found.judged] == [] and found.exit_code == 0
