"""Functions, container services, clusters and load balancers: where they are and what they are called."""

from __future__ import annotations

from typing import Any

from scanner.collect import ecs, eks, lambda_functions, load_balancers
from tests.collect.answers import ecs as ecs_answers
from tests.collect.answers import eks as eks_answers
from tests.collect.answers import lambda_functions as lambda_answers
from tests.collect.answers import load_balancers as balancer_answers
from tests.collect.fake import read


def compute(module: Any, answers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for table, row in read(module, answers) if table == "compute"}


def test_a_function_knows_its_network_and_role_and_nothing_of_its_environment() -> None:
    found = compute(lambda_functions, lambda_answers.ANSWERS)
    assert (found["orders"]["vpc_id"], found["orders"]["subnet_ids"]) == ("vpc-1", ["subnet-1"])
    assert found["orders"]["role_arn"] == "arn:aws:iam::111122223333:role/orders"
    assert found["left"]["vpc_id"] is None
    assert found["bare"]["subnet_ids"] == []
    assert "hunter2" not in repr(found)


def test_a_service_has_the_subnets_of_its_network_and_its_tags() -> None:
    found = compute(ecs, ecs_answers.ANSWERS)
    assert found["orders"]["subnet_ids"] == ["subnet-1", "subnet-2"]
    assert found["bare"]["subnet_ids"] == []
    tags = [row for table, row in read(ecs, ecs_answers.ANSWERS) if table == "tags"]
    assert [(tag["key"], tag["value"]) for tag in tags] == [("environment", "production")]


def test_more_services_than_one_request_may_name_are_asked_for_in_turns() -> None:
    arns = [f"arn:aws:ecs:eu-west-1:111122223333:service/shop/{n}" for n in range(23)]
    answers = {
        "ecs.list_clusters": {"clusterArns": ["arn:aws:ecs:eu-west-1:111122223333:cluster/shop"]},
        "ecs.list_services": {"serviceArns": arns},
        "ecs.describe_services": [
            (
                {"services": some},
                {"services": [{"serviceArn": arn, "serviceName": arn.rpartition("/")[2]} for arn in some]},
            )
            for some in (arns[:10], arns[10:20], arns[20:])
        ],
    }
    assert list(compute(ecs, answers)) == [str(n) for n in range(23)]


def test_a_cluster_that_could_not_be_described_is_there_without_its_place() -> None:
    refused = "eks.describe_cluster"
    found = {row["name"]: row for table, row in read(eks, eks_answers.ANSWERS, refused) if table == "compute"}
    assert found["shop"]["arn"] == "arn:aws:eks:eu-west-1:111122223333:cluster/shop"
    assert found["shop"]["vpc_id"] is None
    assert found["shop"]["subnet_ids"] is None
    assert compute(eks, eks_answers.ANSWERS)["shop"]["group_ids"] == ["sg-1", "sg-2"]


def test_load_balancers_of_all_generations_say_whether_they_face_the_internet() -> None:
    found = compute(load_balancers, balancer_answers.ANSWERS)
    assert {name: row["is_public"] for name, row in found.items()} == {
        "shop": True,
        "inspection": False,
        "old": False,
        "classic": False,
    }
    assert found["old"]["arn"] == "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/old"
    assert found["shop"]["subnet_ids"] == ["subnet-1", "subnet-2"]
