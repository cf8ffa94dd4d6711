"""Whom a compromise reaches, case by case."""

from __future__ import annotations

import pytest

from scanner.analysis.blast_radius import Radius
from tests.analysis.blast_radius.estates import (
    EVERYTHING,
    A,
    B,
    C,
    M,
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

STAGE = Stage()
ENTRY = Person(B, "entry", trust=(trusts(root(A)),))


def radius(*people: Person, **more: object) -> Radius:
    return STAGE.radius(World(people, **more))


def reach(*people: Person, start: str = A, **more: object) -> dict[str, str]:
    """Verdict per account reached, the start left out."""
    held = radius(*people, **more).of_account(start)
    return {account: one.verdict for account, one in held.items() if account != start}


def administered(*people: Person, start: str = A, of: str = B, **more: object) -> str:
    held = radius(*people, **more).of_account(start)
    return held[of].administered if of in held else "deny"


# ---------------------------------------------------------------------- from account to account


def test_nobody_is_reached_without_trust() -> None:
    assert reach(Person(B, "alone", trust=(trusts(root(B)),), policy=(EVERYTHING,))) == {}


def test_a_role_that_trusts_the_account_is_reached_and_what_it_may_do_counts() -> None:
    assert reach(ENTRY) == {B: "allow"}
    assert administered(ENTRY) == "deny"
    assert administered(Person(B, "entry", trust=ENTRY.trust, policy=(EVERYTHING,))) == "allow"


def test_permissions_inside_the_held_account_are_no_barrier() -> None:
    """Whoever holds all of A is any of its roles, whatever that role may do itself."""
    weak = Person(A, "weak", trust=(trusts(root(A)),))
    assert reach(weak, Person(B, "entry", trust=(trusts(weak.arn),))) == {B: "allow"}


def test_a_trusted_role_that_is_gone_lets_nobody_in() -> None:
    known = Person(A, "known", trust=(trusts(root(A)),))
    assert reach(known, Person(B, "entry", trust=(trusts(arn(A, "gone")),))) == {}


def test_control_policies_of_the_held_account_are_a_barrier() -> None:
    assert reach(ENTRY, scps={A: (deny("sts:AssumeRole"),)}) == {}


def test_a_control_policy_that_spares_one_role_is_none() -> None:
    spares = deny("sts:AssumeRole", ArnNotLike={"aws:PrincipalArn": arn(A, "deployer")})
    assert reach(ENTRY, scps={A: (spares,)}) == {B: "allow"}


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"StringEquals": {"sts:ExternalId": "x"}}, "allow"),
        ({"StringLike": {"sts:RoleSessionName": "ops-*"}}, "allow"),
        ({"StringEquals": {"aws:PrincipalTag/team": "ops"}}, "allow"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "allow"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "conditional"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "conditional"),
        ({"StringEquals": {"sts:ExternalId": "x"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}, "conditional"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-2"}}, None),
    ],
)
def test_conditions_that_an_insider_decides_are_no_barrier(condition: dict[str, object], verdict: str | None) -> None:
    found = reach(Person(B, "entry", trust=(trusts(root(A), **condition),)))
    assert found == ({} if verdict is None else {B: verdict})


def test_a_certain_way_beats_a_shorter_conditional_one() -> None:
    mfa = trusts(root(A), Bool={"aws:MultiFactorAuthPresent": "true"})
    goal = Person(C, "goal", trust=(mfa, trusts(arn(B, "entry"))))
    helper = Person(B, "entry", trust=ENTRY.trust, policy=(may("sts:AssumeRole"),))
    held = radius(goal, helper).of_account(A)[C]
    assert (held.verdict, held.hops, len(held.chain)) == ("allow", 2, 2)


def test_everyone_means_every_account() -> None:
    people = (Person(B, "open", trust=(trusts("*"),)),)
    assert reach(*people) == {B: "allow"}
    assert reach(*people, start=C) == {B: "allow"}


