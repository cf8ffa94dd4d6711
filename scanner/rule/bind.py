"""Binding: a rule's expressions are checked against the vocabulary before anything runs.

An expression is a single SQL expression over the columns of one view. Functions come from an allowlist that means the same
on every engine; subqueries, other tables, files and statements are refused.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import sqlglot
from sqlglot import exp

from scanner.config import Config
from scanner.engine.portable import VALUES
from scanner.errors import RuleError
from scanner.rule.load import Rule
from scanner.vocabulary import View, fill, view_settings

WANTED = {"when": "BOOLEAN", "fails_when": "BOOLEAN", "fixed_at": "VARCHAR"}
NOTHING = "CAST(NULL AS VARCHAR)"
_CHECKED: WeakKeyDictionary[Any, set[tuple[Any, ...]]] = WeakKeyDictionary()
"""Expressions that have the types they should, by connection: the gate asks about every rule three times."""


class Bound(NamedTuple):
    """The SQL of a rule's expressions, settings filled in. `fixed_at` names what has to be changed, NULL where that is the subject."""

    when: str
    fails_when: str
    fixed_at: str


def bind(rule: Rule, views: Mapping[str, View], config: Config, connection: Any) -> Bound:
    """Check a rule's expressions against the vocabulary. Raises RuleError naming file and line.

    `connection` has the views as tables; they may be empty.
    """
    view = views.get(rule.body.for_each)
    if view is None:
        raise RuleError(
            f"{rule.where('for_each')}: there is no subject {rule.body.for_each}; there are {', '.join(sorted(views))}"
        )
    known = {word.name for word in view.words}
    _check_names(rule, known)
    found = {key: _expression(rule, key, known, config) for key in WANTED if getattr(rule.body, key) is not None}
    _check_types(rule, found, view, connection)
    return Bound(found["when"], found["fails_when"], found.get("fixed_at", NOTHING))


def columns_of(sql: str) -> set[str]:
    """Names of the columns an expression uses."""
    return {column.name for column in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Column)}


def _check_names(rule: Rule, known: set[str]) -> None:
    for number, name in enumerate(rule.body.evidence):
        if name not in known:
            raise RuleError(f"{rule.where('evidence', number)}: {rule.body.for_each} has no column {name}")
    try:
        fields = list(string.Formatter().parse(rule.body.says))
    except ValueError as error:
        raise RuleError(f"{rule.where('says')}: says: {error}") from error
    for _, said, form, conversion in fields:
        if said is not None and said not in known:
            raise RuleError(f"{rule.where('says')}: {rule.body.for_each} has no column {said}")
        if form or conversion:
            raise RuleError(f"{rule.where('says')}: says: {{{said}}} takes no format")
    for kind in ("fails", "passes", "not_evaluated"):
        for number, example in enumerate(getattr(rule.body.examples, kind)):
            for given in example.given.keys() - known:
                where = rule.where("examples", kind, number, "given", given)
                raise RuleError(f"{where}: {rule.body.for_each} has no column {given}")


def _expression(rule: Rule, key: str, known: set[str], config: Config) -> str:
    where = rule.where(key)
    own = {**rule.body.settings, **config.rule_settings.get(rule.id, {})}
    sql = fill(getattr(rule.body, key), {**view_settings(config), **own}, where)
    try:
        trees = sqlglot.parse(sql, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise RuleError(f"{where}: {key}: {str(error).splitlines()[0]}") from error
    if len(trees) != 1 or trees[0] is None:
        raise RuleError(f"{where}: {key}: wants exactly one expression")
    for node in trees[0].walk():
        if not isinstance(node, VALUES):
            raise RuleError(
                f"{where}: {key}: {node.sql(dialect='duckdb')[:60]} ({type(node).__name__}) is not allowed in a rule"
            )
        if isinstance(node, exp.Column) and (node.table or node.name not in known):
            raise RuleError(f"{where}: {key}: {rule.body.for_each} has no column {node.sql()}")
    return sql


def _check_types(rule: Rule, found: Mapping[str, str], view: View, connection: Any) -> None:
    """Ask once about all of them, and once per connection; if there is anything to say, about one after the other."""
    import duckdb

    checked = _CHECKED.setdefault(connection, set())
    wanted = (view.name, view.sql, *found.items())
    if wanted in checked:
        return
    try:
        right = _kinds(found.values(), view, connection) == [WANTED[key] for key in found]
    except duckdb.Error:
        right = False
    for key, sql in found.items() if not right else ():
        _check_type(rule, key, sql, view, connection)
    checked.add(wanted)


def _kinds(expressions: Iterable[str], view: View, connection: Any) -> list[str]:
    """The types of expressions over a view. Raises duckdb.Error where one of them has none."""
    asked = ", ".join(f"typeof({sql})" for sql in expressions)
    return list(connection.execute(f'SELECT {asked} FROM (SELECT NULL) LEFT JOIN "{view.name}" ON FALSE').fetchone())


def _check_type(rule: Rule, key: str, sql: str, view: View, connection: Any) -> None:
    import duckdb

    where = rule.where(key)
    try:
        (kind,) = _kinds([sql], view, connection)
    except duckdb.Error as error:
        raise RuleError(f"{where}: {key}: {str(error).splitlines()[0]}") from error
    if kind != WANTED[key]:
        raise RuleError(f"{where}: {key}: is {kind}, not {WANTED[key]}")
