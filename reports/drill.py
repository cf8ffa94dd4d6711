"""The drill, prepared for people: what is left of every account's data, how old it is, and which copies would not help.

Ages are measured to the end of the scan, never to the clock: the same result gives the same report.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from reports.reach import Place
from reports.text import words
from reports.values import counted
from scanner.findings import Drill, FallsToo, Result, Store, SurvivingCopy, Survivor, Undecided, UselessCopy

_OWN = re.compile(r"arn:[\w-]+:\S*[^\s.,;:)]|\b\d{12}\b|\b(?:i|vpc|sg|key|snap|vol|rp)-[0-9a-f]{8,}\b")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list that unfolds: what it is, and lines below it; numbered where they are steps.

    `account` is the id of another account that it is about.
    """

    text: str
    lines: tuple[str, ...]
    steps: bool = False
    account: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One account of the drill table. `production` counts the lost ones of production; `oldest` is the age in seconds of the newest copy of the worst survivor."""

    account: Place
    stores: int
    lost: int
    production: int
    restorable: int
    undecided: int
    falls_too: int
    oldest: int | None
    age: str
    drill: Drill


@dataclass(frozen=True, slots=True)
class Useless:
    """Copies that would not help for the same reason."""

    why: str
    copies: tuple[UselessCopy, ...]


def rows(result: Result, where: Mapping[str, Place]) -> list[Row]:
    """Return one row per account, most production data lost for good first, then most data; accounts without data and without others falling last."""
    made = [_row(drill, result.scan.finished_at, where) for drill in result.drills]
    return sorted(made, key=lambda row: (*_badness(row), row.account.name, row.account.id))


def sections(row: Row, finished_at: str, where: Mapping[str, Place], most: int) -> list[tuple[str, list[Item], int]]:
    """Return what unfolds under a row as (title, first items, how many more); empty lists are left out."""
    drill = row.drill
    lists: tuple[tuple[str, int, Iterable[Item]], ...] = (
        ("Lost for good", len(drill.lost), (_lost(store) for store in drill.lost[:most])),
        ("Restorable", len(drill.survives), (_kept(one, finished_at, where) for one in drill.survives[:most])),
        ("Not known", len(drill.unknown), (_undecided(one) for one in drill.unknown[:most])),
        ("Falls too", len(drill.falls_too), (_fallen(one, where) for one in drill.falls_too[:most])),
        ("Not known of others", len(drill.notes), (Item(note, ()) for note in drill.notes[:most])),
    )
    return [(title, list(items), max(0, number - most)) for title, number, items in lists if number]


def useless(drills: Iterable[Drill], where: Mapping[str, Place]) -> list[Useless]:
    """Return the copies that would not help, by reason, most copies first. Reasons that differ in ids and names only are one."""
    found = {(copy, drill.account) for drill in drills for copy in drill.useless}
    grouped: dict[str, list[UselessCopy]] = defaultdict(list)
    for copy, account in sorted(found, key=lambda one: (one[0].store_arn, one[0].arn, one[0].why, one[1])):
        grouped[_reason(copy, account, where)].append(copy)
    groups = [Useless(_common(reason, copies), tuple(copies)) for reason, copies in grouped.items()]
    return sorted(groups, key=lambda group: (-len(group.copies), group.why))


def age(created_at: str | None, finished_at: str) -> str:
    """Return `3 hours old`, `new` for less than a minute, or `of unknown age`."""
    seconds = _seconds(created_at, finished_at)
    return "of unknown age" if seconds is None else _age(seconds)


def _age(seconds: int) -> str:
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        # Two of a unit at least, except the smallest: 36 hours say more than 1 day.
        if seconds >= 2 * length or (unit == "minute" and seconds >= length):
            return f"{counted(seconds // length, unit)} old"
    return "new"


def _seconds(created_at: str | None, finished_at: str) -> int | None:
    created, finished = _moment(created_at), _moment(finished_at)
    return None if created is None or finished is None else max(0, int((finished - created).total_seconds()))


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _row(drill: Drill, finished_at: str, where: Mapping[str, Place]) -> Row:
    newest = [_newest(survivor, finished_at) for survivor in drill.survives]
    known = [seconds for seconds in newest if seconds is not None]
    oldest = max(known, default=None) if len(known) == len(newest) else None
    text = "" if not newest else "of unknown age" if oldest is None else _age(oldest)
    production = sum(store.environment == "production" for store in drill.lost)
    lost, restorable, undecided = len(drill.lost), len(drill.survives), len(drill.unknown)
    return Row(
        where[drill.account], lost + restorable + undecided, lost, production, restorable, undecided, len(drill.falls_too),
        oldest, text, drill,
    )  # fmt: skip


def _newest(survivor: Survivor, finished_at: str) -> int | None:
    ages = [_seconds(copy.created_at, finished_at) for copy in survivor.copies]
    return min((seconds for seconds in ages if seconds is not None), default=None)


def _badness(row: Row) -> tuple[int, ...]:
    return (-row.production, -row.lost, -row.undecided, -(row.oldest or 0), -row.falls_too, -row.stores)


def _named(one: Store | Survivor | Undecided) -> str:
    return f"{one.name or one.arn} ({words(one.type).lower()}, {one.environment})"


def _lost(store: Store) -> Item:
    return Item(_named(store), tuple(line for line in (store.arn, store.why) if line))


def _kept(survivor: Survivor, finished_at: str, where: Mapping[str, Place]) -> Item:
    copies = tuple(_copy(copy, finished_at, where) for copy in survivor.copies)
    return Item(_named(survivor), (survivor.arn, *copies))


def _copy(copy: SurvivingCopy, finished_at: str, where: Mapping[str, Place]) -> str:
    key = "key not known" if copy.key_account_id is None else f"key of {called(copy.key_account_id, where)}"
    locked = "immutable" if copy.immutable else "can be deleted"
    return f"{age(copy.created_at, finished_at)}, in {called(copy.account_id, where)}, {key}, {locked}: {copy.arn}"


def _undecided(one: Undecided) -> Item:
    return Item(_named(one), tuple(line for line in (one.arn, one.why) if line))


def _fallen(one: FallsToo, where: Mapping[str, Place]) -> Item:
    verdict = {"allow": "", "conditional": ", under a condition", "unknown": ", not known"}.get(
        one.verdict, one.verdict
    )
    place = where[one.account_id]
    return Item(
        f"{called(one.account_id, where)}, {place.environment}{verdict}",
        one.chain,
        steps=True,
        account=one.account_id,
    )


def called(account_id: str, where: Mapping[str, Place]) -> str:
    """Return an account's name with its id behind it, or the id alone."""
    place = where.get(account_id)
    return account_id if place is None or place.name == account_id else f"{place.name} ({account_id})"


def _reason(copy: UselessCopy, account: str, where: Mapping[str, Place]) -> str:
    """Return why a copy would not help, without what is its own: ARNs, ids and the names of its accounts."""
    reason = copy.why
    for one in (account, copy.account_id):
        name = where[one].name if one in where else one
        reason = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "…", reason) if len(name) > 2 else reason
    return _OWN.sub("…", reason)


def _common(reason: str, copies: Sequence[UselessCopy]) -> str:
    """Return the reason of a group: in full where all copies share it, else without what differs."""
    return reason if len({copy.why for copy in copies}) > 1 else copies[0].why
