"""A finding is the same finding tomorrow: renamed accounts and answers in another order change no fingerprint."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from scanner import scan
from scanner.config import Config
from scanner.findings import Result

ABOUT_NAMES = "account_slicing/account_sliced_by_team"
"""This rule judges the name itself: with another name it is another verdict."""
NAMED = ("list_accounts.json", "list_accounts_for_parent.json")


def changed(recording: Path, target: Path, seed: int) -> Path:
    """A copy of a recording in which every list of a response is shuffled and every account has another name."""
    chance = random.Random(seed)
    shutil.copytree(recording, target)
    for file in sorted(target.rglob("*.json")):
        content = json.loads(file.read_text())
        for response in answers(content):
            for name, value in response.items():
                if isinstance(value, list):
                    chance.shuffle(value)
                if name == "Accounts" and file.name in NAMED:
                    rename(value)
        if isinstance(content, list):
            chance.shuffle(content)
        file.write_text(json.dumps(content))
    return target


def answers(content: Any) -> list[dict[str, Any]]:
    return [one["response"] for one in content] if isinstance(content, list) else [content]


def rename(accounts: list[Any]) -> None:
    for account in accounts:
        if isinstance(account, dict) and "Name" in account:
            account["Name"] = f"renamed <{account['Id'][::-1]}>"


def outcomes(result: Result) -> dict[str, tuple[str, str, str]]:
    return {one.fingerprint: (one.rule_id, one.subject.id, one.outcome) for one in result.findings}


def pinned(result: Result) -> Config:
    """What the names of accounts say, said by the configuration: a rename is then no other environment."""
    accounts = {
        one.id: {"environment": one.environment, "workload": one.workload or "unknown", "owner": one.owner or "unknown"}
        for one in result.accounts
    }
    return Config.model_validate({"classification": {"accounts": accounts}, "ignore": [ABOUT_NAMES]})


@pytest.mark.parametrize("seed", [1, 2])
def test_fingerprints_survive_renames_and_another_order(
    recording: Path, snapshot: Path, result: Result, tmp_path: Path, seed: int
) -> None:
    config = pinned(result)
    before = scan.judge(snapshot, config)
    copy = changed(recording, tmp_path / "recording", seed)
    target = scan.make_snapshot(tmp_path / "s", config, scan.Reading(recorded=copy, workers=1))
    after = scan.judge(target, config)
    assert outcomes(after) == outcomes(before)
    assert all(
        one.account_name is None or one.account_name.startswith("renamed")
        for one in after.findings
        if one.account_id in {a.id for a in after.accounts}
    )
    assert len(before.findings) > 150
