"""What something else starts, what joins what is there, and what backs itself up: read as it will be, or told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import policy
from scanner.gate import accounts, changes, plan
from scanner.gate.derive import _usual
from scanner.gate.shape import PATCH, rows
from scanner.gated import Gated
from scanner.policy import parse
from tests.gate import small
from tests.gate.small import gate

SHARED = "database_integration/many_workloads_one_database"
OUTSIDERS = "blast_radius/resource_open_to_outsiders"
ESCALATE = "least_privilege/can_escalate"
NOT_BACKED_UP = "backup_isolation/not_backed_up"
STARTED = ("ec2.describe_instances", "ec2.describe_network_interfaces")
GROUP = {
    "name": "mailer", "max_size": 2, "vpc_zone_identifier": ["subnet-1"], "launch_template": [{"version": "1"}],
    "tag": [{"key": "product", "value": "newsletter", "propagate_at_launch": True}],
}  # fmt: skip
NAMED = {"launch_template": {"id": {"references": ["aws_launch_template.mailer.id", "aws_launch_template.mailer"]}}}
TEMPLATE = small.change("aws_launch_template.mailer", {"name": "mailer", "vpc_security_group_ids": ["sg-1-app"]})
KNOWN = {"owner": "shop", "product": "shop", "environment": "production"}


def outcomes(found: Gated) -> set[tuple[str, str, str]]:
    return {(one.kind, one.finding.rule_id, one.finding.subject.id) for one in found.judged}


def shaped(path: Path) -> tuple[list[tuple[str, dict[str, Any]]], list[tuple[str, str, bool]]]:
    found = plan.read(path)
    accounts.place(found, {})
    gathered = changes.gather([found], {})
    made = [row for one in found.resources for row in rows(one, "after", found.references, [])]
    return made, [(one.attribute, one.call, one.whole) for one in gathered.unread]


def scaling(**more: Any) -> dict[str, Any]:
    unknown = {"launch_template": [{"id": True}]}
    return small.change("aws_autoscaling_group.mailer", {**GROUP, **more}, unknown=unknown, refs=NAMED)


def test_instances_of_a_group_that_scales_are_clients(snapshot: Path, tmp_path: Path) -> None:
    found = gate(snapshot, small.plan(tmp_path / "p.json", TEMPLATE, scaling()), SHARED)
    assert [(kind, rule) for kind, rule, _ in outcomes(found)] == [("new", SHARED)]


def test_one_that_may_start_nothing_is_no_client(snapshot: Path, tmp_path: Path) -> None:
    found = gate(snapshot, small.plan(tmp_path / "p.json", TEMPLATE, scaling(max_size=0)), SHARED)
    assert outcomes(found) == set()


def test_a_template_from_elsewhere_says_nothing_of_its_groups(snapshot: Path, tmp_path: Path) -> None:
    block = {**GROUP, "launch_template": [{"id": "lt-1", "version": "1"}]}
    path = small.plan(tmp_path / "p.json", small.change("aws_autoscaling_group.mailer", block))
    assert shaped(path)[1] == [("launch_template", call, True) for call in STARTED]
    assert gate(snapshot, path, SHARED).exit_code == 3


OTHER = {"launch_template": [{"launch_template_specification": [{"launch_template_name": "mailer"}], "override": [{"launch_template_specification": [{"launch_template_id": "lt-2"}]}]}]}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"vpc_zone_identifier": None, "availability_zones": ["eu-central-1a"]}, "vpc_zone_identifier"),
        ({"launch_template": [], "mixed_instances_policy": [OTHER]}, "mixed_instances_policy"),
    ],
)
def test_instances_that_the_template_does_not_place_are_told(more: Any, told: str, tmp_path: Path) -> None:
    group = small.change("aws_autoscaling_group.mailer", {**GROUP, **more}, refs=NAMED)
    assert shaped(small.plan(tmp_path / "p.json", TEMPLATE, group))[1] == [(told, call, True) for call in STARTED]


def test_all_interfaces_of_a_template_count(tmp_path: Path) -> None:
    interfaces = [{"security_groups": ["sg-1-db"]}, {"security_groups": ["sg-1-app"]}]
    template = small.change("aws_launch_template.mailer", {"name": "mailer", "network_interfaces": interfaces})
    made, _ = shaped(small.plan(tmp_path / "p.json", template, scaling()))
    assert [row["group_ids"] for table, row in made if table == "instances"] == [["sg-1-db", "sg-1-app"]]


@pytest.mark.parametrize(
    ("address", "before", "after", "told"),
    [
        ("aws_launch_template.x", {"vpc_security_group_ids": ["a"]}, {"vpc_security_group_ids": ["b"]}, "vpc_security_group_ids"),
        ("aws_launch_template.x", {"image_id": "a"}, {"image_id": "b"}, None),
        ("aws_launch_template.x", None, {"vpc_security_group_ids": ["b"]}, None),
        ("aws_autoscaling_group.x", {"vpc_zone_identifier": ["a"]}, {"vpc_zone_identifier": ["b"]}, "vpc_zone_identifier"),
        ("aws_autoscaling_group.x", {"max_size": 1}, {"max_size": 2}, None),
        ("aws_autoscaling_group.x", {"vpc_zone_identifier": ["a"]}, None, None),
        ("aws_eks_node_group.x", {"subnet_ids": ["a"]}, {"subnet_ids": ["b"]}, "subnet_ids"),
        ("aws_eks_node_group.x", None, {"cluster_name": "main", "subnet_ids": ["a"]}, "cluster_name"),
    ],
)  # fmt: skip
def test_what_runs_already_is_told(address: str, before: Any, after: Any, told: str | None, tmp_path: Path) -> None:
    path = small.plan(tmp_path / "p.json", small.change(address, after, before=before))
    assert shaped(path)[1] == ([(told, call, True) for call in STARTED] if told else [])


def test_nodes_are_in_the_group_that_comes_with_a_new_cluster(tmp_path: Path) -> None:
    subnet = small.change("aws_subnet.a", {"vpc_id": "vpc-1", "cidr_block": "10.1.9.0/24"})
    names = {"references": ["aws_subnet.a.id", "aws_subnet.a"]}
    cluster = small.change(
        "aws_eks_cluster.main", {"name": "main", "vpc_config": [{}]},
        unknown={"vpc_config": [{"subnet_ids": True}]}, refs={"vpc_config": {"subnet_ids": names}},
    )  # fmt: skip
    nodes = small.change(
        "aws_eks_node_group.a", {"cluster_name": "main", "node_role_arn": "arn:aws:iam::222222222222:role/node"},
        unknown={"subnet_ids": True},
        refs={"subnet_ids": names, "cluster_name": ["aws_eks_cluster.main.name", "aws_eks_cluster.main"]},
    )  # fmt: skip
    made, unread = shaped(small.plan(tmp_path / "p.json", subnet, cluster, nodes))
    (group,) = [row for table, row in made if table == "security_groups"]
    (node,) = [row for table, row in made if table == "instances"]
    assert unread == []
    assert (group["vpc_id"], node["group_ids"], node["subnet_id"]) == ("vpc-1", [group["group_id"]], "aws_subnet.a")
    assert [row["role_arn"] for table, row in made if table == "instance_profiles"] == [
        "arn:aws:iam::222222222222:role/node"
    ]


@pytest.mark.parametrize(("how", "expected"), [("NONE", "new"), ("AWS_IAM", None)])
def test_an_address_without_signature_lets_everybody_in(
    how: str, expected: str | None, snapshot: Path, tmp_path: Path
) -> None:
    function = small.change("aws_lambda_function.hook", {"function_name": "hook", "tags_all": KNOWN})
    address = small.change("aws_lambda_function_url.hook", {"function_name": "hook", "authorization_type": how})
    found = gate(snapshot, small.plan(tmp_path / "p.json", function, address), OUTSIDERS)
    assert {kind for kind, _, _ in outcomes(found)} == ({expected} if expected else set())


def test_all_accounts_that_an_image_is_lent_to_count(tmp_path: Path) -> None:
    image = {"account_id": small.PRODUCTION, "arn": f"arn:aws:ec2:{small.REGION}::image/ami-1", "shared_with": []}
    taken = small.write(tmp_path / "s", {"images": [image]})
    lent = [
        small.change(f"aws_ami_launch_permission.{name}", {"image_id": "ami-1", "account_id": account})
        for name, account in (("a", "999999999999"), ("b", small.BACKUP))
    ]
    from scanner.gate.overlay import Overlay
    from scanner.snapshot.read import connect

    found = plan.read(small.plan(tmp_path / "p.json", *lent))
    accounts.place(found, {})
    with connect(taken) as connection:
        change = changes.gather([found], {})
        Overlay(connection, "2026-06-01T00:00:00").change(change.gone, change.come)
        assert connection.execute("SELECT shared_with FROM images").fetchall() == [([small.BACKUP, "999999999999"],)]


@pytest.mark.parametrize("known", [True, False])
def test_usual_policies_of_aws_are_known(known: bool, snapshot: Path, tmp_path: Path) -> None:
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    role = small.change("aws_iam_role.node", {"name": "node", "assume_role_policy": json.dumps(trust)})
    arn = f"arn:aws:iam::aws:policy/{'AmazonSSMManagedInstanceCore' if known else 'SomethingOfTomorrow'}"
    attached = small.change("aws_iam_role_policy_attachment.node", {"role": "node", "policy_arn": arn})
    found = gate(snapshot, small.plan(tmp_path / "p.json", role, attached), ESCALATE)
    assert {kind for kind, _, _ in outcomes(found)} == (set() if known else {"unread"})


def test_what_the_snapshot_has_of_a_policy_of_aws_goes_first(tmp_path: Path) -> None:
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    rows: dict[str, list[dict[str, Any]]] = {}
    newer = {"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
    rows["managed_policies"] = [{"account_id": small.TEST, "region": "global", "arn": arn, "aws_managed": True}]
    for table, row in policy.rows(arn, "managed", "AmazonSSMManagedInstanceCore", newer):
        rows.setdefault(table, []).append({"account_id": small.TEST, "region": "global", **row})
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    role = small.change("aws_iam_role.node", {"name": "node", "assume_role_policy": json.dumps(trust)})
    attached = small.change("aws_iam_role_policy_attachment.node", {"role": "node", "policy_arn": arn})
    path = small.plan(tmp_path / "p.json", role, attached)
    assert {one[0] for one in outcomes(gate(small.write(tmp_path / "s", rows), path, ESCALATE))} == {"new"}


def test_usual_policies_of_aws_are_documents() -> None:
    assert all(arn.startswith("arn:aws:iam::aws:policy/") for arn in _usual())
    assert all(parse(json.dumps(one["document"])) is not None for one in _usual().values())


@pytest.mark.parametrize(("limit", "expected"), [(7, set()), (0, {("new", NOT_BACKED_UP)})])
def test_a_file_system_and_a_cache_that_back_themselves_up(
    limit: int, expected: set[tuple[str, str]], snapshot: Path, tmp_path: Path
) -> None:
    files = small.change("aws_efs_file_system.files", {"tags_all": KNOWN})
    target = {"file_system_id": ["aws_efs_file_system.files.id", "aws_efs_file_system.files"]}
    status = "ENABLED" if limit else "DISABLED"
    policy = small.change(
        "aws_efs_backup_policy.files", {"backup_policy": [{"status": status}]},
        unknown={"file_system_id": True}, refs=target,
    )  # fmt: skip
    found = gate(snapshot, small.plan(tmp_path / "p.json", files, policy), NOT_BACKED_UP)
    assert {(kind, rule) for kind, rule, _ in outcomes(found)} == expected
    cache = {
        "replication_group_id": "c",
        "engine": "redis",
        "snapshot_retention_limit": limit,
        "security_group_ids": ["sg-1-db"],
    }
    found = gate(
        snapshot,
        small.plan(
            tmp_path / "c.json", small.change("aws_elasticache_replication_group.c", {**cache, "tags_all": KNOWN})
        ),
        NOT_BACKED_UP,
    )
    assert ("new", NOT_BACKED_UP) not in {(kind, rule) for kind, rule, _ in outcomes(found)}


def test_what_joins_an_endpoint_and_takes_a_volume(tmp_path: Path) -> None:
    joined = [
        small.change("aws_vpc_endpoint_route_table_association.a", {"vpc_endpoint_id": "vpce-1", "route_table_id": "rtb-1"}),
        small.change("aws_vpc_endpoint_subnet_association.a", {"vpc_endpoint_id": "vpce-1", "subnet_id": "subnet-1"}),
        small.change("aws_volume_attachment.a", None, before={"volume_id": "vol-1", "instance_id": "i-1"}),
    ]  # fmt: skip
    found = plan.read(small.plan(tmp_path / "p.json", *joined))
    accounts.place(found, {})
    change = changes.gather([found], {})
    patches = {table: [row for _, row in rows] for table, rows in change.come.patches.items()}
    assert [row["endpoint_id"] for row in patches["vpc_endpoints"]] == ["vpce-1", "vpce-1"]
    assert {**patches["volumes"][0], "account_id": None, "region": None} == {
        "volume_id": "vol-1", "state": "available", "instance_id": None, "account_id": None, "region": None,
    }  # fmt: skip
    assert PATCH and change.unread == []


def test_what_the_provider_fills_in_is_not_what_somebody_chose(snapshot: Path, tmp_path: Path) -> None:
    """Terraform marks every attribute that AWS may fill in as known after apply, also where nobody sets it."""
    tags = {"product": "newsletter", "environment": "production", "owner": "mail"}
    computed = {"network_interface": True, "security_groups": True, "private_ip": True, "public_ip": True}
    instance = {"subnet_id": "subnet-1", "vpc_security_group_ids": ["sg-1-app"], "tags_all": tags}
    path = small.plan(tmp_path / "p.json", small.change("aws_instance.mailer", instance, unknown=computed))
    assert [(kind, rule) for kind, rule, _ in outcomes(gate(snapshot, path, SHARED))] == [("new", SHARED)]
    cache = {"cluster_id": "c", "engine": "memcached", "security_group_ids": ["sg-1-db"]}
    path = small.plan(
        tmp_path / "c.json", small.change("aws_elasticache_cluster.c", cache, unknown={"replication_group_id": True})
    )
    assert [row["name"] for table, row in shaped(path)[0] if table == "databases"] == ["c"]
