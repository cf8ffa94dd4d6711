"""Expressions that a plan tells only the names of, worked out from the files they are written in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from scanner.gate import accounts, inputs, plan
from scanner.gate.documents import whole
from scanner.gate.hcl import evaluate, functions, mentions, syntax
from scanner.gate.hcl.functions import Named, Opaque
from scanner.gate.hcl.lost import Lost
from scanner.gate.plan import Plan
from scanner.gate.planned import Unread
from scanner.gate.shape import rows

HERE = Path(__file__).parent
SERVICE = HERE / "terraform" / "service"
ARN = Named("arn:aws:kms:eu-central-1:222222222222:key/aws_kms_key.data")
NAMES: dict[str, Any] = {
    "var": {"list": ["a", "b"], "map": {"y": 2, "x": 1}, "none": None, "yes": True, "name": "shop"},
    "aws_kms_key": {"data": {"arn": ARN, "unknown": Opaque("aws_kms_key.data.unknown")}},
}


class Given:
    def look_up(self, path: evaluate.Way) -> Any:
        return functions.inside(NAMES, path)


def value(text: str) -> Any:
    return evaluate.value(syntax.expression(text), evaluate.Scope(Given()))


@pytest.mark.parametrize(
    ("text", "comes_to"),
    [
        ('"x-${var.yes ? "q${var.list[0]}" : "n"}-y"', "x-qa-y"),
        ('"$${var.name} %%{if} \\"q\\""', '${var.name} %{if} "q"'),
        ("length(var.list) > 0 ? [1] : []", [1]),
        ('var.none == null ? "none" : var.name', "none"),
        ("[for one in var.list : upper(one)]", ["A", "B"]),
        ("{ for key, one in var.map : key => one if one != 1 }", {"y": 2}),
        ("[for number, one in var.list : number]", [0, 1]),
        ("var.list[*]", ["a", "b"]),
        ("values(var.map)", [1, 2]),
        ('flatten([for one in var.list : [for two in ["c"] : "${one}${two}"]])', ["ac", "bc"]),
        ('{\n  "a:b" = 1 # why\n  (var.name) = { c = "d" }\n}', {"a:b": 1, "shop": {"c": "d"}}),
        ('merge(var.map, { z = concat(var.list, ["c"]) })["z"][2]', "c"),
        ('<<-EOF\n    {"name": "${var.name}"}\n    EOF\n', '{"name": "shop"}\n'),
        ("jsonencode({ a = [for one in var.list : one], b = true })", '{"a":["a","b"],"b":true}'),
        ('"${aws_kms_key.data.arn}/*"', f"{ARN}/*"),
    ],
)
def test_what_is_certain_is_worked_out(text: str, comes_to: Any) -> None:
    assert value(text) == comes_to


@pytest.mark.parametrize(
    "text",
    [
        "1 + 2",
        "var.yes && var.yes",
        "var.none == null || var.yes ? 1 : 2",
        "!var.yes",
        'try(var.missing, "x")',
        "var.missing",
        "local.name",
        "uuid()",
        '"%{ if var.yes }a%{ endif }"',
        # Texts of ours are not looked into: the real ones will be others.
        "upper(aws_kms_key.data.arn)",
        'split(":", aws_kms_key.data.arn)[5]',
        "length(aws_kms_key.data.arn)",
        'aws_kms_key.data.arn == "arn:aws:kms:eu-central-1:222222222222:key/aws_kms_key.data"',
        'replace(aws_kms_key.data.arn, "arn:", "")',
    ],
)
def test_what_is_not_is_lost(text: str) -> None:
    with pytest.raises(Lost):
        value(text)


def test_what_a_text_refers_to() -> None:
    text = '[for s in var.list : "${aws_s3_bucket.a[s].arn}/${data.aws_region.here.name}"][each.value.at]'
    assert set(mentions.mentioned(syntax.expression(text))) == {"var.list", "aws_s3_bucket.a", "data.aws_region.here", "each.value"}  # fmt: skip


def statement(**more: Any) -> Any:
    said = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **more}
    return functions.encoded({"Version": "2012-10-17", "Statement": [said]})


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"Principal": {"AWS": ARN}}, True),
        ({"Resource": [ARN]}, True),
        ({"Condition": {"StringEquals": {"aws:SourceVpce": Named("aws_vpc_endpoint.a")}}}, True),
        ({"Condition": {"StringEquals": {Opaque("aws_eks_cluster.a.issuer:sub"): "system:serviceaccount:a:b"}}}, True),
        ({"Principal": {"AWS": Named("aws_iam_role.worker")}}, False),
        ({"Principal": {"AWS": Opaque("aws_iam_role.worker.unique_id")}}, False),
        ({"Action": Opaque("aws_x.y.action")}, False),
        ({"Resource": Opaque("aws_rds_cluster.a.secret_arn")}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": Opaque("aws_x.y.organization")}}}, False),
    ],
)
def test_a_policy_hangs_on_nothing_unknown(said: dict[str, Any], known: bool) -> None:
    assert (whole(statement(**said)) is not None) is known


def test_a_text_that_is_filled_in_tells_what_is_ours() -> None:
    text = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "*", "Resource": "*"}]}'
    assert whole(Named(text % ARN, [ARN])) is not None
    assert whole(Named(text % "aws_iam_role.x", ["aws_iam_role.x"])) is None


# ---------------------------------------------------------------------- a plan and its files


def read(folder: Path, tmp_path: Path | None = None) -> Plan:
    found = plan.read(HERE / "plans" / "service.json")
    accounts.place(found, {})
    inputs.follow([found], folder)
    return found


def shaped(found: Plan) -> tuple[list[tuple[str, dict[str, Any]]], list[Unread]]:
    unread: list[Unread] = []
    made = [row for one in found.resources for row in rows(one, "after", found.references, unread)]
    return made, unread


def policies(found: Plan, address: str, attribute: str = "policy") -> Any:
    resource = next(one for one in found.resources if one.address == address)
    from scanner.gate.values import Values

    text = Values(resource, "after", found.references, "", []).policy(attribute)
    return None if text is None else json.loads(text)["Statement"]


def test_all_of_a_plan_is_read_with_its_files() -> None:
    assert shaped(read(SERVICE))[1] == []


def test_much_less_without(tmp_path: Path) -> None:
    unread = {(one.address, one.attribute) for one in shaped(read(tmp_path))[1]}
    assert ("aws_iam_role_policy.worker", "policy") in unread
    assert ('module.network.aws_route_table_association.private["eu-central-1a"]', "subnet_id") in unread


def test_jsonencode_of_what_does_not_exist() -> None:
    first, second = policies(read(SERVICE), "aws_iam_role_policy.worker")
    assert first["Resource"] == "arn:aws:secretsmanager:eu-central-1:222222222222:secret:returns/db"
    assert second["Resource"] == ["arn:aws:s3:::shop-returns-archive/*", "arn:aws:s3:::shop-returns-reports/*"]


def test_a_template_file() -> None:
    statements = policies(read(SERVICE), "aws_kms_key.data")
    assert [one["Principal"]["AWS"] for one in statements] == [
        "arn:aws:iam::222222222222:root",
        "arn:aws:iam::222222222222:role/aws_iam_role.worker",
    ]


def test_a_document_with_a_deny_and_a_dynamic_block() -> None:
    found = read(SERVICE)
    (deny,) = policies(found, 'module.bucket["archive"].aws_s3_bucket_policy.this')
    assert deny["Resource"] == ["arn:aws:s3:::shop-returns-archive", "arn:aws:s3:::shop-returns-archive/*"]
    _, allow = policies(found, 'module.bucket["reports"].aws_s3_bucket_policy.this')
    assert allow["Principal"] == {"AWS": ["arn:aws:iam::222222222222:role/aws_iam_role.worker"]}
    assert allow["Resource"] == ["arn:aws:s3:::shop-returns-reports/*"]


def test_resources_that_repeat_others() -> None:
    joined = {row["subnet_id"]: row["route_table_id"] for table, row in shaped(read(SERVICE))[0] if table == "route_table_associations"}  # fmt: skip
    assert joined == {
        f'module.network.aws_subnet.private["eu-central-1{zone}"]': f'module.network.aws_route_table.private["eu-central-1{zone}"]'
        for zone in "ab"
    }


def test_a_group_that_scales_has_an_instance_in_each_subnet() -> None:
    made = [row for table, row in shaped(read(SERVICE))[0] if table == "instances"]
    assert {row["subnet_id"] for row in made} == {
        f'module.network.aws_subnet.private["eu-central-1{one}"]' for one in "ab"
    }
    assert all(row["group_ids"] == ["aws_security_group.worker"] for row in made)
    assert {row["instance_profile_arn"] for row in made} == {
        "arn:aws:iam::222222222222:instance-profile/aws_iam_instance_profile.worker"
    }


def test_files_that_say_something_else_are_not_believed(tmp_path: Path) -> None:
    other = tmp_path / "service"
    shutil.copytree(SERVICE, other)
    main = other / "main.tf"
    main.write_text(main.read_text().replace("aws_secretsmanager_secret.db.arn", "aws_kms_key.data.arn"))
    assert policies(read(other), "aws_iam_role_policy.worker") is None
    main.write_text("this is no HCL {")
    assert policies(read(other), "aws_iam_role_policy.worker") is None


def test_what_goes_in_circles_is_lost(tmp_path: Path) -> None:
    text = 'resource "aws_sqs_queue" "a" {\n  name = "a"\n  kms_master_key_id = local.a\n}\n'
    (tmp_path / "main.tf").write_text(text + "locals {\n  a = local.b\n  b = local.a\n}\n")
    (found,) = inputs.read(tmp_path)
    inputs.follow([found], None)
    assert found.references is not None
    with pytest.raises(Lost):
        found.references.written(found.resources[0], ("kms_master_key_id",))
