"""Files beside a plan that are others, that say what is not what it seems, or that nobody should read."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from scanner.gate import accounts, inputs, plan
from scanner.gate.documents import document
from scanner.gate.hcl import functions
from scanner.gate.hcl.functions import Named, Opaque, Unordered
from scanner.gate.hcl.lost import Lost
from scanner.gate.plan import Plan
from tests.gate import small
from tests.gate.test_hcl import ARN, SERVICE, policies, read, value

WORKER = "aws_iam_role_policy.worker"
BUCKET = 'module.bucket["reports"].aws_s3_bucket_policy.this'


@pytest.mark.parametrize(
    ("text", "comes_to"),
    [
        ("1.0", 1),
        ('"x${1234567.5}"', "x1234567.5"),
        ("1 == 1.0", True),
        ('jsonencode({ b = 1.0, a = ["<&>", "é", null] })', '{"a":["\\u003c\\u0026\\u003e","é",null],"b":1}'),
        ('jsonencode({}) == "{}"', True),
        ("<<EOF\n\\${var.name}\nEOF\n", "\\shop\n"),
        ("<<-EOF\n\ta\n\t  b\n\tEOF\n", "a\n  b\n"),
        ('[for key, one in toset(["b", "a"]) : "${key}${one}"]', ["aa", "bb"]),
        ('tolist(toset(["b", "a", "b"]))[0]', "a"),
        ('var.yes ? 1 : "a"', "1"),
        ('var.name == "shop" ? true : "a"', "true"),
        ("var.yes ? var.yes ? 1 : 2 : 3", 1),
    ],
)
def test_as_terraform_has_it(text: str, comes_to: Any) -> None:
    found = value(text)
    assert (type(found) is bool, found) == (type(comes_to) is bool, comes_to)


UNKNOWN = "aws_kms_key.data.unknown"


@pytest.mark.parametrize(
    "text",
    [
        # What is not known may be a list: its letters are no elements, and it has no length.
        f'concat({UNKNOWN}, ["a"])',
        f"tolist({UNKNOWN})",
        f"toset({UNKNOWN})",
        f'join(",", {UNKNOWN})',
        f"distinct({UNKNOWN})",
        f"one({UNKNOWN})",
        f"{UNKNOWN}[*]",
        f"length(compact([{UNKNOWN}]))",
        f"length(flatten([{UNKNOWN}]))",
        f"length(distinct([{UNKNOWN}, aws_kms_key.data.arn]))",
        f"merge({UNKNOWN}, {{}})",
        f'replace("arn:PLACE/*", "PLACE", {UNKNOWN})',
        f"keys({{ ({UNKNOWN}) = 1, a = 2 }})",
        f'toset([{UNKNOWN}, "a"])[0]',
        '[for one in toset([aws_kms_key.data.arn, "a"]) : one][0]',
        "sort([10, 9])",
        "contains([1], true)",
        'contains(["1"], 1)',
        'upper("ß")',
        'length("é")',
        'toset(["b", "a"])[0]',
        '[{ a = ["x", "y"] }, { a = ["z"] }].*.a[0]',
        'templatefile("pyproject.toml", {})',
    ],
)
def test_lost_rather_than_wrong(text: str) -> None:
    with pytest.raises(Lost):
        value(text)


def test_what_stands_between_is_not_known_either() -> None:
    assert isinstance(value(f'join({UNKNOWN}, ["a", "b"])'), Opaque)
    assert isinstance(value('join(aws_kms_key.data.arn, ["a", "b"])'), Named)


def test_a_set_of_what_is_ours_is_all_there() -> None:
    found = value('[for one in toset([aws_kms_key.data.arn, "a"]) : "${one}/*"]')
    assert (isinstance(found, Unordered), found) == (True, [f"{ARN}/*", "a/*"])


@pytest.mark.parametrize(
    "text",
    [
        "[for a in L : [for b in L : [for c in L : a]]]".replace("L", str(list(range(100)))),
        "[for a in ['x'] : ".replace("'", '"')
        + "".join('[for a in ["${a}${a}"] : ' for _ in range(40))
        + "a"
        + "]" * 41,
        "(" * 3000 + "1" + ")" * 3000,
    ],
    ids=["rounds", "doubled", "brackets"],
)
def test_what_would_take_for_ever_is_lost(text: str) -> None:
    began = time.process_time()
    with pytest.raises((Lost, RecursionError)):
        value(text)
    assert time.process_time() - began < 20


# ---------------------------------------------------------------------- a plan and its files


@pytest.fixture
def service(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SERVICE, tmp_path / "service"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_same_files_are_believed(service: Path) -> None:
    assert policies(read(service), WORKER) is not None
    assert policies(read(service), BUCKET) is not None


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("main.tf", 'readers  = each.key == "reports" ? [aws_iam_role.worker.arn] : []', "readers = [aws_kms_key.data.arn]"),
        ("main.tf", 'cidr   = "10.45.0.0/16"', 'cidr   = "10.46.0.0/16"'),
        ("main.tf", './modules/bucket"', './modules/network"'),
        ("modules/bucket/main.tf", "bucket = var.name", 'bucket = "x"'),
        ("modules/bucket/main.tf", 'output "arn"', 'output "other"'),
        ("modules/bucket/main.tf", 'variable "name" { type = string }', 'variable "name" { type = string }\nvariable "more" {}'),
        ("modules/bucket/main.tf", "aws_s3_bucket.this.arn }", "aws_s3_bucket_policy.this.bucket }"),
    ],
)  # fmt: skip
def test_files_of_another_revision_are_not(file: str, old: str, new: str, service: Path) -> None:
    change(service / file, old, new)
    found = read(service)
    assert (policies(found, BUCKET) and policies(found, WORKER)) is None


@pytest.mark.parametrize(
    "name", ["override.tf", "more_override.tf", "override.tf.json", "x_override.tf.json", "x.tf.json", "main.tofu"]
)
def test_files_that_override_others_are_not_passed_over(name: str, service: Path) -> None:
    (service / name).write_text("{}" if name.endswith("json") else 'locals {\n  name = "other"\n}\n')
    assert policies(read(service), WORKER) is None


def test_hidden_files_are_passed_over_as_terraform_does(service: Path) -> None:
    (service / ".main.tf").write_text('locals {\n  name = "other"\n}\n')
    assert policies(read(service), WORKER) is not None


@pytest.mark.parametrize("where", ["key.json.tftpl", "/dev/zero", "${path.module}/pipe"])
def test_only_files_of_the_module_are_filled_in(where: str, service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(service)
    os.mkfifo(service / "pipe")
    change(service / "main.tf", '"${path.module}/key.json.tftpl"', f'"{where}"')
    assert policies(read(service), "aws_kms_key.data") is None


@pytest.mark.parametrize(("runs_above", "read_it"), [(True, True), (False, False)])
def test_files_of_elsewhere_are_not_read(
    runs_above: bool, read_it: bool, service: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the module they are where the gate runs above both."""
    monkeypatch.chdir(service.parent if runs_above else service)
    (service.parent / "key.json.tftpl").write_text((service / "key.json.tftpl").read_text())
    change(service / "main.tf", '"${path.module}/key.json.tftpl"', '"${path.module}/../key.json.tftpl"')
    assert (policies(read(service), "aws_kms_key.data") is not None) is read_it


