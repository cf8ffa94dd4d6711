"""A rule's examples, run against the rule alone: one row of its subject, columns not given are NULL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner import analysis, vocabulary
from scanner.config import Config
from scanner.errors import RuleError
from scanner.rule.bind import bind
from scanner.rule.load import Rule
from scanner.snapshot.read import connect_empty
from scanner.vocabulary import View


@dataclass(frozen=True)
class Outcome:
    """How one example went. `got` is fail, pass, not_evaluated, or not_applicable."""

    rule_id: str
    where: str
    because: str
    expected: str
    got: str

    @property
    def ok(self) -> bool:
        return self.expected == self.got


def empty_vocabulary(views: Mapping[str, View], config: Config) -> Any:
    """Return a connection whose tables and views are all there, and empty."""
    connection = connect_empty()
    for module in analysis.registry().values():
        analysis.create(connection, module.TABLES)
    vocabulary.create(connection, views, config)
    return connection


def run(rules: Sequence[Rule], views: Mapping[str, View], config: Config) -> Iterator[Outcome]:
    """Run every example of every rule. Raises RuleError for a rule that does not bind."""
    connection = empty_vocabulary(views, config)
    for rule in rules:
        when, fails, _ = bind(rule, views, config, connection)
        for kind, expected in (("fails", "fail"), ("passes", "pass"), ("not_evaluated", "not_evaluated")):
            for number, example in enumerate(getattr(rule.body.examples, kind)):
                where = rule.where("examples", kind, number)
                got = _judge(connection, rule.body.for_each, when, fails, example.given, where)
                yield Outcome(rule.id, where, example.because, expected, got)


def _judge(connection: Any, subject: str, when: str, fails: str, given: Mapping[str, Any], where: str) -> str:
    import duckdb

    columns = connection.execute(f'DESCRIBE "{subject}"').fetchall()
    row = ", ".join(
        f'CAST(${name} AS {kind}) AS "{name}"' if name in given else f'CAST(NULL AS {kind}) AS "{name}"'
        for name, kind, *_ in columns
    )
    try:
        applies, failed = connection.execute(f"SELECT ({when}), ({fails}) FROM (SELECT {row})", dict(given)).fetchone()
    except duckdb.Error as error:
        raise RuleError(f"{where}: {str(error).splitlines()[0]}") from error
    if applies is False:
        return "not_applicable"
    if applies is None or failed is None:
        return "not_evaluated"
    return "fail" if failed else "pass"
