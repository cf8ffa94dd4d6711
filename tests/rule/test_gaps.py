"""No rule ever passes because something was not read, and none fails for it either.

One organization is read whole and judged. Then each declared call in turn is refused in one account, only what that
call is part of is read again, and everything is judged again. A verdict may fall to `not_evaluated`; it may not turn, and a
subject may not disappear unless a line says that the subjects there are hidden.

Beside the rules, every yes-or-no word of the vocabulary is judged as if a rule said just that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner import analysis, vocabulary
from scanner.aws.recording import Replay
from scanner.collect import registry
from scanner.collect.run import Chosen
from scanner.config import Config
from scanner.rule import load
from scanner.rule.bind import bind
from scanner.rule.examples import empty_vocabulary
from scanner.rule.gaps import Gaps
from scanner.snapshot.store import Unit
from scanner.snapshot.tables import TABLES
from tests.rule import organization
from tests.rule.memory import Memory, Refusing, Rows, collected, connection_of, fill

CONFIG = Config()
CALLS = {call.name: (module.SCOPE, call.fills) for module in registry().values() for call in module.CALLS}
Verdicts = dict[tuple[str, str], tuple[str | None, str]]
"""By rule and subject: the account, and `pass`, `fail` or `not_evaluated`. A hidden place is a subject `account/region/*`."""
NEVER_ASKED_HERE = {
    "ec2.describe_vpc_block_public_access_exclusions",  # no block is on
    "ec2.get_managed_prefix_list_entries",  # no list is named
}
_TEXT = " ".join(
    path.read_text()
    for home in (vocabulary.HOME, Path(analysis.__file__).parent)
    for path in home.rglob("*")
    if path.suffix in (".py", ".sql")
)
_WORDS = frozenset(re.findall(r"\w+", _TEXT))
USED = sorted(name for name, (_, fills) in CALLS.items() if _WORDS & set(fills) and name not in NEVER_ASKED_HERE)
"""Calls whose tables some view or analysis reads; no verdict can hang on the others, which are refused all at once."""
ABOUT_THE_ORGANIZATION = {
    "account_slicing/single_account",
    "backup_isolation/cross_account_copies_disabled",
    "blast_radius/workloads_in_management_account",
    "governance/administration_not_delegated",
    "governance/changes_gathered_nowhere",
    "governance/log_archive_missing",
    "governance/new_account_unwatched",
    "governance/no_organization",
    "limits/organization_limit_near",
    "ownership_and_billing/billing_not_consolidated",
    "ownership_and_billing/cost_tags_inactive",
    "ownership_and_billing/tag_values_inconsistent",
    "word account.in_organization",
    "word account.is_member",
    "word organization.administers_security_itself",
    "word organization.changes_ungathered",
    "word organization.cross_account_backup",
    "word organization.exists",
    "word organization.is_recorded",
    "word organization.is_watched",
    "word organization.log_archive_missing",
    "word organization.new_accounts_unwatched",
}
"""These have one answer in one organization."""


class Judge:
    """Judges tables: with every rule, and every boolean word of every view."""

    def __init__(self, rows: Rows):
        self.views = vocabulary.load()
        self._ordered = vocabulary.in_order(self.views)
        empty = empty_vocabulary(self.views, CONFIG)
        questions = [
            (rule.id, rule.body.for_each, *bind(rule, self.views, CONFIG, empty)[:2])
            for rule in load.load([load.BUILT_IN])
        ]
        for view in self.views.values():
            columns = empty.execute(f'DESCRIBE "{view.name}"').fetchall()
            questions += [
                (f"word {view.name}.{name}", view.name, "TRUE", name) for name, kind, *_ in columns if kind == "BOOLEAN"
            ]
        self._listed_from = {name: self.views[subject].listed_from for name, subject, _, _ in questions}
        self._sql = " UNION ALL ".join(
            f"""SELECT '{name}', {"'the organization'" if subject == "organization" else "id"}, account_id, CASE WHEN ({when}) IS NULL OR ({fails}) IS NULL THEN 'not_evaluated'
                WHEN ({fails}) THEN 'fail' ELSE 'pass' END FROM "{subject}" WHERE ({when}) IS DISTINCT FROM FALSE"""
            for name, subject, when, fails in questions
        )
        self._connection = connection_of(rows)
        self._rows = rows

    def judge(self, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Verdicts:
        monkeypatch.setattr(vocabulary, "in_order", lambda _: self._ordered)  # takes as long as all the rest
        connection = self._connection
        connection.execute("BEGIN")
        try:
            for table, found in rows.items():
                if found != self._rows[table]:
                    fill(connection, table, found)
            analysis.run_all(connection, CONFIG, organization.READ_AT)
            vocabulary.create(connection, self.views, CONFIG, organization.READ_AT)
            verdicts = {
                (rule, subject): (account, outcome)
                for rule, subject, account, outcome in connection.execute(self._sql).fetchall()
            }
            gaps = Gaps(connection)
            for rule, tables in self._listed_from.items():
                for account, region, _ in gaps.hidden(tables):
                    verdicts[rule, f"{account}/{region}/*"] = (account, "not_evaluated")
            return verdicts
        finally:
            connection.execute("ROLLBACK")


class Organization:
    """The organization, read whole, and its verdicts."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.estate = Replay(folder)
        self.memory = collected(self.estate)
        rows = self.memory.tables()
        self.judge = Judge(rows)
        self.verdicts = self.judge.judge(rows, monkeypatch)

    def units_of(self, call: str) -> Iterator[tuple[Unit, int]]:
        """Yield the units that made a call, and how many items it gave."""
        for unit, (rows, _) in self.memory.units.items():
            for table, row in rows:
                if table == "coverage" and row["call"] == call and row["requests"]:
                    yield unit, row["items"]

    def without(self, call: str, account: str) -> Memory:
        """Read again what a call refused in one account is part of."""
        if CALLS[call][0] == "organization" or call == "ec2.describe_regions":
            kept: Mapping[Unit, Any] = {}
        else:
            lost = {unit for unit, _ in self.units_of(call) if unit.account_id == account}
            kept = {unit: found for unit, found in self.memory.units.items() if unit not in lost}
        return collected(Refusing(self.estate, {(account, call)}), kept)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Organization:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return Organization(organization.write(tmp_path_factory.mktemp("organization")), monkeypatch)