def beside(
    folder: Path, text: str, after: dict[str, Any], unknown: dict[str, Any], blocks: dict[str, Any], **more: Any
) -> Plan:
    """A plan with the document `data.aws_iam_policy_document.x`, a queue and a topic that are new, and its files."""
    document = {
        "mode": "data",
        "type": "aws_iam_policy_document",
        "name": "x",
        "address": "data.aws_iam_policy_document.x",
    }
    made = {"change": {**document, "change": {"actions": ["read"], "before": None, "after": after, "after_unknown": unknown}},
            "block": {**document, "provider_config_key": "aws.production", "expressions": blocks}}  # fmt: skip
    new = [small.change(f"aws_sqs_queue.{one}", {"name": one}, unknown={"arn": True, "id": True}) for one in "ab"]
    path = small.plan(folder / "plan.json", made, *new, **more)
    queues = "".join(f'resource "aws_sqs_queue" "{one}" {{\n  name = "{one}"\n}}\n' for one in "ab")
    (folder / "main.tf").write_text(f'{queues}data "aws_iam_policy_document" "x" {{\n{text}\n}}\n')
    found = plan.read(path)
    accounts.place(found, {})
    inputs.follow([found], folder)
    return found


def written(found: Plan) -> Any:
    text = document(next(one for one in found.data if one.is_data), found.references)
    return None if text is None else json.loads(text)["Statement"]


