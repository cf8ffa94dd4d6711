"""The explain commands, over recordings: the shared ones where they lie beside the checkout, and the project's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import explain, scan
from scanner.cli import main
from scanner.config import Config
from scanner.errors import UsageError

STANDALONE = Path(__file__).parents[1] / "cases" / "standalone"
SHARED_TRUST = Path(__file__).parents[3] / "shared" / "cases" / "trust" / "organization"
ACCOUNT = "111111111111"


def principal(
    kind: str, name: str, statement: dict[str, Any] | None, trust: dict[str, Any] | None = None
) -> dict[str, Any]:
    key = kind.capitalize()
    document = {"Version": "2012-10-17", "Statement": [statement]}
    made = {
        "Arn": f"arn:aws:iam::{ACCOUNT}:{kind}/{name}",
        "Path": "/",
        f"{key}Name": name,
        f"{key}Id": f"AIDA{name.upper():X<16}",
        f"{key}PolicyList": [{"PolicyName": "p", "PolicyDocument": document}] if statement else [],
        "AttachedManagedPolicies": [],
    }
    if trust:
        made["AssumeRolePolicyDocument"] = {"Version": "2012-10-17", "Statement": [trust]}
    return made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """One account: anna may assume anything, ben nothing; one role trusts the account, one trusts ben by name, one needs MFA."""
    assume = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    ben = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ben"}
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    details = {
        "UserDetailList": [principal("user", "anna", {**assume, "Resource": "*"}), principal("user", "ben", None)],
        "RoleDetailList": [
            principal("role", "by-account", None, {**assume, "Principal": root}),
            principal("role", "by-name", None, {**assume, "Principal": ben}),
            principal("role", "with-mfa", None, {**assume, "Principal": root, "Condition": with_mfa}),
        ],
        "GroupDetailList": [],
        "Policies": [],
    }
    folder = tmp_path / "recording" / ACCOUNT / "global" / "iam"
    folder.mkdir(parents=True)
    (folder / "get_account_authorization_details.json").write_text(json.dumps(details))
    organizations = tmp_path / "recording" / ACCOUNT / "global" / "organizations"
    organizations.mkdir()
    alone = {"Error": {"Code": "AWSOrganizationsNotInUseException", "Message": "no"}}
    (organizations / "describe_organization.json").write_text(json.dumps(alone))
    return scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=tmp_path / "recording", workers=1))


@pytest.mark.parametrize(
    ("source", "role", "verdict"),
    [
        ("anna", "by-account", "allow"),
        ("ben", "by-account", "deny"),
        ("ben", "by-name", "allow"),
        ("anna", "by-name", "deny"),
        ("anna", "with-mfa", "conditional"),
        ("ben", "with-mfa", "deny"),
        ("arn:aws:iam::999999999999:role/stranger", "by-account", "deny"),
    ],
)
def test_trust_in_one_account(small: Path, source: str, role: str, verdict: str) -> None:
    answer = explain.trust(small)(source, role)
    assert answer["verdict"] == verdict, answer
    assert answer["reasons"]


def test_a_gap_is_unknown_and_names_the_call(small: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "recording").rglob("describe_organization.json"):
        path.unlink()
    scan.make_snapshot(tmp_path / "gap", Config(), scan.Reading(recorded=tmp_path / "recording", workers=1))
    ask = explain.trust(tmp_path / "gap")
    answer = ask("anna", "by-account")
    assert answer["verdict"] == "unknown", "whether a service control policy denies it was not read"
    assert "organizations" in " ".join(answer["reasons"])
    assert ask("ben", "by-account")["verdict"] == "deny", "what is missing cannot allow it"


def test_the_commands(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--snapshot", str(small)]
    assert main(["explain", "trust", "--from", "anna", "--to", "by-account", *where]) == 0
    assert capsys.readouterr().out.startswith("allow\n")
    (tmp_path / "q.json").write_text(
        json.dumps([{"from": "ben", "to": "by-name"}, {"from": "ben", "to": "by-account"}])
    )
    assert main(["explain", "trust", "--batch", str(tmp_path / "q.json"), *where]) == 0
    assert [one["verdict"] for one in json.loads(capsys.readouterr().out)] == ["allow", "deny"]
    assert main(["explain", "who-can-assume", "by-name", "--format", "json", *where]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["arn"].rpartition("/")[2] for one in found["principals"] if one["verdict"] == "allow"] == ["ben"]
    asked = [{"from": "ben", "to": "nobody"}, {"from": "anna", "to": "by-account"}, {"from": 3, "to": "by-name"}]
    (tmp_path / "q.json").write_text(json.dumps(asked))
    assert main(["explain", "trust", "--batch", str(tmp_path / "q.json"), *where]) == 0
    answers = json.loads(capsys.readouterr().out)
    assert [one["verdict"] for one in answers] == ["unknown", "allow", "unknown"], "one odd question spoils no other"
    assert answers[0]["reasons"] == ["there is no role nobody in this snapshot"]
    assert answers[2]["reasons"] == ["from wants text, not 3"]
    for text in ("[", '{"from": "ben"}', '[{"from": "ben"}]', "[3]"):
        (tmp_path / "q.json").write_text(text)
        assert main(["explain", "trust", "--batch", str(tmp_path / "q.json"), *where]) == 2
        assert "q.json" in capsys.readouterr().err
    for wrong in (["--from", "x", "--to", "nobody"], ["--from", "x"], ["--batch", str(tmp_path / "absent")]):
        assert main(["explain", "trust", *wrong, *where]) == 2
        assert capsys.readouterr().err.startswith("bulkhead: ")


def test_network_over_the_standalone_account(tmp_path: Path) -> None:
    snapshot = scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=STANDALONE, workers=1))
    ask = explain.network(snapshot)
    answer = ask("8.8.8.8", "shop-web", "tcp", 22)
    assert answer["verdict"] == "deny" and answer["reasons"], answer
    with pytest.raises(UsageError):
        ask("nobody", "shop-web", "tcp", 22)


@pytest.mark.skipif(not SHARED_TRUST.is_dir(), reason="the shared cases do not lie beside this checkout")
def test_the_shared_trust_case_agrees(tmp_path: Path) -> None:
    reading = scan.Reading(recorded=SHARED_TRUST / "recording", workers=1)
    snapshot = scan.make_snapshot(tmp_path / "s", Config(), reading)
    expected = json.loads((SHARED_TRUST / "expected.json").read_text())
    ask = explain.trust(snapshot)
    wrong = [
        q for q in expected["trust"] if ask(q["from"], q["to"])["verdict"] not in (q["verdict"], *q.get("accept", ()))
    ]
    assert expected["trust"] and wrong == []
    for case in expected["who_can_assume"]:
        found = explain.who_can_assume(snapshot, case["role"])["principals"]
        got = {one["arn"]: one["verdict"] for one in found if one["verdict"] != "deny"}
        want = {one["arn"]: one["verdict"] for one in case["principals"] if one["verdict"] != "deny"}
        assert {arn: got.get(arn) for arn in want} == want
        assert not [arn for arn in got if arn not in want and (":user/" in arn or ":role/" in arn)]


def test_who_can_reach(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = Path(__file__).parents[1] / "analysis" / "network" / "cases" / "databases" / "recording"
    snapshot = scan.make_snapshot(tmp_path / "s", Config(), scan.Reading(recorded=recording, workers=1))
    where = ["--snapshot", str(snapshot)]
    assert main(["explain", "who-can-reach", "orders", "--format", "json", *where]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["target"], found["port"]) == ("orders", 5432)
    ask = explain.network(snapshot)
    for one in found["reachers"]:
        assert one["reasons"] and one["verdict"] != "deny"
        assert {ask(member, "orders")["verdict"] for member in one["members"]} == {one["verdict"]}
    assert main(["explain", "who-can-reach", "orders", *where]) == 0
    said = capsys.readouterr().out
    assert "allow" in said and "(i-" in said, "interfaces are told by their machines"
    assert main(["explain", "who-can-reach", "nobody", *where]) == 2
