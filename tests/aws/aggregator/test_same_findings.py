"""A scan through an aggregator of AWS Config says what a direct scan says, or that it does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner.aws.aggregator.estate import HELD, Aggregator
from scanner.aws.aggregator.held import types_of
from scanner.aws.recording import Replay
from scanner.collect.api import ReadError
from tests.aws.aggregator import items
from tests.rule import organization as o
from tests.rule.memory import Memory, collected
from tests.rule.test_gaps import Judge, Verdicts, turned

TYPES = types_of(HELD.values())
# Rules that AWS Config alone can decide, on what it holds of networks, databases, roles and policies.
DECIDED = {
    "blast_radius/trusts_everyone",
    "blast_radius/trusts_outsider_without_external_id",
    "blast_radius/trusts_whole_account",
    "blast_radius/peering_mesh",
    "least_privilege/wildcard_policy",
}


class OnlyConfig:
    """An estate whose member accounts nobody can enter."""

    def __init__(self, inner: Replay):
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def enter(self, account_id: str) -> None:
        if account_id != o.MANAGEMENT:
            raise ReadError("no_role", "no role could be assumed")
        self._inner.enter(account_id)


class Scans:
    """The same organization read three ways, and what is judged of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        found = items.base()
        self.recording = items.write(folder, items.with_aggregator(found, items.everything(found), TYPES))
        self.direct = collected(Replay(self.recording))
        rows = self.direct.tables()
        judge = Judge(rows)
        self.before = judge.judge(rows, monkeypatch)
        self.held = collected(Aggregator(Replay(self.recording)))
        self.through = judge.judge(self.held.tables(), monkeypatch)
        self.alone = collected(Aggregator(OnlyConfig(Replay(self.recording))))
        self.without = judge.judge(self.alone.tables(), monkeypatch)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scans]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Scans(tmp_path_factory.mktemp("aggregator"), monkeypatch)


def counted(verdicts: Verdicts) -> Counter[str]:
    return Counter(outcome for _, outcome in verdicts.values())


def calls_of(memory: Memory, account: str) -> dict[str, str]:
    return {
        row["call"]: row["status"]
        for unit, (rows, _) in memory.units.items()
        for table, row in rows
        if table == "coverage" and unit.account_id == account
    }


def test_what_config_holds_and_the_rest_read_directly_say_the_same(scans: Scans) -> None:
    assert list(turned(scans.before, scans.through)) == []
    before, after = counted(scans.before), counted(scans.through)
    assert after["fail"] > 0.85 * before["fail"]
    assert after["pass"] > 0.85 * before["pass"]


def test_what_config_holds_alone_turns_no_verdict(scans: Scans) -> None:
    assert list(turned(scans.before, scans.without)) == []


def test_rules_that_hang_on_what_config_holds_are_decided_by_it_alone(scans: Scans) -> None:
    for rule in sorted(DECIDED):
        before = {key: found for key, found in scans.before.items() if key[0] == rule and found[0] != o.MANAGEMENT}
        assert {outcome for _, outcome in before.values()} == {"fail", "pass"}, rule
        assert {key: scans.without.get(key) for key in before} == before, rule


def test_what_config_does_not_hold_is_not_evaluated(scans: Scans) -> None:
    for rule in (
        "least_privilege/unused_privilege",
        "least_privilege/long_lived_keys",
        "backup_isolation/vault_unlocked",
    ):
        failed = {key for key, found in scans.before.items() if key[0] == rule and found == (found[0], "fail")}
        members = {key for key in failed if scans.before[key][0] != o.MANAGEMENT}
        assert members, rule
        still = {scans.without[key][1] for key in members if key in scans.without}
        hidden = {key[1] for key in scans.without if key[0] == rule and key[1].endswith("/*")}
        assert still == {"not_evaluated"} or (not still and hidden), rule


def test_the_ledger_tells_what_was_read_and_why_the_rest_was_not(scans: Scans) -> None:
    direct, alone = calls_of(scans.direct, o.ORDERS), calls_of(scans.alone, o.ORDERS)
    assert alone.keys() == direct.keys()
    assert alone["ec2.describe_vpcs"] == alone["iam.get_account_authorization_details"] == "collected"
    assert alone["ec2.describe_managed_prefix_lists"] == alone["backup.list_backup_vaults"] == "no_role"
    reasons = [
        row["reason"]
        for unit, (rows, _) in scans.alone.units.items()
        for table, row in rows
        if table == "coverage" and unit.account_id == o.ORDERS and row["status"] == "no_role"
    ]
    assert reasons
    assert [one for one in reasons if "no role could be assumed" not in one or "AWS Config" not in one] == []
