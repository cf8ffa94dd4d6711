"""Finding IAM Identity Center, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scanner.collect import identitystore, sso_admin
from scanner.collect.api import Api, Call, Place, ReadError, Response
from scanner.collect.run import ledger_rows
from tests.collect.answers.identitystore import ANSWERS, FOUND
from tests.collect.answers.sso_admin import ANSWERS as ASSIGNED
from tests.collect.answers.sso_admin import BARE, OPERATOR
from tests.collect.fake import ACCOUNT, Fake, Refused, read, table_of

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
HERE = FOUND["sso-admin.list_instances"]
OF_A_MEMBER = {"Instances": [{**HERE["Instances"][0], "OwnerAccountId": "444455556666", "IdentityStoreId": "d-other"}]}


class ByRegion(Fake):
    """Answers `ListInstances` Region by Region, nothing where nothing is said."""

    def __init__(self, instances: Mapping[str, Any]):
        regions = {"Regions": [{"RegionName": name} for name in REGIONS]}
        super().__init__({**ANSWERS, "ec2.describe_regions": regions})
        self._instances = instances

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        if call.name == "sso-admin.list_instances":
            self._answers = {**self._answers, call.name: self._instances.get(place.region, {})}
        yield from super().pages(place, call, params)


def collected(source: Fake) -> tuple[list[Any], dict[str, str]]:
    """Rows, and the status of every call in the ledger."""
    api = Api(source, Place(ACCOUNT, "global"), {call.name: call for call in identitystore.CALLS})
    rows = list(identitystore.fetch(api))
    return rows, {row["call"]: row["status"] for row in ledger_rows("x", identitystore.CALLS, api.tallies, None)}


def asked(source: Fake, call: str) -> list[str]:
    return [region for name, region, _ in source.requests if name == call]


def test_regions_are_asked_until_one_answers_and_the_rest_is_read_there() -> None:
    source = ByRegion({"eu-west-1": HERE})
    rows, ledger = collected(source)
    assert asked(source, "sso-admin.list_instances") == ["eu-central-1", "eu-west-1"]
    assert asked(source, "identitystore.list_groups") == ["eu-west-1"]
    assert len(rows) == 4
    assert set(ledger.values()) == {"collected"}


def test_a_region_that_refuses_is_no_gap_once_another_has_the_instance() -> None:
    rows, ledger = collected(ByRegion({"eu-central-1": Refused(), "us-east-1": HERE}))
    assert len(rows) == 4
    assert set(ledger.values()) == {"collected"}


def test_a_region_that_refuses_is_a_gap_where_no_other_has_it() -> None:
    rows, ledger = collected(ByRegion({"eu-central-1": Refused()}))
    assert rows == []
    assert ledger["sso-admin.list_instances"] == ledger["identitystore.list_groups"] == "access_denied"
    assert ledger["ec2.describe_regions"] == "collected"


def test_without_an_instance_there_is_nothing_and_no_gap() -> None:
    source = ByRegion({})
    rows, ledger = collected(source)
    assert rows == []
    assert asked(source, "sso-admin.list_instances") == list(REGIONS)
    assert set(ledger.values()) == {"collected"}


def test_without_an_organization_no_region_is_asked() -> None:
    alone = ReadError("not_in_use", "no organization", code="AWSOrganizationsNotInUseException")
    source = Fake({**ANSWERS, "organizations.describe_organization": alone})
    rows, ledger = collected(source)
    assert rows == []
    assert len(source.requests) == 1
    assert set(ledger.values()) == {"not_in_use"}


def test_the_account_instance_of_a_member_is_passed_over() -> None:
    source = ByRegion({"eu-central-1": OF_A_MEMBER, "us-east-1": HERE})
    rows, _ = collected(source)
    assert {row["identity_store_id"] for _, row in rows} == {"d-1"}
    assert asked(source, "identitystore.list_users") == ["us-east-1"]


def test_of_people_only_ids_and_user_names_are_kept() -> None:
    users = table_of(read(identitystore, ANSWERS), "identity_users")
    assert users == [
        {"user_id": "u-1", "name": "anna", "identity_store_id": "d-1"},
        {"user_id": "u-2", "name": None, "identity_store_id": "d-1"},
    ]


def test_assignments_are_asked_only_where_the_set_is_provisioned() -> None:
    source = Fake(ASSIGNED)
    api = Api(source, Place(ACCOUNT, "global"), {call.name: call for call in sso_admin.CALLS})
    rows = list(sso_admin.fetch(api))
    pairs = [(request["PermissionSetArn"], request["AccountId"]) for name, _, request in source.requests if name == "sso-admin.list_account_assignments"]  # fmt: skip
    assert pairs == [(OPERATOR, "444455556666"), (OPERATOR, "777788889999")]
    given = [(row["target_account_id"], row["principal_id"]) for row in table_of(rows, "account_assignments")]
    assert given == [
        ("444455556666", "g-1"),
        ("444455556666", "u-1"),
        ("444455556666", "g-gone"),
        ("777788889999", "g-1"),
    ]
    assert {row["user_id"] for row in table_of(rows, "identity_group_members")} == {"u-1", "u-2"}


def test_what_a_set_stands_on() -> None:
    rows = read(sso_admin, ASSIGNED)
    sets = {row["arn"]: row for row in table_of(rows, "permission_sets")}
    assert (sets[OPERATOR]["boundary_arn"], sets[OPERATOR]["boundary_path"]) == (None, "/limit")
    assert (sets[BARE]["policy_read"], sets[BARE]["boundary_read"], sets[BARE]["boundary_path"]) == (True, True, None)
    attached = [(row["policy_arn"], row["policy_path"]) for row in table_of(rows, "permission_set_policies")]
    assert attached == [
        ("arn:aws:iam::aws:policy/PowerUserAccess", None),
        ("arn:aws:iam::aws:policy/job-function/Billing", None),
        (None, "/team/deploy"),
        (None, "/plain"),
    ]
    assert [row["kind"] for row in table_of(rows, "policy_documents")] == ["permission_set"]


@pytest.mark.parametrize(
    ("call", "column"),
    [
        ("sso-admin.get_inline_policy_for_permission_set", "policy_read"),
        ("sso-admin.list_managed_policies_in_permission_set", "policy_read"),
        ("sso-admin.list_customer_managed_policy_references_in_permission_set", "policy_read"),
        ("sso-admin.get_permissions_boundary_for_permission_set", "boundary_read"),
    ],
)
def test_a_set_says_what_of_it_was_not_read(call: str, column: str) -> None:
    sets = table_of(read(sso_admin, ASSIGNED, call), "permission_sets")
    assert [row[column] for row in sets] == [False, False]
