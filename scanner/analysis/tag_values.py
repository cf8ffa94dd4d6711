"""Values of tags that mean the same and are spelt differently: table `tag_value_variants`.

Two spellings are the same value when they differ in case, spaces and punctuation only; when one abbreviates the other and both
mean one environment; and when one, rare beside the other, is one slip of the keyboard away from it. Names of people are
often one letter apart, so addresses are not searched for slips.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.analysis import insert
from scanner.classify import tag_key, tag_kinds
from scanner.config import Config
from scanner.snapshot.schema import table

USES: tuple[str, ...] = ()

VARIANTS = table(
    "tag_value_variants",
    "Pairs of spellings of one value of a tag: the rarer one, and the commoner one it stands for.",
    """
        kind string owner, workload, cost or environment.
        value string The rarer spelling.
        carriers int Accounts and resources that carry it.
        example string ARN of one of them.
        stands_for string The commoner spelling.
        common_carriers int Accounts and resources that carry that.
        reason string spelling, abbreviation or slip.
    """,
)
TABLES = (VARIANTS,)

SHORTEST_WORD = 5
"""Shorter words, such as blue and glue, are too often other words."""
RARER = 5
"""How many times rarer a slip is than what was meant."""
Value = tuple[str, int, str]
"""A spelling, how many carry it, and one of them."""


def run(connection: Any, config: Config) -> None:
    rows = []
    for kind, values in sorted(_values(connection, config).items()):
        pairs: dict[tuple[str, str], str] = {}
        for one, other, reason in (*_spellings(values), *_abbreviations(kind, values, config), *_slips(values)):
            pairs.setdefault((one[0], other[0]), reason)
        by_text = {value[0]: value for value in values}
        for (rare, common), reason in sorted(pairs.items()):
            text, carriers, example = by_text[rare]
            rows.append((None, "global", kind, text, carriers, example, common, by_text[common][1], reason))
    insert(connection, VARIANTS, rows)


def _values(connection: Any, config: Config) -> dict[str, list[Value]]:
    """Spellings by kind, the commonest first."""
    meanings = tag_kinds(config.classification)
    keys = [key for (key,) in connection.execute("SELECT DISTINCT key FROM tags WHERE key IS NOT NULL").fetchall()]
    meant = {key: meanings[tag_key(key)] for key in sorted(keys) if tag_key(key) in meanings}
    found: dict[str, list[Value]] = defaultdict(list)
    if not meant:
        return found
    marks = ", ".join("(?, ?)" for _ in meant)
    rows = connection.execute(
        f"""SELECT k.kind, t.value, count(DISTINCT t.arn), min(t.arn) FROM tags t
        JOIN (VALUES {marks}) k(key, kind) ON k.key = t.key WHERE trim(t.value) <> ''
        GROUP BY k.kind, t.value ORDER BY count(DISTINCT t.arn) DESC, t.value""",
        [part for pair in meant.items() for part in pair],
    ).fetchall()
    for kind, value, carriers, example in rows:
        found[kind].append((value, carriers, example))
    return found


def plain(value: str) -> str:
    """A value without case, spaces and punctuation; numbers and addresses keep theirs, and so do `c` and `c++`."""
    folded = value.casefold().strip()
    if "@" in folded or "+" in folded or "#" in folded or not re.search(r"[^\W\d_]", folded):
        return folded
    # Between numbers it tells 1.2 from 12.
    return re.sub(r"(?<!\d)-|-(?!\d)", "", re.sub(r"[\W_]+", "-", folded))


def _spellings(values: Iterable[Value]) -> Iterator[tuple[Value, Value, str]]:
    first: dict[str, Value] = {}
    for value in values:
        common = first.setdefault(plain(value[0]), value)
        if common is not value:
            yield value, common, "spelling"


def _abbreviations(kind: str, values: Iterable[Value], config: Config) -> Iterator[tuple[Value, Value, str]]:
    """`prod` and `prd` beside `production`: what of one environment is left when letters are left out."""
    if kind != "environment":
        return
    words = config.classification.environments
    meant = {plain(word): environment for environment, others in words.items() for word in (environment, *others)}
    meaning: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        environment = meant.get(plain(value[0]))
        if not environment:
            continue
        for other in meaning[environment]:
            short, long = sorted((plain(value[0]), plain(other[0])), key=len)
            if short != long and short[:1] == long[:1] and is_abridged(short, long):
                yield value, other, "abbreviation"
                break
        else:
            meaning[environment].append(value)


def is_abridged(short: str, long: str) -> bool:
    """Whether leaving letters out of `long` gives `short`."""
    letters = iter(long)
    return all(letter in letters for letter in short)


def _slips(values: list[Value]) -> Iterator[tuple[Value, Value, str]]:
    """Pairs that differ in one long word, by one letter more, less, else or in the wrong place.

    Words that are so share what is left of them when one letter is left out: pairs meet under it, not each with each.
    """
    seen: dict[tuple[str, ...], list[tuple[Value, str]]] = defaultdict(list)
    for value in values:
        if "@" in value[0]:
            continue
        words = re.findall(r"[^\W_]+", value[0].casefold())
        for place, word in enumerate(words):
            if len(word) < SHORTEST_WORD or not word.isalpha():
                continue
            for left in {word, *(word[:n] + word[n + 1 :] for n in range(1, len(word)))}:
                met = seen[(*words[:place], f"?{left}", *words[place + 1 :])]
                for other, meant in met:
                    if value[1] * RARER <= other[1] and one_slip(word, meant):
                        yield value, other, "slip"
                met.append((value, word))


def one_slip(one: str, other: str) -> bool:
    """Whether two words that begin alike are one insertion, deletion, substitution or swap of neighbours apart."""
    if one == other or one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