def test_a_chain_needs_the_permissions_of_the_roles_on_the_way() -> None:
    goal = Person(C, "goal", trust=(trusts(root(B)),))
    assert reach(ENTRY, goal) == {B: "allow"}
    helper = Person(B, "entry", trust=ENTRY.trust, policy=(may("sts:AssumeRole", goal.arn),))
    assert reach(helper, goal) == {B: "allow", C: "allow"}


def test_who_administers_an_account_has_all_its_ways() -> None:
    admin = Person(B, "entry", trust=ENTRY.trust, policy=(EVERYTHING,))
    assert reach(admin, Person(C, "goal", trust=(trusts(root(B)),))) == {B: "allow", C: "allow"}


def test_circles_of_roles_end() -> None:
    ring = [
        Person(account, "ring", trust=(trusts(*(root(one) for one in (A, B, C))),), policy=(may("sts:AssumeRole"),))
        for account in (A, B, C)
    ]
    assert reach(*ring) == {B: "allow", C: "allow"}


# ---------------------------------------------------------------------- who governs


def test_the_management_account_reaches_every_member() -> None:
    assert reach(start=M) == {A: "allow", B: "allow", C: "allow"}
    assert administered(start=M) == "allow"


def test_who_gets_into_the_management_account_reaches_every_member() -> None:
    admin = Person(M, "ops", trust=(trusts(root(A)),), policy=(EVERYTHING,))
    assert reach(admin) == {M: "allow", B: "allow", C: "allow"}
    reader = Person(M, "ops", trust=(trusts(root(A)),), policy=(may("s3:GetObject"),))
    assert reach(reader) == {M: "allow"}


def test_a_principal_of_the_management_account_that_assigns_administrators_governs() -> None:
    calls = ["sso:CreatePermissionSet", "sso:AttachManagedPolicyToPermissionSet", "sso:CreateAccountAssignment"]
    assert reach(Person(M, "ops", trust=(trusts(root(A)),), policy=(may(calls),))) == {
        M: "allow",
        B: "allow",
        C: "allow",
    }


@pytest.mark.parametrize("service", ["member.org.stacksets.cloudformation.amazonaws.com", "sso.amazonaws.com"])
def test_delegated_administrators_of_what_enters_accounts_reach_all_but_the_management_account(service: str) -> None:
    assert reach(delegates=((A, service),)) == {B: "allow", C: "allow"}


def test_other_delegated_administrators_do_not() -> None:
    assert reach(delegates=((A, "guardduty.amazonaws.com"),)) == {}


def test_a_closed_account_is_neither_reached_nor_judged() -> None:
    world = World((ENTRY,))
    STAGE.set(world)
    STAGE.connection.execute(f"UPDATE accounts SET status = 'SUSPENDED' WHERE account_id = '{B}'")
    from scanner.config import Config

    found = Radius.load(STAGE.connection, Config())
    assert B not in found.accounts
    assert B not in found.of_account(A)


# ---------------------------------------------------------------------- gaps


def test_an_account_that_was_not_read_may_let_anybody_in() -> None:
    assert reach(unread=frozenset([B])) == {B: "unknown"}
    chain = radius(unread=frozenset([B])).of_account(A)[B].chain
    assert "iam.get_account_authorization_details" in chain[0]


def test_what_leads_on_from_an_account_that_was_not_read_is_unknown_too() -> None:
    assert reach(Person(C, "goal", trust=(trusts(root(B)),)), unread=frozenset([B])) == {B: "unknown", C: "unknown"}


def test_an_unread_account_is_still_held_by_who_holds_it() -> None:
    assert reach(Person(C, "goal", trust=(trusts(root(A)),)), unread=frozenset([A]))[C] == "allow"


def test_unread_delegated_administrators_leave_every_member_unknown() -> None:
    assert reach(refused=frozenset(["organizations.list_delegated_administrators"])) == {B: "unknown", C: "unknown"}


def test_a_policy_that_was_not_read_leaves_open_what_a_role_may() -> None:
    held = radius(Person(B, "entry", trust=ENTRY.trust, attached=("missing",))).of_account(A)[B]
    assert (held.verdict, held.administers) == ("allow", None)


# ---------------------------------------------------------------------- privilege paths


LAMBDA = Person(B, "strong", trust=(runs("lambda"),), policy=(EVERYTHING,))
FUNCTIONS = ["lambda:CreateFunction", "lambda:InvokeFunction"]


