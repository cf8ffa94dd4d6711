"""Who may be named how, what is said beside a verdict, and what is left of a condition."""

from __future__ import annotations

import pytest

from scanner import analysis
from scanner.analysis.trust import Trust
from scanner.config import Config
from scanner.errors import UsageError
from tests.analysis.trust.world import ALLOW_ALL, LAYERS, A, B, Stage, World

STAGE = Stage()


def open_world(**layers: tuple[dict[str, object], ...]) -> World:
    found = dict.fromkeys(LAYERS, (ALLOW_ALL,))
    found["rcp"] = ()
    found["trust"] = ({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": A}},)
    return World({**found, **layers})


@pytest.fixture
def trust() -> Trust:
    return STAGE.trust(open_world())


@pytest.mark.parametrize(
    "source",
    [
        "u",
        "IDu",
        f"arn:aws:organizations::111111111111:account/o-1/{A}",
        f"arn:aws:iam::{A}:user/u",
        A,
        f"arn:aws:iam::{A}:root",
        f"arn:aws:sts::{A}:assumed-role/r/s",
    ],
)
@pytest.mark.parametrize("role", ["t", f"arn:aws:iam::{A}:role/t", f"arn:aws:sts::{A}:assumed-role/t/any"])
def test_names_ids_arns_accounts(trust: Trust, source: str, role: str) -> None:
    assert trust.ask(source, role).verdict == "allow"


@pytest.mark.parametrize(
    ("source", "role", "message"),
    [
        ("nobody", "t", "there is no user, role or account nobody in this snapshot"),
        ("u", "nothing", "there is no role nothing in this snapshot"),
        ("u", "arn:aws:s3:::bucket", "arn:aws:s3:::bucket is no role; name a role or give its ARN"),
        ("u", f"arn:aws:iam::{A}:role/gone", f"account {A} was read and has no role gone"),
        (f"arn:aws:iam::{A}:user/gone", "t", f"account {A} was read and has no user gone"),
        (f"arn:aws:iam::{A}:group/g", "t", f"arn:aws:iam::{A}:group/g is no user, role, session"),
        (f"arn:aws:iam::{A}:role/*", "t", f"arn:aws:iam::{A}:role/* is no user"),
        (f"arn:aws:sts::{A}:assumed-role/gone/s", "t", f"account {A} was read and has no role for session"),
    ],
)
def test_unknown_names(trust: Trust, source: str, role: str, message: str) -> None:
    with pytest.raises(UsageError, match="^" + message.replace("*", r"\*").replace("(", r"\(")):
        trust.ask(source, role)


def test_ambiguous_names(trust: Trust) -> None:
    arn = f"arn:aws:iam::{B}:role/t"
    STAGE.connection.execute(
        "INSERT INTO principals (account_id, arn, type, name) VALUES (?, ?, 'role', 't')", [B, arn]
    )
    with pytest.raises(UsageError, match=f"t is ambiguous: arn:aws:iam::{A}:role/t, {arn}; give the ARN"):
        trust.ask("u", "t")


def test_malformed_and_dead_trust_is_reported() -> None:
    statements = (
        {"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": A}},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{A}:role/*"}},
    )
    trust = STAGE.trust(open_world(trust=statements))
    answer, listing = trust.ask("u", "t"), trust.who_can_assume("t")
    assert answer.verdict == "deny" and listing["principals"] == []
    for word in ("NotPrincipal", "AROAEXAMPLEEXAMPLE123, a principal that was deleted", "role/*, which matches nobody"):
        assert any(word in reason for reason in answer.reasons)
        assert any(word in note for note in listing["notes"])


def test_confused_deputies_and_any_repository_are_noted() -> None:
    github = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
    statements = (
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "backup.amazonaws.com"}},
        {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": github}},
    )
    world = open_world(trust=statements)
    trust = STAGE.trust(world)
    STAGE.connection.execute("INSERT INTO identity_providers (account_id, arn) VALUES (?, ?)", [A, github])
    trust = Trust.load(STAGE.connection)
    assert any("confused deputy" in reason for reason in trust.ask("backup.amazonaws.com", "t").reasons)
    assert any("any repository on GitHub" in reason for reason in trust.ask(github, "t").reasons)
    STAGE.connection.execute("DELETE FROM identity_providers")
    assert Trust.load(STAGE.connection).ask(github, "t").reasons == (f"{github} does not exist any more",)


@pytest.mark.parametrize(
    ("condition", "by"),
    [
        ({"StringEquals": {"sts:ExternalId": "x"}}, "caller"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "environment"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "environment"),
        ({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, "environment"),
        ({"StringEquals": {"aws:RequestTag/a": "x"}}, "caller"),
    ],
)
def test_who_decides_a_condition(condition: dict[str, object], by: str) -> None:
    grant = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": A}, "Condition": condition}
    answer = STAGE.ask(open_world(trust=(grant,)), "u", "t")
    assert answer.verdict == "conditional"
    assert [atom.set_by for atom in answer.residual] == [by]
    assert answer.as_json()["conditions"] == answer.conditions


def test_closures_get_whole_accounts_as_one_entry(trust: Trust) -> None:
    assert [(principal.kind, principal.value) for principal, _ in trust.grants("t")] == [("account", A)]


def test_the_own_side_for_any_action(trust: Trust) -> None:
    assert trust.may("u", "iam:CreateUser", "*").verdict == "allow"
    denied = STAGE.trust(open_world(inline=({"Effect": "Deny", "Action": "iam:*", "Resource": "*"},)))
    assert denied.may("u", "iam:CreateUser", "*").verdict == "deny"
    assert denied.may("u", "s3:GetObject", "arn:aws:s3:::b/k").verdict == "allow"


def test_an_organization_that_was_not_described_may_exist() -> None:
    from scanner.snapshot.read import connect_empty

    connection = connect_empty()
    connection.execute(
        "INSERT INTO coverage (account_id, region, collector, call, status) "
        "VALUES (?, 'global', 'organizations', 'organizations.describe_organization', 'access_denied')",
        [A],
    )
    connection.execute(
        "INSERT INTO call_tables (collector, call, table_name) "
        "VALUES ('organizations', 'organizations.describe_organization', 'organizations')"
    )
    analysis.run_all(connection, Config(), wanted=["unread"])
    assert Trust.load(connection).organization.exists is None
