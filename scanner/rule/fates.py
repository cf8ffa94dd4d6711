"""What became of subjects that no rule complains about any more: they pass, the rule does not apply to them, or they are gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from scanner.config import Config
from scanner.findings import Finding
from scanner.rule.bind import bind
from scanner.rule.load import Rule
from scanner.vocabulary import View

Became = Literal["passes", "not_applicable", "gone"]


def fates(
    connection: Any, rules: Sequence[Rule], views: Mapping[str, View], config: Config, findings: Iterable[Finding]
) -> dict[str, Became]:
    """Look up the subjects of earlier findings in a snapshot that has the vocabulary; by fingerprint.

    They have to be none that fail or could not be evaluated in it, and their kind has to have been listed.
    """
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule_id].append(finding)
    found: dict[str, Became] = {}
    for rule in rules:
        asked = by_rule.get(rule.id, [])
        if asked:
            there = _there(connection, rule, views, config, [one.subject.id for one in asked])
            found |= {one.fingerprint: there.get(one.subject.id, "gone") for one in asked}
    return found


def _there(connection: Any, rule: Rule, views: Mapping[str, View], config: Config, ids: list[str]) -> dict[str, Became]:
    when = bind(rule, views, config, connection).when
    rows = connection.execute(
        f"""SELECT s.id, CASE WHEN ({when}) THEN 'passes' ELSE 'not_applicable' END
        FROM "{views[rule.body.for_each].name}" s WHERE list_contains(?, s.id)""",
        [ids],
    ).fetchall()
    return dict(rows)
