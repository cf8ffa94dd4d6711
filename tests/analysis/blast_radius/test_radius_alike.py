"""One answer serves for all accounts with the same policies: never for those where the account's own number, a tag or a name decides."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from scanner.analysis.blast_radius import Radius
from scanner.analysis.blast_radius.aims import aims
from scanner.analysis.blast_radius.numbers import Numbers, opened
from scanner.analysis.policies import parse
from scanner.analysis.trust.organization import Held
from scanner.config import Config
from tests.analysis.blast_radius.estates import (
    EVERYTHING,
    A,
    B,
    C,
    Person,
    Stage,
    World,
    arn,
    deny,
    may,
    root,
    runs,
    trusts,
)

LAMBDA = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
PASSES = (may(LAMBDA[0], arn(A, "*")), may(LAMBDA[1:]))


def radius(*people: Person) -> Radius:
    return Stage().radius(World(people))


def reached(found: Radius, who: str) -> set[str]:
    return {arn for held in found.of_principal(who).values() for arn, _, _ in held.principals} - {who}


def document(*statements: dict[str, Any]) -> Any:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


# ---------------------------------------------------------------------- the account's own number


def test_documents_that_differ_in_their_own_account_alone_are_numbered_alike() -> None:
    numbers = Numbers()
    one, other, third = (document(may("s3:GetObject", f"arn:aws:s3:::data-{account}")) for account in (A, B, A))
    assert numbers.of(one, (A,)) == numbers.of(other, (B,)) == numbers.of(third, (A,))
    assert numbers.of(one, (A,)) != numbers.of(one, (B,))


def test_documents_in_which_a_wildcard_could_match_a_part_of_a_number_are_never_alike() -> None:
    numbers = Numbers()
    wild = document(may("sts:AssumeRole", f"arn:aws:iam::{B[:6]}*:role/*"))
    assert numbers.of(wild, (A,)) != numbers.of(wild, (B,))


def test_a_number_that_is_left_open_is_not_left_open_for_others() -> None:
    assert opened(f"{A} and {B}", (A, B)) == opened(f"{B} and {A}", (B, A)) != opened(f"{A} and {B}", (A, C))


@pytest.mark.parametrize("pattern", [f"arn:aws:iam::{B[:4]}*:role/door", "arn:aws:iam::*2:role/door"])
def test_a_part_of_a_number_tells_accounts_apart(pattern: str) -> None:
    """The same text in two accounts, of which it may mean the one and not the other."""
    people = [Person(account, "sender", policy=(may("sts:AssumeRole", pattern),)) for account in (B, C)]
    doors = [Person(account, "door", trust=(trusts(root(B), root(C)),)) for account in (A, B)]
    found = radius(*people, *doors)
    for sender in people:
        assert reached(found, sender.arn) == {door.arn for door in doors if fnmatchcase(door.arn, pattern)}


def test_tags_of_a_role_tell_it_from_its_namesake_in_another_account() -> None:
    tagged = {"StringEquals": {"iam:ResourceTag/open": "yes"}}
    people = []
    for account in (A, B):
        people += [
            Person(account, "clerk", policy=(may("iam:UpdateAssumeRolePolicy", arn(account, "*"), **tagged),)),
            Person(account, "goal", trust=(runs("ec2"),)),
        ]
    stage = Stage()
    world = World(tuple(people))
    stage.set(world)
    stage.connection.execute(
        "INSERT INTO tags (account_id, region, arn, key, value) VALUES (?, 'global', ?, 'open', 'yes')",
        [B, arn(B, "goal")],
    )
    found = Radius.load(stage.connection, Config())
    assert reached(found, arn(A, "clerk")) == set()
    assert reached(found, arn(B, "clerk")) == {arn(B, "goal")}


# ---------------------------------------------------------------------- roles that lead nowhere


def test_a_role_that_leads_nowhere_is_got_hold_of_all_the_same() -> None:
    found = radius(
        Person(B, "sender", trust=(trusts(root(A)),), policy=(may(LAMBDA),)),
        Person(A, "caller", policy=(may("sts:AssumeRole"),)),
        Person(B, "idle", trust=(runs("lambda"),)),
        Person(B, "cleaner", trust=(runs("lambda"),), policy=(may("rds:DeleteDBInstance"),)),
    )
    held = found.of_account(A)[B]
    assert [who for who, _, _ in held.principals] == [arn(B, "cleaner"), arn(B, "idle"), arn(B, "sender")]
    worst, destroys = found.at_its_worst(held)
    assert destroys and worst.entered_as == arn(B, "cleaner") and worst.hops == 2
    assert len(worst.chain) == 2 and "roles of account" in worst.chain[1]
    answer = found.may(held, "rds:DeleteDBInstance", f"arn:aws:rds:eu-west-1:{B}:db:one")
    assert answer.verdict == "allow" and "rds:DeleteDBInstance" in answer.reasons[-1]


def test_a_role_that_leads_nowhere_but_takes_permissions_leads_on() -> None:
    """The giver may only write to the idle role; whoever holds both holds the account."""
    found = radius(
        Person(A, "sender", policy=(may(LAMBDA), may("iam:PutRolePolicy", arn(A, "idle")))),
        Person(A, "idle", trust=(runs("lambda"),)),
    )
    assert found.of_principal(arn(A, "sender"))[A].administers


def test_a_role_that_leads_nowhere_but_is_named_by_another_leads_on() -> None:
    found = radius(
        Person(A, "sender", policy=(may(LAMBDA),)),
        Person(A, "idle", trust=(runs("lambda"),)),
        Person(A, "mighty", trust=(trusts(arn(A, "idle")),), policy=(EVERYTHING,)),
    )
    assert found.of_principal(arn(A, "sender"))[A].administers


def test_passing_every_role_of_the_account_by_its_number_is_passing_all() -> None:
    people = (Person(A, "worker", trust=(runs("lambda"),)), Person(A, "other", trust=(runs("ec2"),)))
    by_number = radius(Person(A, "sender", policy=PASSES), *people)
    users_spared = radius(Person(A, "sender", policy=(*PASSES, deny("iam:*", arn(A, "*", "user")))), *people)
    one_spared = radius(Person(A, "sender", policy=(*PASSES, deny("iam:PassRole", arn(A, "worker")))), *people)
    assert reached(by_number, arn(A, "sender")) == reached(users_spared, arn(A, "sender")) == {arn(A, "worker")}
    assert reached(one_spared, arn(A, "sender")) == set()


# ---------------------------------------------------------------------- what policies can mean


def test_aims_are_what_a_policy_names() -> None:
    found = aims([Held("own", document(may("sts:AssumeRole", [arn(B, "*"), "arn:aws:iam::*:role/deployer"])))])
    assert found is not None
    assert found.at(arn(B, "any"), B) and found.at(arn(C, "deployer"), C) and not found.at(arn(C, "any"), C)


@pytest.mark.parametrize("resource", ["arn:aws:iam::${aws:PrincipalAccount}:role/*"])
def test_aims_with_variables_are_not_told_from_text(resource: str) -> None:
    assert aims([Held("own", document(may("sts:AssumeRole", resource)))]) is None
    assert aims([Held("own", None)]) is None
    negated = {"Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": arn(B, "*")}
    assert aims([Held("own", document(negated))]) is None


# ---------------------------------------------------------------------- principals that one account has and the other not


@pytest.mark.parametrize("order", [(A, B), (B, A)])
def test_a_principal_that_is_named_may_be_there_in_one_account_only(order: tuple[str, str]) -> None:
    doors = [Person(C, f"door-{account}", trust=(trusts(arn(account, "clerk")),)) for account in order]
    clerk = Person(A, "clerk", trust=(runs("ec2"),))
    found = radius(*doors, clerk, Person(B, "other", trust=(runs("ec2"),)))
    entered = [{who for held in found.of_account(one).values() for who, *_ in held.principals} for one in (A, B)]
    assert entered == [{arn(C, f"door-{A}")}, set()]
