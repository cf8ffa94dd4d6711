"""Guardrails account by account, decided once for all accounts that the same policies bind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.analysis import insert
from scanner.analysis.guardrails.questions import QUESTIONS, Question, requests
from scanner.analysis.guardrails.weigh import Said, ask
from scanner.analysis.policies import Document, glob
from scanner.analysis.trust.organization import SCP, Controls, Organization
from scanner.config import Config
from scanner.snapshot.schema import table

USES = ("unread",)
GUARDRAILS = table(
    "account_guardrails",
    "Whether the service control policies in effect on an account hold back what nobody in it should do.",
    """
        account_id string The account.
        region string Always global.
        question string leave_organization, root_user, other_regions, unbounded_roles (creating a role without a permissions boundary), cloudtrail, config or guardduty.
        verdict string deny: every action of the question is held back; allow: one is open; conditional: one hangs on a condition that nobody here can judge; unknown: a policy was not read.
        decided_by strings Statements that deny, or why no service control policy binds the account.
        exempt strings Whom these leave out.
        exempt_arns strings The same as patterns of ARNs, `*` where something else tells whom.
        regions strings For other_regions: the Regions that stay open.
        open_actions strings Actions that are not held back for certain.
        parts strings Resources that denies of each of these are confined to.
        hangs_on strings What would have to be known.
    """,
)
TABLES = (GUARDRAILS,)

_NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
_OF_ACCOUNT = ("aws:principalaccount", "aws:resourceaccount")
_OF_PLACE = ("aws:principalorgpaths", "aws:resourceorgpaths")

Answers = list[tuple[Any, ...]]


def run(connection: Any, config: Config) -> None:
    organization = Organization(connection)
    [(partition,)] = connection.execute("SELECT min(split_part(arn, ':', 2)) FROM accounts").fetchall()
    reader = _Reader(organization, partition or "aws")
    trails = _trails(connection)
    rows = [
        (account, "global", *_for_trails(answer, trails.get(account, ())))
        for account in sorted(organization.accounts)
        for answer in reader.answers(account)
    ]
    insert(connection, GUARDRAILS, rows)


def _trails(connection: Any) -> dict[str, tuple[str, ...]]:
    """Trails of all Regions that record what is changed now, by the account they belong to."""
    found: dict[str, tuple[str, ...]] = {}
    sql = "SELECT DISTINCT owner_id, arn FROM trails WHERE is_logging AND records_changes AND is_multi_region ORDER BY ALL"
    for owner, arn in connection.execute(sql).fetchall():
        found[owner] = (*found.get(owner, ()), arn)
    return found


def _for_trails(answer: tuple[Any, ...], trails: tuple[str, ...]) -> tuple[Any, ...]:
    """A deny for some trails is as good as one for all where it holds for one that records every Region."""
    question, verdict, _, exempt, arns, regions, _, parts, hangs_on = answer
    safe = any(glob(part, arn) for arn in trails for part in parts)
    if question != "cloudtrail" or verdict != "allow" or not safe:
        return answer
    by = [f"what is denied for {' and '.join(parts)}"]
    return (question, "deny", by, exempt, arns, regions, [], parts, hangs_on)


class _Reader:
    """Answers, kept by the policies they come from."""

    def __init__(self, organization: Organization, partition: str):
        self._organization = organization
        self._partition = partition
        self._known: dict[Any, Answers] = {}
        self._special: dict[int, tuple[bool, bool, frozenset[str]]] = {}

    def answers(self, account: str) -> Answers:
        controls = self._organization.controls(account, SCP)
        key = self._key(account, controls)
        if key not in self._known:
            self._known[key] = [self._answer(question, account, controls) for question in QUESTIONS]
        return self._known[key]

    def _key(self, account: str, controls: Controls) -> Any:
        """What an answer hangs on: the policies by level, and the account or its place where a policy speaks of these."""
        policies = tuple(tuple(held.label for held in level.policies) for level in controls.levels)
        documents = (held.document for level in controls.levels for held in level.policies if held.document)
        accounts = places = False
        for document in documents:
            every, place, named = self._specialities(document)
            accounts, places = accounts or every or account in named, places or place
        where = tuple(level.label for level in controls.levels[:-1]) if places else ()
        empty = tuple(level.label for level in controls.levels if not level.policies)
        return controls.free, controls.gap, policies, where, empty, account if accounts else None

    def _specialities(self, document: Document) -> tuple[bool, bool, frozenset[str]]:
        """Whether a document tells all accounts apart, or units, and the accounts it names."""
        found = self._special.get(id(document))
        if found is None:
            found = self._special[id(document)] = _specialities(document)
        return found

    def _answer(self, question: Question, account: str, controls: Controls) -> tuple[Any, ...]:
        if controls.free:
            actions = sorted({action for action, _ in question.actions})
            return (question.name, "allow", [controls.free], [], [], [], actions, [], [])
        asked = list(requests(question, account, self._partition, self._organization))
        said = [ask(controls, request) for request in asked]
        names = {action.lower(): action for action, _ in question.actions}
        left = sorted({names[one.action] for one, answer in zip(asked, said, strict=True) if answer.verdict != "deny"})
        return (question.name, _whole(said), *_evidence(said, left))


def _whole(said: list[Said]) -> str:
    """One open action is enough; after that, one that is not known."""
    found = {one.verdict for one in said}
    return next(verdict for verdict in ("allow", "unknown", "conditional", "deny") if verdict in found)


def _evidence(said: list[Said], left: list[str]) -> Iterator[list[str]]:
    """The columns from `decided_by` on."""
    yield _union(one.by for one in said)
    yield _union(one.exempt for one in said)
    yield _union(one.arns for one in said)
    yield _union(one.regions for one in said)
    yield left
    yield _common(one.parts for one in said if one.verdict != "deny")
    yield _union(one.hangs_on for one in said)


def _union(lists: Iterable[Iterable[str]]) -> list[str]:
    return sorted({text for texts in lists for text in texts})


def _common(lists: Iterable[Iterable[str]]) -> list[str]:
    sets = [set(texts) for texts in lists]
    return sorted(set.intersection(*sets)) if sets else []


def _specialities(document: Document) -> tuple[bool, bool, frozenset[str]]:
    every = place = False
    named: set[str] = set()
    for statement in document.statements:
        texts = list(statement.resources)
        for condition in statement.conditions:
            texts += condition.values
            place = place or condition.key.startswith(_OF_PLACE)
            plain = all(_NUMBER.fullmatch(value) for value in condition.values)
            every = every or (condition.key.startswith(_OF_ACCOUNT) and not plain)
        named.update(number for text in texts for number in _NUMBER.findall(text))
        place = place or any("orgpaths}" in text.lower() for text in texts)
    return every, place, frozenset(named)
