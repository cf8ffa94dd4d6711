"""Conditions in three values: true, false, or not decidable from the snapshot, with the residual kept. Pure.

Operators: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
Several values: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import lru_cache

from scanner.analysis.policies import LITERAL_MARK, LITERAL_STAR, Atom, Atoms, Condition, Statement, glob
from scanner.analysis.trust.operators import Operator, compare, operator


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one condition key in a request.

    `values` are all of them, empty when the key is absent; None when they are not known. Then: `optional`, the key may be
    absent; `never`, values it cannot have; `starts`, how it begins; `never_starts`, how it does not begin; `never_of`, accounts
    whose ARN it is not. `by` says who
    decides the value, and `settle` which call would (see `Atom.set_by`).
    """

    values: tuple[str, ...] | None = None
    by: str = "environment"
    optional: bool = True
    never: Container[str] = ()
    starts: str = ""
    never_starts: str = ""
    never_of: Container[str] = ()
    settle: str = ""


ABSENT = Fact(())
FactOf = Callable[[str], Fact]
"""Condition key in lower case -> what is known of it."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A value with a policy variable that is not known."""

    fact: Fact


def hold(conditions: Iterable[Condition], fact_of: FactOf, variables: bool) -> Atoms | None:
    """Return what is left to decide, empty when all conditions hold; None when one does not."""
    left = []
    for condition in conditions:
        result = test(condition, fact_of, variables)
        if result is False:
            return None
        if result is not True:
            left.append(result)
    return frozenset(left)


def test(condition: Condition, fact_of: FactOf, variables: bool) -> bool | Atom:
    """Decide one condition. One that cannot be decided comes back as the atom it is."""
    known = operator(condition.operator)
    if known is None:
        return Atom(f"{condition.text} (an operator nobody knows)", "environment", condition.operator, condition.key)
    fact = fact_of(condition.key)
    wanted = [resolve(value, fact_of, variables) for value in condition.values]
    present = [value for value in wanted if value is not None]  # a variable without a value matches nothing
    result = _null(condition.values, fact) if known.base == "null" else _decide(known, present, fact)
    if result is not None:
        return result
    unknown = next((value.fact for value in present if isinstance(value, Unresolved)), fact)
    chosen = unknown if fact.values is not None else fact
    text = condition.text + (f" (not read; {chosen.settle} settles it)" if chosen.by == "unread" else "")
    return Atom(text, chosen.by, condition.operator, condition.key, condition.values)


def matching_resource(statement: Statement, resource: str, fact_of: FactOf, variables: bool) -> Atoms | None:
    """Whether a statement is about a resource; None when it is not."""
    outcomes: list[bool | None] = []
    left = []
    for pattern in statement.resources:
        value = resolve(pattern, fact_of, variables)
        if isinstance(value, Unresolved):
            text = f"{resource} matches {pattern}"
            left.append(Atom(text, value.fact.by, key=pattern, operator="Resource"))
            outcomes.append(None)
        else:
            outcomes.append(value is not None and glob(value, resource))
    hit = any3(outcomes)
    if hit is None:
        return frozenset([_either_or_neither(left, statement.resources_negated)])
    return frozenset() if hit is not statement.resources_negated else None


def _either_or_neither(left: list[Atom], negated: bool) -> Atom:
    text = " or ".join(atom.text for atom in left)
    return Atom(f"not ({text})" if negated else text, left[0].set_by, "NotResource" if negated else "Resource", text)


ARN_COLONS = 5
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def resolve(value: str, fact_of: FactOf, variables: bool) -> str | Unresolved | None:
    """Put values in place of policy variables; None when one of them has no value and no default.

    A comparison with a variable that has no value does not match, and its negation does
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html). What a variable brings in is
    literal: a star in it is no wildcard.
    """
    if not variables or "${" not in value:
        return value
    unknown: Fact | None = None
    pieces = []
    end = 0
    for match in _VARIABLE.finditer(value):
        pieces.append(value[end : match.start()])
        end = match.end()
        piece = _variable(match[1], fact_of)
        if piece is None:
            return None
        if isinstance(piece, Unresolved):
            unknown = piece.fact
        else:
            pieces.append(piece.replace("*", LITERAL_STAR).replace("?", LITERAL_MARK))
    return Unresolved(unknown) if unknown else "".join([*pieces, value[end:]])


