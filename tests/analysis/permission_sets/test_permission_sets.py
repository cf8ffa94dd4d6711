"""What permission sets may change: document by document, and over everything that is attached."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.permission_sets.actions import HERE, changing, grants, matching, union
from scanner.analysis.permission_sets.judge import Access, Attached, judge

ACCOUNT, OTHER = HERE, "222222222222"
CONDITIONS = {
    "mfa": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    "account": {"StringEquals": {"aws:ResourceAccount": OTHER}},
}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


EVERYTHING, READING = text(allow("*")), text(allow(["s3:Get*", "s3:List*", "ec2:Describe*", "logs:StartQuery"]))


def writes(*texts: str | None, boundary: Attached | None = None, read: bool = True) -> bool | None:
    held = tuple(Attached(f"p{number}", one) for number, one in enumerate(texts))
    return judge(held, boundary, read).writes


def limited_to(document: str | None) -> Attached:
    return Attached("permissions boundary", document)


def test_the_catalogue_of_actions_tells_reads_from_the_rest() -> None:
    assert "s3:putobject" in changing()["s3"]
    assert "sts:assumerole" in changing()["sts"]
    assert not {"s3:getobject", "s3:listbucket"} & changing()["s3"].keys()
    assert "logs:startquery" not in changing()["logs"], "a read that is not called one"
    assert not matching("glue:get*"), "listed as permissions management, and yet a read"
    assert matching("*").bit_count() > 5000
    assert matching("s3:*") == union(changing()["s3"].values()) == matching("s3:*") & matching("*")


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        (allow("*"), True),
        (allow("s3:*"), True),
        (allow("s3:Put*"), True),
        (allow("S3:PUTOBJECT"), True),
        (allow(["s3:Get*", "ec2:Describe*"]), False),
        (allow(["logs:StartQuery", "glue:GetJobs"]), False),
        ({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}, True),
        ({"Effect": "Allow", "NotAction": "*", "Resource": "*"}, False),
        (allow("newservice:*"), None),
        (allow("newservice:CreateThing"), None),
        (allow("newservice:DescribeThing"), False),
        (allow("dynamodb:PutItem", f"arn:aws:dynamodb:*:{ACCOUNT}:table/x"), True),
        (allow("dynamodb:PutItem", f"arn:aws:dynamodb:*:{OTHER}:table/x"), False),
        (allow("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/x"), True),
        (allow("s3:PutObject", "arn:aws:s3:::reports/*"), None),
        (allow("s3:PutObject", "arn:aws:s3:::*"), True),
        ({"Effect": "Allow", "Action": "s3:PutObject", "NotResource": "arn:aws:s3:::secret/*"}, True),
        (allow("s3:PutObject", Condition=CONDITIONS["mfa"]), True),
        (allow("s3:PutObject", Condition=CONDITIONS["account"]), None),
        (allow("s3:PutObject", Condition="broken"), None),
        (deny("*"), False),
        ({"Effect": "Maybe", "Action": "*", "Resource": "*"}, False),
    ],
)
def test_one_statement(statement: dict[str, Any], wanted: bool | None) -> None:
    assert writes(text(statement)) is wanted


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        (deny("*"), False),
        (deny("s3:*"), True),
        ({"Effect": "Deny", "NotAction": ["s3:Get*", "sts:GetCallerIdentity"], "Resource": "*"}, False),
        (deny("*", "arn:aws:s3:::one-bucket"), True),
        (deny("*", Condition=CONDITIONS["mfa"]), True),
        (deny("*", Condition=CONDITIONS["account"]), None),
    ],
)
def test_a_deny_beside_administrator_access(statement: dict[str, Any], wanted: bool | None) -> None:
    assert writes(EVERYTHING, text(statement)) is wanted


@pytest.mark.parametrize(
    ("boundary", "wanted"),
    [
        (limited_to(READING), False),
        (limited_to(text(allow("s3:*"))), True),
        (limited_to(text(allow("*"), deny("*"))), False),
        (limited_to(text(allow("*", Condition=CONDITIONS["account"]))), None),
        (limited_to(None), None),
    ],
)
def test_a_boundary_around_administrator_access(boundary: Attached, wanted: bool | None) -> None:
    assert writes(EVERYTHING, boundary=boundary) is wanted


def test_a_boundary_grants_nothing() -> None:
    assert writes(READING, boundary=limited_to(EVERYTHING)) is False


def test_what_was_not_read_leaves_it_open_unless_the_rest_decides() -> None:
    assert writes(READING, None) is None
    assert writes(EVERYTHING, None) is True
    assert writes(READING, read=False) is None
    assert writes(EVERYTHING, read=False) is None, "the inline policy may deny everything"
    assert writes(boundary=limited_to(None)) is False, "nothing is allowed, whatever the boundary says"


def test_it_is_said_through_what_and_on_what_it_hangs() -> None:
    held = (Attached("write", EVERYTHING), Attached("read", READING), Attached("theirs", None))
    assert judge(held, None, True) == Access(True, ("write",))
    assert judge(held[1:], None, True) == Access(None, (), ("theirs",))
    assert judge(held[:1], limited_to(None), True) == Access(None, (), ("permissions boundary",))
    bucket = Attached("one bucket", text(allow("s3:PutObject", "arn:aws:s3:::reports/*")))
    assert judge((bucket,), None, True) == Access(None, (), ("conditions, resources or unknown actions of one bucket",))


@pytest.mark.parametrize("document", ["", "nonsense", "[]", "{}", '{"Statement": [null, 3, {"Effect": "Allow"}]}'])
def test_what_is_no_policy_grants_nothing(document: str) -> None:
    assert grants(document) == grants(text())


ACTIONS = st.sampled_from(["*", "s3:*", "s3:Get*", "s3:PutObject", "ec2:Describe*", "ec2:RunInstances", "new:Create"])
RESOURCES = st.sampled_from(["*", f"arn:aws:ec2:*:{ACCOUNT}:*", f"arn:aws:ec2:*:{OTHER}:*", "arn:aws:s3:::bucket/*"])
CONDITION = st.sampled_from([{}, *({"Condition": one} for one in CONDITIONS.values())])
STATEMENTS = st.builds(
    lambda effect, element, action, resource, condition: {"Effect": effect, element: action, "Resource": resource, **condition},
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["Action", "NotAction"]),
    ACTIONS,
    RESOURCES,
    CONDITION,
)  # fmt: skip
DOCUMENTS = st.lists(STATEMENTS, max_size=4)
RANK = {False: 0, None: 1, True: 2}


@given(DOCUMENTS, STATEMENTS.filter(lambda one: one["Effect"] == "Deny"))
def test_one_more_deny_never_loosens(statements: list[dict[str, Any]], more: dict[str, Any]) -> None:
    assert RANK[writes(text(*statements, more))] <= RANK[writes(text(*statements))]


@given(DOCUMENTS, DOCUMENTS)
def test_a_boundary_never_loosens(statements: list[dict[str, Any]], boundary: list[dict[str, Any]]) -> None:
    assert RANK[writes(text(*statements), boundary=limited_to(text(*boundary)))] <= RANK[writes(text(*statements))]


@given(st.permutations([allow("s3:PutObject"), deny("s3:*", Condition=CONDITIONS["account"]), allow("new:Create")]))
def test_the_order_of_statements_does_not_matter(statements: list[dict[str, Any]]) -> None:
    assert grants(text(*statements)) == grants(text(*sorted(statements, key=str)))


@given(DOCUMENTS, DOCUMENTS)
def test_an_inline_policy_that_was_not_read_turns_nothing(
    managed: list[dict[str, Any]], inline: list[dict[str, Any]]
) -> None:
    assert writes(text(*managed), read=False) in (None, writes(text(*managed), text(*inline)))


@given(DOCUMENTS, DOCUMENTS)
def test_a_boundary_that_was_not_read_turns_nothing(
    statements: list[dict[str, Any]], boundary: list[dict[str, Any]]
) -> None:
    hidden = writes(text(*statements), boundary=limited_to(None))
    assert hidden in (None, writes(text(*statements), boundary=limited_to(text(*boundary))))
