"""The statements that bear on one action of one actor, and what can be told of them at once. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.analysis.blast_radius.numbers import PLACES, exact, named, opened
from scanner.analysis.policies import Statement
from scanner.analysis.trust.organization import Controls, Held

SAME_FOR_ALL = frozenset(
    "aws:requestedregion aws:multifactorauthpresent aws:multifactorauthage aws:sourceip aws:sourcevpc aws:sourcevpce aws:currenttime"
    " aws:epochtime aws:securetransport aws:viaawsservice aws:calledvia aws:tagkeys iam:passedtoservice iam:permissionsboundary"
    " iam:policyarn iam:awsservicename sts:externalid sts:rolesessionname sts:sourceidentity sts:transitivetagkeys".split()
)
"""Condition keys of which as much is known for one caller as for any other."""


_ROLE = f"iam::{PLACES[0]}:role/"
_ALL_ROLES = re.compile(rf"arn:(aws|\*):iam::({PLACES[0]}|\*):(role/)?\*")


@dataclass(frozen=True, slots=True)
class Cut:
    """The statements about one action, the number of the account left open.

    `anything`: the answer is the same for every resource; `roles`: for every role of the account; `anybody`: for every caller with the same policies; `plain`: no condition
    is looked at; `tags`: those of the resource are. `numbers` are of accounts that it names, and `text` tells it apart with these in it;
    not `exact`: a wildcard could match a part of a number.
    """

    number: int
    anything: bool
    roles: bool
    anybody: bool
    plain: bool
    tags: bool
    numbers: frozenset[str]
    text: str
    exact: bool

    def beside(self, other: Cut, number: int) -> Cut:
        """What is to be told of the statements of both, which together have this number."""
        return Cut(
            number,
            self.anything and other.anything,
            self.roles and other.roles,
            self.anybody and other.anybody,
            self.plain and other.plain,
            self.tags or other.tags,
            self.numbers | other.numbers,
            self.text + other.text,
            self.exact and other.exact,
        )


@dataclass(frozen=True, slots=True)
class Policies:
    """What binds one principal: its own policies, its boundary, and the control policies of its account."""

    identity: tuple[Held, ...]
    boundary: Held | None
    controls: Controls

    @property
    def limits(self) -> Iterator[Held]:
        """Policies that only leave what the principal's own allow."""
        if self.boundary is not None:
            yield self.boundary
        for level in self.controls.levels:
            yield from level.policies


def cut_of(number: int, held: Iterable[Held], account: str) -> Cut:
    """What is to be told of policies of an account that have this number."""
    held = list(held)
    statements = list(_statements(held))
    keys = {condition.key for one in statements for condition in one.conditions}
    patterns = [pattern for one in statements for pattern in one.resources]
    text = opened(repr(held), (account,))
    numbers = named(text)
    blind = not any("resource" in key for key in keys)
    return Cut(
        number,
        blind and all(pattern == "*" for pattern in patterns),
        blind and all(_all_or_none(opened(pattern, (account,))) for pattern in patterns),
        all(indifferent(key) for key in keys) and not any("${" in text for text in _texts(statements)),
        not keys,
        any("resourcetag" in key for key in keys),
        numbers,
        text if numbers else f"({number})",
        exact(text),
    )


def _all_or_none(pattern: str) -> bool:
    """Whether a pattern matches every role of the account, or none."""
    if pattern == "*" or _ALL_ROLES.fullmatch(pattern):
        return True
    head = re.split(r"[*?$]", pattern, maxsplit=1)[0].split(":", 2)
    return len(head) > 2 and not (head[2].startswith(_ROLE) or _ROLE.startswith(head[2]))


def indifferent(key: str) -> bool:
    """Whether nothing about the caller shows in what is known of a condition key."""
    return key in SAME_FOR_ALL or key.startswith("aws:requesttag/")


def _statements(policies: Iterable[Held]) -> Iterator[Statement]:
    return (one for held in policies if held.document is not None for one in held.document.statements)


def _texts(statements: Iterable[Statement]) -> Iterator[str]:
    for one in statements:
        yield from one.resources
        for condition in one.conditions:
            yield from condition.values