def test_blocks_of_a_set_are_in_another_order_in_the_plan(tmp_path: Path) -> None:
    text = """  statement {
    actions   = ["sqs:*"]
    resources = ["*"]
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:sqs:eu-central-1:999999999999:known"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [aws_sqs_queue.a.arn, aws_sqs_queue.b.arn]
    }
  }"""
    known = {
        "test": "ArnEquals",
        "variable": "aws:SourceArn",
        "values": ["arn:aws:sqs:eu-central-1:999999999999:known"],
    }
    asked = {"test": "ArnLike", "variable": "aws:SourceArn", "values": [None, None]}
    statement = {"actions": ["sqs:*"], "resources": ["*"], "effect": "Allow", "condition": [asked, known]}
    unknown = {"statement": [{"condition": [{"values": [True, True]}, {"values": [False]}]}], "json": True}
    blocks = {"statement": [{"condition": [
        {"values": {"constant_value": known["values"]}},
        {"values": {"references": ["aws_sqs_queue.a.arn", "aws_sqs_queue.a", "aws_sqs_queue.b.arn", "aws_sqs_queue.b"]}},
    ]}]}  # fmt: skip
    (said,) = written(beside(tmp_path, text, {"statement": [statement]}, unknown, blocks))
    assert said["Condition"]["ArnEquals"] == {"aws:SourceArn": known["values"]}
    assert [one.rpartition(":")[2] for one in said["Condition"]["ArnLike"]["aws:SourceArn"]] == ["a", "b"]


TYPED = [
    ("string", 1, "1"),
    ("set(string)", ["b", "a", "b"], ["a", "b"]),
    ("map(string)", {"a": 1}, {"a": "1"}),
    ("list(object({ a = string, b = optional(number, 2) }))", [{"a": 1, "c": 3}], [{"a": "1", "b": 2}]),
    ("any", 1, 1),
    ("tuple([string])", ["a"], None),
]


@pytest.mark.parametrize(("kind", "given", "comes_to"), TYPED)
def test_variables_are_of_their_type(kind: str, given: Any, comes_to: Any) -> None:
    from scanner.gate.hcl import syntax
    from scanner.gate.hcl.types import converted

    if comes_to is None:
        with pytest.raises(Lost):
            converted(given, syntax.expression(kind))
    else:
        assert functions.encoded(converted(given, syntax.expression(kind))) == functions.encoded(comes_to)


@pytest.mark.parametrize(
    ("said", "comes_to"),
    [
        ("arn:aws:sqs:eu-central-1:222222222222:${aws_sqs_queue.a.name}", "arn:aws:sqs:eu-central-1:222222222222:aws_sqs_queue.a"),
        ("${aws_sqs_queue.a.arn}", "arn:aws:sqs:eu-central-1:222222222222:aws_sqs_queue.a"),
        # A queue of such a name goes by another one here.
        ("arn:aws:sqs:eu-central-1:222222222222:${aws_sqs_queue.a.name}-dead", None),
        ("arn:aws:sqs:eu-central-1:222222222222:x-${random_pet.a.id}", None),
        ("arn:aws:sqs:eu-central-1:222222222222:${random_pet.a.id}", None),
    ],
)  # fmt: skip
def test_names_are_those_that_resources_go_by_here(said: str, comes_to: str | None, tmp_path: Path) -> None:
    pet = small.change("random_pet.a", {}, unknown={"id": True})
    queue = small.change("aws_sqs_queue.a", {}, unknown={"name": True, "id": True, "arn": True}, refs={"name": ["random_pet.a.id", "random_pet.a"]})  # fmt: skip
    head = said.partition("${")[2].rpartition("}")[0]
    policy = small.change("aws_sns_topic.t", {"name": "t"}, unknown={"policy": True}, refs={"policy": [head, head.rpartition(".")[0]]})  # fmt: skip
    path = small.plan(tmp_path / "plan.json", pet, queue, policy)
    text = """resource "random_pet" "a" {}
resource "aws_sqs_queue" "a" {
  name = "x-${random_pet.a.id}"
}
resource "aws_sns_topic" "t" {
  name   = "t"
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = "SAID" }] })
}
"""
    (tmp_path / "main.tf").write_text(text.replace("SAID", said))
    found = plan.read(path)
    accounts.place(found, {})
    inputs.follow([found], tmp_path)
    statements = policies(found, "aws_sns_topic.t")
    assert (statements and statements[0]["Resource"]) == comes_to