def entering(*policy: dict[str, object], **more: object) -> Person:
    return Person(B, "entry", trust=ENTRY.trust, policy=policy, **more)


def test_a_role_that_attaches_policies_to_itself_administers() -> None:
    assert administered(entering(may("iam:AttachRolePolicy", arn(B, "entry")))) == "allow"
    assert administered(entering(may("iam:AttachRolePolicy", arn(B, "other")))) == "deny"


def test_which_policy_may_be_attached_matters() -> None:
    only = may("iam:AttachRolePolicy", ArnEquals={"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
    assert administered(entering(only)) == "deny"
    admin = may("iam:AttachRolePolicy", ArnEquals={"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"})
    assert administered(entering(admin)) == "allow"


def test_a_boundary_that_the_call_demands_matters() -> None:
    demands = may("iam:PutRolePolicy", StringEquals={"iam:PermissionsBoundary": arn(B, "edge", "policy")})
    assert administered(entering(demands)) == "deny"


def test_who_grows_within_a_boundary_gets_what_the_boundary_leaves() -> None:
    grows, edge = may("iam:*"), {(B, "edge"): (may(["iam:*", "sts:*"]),)}
    goal = Person(C, "goal", trust=(trusts(root(B)),))
    bounded = entering(may("iam:PutRolePolicy"), boundary="edge")
    assert reach(bounded, goal, managed=edge) == {B: "allow", C: "allow"}
    narrow = {(B, "edge"): (may("iam:PutRolePolicy"),)}
    assert reach(bounded, goal, managed=narrow) == {B: "allow"}
    assert grows


def test_passing_a_role_to_a_service_gives_that_role() -> None:
    assert administered(entering(may(["iam:PassRole", *FUNCTIONS])), LAMBDA) == "allow"
    assert administered(entering(may("iam:PassRole"), may(FUNCTIONS)), LAMBDA) == "allow"
    assert administered(entering(may("iam:PassRole", arn(B, "weak")), may(FUNCTIONS)), LAMBDA) == "deny"
    assert administered(entering(may("iam:PassRole", LAMBDA.arn), may(FUNCTIONS)), LAMBDA) == "allow"
    assert administered(entering(may("iam:PassRole")), LAMBDA) == "deny"


def test_to_which_service_a_role_may_be_passed_matters() -> None:
    def passing(service: str) -> Person:
        only = {"iam:PassedToService": f"{service}.amazonaws.com"}
        return entering(may("iam:PassRole", StringEquals=only), may(FUNCTIONS))

    assert administered(passing("lambda"), LAMBDA) == "allow"
    assert administered(passing("ec2"), LAMBDA) == "deny"


def test_the_role_has_to_trust_the_service() -> None:
    other = Person(B, "strong", trust=(runs("ec2"),), policy=(EVERYTHING,))
    assert administered(entering(may(["iam:PassRole", *FUNCTIONS])), other) == "deny"


def test_what_runs_already_is_certain_only_where_it_is_seen_running() -> None:
    strong = Person(B, "strong", trust=(runs("ec2"),), policy=(EVERYTHING,))
    shell = entering(may("ssm:StartSession"))
    assert administered(shell, strong) == "conditional"
    assert administered(shell, strong, running=(strong,)) == "allow"


def test_new_keys_make_one_that_user() -> None:
    boss = Person(B, "boss", "user", policy=(EVERYTHING,))
    for call in ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"):
        assert administered(entering(may(call)), boss) == "allow"
        assert administered(entering(may(call, arn(B, "other", "user"))), boss) == "deny"


def test_rewriting_the_trust_of_a_role_makes_one_that_role() -> None:
    strong = Person(B, "strong", trust=(trusts(root(B)),), policy=(EVERYTHING,))
    assert administered(entering(may("iam:UpdateAssumeRolePolicy", strong.arn)), strong) == "allow"


def test_giving_permissions_to_a_role_helps_who_also_gets_hold_of_it() -> None:
    puts = may("iam:PutRolePolicy", arn(B, "other"))
    closed = Person(B, "other", trust=(runs("ec2"),))
    assert administered(entering(puts), closed) == "deny"
    near = Person(B, "other", trust=(trusts(arn(B, "entry")),))
    assert administered(entering(puts), near) == "allow"


def test_two_roles_held_at_once_are_put_together() -> None:
    """A enters both; neither reaches the other."""
    giver = entering(may("iam:PutRolePolicy", arn(B, "taker")))
    taker = Person(B, "taker", trust=ENTRY.trust)
    assert administered(giver, taker) == "allow"
    assert administered(giver, Person(B, "taker", trust=(trusts(root(C)),))) == "deny"


def test_a_new_version_of_a_policy_one_carries() -> None:
    managed = {(B, "own"): (may("s3:GetObject"),)}
    rewrites = may("iam:CreatePolicyVersion", arn(B, "own", "policy"))
    assert administered(entering(rewrites, attached=("own",)), managed=managed) == "allow"
    assert administered(entering(rewrites), managed=managed) == "deny"


def test_another_version_of_a_policy_one_carries_may_allow_more() -> None:
    managed = {(B, "own"): (may("s3:GetObject"),)}
    switches = may("iam:SetDefaultPolicyVersion", arn(B, "own", "policy"))
    assert administered(entering(switches, attached=("own",)), managed=managed) == "conditional"
    assert administered(entering(switches), managed=managed) == "deny"


def test_groups_pass_on_what_they_are_given() -> None:
    staff = Person(B, "staff", "group")
    user = Person(B, "joe", "user", policy=(may("iam:PutGroupPolicy"),), groups=("staff",))
    assert radius(staff, user).of_principal(user.arn)[B].administered == "allow"
    admins = Person(B, "admins", "group", policy=(EVERYTHING,))
    joiner = Person(B, "joe", "user", policy=(may("iam:AddUserToGroup"),))
    assert radius(admins, joiner).of_principal(joiner.arn)[B].administered == "allow"


def test_a_deny_takes_a_path_away() -> None:
    assert administered(entering(may("iam:*"), deny("iam:AttachRolePolicy"), deny("iam:Put*"), deny("iam:*Version"),
                                 deny("iam:*Policy"))) == "deny"  # fmt: skip


# ---------------------------------------------------------------------- one principal, and what is done


def test_one_principal_reaches_no_more_than_it_may() -> None:
    weak = Person(A, "weak", trust=(trusts(root(A)),))
    strong = Person(A, "strong", trust=(trusts(root(A)),), policy=(may("sts:AssumeRole"),))
    found = radius(weak, strong, ENTRY)
    assert set(found.of_principal(weak.arn)) == {A}
    assert set(found.of_principal(strong.arn)) == {A, B}
    assert found.of_account(A)[A].administered == "allow"


def test_destroying_hangs_on_what_was_got_hold_of() -> None:
    for actions, answer in (("rds:DeleteDBInstance", True), ("s3:Get*", False), ("s3:*", True)):
        found = radius(entering(may(actions)))
        assert found.destroys(found.of_account(A)[B]) is answer


def test_a_chain_proves_the_most_that_can_be_done() -> None:
    weak = Person(B, "a-weak", trust=(trusts(root(A)),))
    deleting = Person(B, "deleting", trust=(trusts(root(A)),), policy=(may("rds:*"),))
    found = radius(weak, deleting)
    held = found.of_account(A)[B]
    assert held.entered_as == weak.arn
    worst, destroys = found.at_its_worst(held)
    assert destroys is True and worst.entered_as == deleting.arn and deleting.arn in worst.chain[-1]
    assert deleting.arn in found.may(held, "rds:DeleteDBInstance", "*").reasons[0]


def test_control_policies_bind_an_administrator() -> None:
    admin = entering(EVERYTHING)
    found = radius(admin, scps={B: (deny("rds:*"),)})
    held = found.of_account(A)[B]
    assert found.may(held, "rds:DeleteDBInstance", f"arn:aws:rds:eu-west-1:{B}:db:x").verdict == "deny"
    assert found.may(held, "s3:DeleteObject", "arn:aws:s3:::x/y").verdict == "allow"
