"""Policies that differ in nothing but the number of the account they lie in: one answer serves for all of them. Pure.

An organization writes the same few thousand policies into every account, each with that account's number in it. Where the numbers
of the accounts a question is about are left open, equal texts give equal answers - unless a wildcard could match a part of a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from scanner.analysis.blast_radius.weigh import Outcome
from scanner.analysis.policies import Document

PLACES = ("\ue010", "\ue011")
"""Stand for the numbers of the accounts of a question: the caller's, then the role's."""

_NUMBER = re.compile(r"[0-9]{12}")
_PART_OF_ONE = re.compile(r"[*?](?:(?=[0-9])|(?<=[0-9].))")


@dataclass(frozen=True, slots=True)
class _Text:
    """A document as text, the numbers in it, and whether a wildcard could match a part of one. The document is kept, so that
    its id stays its own."""

    document: Document
    text: str
    numbers: frozenset[str]
    exact: bool


class Numbers:
    """Numbers documents: equal ones, the accounts' own numbers left open, get the same."""

    def __init__(self) -> None:
        self._texts: dict[int, _Text] = {}
        self._ids: dict[object, int] = {}

    def of(self, document: Document, accounts: tuple[str, ...]) -> int:
        """The number of a document in a question about these accounts."""
        found = self._texts.get(id(document))
        if found is None:
            found = self._texts[id(document)] = _text(document)
        if not found.exact:
            return self.intern((found.text, accounts))
        if found.numbers.isdisjoint(accounts):
            return self.intern(found.text)
        return self.intern(opened(found.text, accounts))

    def intern(self, key: object) -> int:
        return self._ids.setdefault(key, len(self._ids))


def _text(document: Document) -> _Text:
    text = repr((document.statements, document.variables, document.readable))
    return _Text(document, text, named(text), exact(text))


def opened(text: str, accounts: tuple[str, ...]) -> str:
    """A text with the numbers of some accounts left open."""
    for place, account in zip(PLACES, accounts, strict=False):
        text = text.replace(account, place)
    return text


def closed(text: str, accounts: tuple[str, ...]) -> str:
    """A text that was left open, with the numbers of these accounts in it."""
    for place, account in zip(PLACES, accounts, strict=False):
        text = text.replace(place, account)
    return text


def exact(text: str) -> bool:
    """Whether no wildcard in a text could match a part of a number."""
    return _PART_OF_ONE.search(text) is None


def named(text: str) -> frozenset[str]:
    """The numbers of accounts in a text."""
    return frozenset(_NUMBER.findall(text))


class Answers:
    """Outcomes by question, remembered without the numbers of the accounts that the question is about."""

    def __init__(self) -> None:
        self._known: dict[object, tuple[Outcome, bool]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, key: object, accounts: tuple[str, ...], work: Callable[[], Outcome]) -> Outcome:
        """The outcome for a key, worked out when it is asked for first."""
        found = self._known.get(key)
        if found is None:
            outcome = work()
            texts = (*outcome.wheres, *outcome.conditions)
            open_ = any(account in text for account in accounts for text in texts)
            self._known[key] = (_each(opened, outcome, accounts) if open_ else outcome, open_)
            return outcome
        outcome, open_ = found
        return _each(closed, outcome, accounts) if open_ else outcome


def _each(change: Callable[[str, tuple[str, ...]], str], outcome: Outcome, accounts: tuple[str, ...]) -> Outcome:
    wheres = tuple(change(text, accounts) for text in outcome.wheres)
    return Outcome(outcome.verdict, wheres, tuple(change(text, accounts) for text in outcome.conditions))
