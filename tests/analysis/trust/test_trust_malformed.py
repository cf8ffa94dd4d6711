"""Policies as nobody should write them, and larger than AWS takes: no crash, an honest verdict, linear time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import policy
from scanner.analysis.policies import parse
from scanner.analysis.trust import Answer, Trust
from scanner.cli import main
from scanner.config import Config
from scanner.scan import Reading, make_snapshot
from tests.analysis.trust.world import ALLOW_ALL, FAR, LAYERS, NEAR, ROLE, USER, A, Stage, World

STAGE = Stage()
ADMIT: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": A}}
VERDICTS = ("allow", "deny", "conditional", "unknown")


def asked(source: str = USER, target: str = NEAR, *, gaps: frozenset[str] = frozenset(), **layers: Any) -> Answer:
    found: dict[str, Any] = dict.fromkeys(LAYERS, (ALLOW_ALL,))
    found |= {"rcp": (), "trust": (ADMIT,), **layers}
    return STAGE.ask(World(found, gaps=gaps), source, target)


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5)
    | st.sampled_from(["*", "Allow", "Deny", "sts:*", "sts:AssumeRole", "AWS", A, "${", "${aws:username", "arn:", "::", "\ufeff"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from("Effect Action NotAction Resource NotResource Principal NotPrincipal Condition Sid AWS Service "
                        "StringEquals Bool Null ForAllValues:StringLike x".split()), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(junk, st.sampled_from(LAYERS))
def test_no_statement_crashes(statement: Any, layer: str) -> None:
    answer = asked(**{layer: (statement, *((ADMIT,) if layer == "trust" else (ALLOW_ALL,) if layer != "rcp" else ()))})
    assert answer.verdict in VERDICTS and answer.reasons


@MANY
@given(junk)
def test_no_document_crashes(document: Any) -> None:
    text = json.dumps(document)
    assert list(policy.rows("arn", "trust", "", text))
    assert parse(text).statements is not None


@MANY
@given(st.sampled_from("Effect Action Principal Condition".split()), junk)
def test_junk_in_one_place_of_a_trust_never_admits_more(place: str, value: Any) -> None:
    """Unless it happens to be text that AWS knows: those are left out."""
    if place == "Condition" or (
        isinstance(value, str) and value in ("Allow", "Deny", "*", "sts:*", "sts:AssumeRole", A)
    ):
        return
    if place == "Action" and isinstance(value, list):
        return
    answer = asked(trust=({**ADMIT, place: value},))
    named = place == "Principal" and isinstance(value, dict) and "AWS" in value
    assert answer.verdict == "deny" or named, (value, answer)


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ({**ADMIT, "Condition": {"StringResembles": {"aws:username": "u"}}}, "conditional"),
        ({**ADMIT, "Condition": {"StringEquals": {"aws:NoSuchKey": "u"}}}, "conditional"),
        ({**ADMIT, "Condition": {"StringEquals": {}}}, "allow"),
        ({**ADMIT, "Condition": {}}, "allow"),
        ({**ADMIT, "Condition": {"StringEquals": {"aws:username": []}}}, "deny"),
        ({**ADMIT, "Condition": {"StringEquals": {"aws:username": {"a": 1}}}}, "deny"),
        ({**ADMIT, "Condition": {"StringEquals": ["aws:username"]}}, "conditional"),
        ({**ADMIT, "Condition": "nonsense"}, "conditional"),
        ({**ADMIT, "Condition": {"NumericEquals": {"aws:username": "NaN"}}}, "deny"),
        ({**ADMIT, "Condition": {"Bool": {"aws:SecureTransport": True}}}, "allow"),
        ({**ADMIT, "Action": []}, "deny"),
        ({**ADMIT, "Action": [["sts:AssumeRole"]]}, "deny"),
        ({**ADMIT, "NotAction": "iam:*"}, "deny"),
        ({**ADMIT, "Action": "STS:ASSUMEROLE"}, "allow"),
        ({**ADMIT, "effect": "Deny"}, "allow"),
        ({**ADMIT, "Effect": "allow"}, "deny"),
        ({**ADMIT, "Effect": ["Allow"]}, "deny"),
        ({**ADMIT, "Principal": ["*"]}, "deny"),
        ({**ADMIT, "Principal": {"AWS": []}}, "deny"),
        ({**ADMIT, "Principal": {"*": "*"}}, "deny"),
        ({**ADMIT, "Principal": {"AWS": {"AWS": A}}}, "deny"),
        ({**ADMIT, "Principal": None}, "deny"),
        ({**ADMIT, "NotPrincipal": {"AWS": A}}, "deny"),
        ({}, "deny"),
    ],
)  # fmt: skip
def test_odd_trust_statements(statement: dict[str, Any], verdict: str) -> None:
    assert asked(trust=(statement,)).verdict == verdict


def test_a_malformed_deny_is_not_overlooked() -> None:
    assert asked(inline=({"Effect": "Deny", "Action": ["sts:*", 3], "Resource": "*"},)).verdict == "deny"


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        (quote('{"Statement":[{"Effect":"Allow"}]}'), 1),
        (quote('\n  {"Statement":[{"Effect":"Allow"}]}'), 1),
        (quote('{"Statement":[{"Effect":"Allow"}]}').replace("%7B", "%7b"), 1),
        ('\ufeff{"Statement":[{"Effect":"Allow"}]}', 0),
        ('{"Statement":[{"Effect":"Deny"}],"Statement":[{"Effect":"Allow"}]}', 1),
        ('{"Statement":' * 100_000, 0),
        ('{"Statement":' + "[" * 50_000 + "]" * 50_000 + "}", 0),
        ("{" + '"Statement":' + "9" * 10_000 + "}", 0),
        ('{"Statement":[{"Effect":NaN}]}', 1),
    ],
    ids=[
        "quoted",
        "quoted with space",
        "quoted in lower case",
        "BOM",
        "a key twice",
        "deep",
        "deeper",
        "a long number",
        "NaN",
    ],
)
def test_texts(text: str, statements: int) -> None:
    assert len(parse(text).statements) == statements
    assert sum(table == "policy_statements" for table, _ in policy.rows("arn", "trust", "", text)) == statements


def test_what_was_not_sent_is_not_known() -> None:
    """A document that is NULL, where AWS should have sent one, may say anything."""
    for kind, verdict in (("inline", "unknown"), ("trust", "unknown")):
        asked()
        holder = USER if kind == "inline" else NEAR
        STAGE.connection.execute(
            "UPDATE policy_documents SET document = NULL, readable = NULL WHERE kind = ? AND holder_arn = ?",
            [kind, holder],
        )
        assert Trust.load(STAGE.connection).ask(USER, NEAR).verdict == verdict, kind


def test_junk_survives_the_whole_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From a recording to the terminal: half a surrogate pair, control characters, types that AWS never sends."""
    evil = "e\ud800v\x1b[2J\u202eil"
    admitting = {**ADMIT, "Sid": evil, "Principal": {"AWS": [A, evil, 3, None, {"a": 1}]}}
    role = {"Arn": NEAR, "Path": "/", "RoleName": "t", "RoleId": "AROATTTTTTTTTTTTTTTTT", "Tags": [{"Key": evil, "Value": evil}],
            "AssumeRolePolicyDocument": {"Version": 3, "Statement": [admitting, [], "x"]},
            "RolePolicyList": [{"PolicyName": evil, "PolicyDocument": {"Statement": {"Effect": {}}}}], "AttachedManagedPolicies": []}  # fmt: skip
    home = tmp_path / "recording" / A / "global"
    for name, content in {
        "iam/get_account_authorization_details": {
            "RoleDetailList": [role],
            "UserDetailList": [],
            "GroupDetailList": [],
            "Policies": [],
        },
        "organizations/describe_organization": {
            "Error": {"Code": "AWSOrganizationsNotInUseException", "Message": "no"}
        },
    }.items():
        path = home / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    snapshot = make_snapshot(tmp_path / "s", Config(), Reading(recorded=tmp_path / "recording", workers=1))
    assert main(["explain", "trust", "--from", "t", "--to", "t", "--snapshot", str(snapshot)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("deny\n") and "matches nobody" in out
    assert out.replace("\n", "").isprintable()
    for command in (
        ["explain", "who-can-assume", "t"],
        ["explain", "finding", "wildcard_policy", "t"],
        ["evaluate", "--quiet"],
    ):
        out_dir = ["--out", str(tmp_path / "out")]
        assert main([*command, "--snapshot", str(snapshot), *out_dir]) in (0, 1, 2, 3)


# ---------------------------------------------------------------------- large


def seconds(work: Callable[[], Any]) -> float:
    """CPU seconds, the best of three."""
    times = []
    for _ in range(3):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def grows_linearly(make: Callable[[int], dict[str, Any]], small: int, verdict: str) -> None:
    """Eight times as much takes at most about eight times as long; quadratic would be sixty-four."""
    taken = []
    for size in (small, 8 * small):
        layers = make(size)
        answers = set()

        def work(layers: dict[str, Any] = layers, answers: set[str] = answers) -> None:
            parse.cache_clear()
            answers.add(asked(**layers).verdict)

        taken.append(seconds(work))
        assert answers == {verdict}, size
    assert taken[1] < 20 * taken[0] + 0.5, taken


def conditional(number: int) -> dict[str, Any]:
    return {**ADMIT, "Condition": {"StringEquals": {"sts:ExternalId": str(number)}}}


@pytest.mark.parametrize(
    ("make", "small", "verdict"),
    [
        (lambda n: {"trust": tuple(conditional(one) for one in range(n))}, 1_000, "conditional"),
        (lambda n: {"trust": (ADMIT,) * n}, 1_000, "allow"),
        (lambda n: {"trust": (ADMIT, *({**conditional(one), "Effect": "Deny"} for one in range(n)))}, 500, "conditional"),
        (lambda n: {"inline": tuple({**ALLOW_ALL, "Condition": {"StringEquals": {"aws:RequestTag/a": str(one)}}} for one in range(n)),
                    "managed": (), "group": ()}, 1_000, "conditional"),
        (lambda n: {"scp-root": tuple({**ALLOW_ALL, "Condition": {"StringEquals": {"aws:SourceVpc": str(one)}}} for one in range(n))},
         1_000, "conditional"),
        (lambda n: {"inline": ({**ALLOW_ALL, "Action": [f"x:{one}" for one in range(n)] + ["sts:*"]},)}, 12_500, "allow"),
        (lambda n: {"inline": ({**ALLOW_ALL, "Resource": [f"arn:aws:iam::*:role/{one}*" for one in range(n)] + ["*"]},)}, 12_500, "allow"),
        (lambda n: {"trust": ({**ADMIT, "Principal": {"AWS": [f"arn:aws:iam::{A}:user/{one}" for one in range(n)] + [A]}},)}, 12_500, "allow"),
        (lambda n: {"trust": ({**ADMIT, "Condition": {"StringEquals": {"aws:PrincipalAccount": [str(one) for one in range(n)] + [A]}}},)},
         12_500, "allow"),
        (lambda n: {"trust": ({**ADMIT, "Condition": {"StringEquals": {f"aws:PrincipalTag/{one}": "x" for one in range(n)}}},)}, 1_000, "deny"),
        (lambda n: {"rcp": tuple({"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*",
                                  "Condition": {"StringEquals": {"aws:SourceVpc": str(one)}}} for one in range(n))}, 500, "conditional"),
    ],
    ids=["1,000 grants with conditions", "1,000 equal grants", "denies", "identity", "SCP", "actions", "resources", "principals",
         "values", "keys", "RCP"],
)  # fmt: skip
def test_time_grows_with_size_and_no_faster(make: Callable[[int], dict[str, Any]], small: int, verdict: str) -> None:
    grows_linearly(make, small, verdict)


def test_roles_in_a_circle() -> None:
    trust = STAGE.trust(World({**dict.fromkeys(LAYERS, (ALLOW_ALL,)), "rcp": (), "trust": (ADMIT,)}))
    for one, other in ((NEAR, FAR), (FAR, NEAR), (NEAR, NEAR), (ROLE, NEAR)):
        assert trust.ask(one, other).verdict in VERDICTS
        assert trust.who_can_assume(other)["principals"] is not None