def test_the_organization_was_read_whole_and_has_both_answers(whole: Organization) -> None:
    status = TABLES["coverage"].names.index("status")
    assert {row[status] for row in whole.memory.tables()["coverage"]} == {"collected", "suspended"}
    asked = {call for call in CALLS if any(whole.units_of(call))}
    assert asked == set(CALLS) - NEVER_ASKED_HERE
    outcomes: dict[str, set[str]] = {}
    for (rule, _), (_, outcome) in whole.verdicts.items():
        outcomes.setdefault(rule, set()).add(outcome)
    one_sided = {rule for rule, found in outcomes.items() if not {"pass", "fail"} <= found}
    assert sorted(one_sided - ABOUT_THE_ORGANIZATION) == []


@pytest.mark.parametrize("call", sorted({*USED, "ec2.describe_regions"}))
def test_a_refused_call_turns_no_verdict(call: str, whole: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    # In the account that has most to tell, and of these the one that is judged most.
    items: dict[str, int] = {}
    for unit, found in whole.units_of(call):
        items[unit.account_id] = items.get(unit.account_id, 0) + found
    owners = Counter(account for account, _ in whole.verdicts.values())
    account = max(items, key=lambda name: (items[name], owners[name], name))
    after = whole.judge.judge(whole.without(call, account).tables(), monkeypatch)
    assert list(turned(whole.verdicts, after)) == []


def test_calls_that_nothing_reads_yet_turn_no_verdict(whole: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {(account, call) for call in set(CALLS) - set(USED) for account in organization.READ}
    after = whole.judge.judge(collected(Refusing(whole.estate, refused)).tables(), monkeypatch)
    assert list(turned(whole.verdicts, after)) == []


@pytest.mark.parametrize("account", [organization.ORDERS, organization.BACKUP, organization.NETWORK])
def test_an_account_that_cannot_be_entered_turns_no_verdict(
    account: str, whole: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = whole.judge.judge(collected(Refusing(whole.estate, entering=account)).tables(), monkeypatch)
    assert list(turned(whole.verdicts, after)) == []
    lost = {
        rule
        for (rule, _), (owner, outcome) in whole.verdicts.items()
        if owner == account and outcome != "not_evaluated"
    }
    said = {rule for (rule, _), (owner, outcome) in after.items() if owner == account and outcome == "not_evaluated"}
    about_accounts = {rule for (rule, subject) in whole.verdicts if subject == account}
    assert lost - about_accounts <= said


@pytest.mark.parametrize(
    "chosen",
    [
        Chosen(accounts=(organization.ORDERS,)),
        Chosen(exclude_accounts=(organization.BACKUP, organization.TEST)),
    ],
    ids=["one account", "all but two"],
)
def test_a_choice_of_accounts_turns_no_verdict(
    chosen: Chosen, whole: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = collected(whole.estate, chosen=chosen)
    inside = {row["account_id"] for _, row in memory.units[Unit("", "global", "scope")][0] if row.get("in_scope")}
    after = whole.judge.judge(memory.tables(), monkeypatch)
    # What was not chosen is not judged; it is also no line of its own.
    left = {key for key, (account, _) in after.items() if account in inside}
    before = {key: found for key, found in whole.verdicts.items() if key in left}
    assert len(before) > 50
    assert list(turned(before, {key: after[key] for key in left})) == []


def turned(before: Verdicts, after: Verdicts) -> Iterator[str]:
    """Yield what changed in a way that less knowledge does not explain."""
    # What the organization lists is hidden by a line of the account that governs it.
    hidden = {(rule, account) for (rule, subject), (account, _) in after.items() if subject.endswith("/*")}
    for (rule, subject), (account, old) in sorted(before.items()):
        _, new = after.get((rule, subject), (None, None))
        if new is None and not {(rule, account), (rule, organization.MANAGEMENT)} & hidden:
            yield f"{rule}: {subject} was {old} and is gone"
        elif new is not None and new not in (old, "not_evaluated"):
            yield f"{rule}: {subject} was {old} and is {new}"
    for (rule, subject), (_, new) in sorted(after.items()):
        if (rule, subject) not in before and new != "not_evaluated":
            yield f"{rule}: {subject} was not there and is {new}"
