"""Whether what AWS Config records is gathered for the whole organization: read through the collectors, and as rows of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scanner import analysis, vocabulary
from scanner.analysis import unread as unread_tables
from scanner.aws.recording import Replay
from scanner.collect.api import Call, Place, Response
from scanner.config import Config
from scanner.engine.duck import Duck
from scanner.snapshot.read import connect_empty
from tests.rule import organization as o
from tests.rule.memory import Memory, Refusing, collected
from tests.rule.test_gaps import Judge
from tests.rule.test_suspicions import NOW, A, B, M, Rows, organization, put

NAME = "config.describe_configuration_aggregators"
RULE = ("governance/changes_gathered_nowhere", "the organization")


class Gathering:
    """An estate in which one account has an aggregator in one Region, and nobody has another."""

    def __init__(self, inner: Replay, account: str, region: str, **source: Any):
        self._inner, self._at = inner, (account, region)
        arn = f"arn:aws:config:{region}:{account}:config-aggregator/all"
        one = {"ConfigurationAggregatorName": "all", "ConfigurationAggregatorArn": arn, **source}
        self._answer = {"ConfigurationAggregators": [one]}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        if call.name != NAME:
            yield from self._inner.pages(place, call, params)
        elif (place.account_id, place.region) == self._at:
            yield self._answer


def everything() -> dict[str, Any]:
    return {"OrganizationAggregationSource": {"RoleArn": "r", "AllAwsRegions": True}}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Replay, Memory]:
    estate = Replay(o.write(tmp_path_factory.mktemp("organization")))
    return estate, collected(estate)


def outcome(whole: tuple[Replay, Memory], estate: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The verdict with aggregators read again through `estate`, and all else as it was."""
    kept = {unit: found for unit, found in whole[1].units.items() if unit.collector != "config_aggregators"}
    rows = collected(estate, kept).tables()
    return Judge(rows).judge(rows, monkeypatch)[RULE][1]


