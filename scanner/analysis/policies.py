"""Policy documents parsed once into one normal form: what every analysis of permissions stands on. Pure.

A document may write a string where a list is meant, `Action` or `NotAction`, and so on; here it is always tuples and a flag.
Equal texts are parsed once. Grammar:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from scanner import policy

VARIABLES_SINCE = "2012-10-17"
"""Older documents, and those without a Version, take `${...}` literally (reference_policies_elements_version.html)."""

LITERAL_STAR, LITERAL_MARK = "\ue000", "\ue001"
"""Stand for a `*` and a `?` that are no wildcards: `${*}`, `${?}` and what came out of a policy variable."""

LONGEST_SHOWN = 40

SESSION = re.compile(r"arn:[^:]+:sts::(\d{12}):assumed-role/([^/]+)/(.+)")
_NO_PRINCIPAL = "NotPrincipal"


@dataclass(frozen=True, slots=True)
class Atom:
    """A condition that the snapshot cannot decide.

    `set_by` says who decides it: `caller`, `environment`, `token` (an identity provider's), `service`, `owner` (of an account
    outside the organization), or `unread` (a table of the snapshot would, had it been read).
    """

    text: str
    set_by: str
    operator: str = ""
    key: str = ""
    values: tuple[str, ...] = ()


Atoms = frozenset[Atom]
"""All of these have to hold. Empty: it holds for certain. Where None stands beside it, None means: it does not hold."""

CERTAIN: Atoms = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator and key. The key is in lower case; `shown` is as written."""

    operator: str
    key: str
    shown: str
    values: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.operator} {self.shown} {' or '.join(self.values) or '(nothing)'}"


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal. Kinds: everyone, account, user, role, session, federated_session, service, federated; and, matching
    nobody: deleted (the id of one that is gone), invalid (a partial wildcard, or nothing known)."""

    kind: str
    value: str
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `malformed` says why it grants and denies nothing, None when it is well-formed."""

    position: int
    sid: str | None
    effect: str
    actions: tuple[str, ...]
    actions_negated: bool
    resources: tuple[str, ...]
    resources_negated: bool
    principals: tuple[Principal, ...]
    principals_negated: bool
    conditions: tuple[Condition, ...]
    malformed: str | None = None

    @property
    def label(self) -> str:
        return f"statement {self.position + 1}" + (f" ({self.sid})" if self.sid else "")

    def covers_action(self, action: str) -> bool:
        """Whether the statement is about `action` (lower case)."""
        return any(glob(pattern, action) for pattern in self.actions) is not self.actions_negated


@dataclass(frozen=True, slots=True)
class Document:
    """A policy. Not `readable`: it is no policy document and grants nothing."""

    statements: tuple[Statement, ...]
    variables: bool
    readable: bool = True
    _about: dict[str, tuple[Statement, ...]] = field(default_factory=dict, compare=False, repr=False)

    def about(self, action: str) -> tuple[Statement, ...]:
        """The statements about an action (lower case), looked up once: equal documents are one object."""
        found = self._about.get(action)
        if found is None:
            found = self._about[action] = tuple(one for one in self.statements if one.covers_action(action))
        return found


UNREADABLE = Document((), False, False)
ALLOW_ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'

KNOWN_BY_HEART = {
    # https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html, PowerUserAccess.html and
    # IAMFullAccess.html; of the last two only what bears on sts and iam actions.
    "AdministratorAccess": ALLOW_ALL,
    "PowerUserAccess": '{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":["iam:*","organizations:*",'
    '"account:*"],"Resource":"*"}}',
    "IAMFullAccess": '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}',
}
"""Documents of AWS-managed policies, for recordings that hold only their ARNs."""

FULL_AWS_ACCESS = "p-FullAWSAccess"
"""Allows everything (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html)."""


@lru_cache(maxsize=200_000)
def parse(text: str) -> Document:
    """Return the normal form of a document; `UNREADABLE` when the text is none."""
    try:
        found = policy.parse(text)
    except RecursionError:
        return UNREADABLE
    if found is None:
        return UNREADABLE
    statements = [s for s in policy.as_list(found.get("Statement")) if isinstance(s, Mapping)]
    return Document(
        tuple(_statement(position, statement) for position, statement in enumerate(statements)),
        found.get("Version") == VARIABLES_SINCE,
    )


def by_heart(policy_arn: str) -> Document | None:
    """Return the document of an AWS-managed policy whose text is documented, else None."""
    head, _, name = policy_arn.rpartition("/")
    known = head.endswith(":iam::aws:policy") and KNOWN_BY_HEART.get(name)
    return parse(known) if known else None