def _variable(inner: str, fact_of: FactOf) -> str | Unresolved | None:
    if inner in ("*", "?", "$"):
        return inner
    name, comma, default = inner.partition(",")
    fact = fact_of(name.strip().lower())
    if fact.values is None:
        return Unresolved(fact)
    if len(fact.values) == 1:
        return fact.values[0]
    return default.strip().strip("'") if comma else None


def any3(outcomes: Iterable[bool | None]) -> bool | None:
    """True if one is true, else None if one is not known, else False."""
    found: bool | None = False
    for outcome in outcomes:
        if outcome:
            return True
        if outcome is None:
            found = None
    return found


def not3(outcome: bool | None) -> bool | None:
    return None if outcome is None else not outcome


def _null(values: tuple[str, ...], fact: Fact) -> bool | None:
    """`Null: true` wants the key absent, `Null: false` wants it present."""
    wants = {value.lower() for value in values}
    absent = None if fact.values is None and fact.optional else fact.values == ()
    if {"true", "false"} <= wants:
        return True
    if "true" in wants:
        return absent
    return not3(absent) if "false" in wants else False


def _decide(known: Operator, wanted: list[str | Unresolved], fact: Fact) -> bool | None:
    if fact.values == ():
        return _missing(known)
    if fact.values is not None:
        return _present(known, [_hit(known, wanted, value) for value in fact.values])
    outcome = _present(known, [_possible(known, wanted, fact)])
    if fact.optional and outcome is not _missing(known):
        return None
    return outcome


def _missing(known: Operator) -> bool:
    if known.if_exists or known.quantifier == "all":
        return True
    return known.negated and known.quantifier != "any"


def _present(known: Operator, hits: list[bool | None]) -> bool | None:
    """From "does this value match one that is wanted", value by value, to the outcome of the operator."""
    if known.quantifier == "all":
        return not3(any3(hits if known.negated else map(not3, hits)))
    if known.quantifier == "any" and known.negated:
        return any3(map(not3, hits))
    return not3(any3(hits)) if known.negated else any3(hits)


def _hit(known: Operator, wanted: list[str | Unresolved], value: str) -> bool | None:
    return any3(None if isinstance(one, Unresolved) else compare(known.base, one, value) for one in wanted)


def _possible(known: Operator, wanted: list[str | Unresolved], fact: Fact) -> bool | None:
    """Whether a value of which little is known matches."""
    return any3(None if isinstance(one, Unresolved) else _could_be(known.base, one, fact) for one in wanted)


def _could_be(base: str, pattern: str, fact: Fact) -> bool | None:
    if not base.startswith(("string", "arn")):
        return None
    if base.startswith("arn") and pattern != "*" and pattern.count(":") < ARN_COLONS:
        return False  # it is no ARN, and ARNs are compared part by part
    wild = base in ("stringlike", "arnlike", "arnequals")
    fold = str.lower if base == "stringequalsignorecase" else str
    head = fold(_head(pattern) if wild else pattern)
    starts, banned = fold(fact.starts), fold(fact.never_starts)
    exact = not wild or head == pattern
    if exact and (pattern in fact.never or not head.startswith(starts)):
        return False
    if not head.startswith(starts) and not starts.startswith(head):
        return False
    if (banned and head.startswith(banned)) or _account_in(head) in fact.never_of:
        return False
    return True if wild and pattern == head + "*" and starts.startswith(head) else None


def _account_in(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else None


@lru_cache(maxsize=10_000)
def _head(pattern: str) -> str:
    """Everything before the first wildcard."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]
