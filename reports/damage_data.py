"""Pairs, radii and drills of the HTML page as compact JSON, beside the findings of `page_data.py` and in their strings.

Sentences are stored with holes where they repeat the pair's own values (U+0001 id and U+0002 name of the one account, U+0003
and U+0004 of the other), so that a role that opens 10,000 accounts has one sentence. What would make the page too big is left
out and counted: every account keeps its worst pairs first. `html/damage.js` reads this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from reports import drill, reach
from reports.numbered import Numbered
from reports.text import visible
from scanner.findings import Account, Reach

PAIR_BYTES = 2_000_000
DRILL_BYTES = 900_000
ITEMS = 40_000
"""Entries of unfolded lists in all; each list keeps its first ones, at most MOST_ITEMS and never fewer than two."""
MOST_ITEMS = 20

_TITLES = ("Lost for good", "Restorable", "Not known", "Falls too", "Not known of others")
_PAIR_COST = 16
_ITEM_COST = 14


@dataclass(frozen=True, slots=True)
class Damage:
    """All that the two sections show."""

    where: Mapping[str, reach.Place]
    radii: Sequence[reach.Radius]
    pairs: Sequence[Reach]
    order: Sequence[str]
    drills: Sequence[drill.Row]
    finished_at: str


def items_per_list(drills: Sequence[object]) -> int:
    """Return how many entries an unfolded list of the drill may have in a report of that many accounts."""
    return max(2, min(MOST_ITEMS, ITEMS // max(1, 4 * len(drills))))


def damage_data(damage: Damage, accounts: Sequence[Account], strings: Numbered) -> dict[str, Any]:
    """Return the JSON of both sections; texts go into `strings`. Accounts are numbers: their place in `accounts`, then `others`."""
    writer = _Writer(damage, accounts, strings)
    pairs, left_out = writer.pairs()
    return {
        "others": writer.others,
        "radii": [writer.radius(radius) for radius in damage.radii],
        "order": [writer.number[account_id] for account_id in damage.order],
        "pairs": pairs,
        "left": left_out,
        "drills": writer.drills(),
        "chains": writer.chains.values,
    }


def state(pair: Reach) -> int:
    """Return what is known of a pair as one number: kind, whether it administers, whether it destroys."""
    return 9 * reach.KINDS.index(reach.kind(pair)) + 3 * _third(pair.administers) + _third(pair.destroys)


def _third(value: bool | None) -> int:
    return 2 if value is None else int(value)


class _Writer:
    """Numbers accounts, chains and strings, and keeps count of what they cost."""

    def __init__(self, damage: Damage, accounts: Sequence[Account], strings: Numbered) -> None:
        self.damage = damage
        self.strings = strings
        self._items = 0
        self.chains = Numbered()
        self.chains.number(())  # number 0 is "none"
        self.number = {account.id: place for place, account in enumerate(accounts)}
        missing = [place for account_id, place in damage.where.items() if account_id not in self.number]
        self.number.update({place.id: len(accounts) + count for count, place in enumerate(missing)})
        self.others = [[visible(place.id), visible(place.name), self._text(place.environment)] for place in missing]

    def radius(self, radius: reach.Radius) -> list[int]:
        """Order: see `damage.js`."""
        return [
            self.number[radius.id], radius.reaches, radius.production, radius.administers, radius.administers_unknown,
            radius.destroys, radius.destroys_unknown, radius.conditional, radius.unknown, radius.reached_by,
            radius.perhaps_reached_by,
        ]  # fmt: skip

    def pairs(self) -> tuple[list[list[Any]], int]:
        """Return [source, [target, state, chain, conditions, …]] per account, and how many pairs did not fit."""
        outward, _ = reach.by_account(self.damage.pairs)
        ranked = [reach.worst_pairs_first(found, self.damage.where) for _, found in sorted(outward.items())]
        rows: dict[str, list[int]] = {}
        limit, taken = self.strings.size + PAIR_BYTES, 0
        for turn in zip_longest(*ranked):
            for pair in filter(None, turn):
                if self.strings.size + self.chains.size + _PAIR_COST * taken > limit:
                    return self._by_source(rows), len(self.damage.pairs) - taken
                row = rows.setdefault(pair.source, [])
                row += (self.number[pair.target], state(pair), self._chain(pair.chain, pair.source, pair.target))
                row.append(self._chain(pair.conditions, pair.source, pair.target))
                taken += 1
        return self._by_source(rows), 0

    def drills(self) -> list[list[Any]]:
        """Return one row per account; past DRILL_BYTES a row has its numbers only."""
        most = items_per_list(self.damage.drills)
        limit = self.strings.size + DRILL_BYTES
        return [
            self._drill(row, most if self.strings.size + _ITEM_COST * self._items < limit else 0)
            for row in self.damage.drills
        ]

    def _drill(self, row: drill.Row, most: int) -> list[Any]:
        """Order: see `damage.js`."""
        own = row.account.id
        sections = drill.sections(row, self.damage.finished_at, self.damage.where, most)
        return [
            self.number[own], row.stores, row.lost, row.production, row.restorable, row.undecided, row.falls_too,
            -1 if row.oldest is None else row.oldest, self._text(row.age),
            [[_TITLES.index(title), [self._item(item, own) for item in items], more] for title, items, more in sections],
        ]  # fmt: skip

    def _item(self, item: drill.Item, own: str) -> list[Any]:
        self._items += 1 + len(item.lines)
        lines = [self._holed(line, own, item.account) for line in item.lines]
        other = [self.number[item.account]] if item.account else []
        return [self._holed(item.text, own, item.account), lines, int(item.steps), *other]

    def _by_source(self, rows: Mapping[str, list[int]]) -> list[list[Any]]:
        return [[self.number[source], row] for source, row in sorted(rows.items())]

    def _chain(self, sentences: Iterable[str], one: str, other: str) -> int:
        return self.chains.number(tuple(self._holed(sentence, one, other) for sentence in sentences))

    def _text(self, value: str) -> int:
        return self.strings.number(visible(value)) if value else 0

    def _holed(self, text: str, one: str, other: str) -> int:
        """Return the number of a text, the two accounts' ids and names in it replaced by holes."""
        shown = visible(text)
        for account_id, hole in ((one, 1), (other, 3)):
            if not account_id:
                continue
            place = self.damage.where[account_id]
            for value, char in ((visible(place.id), chr(hole)), (visible(place.name), chr(hole + 1))):
                if len(value) > 2:
                    shown = shown.replace(value, char)
        return self.strings.number(shown)
