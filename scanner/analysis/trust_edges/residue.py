"""What is left of a grant's conditions: does it say who may come in, or can anybody meet it. Pure.

Keys of identity providers:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from scanner.analysis.policies import Atom, Condition
from scanner.analysis.trust.operators import operator

EXTERNAL_ID = "sts:externalid"
PRINCIPAL_KEYS = frozenset(
    "aws:principalorgid aws:principalorgpaths aws:principalarn aws:principalaccount kms:calleraccount aws:userid".split()
)
"""Who the caller is, in words that its owner cannot choose."""
PLACE_KEYS = frozenset(
    "aws:sourcevpc aws:sourcevpce aws:sourcevpcarn aws:sourceip aws:vpcsourceip aws:sourceorgid aws:sourceorgpaths "
    "aws:sourceaccount aws:sourcearn s3:dataaccesspointaccount".split()
)
"""Where a request comes from. Policies of resources are confined by them; a role is taken from anywhere."""

SHARED_ISSUERS = frozenset(
    "token.actions.githubusercontent.com gitlab.com app.terraform.io agent.buildkite.com oidc.vercel.com".split()
)
"""One issuer for all customers: only a claim tells one customer's token from another's."""
PUBLIC_LOGINS = frozenset(
    "cognito-identity.amazonaws.com accounts.google.com www.amazon.com graph.facebook.com".split()
)
"""Anybody can have a token of these; `aud` or `app_id` says for which application."""

_WITH_TAIL = {"aws:principalorgpaths": "/", "aws:sourceorgpaths": "/", "aws:userid": ":"}
"""What stands before a star that says enough: an organization's id, a role's."""
_ACCOUNT = re.compile(r"\d{12}")
_ARN_OF_ACCOUNT = re.compile(r"arn:[^:*?]+:(?:iam|sts)::(\d{12}):")
_TENANT_IN_SUB = re.compile(r"[^:]+:[^:/]+[:/]")
_TENANT = re.compile(r"[^/]+/")
_WIDE = re.compile(r"[\da-fA-F.:]+/[0-7]")


def demands(atom: Atom | Condition) -> bool:
    """Whether the operator wants the key there and one of the values in it."""
    known = operator(atom.operator)
    if known is None or known.base in ("null", "bool"):
        return False
    return not known.negated and not known.if_exists and known.quantifier != "all"


def names_somebody(atom: Atom, keys: Iterable[str]) -> bool:
    """Whether a condition that is left says who may come in: every value has to."""
    if atom.key not in keys or not demands(atom) or not atom.values:
        return False
    return all(_names(atom.key, value) for value in atom.values)


def _names(key: str, value: str) -> bool:
    if key in ("aws:principalarn", "aws:sourcearn"):
        return bool(_ARN_OF_ACCOUNT.match(value) if key == "aws:principalarn" else _fixed_account(value))
    if key in ("aws:sourceip", "aws:vpcsourceip"):
        return not _WIDE.fullmatch(value)
    if key in _WITH_TAIL and not _fixed(value):
        return _WITH_TAIL[key] in _head(value)
    return bool(value) and _fixed(value)


def _fixed_account(arn: str) -> bool:
    parts = arn.split(":", 5)
    if "*" not in arn and "?" not in arn:
        return True
    return len(parts) == 6 and bool(_ACCOUNT.fullmatch(parts[4]))


def is_external_id(atom: Atom) -> bool:
    """Whether a given external id is demanded."""
    return atom.key == EXTERNAL_ID and demands(atom) and all(value.strip("*?") for value in atom.values)


def at_will(atoms: Iterable[Atom]) -> bool:
    """Whether the caller can meet what is left as it likes. An external id is agreed on with somebody."""
    return all(atom.set_by == "caller" and not is_external_id(atom) for atom in atoms)


def open_to_all(atoms: Iterable[Atom], keys: Iterable[str]) -> bool:
    """Whether nothing that is left says who may come in."""
    return not any(names_somebody(atom, keys) for atom in atoms)


def accounts_named(conditions: Iterable[Condition]) -> set[tuple[str, str]]:
    """Accounts that the conditions of a `*` statement say, each with what says so."""
    found = set()
    for condition in conditions:
        if not demands(condition):
            continue
        for value in condition.values:
            if condition.key in ("aws:principalaccount", "kms:calleraccount") and _ACCOUNT.fullmatch(value):
                found.add((value, value))
            elif condition.key == "aws:principalarn" and (match := _ARN_OF_ACCOUNT.match(value)):
                found.add((match[1], value))
    return found


def organizations_named(conditions: Iterable[Condition]) -> set[str]:
    """Ids of organizations that the conditions of a `*` statement say."""
    keys = ("aws:principalorgid", "aws:principalorgpaths")
    values = (value for one in conditions if one.key in keys and demands(one) for value in one.values)
    return {value.split("/", 1)[0] for value in values if value.startswith("o-")}


def any_tenant(issuer: str, atoms: Iterable[Atom]) -> bool:
    """Whether tokens of an issuer get in that it gave to strangers.

    Every OpenID Connect token has `sub` and `aud`, so `...IfExists` confines here.
    """
    if issuer in PUBLIC_LOGINS:
        return not any(_tells_tenant(atom, issuer, ("aud", "app_id", "sub", "azp", "oaud")) for atom in atoms)
    if issuer not in SHARED_ISSUERS:
        return False
    return not any(_tells_tenant(atom, issuer, ()) for atom in atoms)


def _tells_tenant(atom: Atom, issuer: str, claims: tuple[str, ...]) -> bool:
    host, _, claim = atom.key.rpartition(":")
    known = operator(atom.operator)
    if host != issuer or known is None or known.negated or known.base in ("null", "bool") or not atom.values:
        return False
    if (claims and claim not in claims) or (not claims and claim == "aud"):
        return False
    if known.base != "stringlike":
        return True  # a star is a star
    pattern = _TENANT_IN_SUB if claim == "sub" else _TENANT
    return all(_fixed(value) or bool(not claims and pattern.match(_head(value))) for value in atom.values)


def _fixed(value: str) -> bool:
    return "*" not in value and "?" not in value


def _head(value: str) -> str:
    return re.split(r"[*?]", value, maxsplit=1)[0]


def positive(atom: Atom) -> Atom:
    """What has to hold for a deny with a negated operator not to strike."""
    return replace(
        atom, operator=re.sub("not", "", atom.operator, count=1, flags=re.IGNORECASE).removesuffix("IfExists")
    )
