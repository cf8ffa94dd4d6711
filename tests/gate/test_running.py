"""Functions, container services and clusters: they run somewhere, and open connections from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as parquet
import pytest

from scanner import analysis
from scanner.config import Config
from scanner.gate import accounts, changes, judge, plan
from scanner.gate.derive import derive
from scanner.gate.overlay import Overlay
from scanner.snapshot.read import connect
from tests.gate import small
from tests.gate.small import gate

SHARED = "database_integration/many_workloads_one_database"
APP = {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1-app"]}
FUNCTION = f"arn:aws:lambda:{small.REGION}:{small.PRODUCTION}:function:mailer"
SERVICE = f"arn:aws:ecs:{small.REGION}:{small.PRODUCTION}:service/main/mailer"
NEWSLETTER = {"product": "newsletter", "environment": "production", "owner": "mail"}


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


@pytest.mark.parametrize("address", ["aws_lambda_function.x", "aws_instance.x"])
@pytest.mark.parametrize(
    "unknown", [{"tags": True, "tags_all": True}, {"tags": {"product": True}, "tags_all": {"product": True}}]
)
def test_tags_that_are_not_known_leave_open_what_it_is_for(
    address: str, unknown: dict[str, Any], snapshot: Path, tmp_path: Path
) -> None:
    """What its account is for says nothing then."""
    machine = {"subnet_id": "subnet-1", "vpc_security_group_ids": ["sg-1-app"]}
    after = {"function_name": "mailer", "vpc_config": [APP]} if "lambda" in address else machine
    known = {} if unknown["tags"] is True else {"tags": {}, "tags_all": {}}
    changed = small.change(address, {**after, **known}, unknown=unknown, refs={"tags": ["var.tags"]})
    found = gate(snapshot, small.plan(tmp_path / "p.json", changed), SHARED)
    assert ([one.kind for one in found.judged], found.exit_code) == (["unread"], 3)


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


@pytest.mark.parametrize(
    ("address", "after"), [("aws_lambda_function.x", function()), ("aws_ecs_service.x", service())]
)
def test_where_subnets_were_not_read_nothing_is_a_pass(address: str, after: dict[str, Any], tmp_path: Path) -> None:
    """Nothing says then which network it is in."""
    snapshot = small.write(tmp_path / "s")
    for name, change in (("subnets", "subnet_id"), ("coverage", "call")):
        path = snapshot / f"{name}.parquet"
        table = parquet.read_table(path)
        if name == "subnets":
            table = table.slice(0, 0)
        else:
            refused = pc.equal(table[change], "ec2.describe_subnets")
            status = pc.if_else(refused, "denied", table["status"])
            table = table.set_column(table.schema.get_field_index("status"), "status", status)
        parquet.write_table(table, path)
    found = gate(snapshot, small.plan(tmp_path / "p.json", small.change(address, after)), SHARED)
    assert found.exit_code == 3
    assert "subnet-1: it, or what it belongs to, is in neither the snapshot nor the plans" in found.shortfalls


def test_a_subnet_that_is_not_known_leaves_open_whom_it_reaches(snapshot: Path, tmp_path: Path) -> None:
    after = function(vpc_config=[{"security_group_ids": ["sg-1-app"]}])
    unknown = {"vpc_config": [{"subnet_ids": True}]}
    changed = small.change("aws_lambda_function.x", after, unknown=unknown)
    found = gate(snapshot, small.plan(tmp_path / "p.json", changed), SHARED)
    assert [one.kind for one in found.judged] == ["unread"]
    assert found.unread == ("aws_lambda_function.x: vpc_config.subnet_ids is known after apply only",)


def test_what_moves_gets_interfaces_and_what_stays_keeps_its_own(tmp_path: Path) -> None:
    """Also where AWS took the interface of an idle function away."""
    running = live(FUNCTION)["compute"]
    snapshot = small.write(tmp_path / "s", {"compute": running})
    other = [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1-db"]}]
    for number, (after, moves) in enumerate([(function(), False), (function(vpc_config=other), True)]):
        changed = small.change("aws_lambda_function.x", {**after, "memory_size": 512}, before=function(arn=FUNCTION))
        read = plan.read(small.plan(tmp_path / f"{number}.json", changed))
        accounts.place(read, {})
        found = changes.gather([read])
        left, taken = (rows.plain["compute"] for rows in (found.gone, found.come))
        with connect(snapshot) as connection:
            laid = Overlay(connection, "2026-06-01T01:00:00")
            laid.change(found.gone, found.come)
            derive(laid, {}, left=left, taken=taken)
            sql = "SELECT subnet_id, group_ids, vpc_id FROM network_interfaces WHERE arn = ?"
            made = connection.execute(sql, [FUNCTION]).fetchall()
        assert [row["arn"] for row in taken] == [FUNCTION]
        assert made == ([("subnet-1", ["sg-1-db"], "vpc-1")] if moves else [])


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


OWN = "sg-1-own"
HERE = {"account_id": small.PRODUCTION}
OUT = {**HERE, "direction": "egress", "protocol": "-1", "peer_type": "ipv4", "peer": "0.0.0.0/0"}


def group(group_id: str, name: str) -> dict[str, list[dict[str, Any]]]:
    """A group of production's VPC that lets everything out."""
    row = {**HERE, "owner_id": small.PRODUCTION, "group_id": group_id, "name": name, "vpc_id": "vpc-1"}
    return {"security_groups": [row], "security_group_rules": [{**OUT, "group_id": group_id}]}