def _statement(position: int, raw: Mapping[str, Any]) -> Statement:
    block = raw.get("Principal", raw.get(_NO_PRINCIPAL))
    sid = raw.get("Sid")
    effect = str(raw.get("Effect"))
    return Statement(
        position,
        None if sid is None else str(sid),
        effect,
        tuple(str(action).lower() for action in policy.as_list(raw.get("Action", raw.get("NotAction")))),
        "Action" not in raw and "NotAction" in raw,
        tuple(str(resource) for resource in policy.as_list(raw.get("Resource", raw.get("NotResource")))),
        "Resource" not in raw and "NotResource" in raw,
        tuple(_principals(block)),
        "Principal" not in raw and _NO_PRINCIPAL in raw,
        tuple(_conditions(raw.get("Condition"))),
        _fault(raw),
    )


def _fault(raw: Mapping[str, Any]) -> str | None:
    """Why AWS would not have taken a statement."""
    effect = raw.get("Effect")
    if effect not in ("Allow", "Deny"):
        return f"Effect is {str(effect)[:LONGEST_SHOWN]}"
    if effect == "Deny":
        return None  # read as far as it can be: a deny that is overlooked is worse than one too many
    for key in ("Action", "NotAction", "Resource", "NotResource"):
        if any(not isinstance(one, str) for one in policy.as_list(raw.get(key))):
            return f"{key} holds something else than text"
    for key in ("Action", "Resource", "Principal"):
        if key in raw and f"Not{key}" in raw:
            return f"it has both {key} and Not{key}"
    return None


def _principals(block: Any) -> Iterator[Principal]:
    """The principals of a block. Outside of a mapping only `"*"` has a meaning."""
    if isinstance(block, Mapping):
        for kind, values in block.items():
            for value in policy.as_list(values):
                yield principal(str(kind), str(value))
    elif block is not None:
        yield principal("AWS" if block == "*" else "?", str(block))


def principal(kind: str, value: str) -> Principal:
    """Classify a principal as written under `kind` (AWS, Service, Federated, CanonicalUser).

    There are no partial wildcards in `Principal`
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
    """
    if kind in ("Service", "Federated"):
        return Principal(kind.lower(), value)
    if kind != "AWS":
        return Principal("invalid", value)
    if value == "*":
        return Principal("everyone", value)
    row = policy.principal(kind, value)
    if row["deleted"]:
        return Principal("deleted", value)
    account: str | None = row["principal_account"]
    if account is None or "*" in value or "?" in value:
        return Principal("invalid", value)
    return Principal("account" if row["whole_account"] else arn_kind(value), value, account)


def arn_kind(arn: str) -> str:
    """user, role, session, federated_session or invalid."""
    parts = arn.split(":", 5)
    service, resource = (parts[2], parts[5]) if len(parts) == 6 else ("", "")
    if service == "iam" and resource.startswith(("user/", "role/")):
        return resource[:4]
    if service == "sts" and resource.startswith("federated-user/"):
        return "federated_session"
    return "session" if SESSION.fullmatch(arn) else "invalid"


def _conditions(block: Any) -> Iterator[Condition]:
    if block is None:
        return
    if not isinstance(block, Mapping):
        yield Condition("malformed", "", "Condition", (str(block),))
        return
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            yield Condition("malformed", "", str(operator), (str(keys),))
            continue
        for key, values in keys.items():
            texts = tuple(_text(value) for value in policy.as_list(values))
            yield Condition(str(operator), str(key).lower(), str(key), texts)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def glob(pattern: str, text: str) -> bool:
    """Whether the text matches a pattern of `*` (any characters) and `?` (one character), in linear time."""
    if pattern == "*":
        return True
    if "*" not in pattern and "?" not in pattern:
        return literal(pattern) == text
    first, *rest = _pieces(pattern)
    start = first.match(text)
    if start is None or not rest:
        return start is not None and start.end() == len(text)
    position = start.end()
    *middle, last = rest
    for piece in middle:
        found = piece.search(text, position)
        if found is None:
            return False
        position = found.end()
    tail = len(text) - _length(pattern)
    return tail >= position and last.match(text, tail) is not None


def literal(text: str) -> str:
    """Put real stars and question marks where literal ones stand."""
    return text.replace(LITERAL_STAR, "*").replace(LITERAL_MARK, "?")


def _length(pattern: str) -> int:
    """Characters after the last star."""
    return len(pattern) - pattern.rfind("*") - 1


@lru_cache(maxsize=100_000)
def _pieces(pattern: str) -> tuple[re.Pattern[str], ...]:
    """What stands between the stars. Greedy matching of these never backtracks, whatever the pattern."""
    return tuple(
        re.compile("".join("." if char == "?" else re.escape(literal(char)) for char in piece), re.DOTALL)
        for piece in re.split(r"\*+", pattern)
    )