def test_one_that_leaves_out_a_recorded_region_fails(
    whole: tuple[Replay, Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcome(whole, whole[0], monkeypatch) == "fail"


def test_one_of_all_regions_passes(whole: tuple[Replay, Memory], monkeypatch: pytest.MonkeyPatch) -> None:
    estate = Gathering(whole[0], o.MANAGEMENT, o.THERE, **everything())
    assert outcome(whole, estate, monkeypatch) == "pass"


def test_where_the_account_that_may_gather_was_not_read_nothing_is_said(
    whole: tuple[Replay, Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcome(whole, Refusing(whole[0], {(o.MANAGEMENT, NAME)}), monkeypatch) == "not_evaluated"
    assert outcome(whole, Refusing(whole[0], {(o.ORDERS, NAME)}), monkeypatch) == "fail"


HERE = "eu-west-1"


@pytest.fixture(scope="module")
def judged() -> Any:
    """An organization of two members with nothing in it, and all that is said of it."""
    connection = connect_empty()
    put(connection, organization(A, B))
    analysis.run_all(connection, Config(), NOW)
    vocabulary.create(connection, vocabulary.load(), Config(), NOW)
    return connection


def word(connection: Any, rows: Rows) -> dict[str, Any]:
    """What is said of the organization with these rows as well; the rest of the vocabulary does not hang on them."""
    connection.execute("BEGIN")
    try:
        put(connection, rows)
        connection.execute("DELETE FROM unread")
        unread_tables.run(connection, Config())
        connection.execute("DROP TABLE organization")
        vocabulary.make(Duck(connection), vocabulary.load()["organization"], Config(), NOW)
        found = connection.execute("SELECT * FROM organization")
        return dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))
    finally:
        connection.execute("ROLLBACK")


def recorder(account: str, region: str = HERE, recording: bool | None = True, service: str | None = None) -> Rows:
    row = {"account_id": account, "region": region, "name": "default", "records_all": True}
    return [("configuration_recorders", {**row, "is_recording": recording, "service_principal": service})]


def aggregator(account: str = M, **more: Any) -> Rows:
    row = {"account_id": account, "region": HERE, "arn": f"arn:{account}", "name": "all", "of_organization": True}
    facts = {"all_regions": True, "regions": [], "accounts": [], "is_filtered": False}
    return [("configuration_aggregators", {**row, **facts, **more})]


def delegated(account: str, service: str | None = "config.amazonaws.com") -> Rows:
    row = {"account_id": M, "region": "global", "delegate_account_id": account, "service_principal": service}
    return [("delegated_administrators", row)]


def unread(account: str, collector: str, call: str, table: str, region: str = HERE) -> Rows:
    named = {"collector": collector, "call": call}
    return [
        ("call_tables", {**named, "table_name": table}),
        ("coverage", {"account_id": account, "region": region, **named, "status": "access_denied"}),
    ]


def no_aggregators(account: str) -> Rows:
    return unread(account, "config_aggregators", NAME, "configuration_aggregators")


NO_DELEGATES = unread(
    M, "organizations", "organizations.list_delegated_administrators", "delegated_administrators", "global"
)
NO_RECORDERS = unread(B, "config_recorders", "config.describe_configuration_recorders", "configuration_recorders")
PART = {"all_regions": False, "regions": [HERE]}


@pytest.mark.parametrize(
    ("rows", "ungathered"),
    [
        ([], True),
        (aggregator(), False),
        (aggregator(is_filtered=True), True),
        (aggregator(of_organization=False, accounts=[A, B]), True),
        (aggregator(**PART), False),
        (aggregator(**PART) + recorder(B, "us-east-1"), True),
        (aggregator(**PART) + recorder(B, "us-east-1", recording=False), False),
        (aggregator(**PART) + recorder(B, "us-east-1", service="securityhub.amazonaws.com"), False),
        (aggregator(**PART) + aggregator(arn="other", all_regions=False, regions=["us-east-1"]) + recorder(B, "us-east-1"), False),
        # A name of a Region is not part of another.
        (aggregator(all_regions=False, regions=["eu-west-11"]), True),
        (aggregator(B) + delegated(B), False),
        # Who does not administer AWS Config (any more) gathers nothing.
        (aggregator(B), True),
        (aggregator(B) + delegated(B, "guardduty.amazonaws.com"), True),
        # What may not have been read.
        (no_aggregators(M), None),
        (no_aggregators(A), True),
        (no_aggregators(B) + delegated(B), None),
        (no_aggregators(B) + delegated(B, None), None),
        (no_aggregators(B) + delegated(B, "guardduty.amazonaws.com"), True),
        (no_aggregators(B) + delegated(B) + aggregator(), False),
        (NO_DELEGATES, None),
        (NO_DELEGATES + aggregator(B), None),
        (NO_DELEGATES + aggregator(), False),
        (NO_RECORDERS, True),
        (NO_RECORDERS + aggregator(), False),
        (NO_RECORDERS + aggregator(**PART), None),
    ],
)  # fmt: skip
def test_what_gathers_and_what_does_not(judged: Any, rows: Rows, ungathered: bool | None) -> None:
    said = word(judged, recorder(A) + recorder(B) + rows)
    assert (said["is_recorded"], said["recorded_accounts"]) == (True, 2)
    assert said["changes_ungathered"] is ungathered


@pytest.mark.parametrize(
    ("rows", "recorded"),
    [([], False), (recorder(A), False), (recorder(A) + recorder(B, recording=None), None), (NO_RECORDERS, None)],
)
def test_one_account_that_records_has_nothing_to_gather(judged: Any, rows: Rows, recorded: bool | None) -> None:
    assert word(judged, rows)["is_recorded"] is recorded


def test_what_there_is_is_told(judged: Any) -> None:
    said = word(judged, recorder(A) + recorder(B) + aggregator(B, **PART, is_filtered=True))
    assert said["aggregators"] == "all of a3 in eu-west-1, the organization, only eu-west-1, filtered"
    assert said["ungathered_regions"] == HERE
