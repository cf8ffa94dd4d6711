"""`bulkhead drill`: what it says about recordings, and the shape of its JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scanner import drill, scan
from scanner.cli import main
from scanner.config import Config
from scanner.errors import UsageError
from tests.rule import organization
from tests.rule.organization import BACKUP, CLOSED, HERE, LEGACY, MANAGEMENT, ORDERS, PAYMENTS

SHARED_TRUST = Path(__file__).parents[2] / "shared" / "cases" / "trust" / "organization" / "recording"
SHAPE: dict[str, list[str]] = {
    "lost": ["arn", "name", "type", "environment"],
    "survives": ["arn", "name", "copies"],
    "unknown": ["arn", "why"],
    "falls_too": ["account_id", "chain"],
}
COPY = ["arn", "account_id", "created_at", "key_account_id", "immutable"]


def assert_shape(found: dict[str, Any]) -> None:
    """The documented keys come first and in order; more may follow."""
    assert list(found)[:5] == ["account", *SHAPE]
    for part, keys in SHAPE.items():
        for one in found[part]:
            assert list(one)[: len(keys)] == keys
    for one in found["survives"]:
        assert one["copies"], "what survives has a copy"
        assert all(list(copy) == COPY and isinstance(copy["immutable"], bool) for copy in one["copies"])
        times = [copy["created_at"] for copy in one["copies"] if copy["created_at"]]
        assert times == sorted(times, reverse=True), "newest first"
    listed = [one["arn"] for part in ("lost", "survives", "unknown") for one in found[part]]
    assert len(listed) == len(set(listed)), "a data store has one fate"


def snapshot_of(recording: Path, target: Path) -> Path:
    scan.make_snapshot(target, Config(), scan.Reading(recorded=recording, workers=1))
    return target


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drill")
    return snapshot_of(organization.write(folder / "recording"), folder / "snapshot")


@pytest.fixture(scope="module")
def everything(snapshot: Path) -> dict[str, dict[str, Any]]:
    found = drill.drills(drill.open_snapshot(snapshot, Config()))
    return {one.account: drill.as_json(one) for one in found}


def names(found: dict[str, Any], part: str) -> set[str]:
    return {one["name"] if "name" in one else one["arn"].rsplit(":", 1)[-1] for one in found[part] if one["arn"]}


def test_every_account_is_drilled_in_the_documented_shape(everything: dict[str, dict[str, Any]]) -> None:
    assert set(everything) == {*organization.READ, CLOSED}
    for found in everything.values():
        assert_shape(found)


def test_what_is_lost_and_what_is_left(everything: dict[str, dict[str, Any]]) -> None:
    payments = everything[PAYMENTS]
    assert {"bare", "ledger", "keyed", "reached", "payments-bare"} <= names(payments, "lost")
    assert names(payments, "survives") == {"far", "stale"}
    assert payments["unknown"] == []
    why = {one["name"]: one["why"] for one in payments["lost"]}
    assert why["bare"] == "There is no copy."
    assert "key of the lost account" in why["keyed"] and "within reach" in why["reached"]


def test_a_copy_says_whose_it_is(everything: dict[str, dict[str, Any]]) -> None:
    (far,) = [one for one in everything[PAYMENTS]["survives"] if one["name"] == "far"]
    kept = far["copies"][0]
    assert (kept["account_id"], kept["key_account_id"], kept["immutable"], kept["created_at"]) == (
        BACKUP, BACKUP, True, "2025-06-01T12:00:00Z",
    )  # fmt: skip
    assert {copy["account_id"] for copy in far["copies"]} == {BACKUP, LEGACY}


def test_copies_that_may_lie_with_a_stranger_leave_the_loss_open(everything: dict[str, dict[str, Any]]) -> None:
    orders = everything[ORDERS]
    assert names(orders, "survives") >= {"orders-db"}
    open_ones = {one["arn"].rsplit(":", 1)[-1]: one["why"] for one in orders["unknown"]}
    assert set(open_ones) == {"orders-range", "volume/vol-p1"}, "nothing but what was lent may have been copied"
    assert all("999999999999" in why for why in open_ones.values())
    assert names(orders, "lost") >= {"orders-table", "orders-public"}


def test_what_falls_too_comes_with_its_chain(everything: dict[str, dict[str, Any]]) -> None:
    assert [one["account_id"] for one in everything[PAYMENTS]["falls_too"]].count(BACKUP) == 1
    assert len(everything[MANAGEMENT]["falls_too"]) >= 6
    assert all(one["chain"] for found in everything.values() for one in found["falls_too"])
    assert all(one["account_id"] != account for account, found in everything.items() for one in found["falls_too"])


def test_copies_that_would_not_help_are_named(everything: dict[str, dict[str, Any]]) -> None:
    useless = {one["store_arn"].rsplit(":", 1)[-1]: one["why"] for one in everything[PAYMENTS]["useless"]}
    assert set(useless) == {"keyed", "reached"}
    lent = [one for one in everything[ORDERS]["useless"] if "lent to" in one["why"]]
    assert {one["arn"].rsplit(":", 1)[-1] for one in lent} >= {"shared", "cs"}


def test_what_was_not_listed_is_unknown_with_the_call(tmp_path: Path) -> None:
    recording = organization.write(tmp_path / "recording")
    (recording / PAYMENTS / HERE / "rds" / "describe_db_instances.json").unlink()
    connection = drill.open_snapshot(snapshot_of(recording, tmp_path / "snapshot"), Config())
    (found,) = (drill.as_json(one) for one in drill.drills(connection, [PAYMENTS]))
    assert_shape(found)
    assert [one["arn"] for one in found["unknown"]] == [f"arn:aws:rds:{HERE}:{PAYMENTS}:db:*"]
    assert "rds.describe_db_instances" in found["unknown"][0]["why"] and HERE in found["unknown"][0]["why"]
    assert not {"bare", "ledger"} & names(found, "lost")


def test_a_keeper_that_cannot_be_read_loses_nothing_for_certain(
    tmp_path: Path, everything: dict[str, dict[str, Any]]
) -> None:
    recording = organization.write(tmp_path / "recording")
    for path in recording.glob(f"{BACKUP}/*/backup/list_recovery_points_by_backup_vault.json"):
        path.unlink()
    connection = drill.open_snapshot(snapshot_of(recording, tmp_path / "snapshot"), Config())
    found = {one.account: drill.as_json(one) for one in drill.drills(connection)}
    for account, before in everything.items():
        assert names(found[account], "lost") <= names(before, "lost")
        assert names(found[account], "survives") <= names(before, "survives")
    assert names(found[PAYMENTS], "lost") == set()
    whys = {one["why"] for one in found[PAYMENTS]["unknown"]}
    assert all("backup.list_recovery_points_by_backup_vault" in why and BACKUP in why for why in whys)


def test_the_command_answers(snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*arguments: str) -> str:
        assert main(["drill", *arguments, "--snapshot", str(snapshot)]) == 0
        return capsys.readouterr().out

    table = said().splitlines()
    assert table[0].split()[:3] == ["account", "name", "lost"]
    assert len(table) == len(organization.READ) + 2
    assert int(table[1].split()[2]) >= int(table[-1].split()[2])
    text = said("payments")
    assert text.startswith(f"If payments ({PAYMENTS}) is erased tonight:")
    assert "lost for good" in text and "falls too: 1" in text
    assert said("--all").count("is erased tonight") == len(organization.READ) + 1
    one = json.loads(said(PAYMENTS, "--format", "json"))
    assert one["account"] == PAYMENTS
    listed = json.loads(said("--all", "--format", "json"))
    assert [found["account"] for found in listed] == sorted(found["account"] for found in listed)
    assert one in listed


def test_wrong_questions(snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "nobody", "--snapshot", str(snapshot)]) == 2
    assert "nobody is no account of this snapshot" in capsys.readouterr().err
    assert main(["drill", PAYMENTS, "--all", "--snapshot", str(snapshot)]) == 2
    assert main(["drill", "--format", "xml", "--snapshot", str(snapshot)]) == 2


def test_two_accounts_of_one_name_have_to_be_told_apart(snapshot: Path) -> None:
    connection = drill.open_snapshot(snapshot, Config())
    connection.execute("CREATE OR REPLACE TEMP TABLE accounts AS SELECT * REPLACE ('twin' AS name) FROM accounts")
    with pytest.raises(UsageError, match="the name of 9 accounts"):
        drill.find_account(connection, "twin")


def test_hostile_names_do_not_reach_the_terminal(snapshot: Path) -> None:
    from scanner import drill_text
    from scanner.findings import Drill, Store

    lost = Store("arn", "evil\x1b[31m\nname", "database", "production", "There is no copy.")
    text = drill_text.one(Drill("1", (lost,), (), (), ()), {"1": "shop\x07"})
    assert "\x1b" not in text and "\x07" not in text
    assert "name (database" in text


@pytest.mark.skipif(not SHARED_TRUST.is_dir(), reason="the shared cases do not lie beside this checkout")
def test_a_recording_without_data_stores_is_unknown_throughout(tmp_path: Path) -> None:
    connection = drill.open_snapshot(snapshot_of(SHARED_TRUST, tmp_path / "snapshot"), Config())
    found = [drill.as_json(one) for one in drill.drills(connection)]
    assert len(found) >= 3
    for one in found:
        assert_shape(one)
        assert (one["lost"], one["survives"]) == ([], [])
        assert one["unknown"]