def default_group() -> dict[str, list[dict[str, Any]]]:
    """The default group of production's VPC, which the database lets in."""
    found = group(OWN, "default")
    admitted = {**OUT, "group_id": "sg-1-db", "direction": "ingress", "peer_type": "group", "peer": OWN}
    return {**found, "security_group_rules": [*found["security_group_rules"], admitted]}


def placed(arn: str, of_service: list[str], of_interface: list[str]) -> dict[str, list[dict[str, Any]]]:
    """A live function or service that names these groups, and whose interface has those."""
    rows = {**live(arn), **default_group()}
    rows["compute"] = [{**row, "group_ids": of_service} for row in rows["compute"]]
    rows["network_interfaces"] = [{**row, "group_ids": of_interface} for row in rows["network_interfaces"]]
    return rows


def network(*groups: str) -> list[dict[str, Any]]:
    return [{"subnets": ["subnet-1"], "security_groups": [*groups]}]


def test_a_service_that_names_no_group_any_more_has_the_default_one(tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", placed(SERVICE, ["sg-1-db"], ["sg-1-db"]))
    before, after = (service(id=SERVICE, network_configuration=network(*one)) for one in (["sg-1-db"], []))
    found = gate(
        snapshot, small.plan(tmp_path / "p.json", small.change("aws_ecs_service.x", after, before=before)), SHARED
    )
    assert [(one.kind, one.finding.evidence["client_workloads"]) for one in found.judged] == [
        ("new", "newsletter, shop")
    ]


def test_the_interface_of_a_service_that_names_no_group_has_the_default_one(tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", placed(SERVICE, [], [OWN]))
    assert (SERVICE, "newsletter") in clients(snapshot)


def test_a_task_on_an_instance_works_for_its_service(tmp_path: Path) -> None:
    """Its interface is attached to the instance: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html"""
    rows = live(SERVICE)
    rows["network_interfaces"] = [{**row, "instance_id": "i-1"} for row in rows["network_interfaces"]]
    assert (SERVICE, "newsletter") in clients(small.write(tmp_path / "s", rows))


@pytest.mark.parametrize("size", [128, 512])
def test_what_is_there_since_the_snapshot_is_a_client_too(size: int, tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", group("sg-1-fn", "fn"))
    before = function(arn=FUNCTION, vpc_config=[{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1-fn"]}])
    same = small.change(
        "aws_lambda_function.x",
        {**before, "memory_size": size},
        before={**before, "memory_size": 128},
        actions=["no-op"] if size == 128 else None,
    )
    rule = {"type": "ingress", "protocol": "tcp", "from_port": 5432, "to_port": 5432}
    ends = {"security_group_id": "sg-1-db", "source_security_group_id": "sg-1-fn"}
    opened = small.change("aws_security_group_rule.x", {**rule, **ends})
    found = gate(snapshot, small.plan(tmp_path / "p.json", same, opened), SHARED)
    assert [(one.kind, one.finding.evidence["client_workloads"]) for one in found.judged] == [
        ("new", "newsletter, shop")
    ]


AWAY: dict[str, Any] = {
    "aws_lambda_function.x": [
        function(arn=FUNCTION),
        function(arn=FUNCTION, vpc_config=[{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1-db"]}]),
    ],
    "aws_ecs_service.x": [service(id=SERVICE), service(id=SERVICE, network_configuration=network("sg-1-db"))],
}


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize(("address", "arn"), [("aws_lambda_function.x", FUNCTION), ("aws_ecs_service.x", SERVICE)])
def test_an_interface_goes_with_the_last_that_works_from_it(
    address: str, arn: str, moves: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account is for the shop, what is in it for the newsletter: nobody takes an interface for that of the shop."""
    rows = live(arn)
    instance = f"arn:aws:ec2:{small.REGION}:{small.PRODUCTION}:instance/i-1"
    rows["tags"] += [
        {**HERE, "arn": one, "key": key, "value": value}
        for one in (small.DATABASE, instance)
        for key, value in NEWSLETTER.items()
    ]
    organization = small.organization()
    organization["tags"] = [row for row in organization["tags"] if row["arn"] != small.DATABASE]
    monkeypatch.setattr(small, "organization", lambda: organization)
    snapshot = small.write(tmp_path / "s", rows)
    before, after = AWAY[address]
    change = small.change(address, after if moves else None, before=before)
    found = gate(snapshot, small.plan(tmp_path / "p.json", change), SHARED)
    assert (found.judged, found.exit_code) == ((), 0)


def test_an_interface_stays_with_the_other_that_works_from_it(tmp_path: Path) -> None:
    rows = live(FUNCTION)
    other = f"{FUNCTION}-2"
    rows["compute"].append({**rows["compute"][0], "arn": other, "name": "mailer-2"})
    rows["tags"] += [{**row, "arn": other} for row in rows["tags"]]
    snapshot = small.write(tmp_path / "s", rows)
    change = small.change("aws_lambda_function.x", before=function(arn=FUNCTION))
    assert gate(snapshot, small.plan(tmp_path / "p.json", change), SHARED).judged == ()


def test_a_cluster_that_names_no_group_has_that_of_its_subnets(tmp_path: Path) -> None:
    snapshot = small.write(tmp_path / "s", default_group())
    after = {"cluster_identifier": "x", "engine": "aurora-postgresql", "db_subnet_group_name": "orders"}
    change = small.change("aws_rds_cluster.x", after, unknown={"vpc_security_group_ids": True})
    found = gate(snapshot, small.plan(tmp_path / "p.json", change), SHARED)
    assert (found.judged, found.shortfalls) == ((), ())