def names_of(folder: Path, text: str, kept: list[dict[str, Any]], said: str) -> Any:
    """What the attribute `policy` of a new topic comes to beside instances of a resource."""
    references = {"policy": {"references": ["aws_sqs_queue.q", "var.on"]}}
    topic = small.change("aws_sns_topic.t", {"name": "t"}, unknown={"policy": True}, refs=references)
    block = small.change("aws_sqs_queue.q", {"name": "q"})["block"]
    path = small.plan(folder / "plan.json", topic, variables={"on": {"value": ["x"]}})
    document = json.loads(path.read_text())
    document["resource_changes"] += kept
    document["configuration"]["root_module"] |= {"resources": [topic["block"], block], "variables": {"on": {}}}
    path.write_text(json.dumps(document))
    (folder / "main.tf").write_text(
        f'variable "on" {{\n  type = set(string)\n}}\nresource "aws_sqs_queue" "q" {{\n  name = "q"\n{text}\n}}\n'
        f'resource "aws_sns_topic" "t" {{\n  name = "t"\n  policy = {said}\n}}\n'
    )
    found = plan.read(path)
    accounts.place(found, {})
    inputs.follow([found], folder)
    assert found.references is not None
    return found.references.written(next(one for one in found.resources if one.name == "t"), ("policy",))


def instance(index: Any) -> dict[str, Any]:
    made = small.change("aws_sqs_queue.q", {"name": "q"}, unknown={"arn": True, "id": True})["change"]
    return {**made, "address": f"aws_sqs_queue.q[{json.dumps(index)}]", "index": index}


def test_an_instance_is_the_one_of_its_number(tmp_path: Path) -> None:
    said = '"${aws_sqs_queue.q[1].name}${join("", var.on)}"'
    assert names_of(tmp_path, "  count = 2", [instance(0), instance(1)], said) == "qx"
    with pytest.raises(Lost):  # the first one is not in this plan
        names_of(tmp_path, "  count = 2", [instance(1)], said.replace("[1]", "[0]"))


def test_a_set_of_a_variable_has_itself_as_keys(tmp_path: Path) -> None:
    said = 'join("", [for key, one in var.on : "${key}${aws_sqs_queue.q["a"].name}"])'
    assert names_of(tmp_path, "  for_each = var.on", [instance("a")], said) == "xq"


@pytest.mark.parametrize(("said", "comes_to"), [("${aws_sqs_queue.a.arn}", 1), ("${aws_sqs_queue.a.arn}-dead", None)])
def test_a_part_of_a_name_is_no_pattern(said: str, comes_to: int | None, tmp_path: Path) -> None:
    text = f"""  statement {{
    actions   = ["sqs:*"]
    resources = ["{said}"]
  }}"""
    statement = {"actions": ["sqs:*"], "resources": [None], "effect": "Allow"}
    unknown = {"statement": [{"resources": [True]}], "json": True}
    blocks = {"statement": [{"actions": {"constant_value": ["sqs:*"]}, "resources": {"references": ["aws_sqs_queue.a.arn", "aws_sqs_queue.a"]}}]}  # fmt: skip
    found = written(beside(tmp_path, text, {"statement": [statement]}, unknown, blocks))
    assert (found and len(found)) == comes_to


@pytest.mark.parametrize(("said", "known"), [("${aws_sqs_queue.a.arn}", True), ("${aws_sqs_queue.a.arn}-dead", False)])
def test_a_part_of_a_name_is_nobody(said: str, known: bool, tmp_path: Path) -> None:
    from scanner.gate.planned import Unread
    from scanner.gate.values import Values

    queue = small.change("aws_sqs_queue.a", {"name": "a"}, unknown={"arn": True, "id": True})
    named = {"topic_arn": ["aws_sqs_queue.a.arn", "aws_sqs_queue.a"]}
    other = small.change("aws_sns_topic_policy.t", {}, unknown={"topic_arn": True}, refs=named)
    path = small.plan(tmp_path / "plan.json", queue, other)
    text = f'resource "aws_sqs_queue" "a" {{\n  name = "a"\n}}\nresource "aws_sns_topic_policy" "t" {{\n  topic_arn = "{said}"\n}}\n'
    (tmp_path / "main.tf").write_text(text)
    found = plan.read(path)
    accounts.place(found, {})
    inputs.follow([found], tmp_path)
    unread: list[Unread] = []
    resource = next(one for one in found.resources if one.name == "t")
    assert (Values(resource, "after", found.references, "", unread).ref("topic_arn") is not None, not unread) == (
        known,
        known,
    )


def test_long_texts_are_cut_in_no_time() -> None:
    from scanner.gate.hcl import syntax

    began = time.process_time()
    assert syntax.template("a" * 1_500_000 + "${b}", quoted=False)[1] == ("b",)
    assert time.process_time() - began < 1
