"""Why a rule fails, passes or cannot be judged for one subject: its expressions, and every column they use."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scanner.config import Config
from scanner.errors import UsageError
from scanner.explain.lookup import one_of
from scanner.explain.printable import one_line, printable
from scanner.findings import Finding, fingerprint
from scanner.rule import evaluate
from scanner.rule.bind import bind, columns_of
from scanner.rule.finding import plain, says, severity, spoken
from scanner.rule.gaps import Gaps
from scanner.rule.load import Rule
from scanner.vocabulary import View
from scanner.wording import some

SHORTEST = 4
SHOWN = 5
HEXADECIMAL = set(string.hexdigits.lower())


@dataclass(frozen=True)
class Asked:
    """What explanations are drawn from: a connection with the vocabulary, all views, and all rules."""

    connection: Any
    views: Mapping[str, View]
    rules: Sequence[Rule]
    config: Config

    def findings(self, rules: Sequence[Rule]) -> list[Finding]:
        return list(evaluate.evaluate(self.connection, rules, self.views, self.config).findings)

    @cached_property
    def every(self) -> list[Finding]:
        """The findings of all rules, looked for once."""
        return self.findings(self.rules)


def finding(asked: Asked, text: str, subject: str | None) -> dict[str, Any]:
    """Explain the finding with a fingerprint (or its first digits), or what a rule says of a subject.

    `{fingerprint, rule_id, title, severity, verdict, subject, account_id, message, when, fails_when, columns, evidence,
    hangs_on, settled_by, why, fix}`; verdict is fail, pass, not_evaluated or does_not_apply; a column is
    `{name, value, meaning, used_in}`. Raises UsageError.
    """
    rules = _rules(asked.rules, text)
    if rules:
        return _of_rule(
            asked, one_of(text, "rule", [{"id": rule.id, "rule": rule} for rule in rules], "id")["rule"], subject
        )
    if len(text) < SHORTEST or not set(text.lower()) <= HEXADECIMAL:
        raise UsageError(f"{text} is no rule and no fingerprint; `bulkhead rules list` shows the rules")
    found = [one for one in asked.every if one.fingerprint.startswith(text.lower())]
    if not found:
        raise UsageError(f"no finding begins with {text}: it may be fixed, or of another snapshot")
    if len(found) > 1:
        raise UsageError(f"{text} begins {len(found)} findings: {_listed(found)}; give more digits")
    (one,) = found
    rule = next(rule for rule in asked.rules if rule.id == one.rule_id)
    return _of_finding(asked, rule, one)


def _rules(rules: Sequence[Rule], text: str) -> list[Rule]:
    return [rule for rule in rules if text in (rule.id, rule.id.partition("/")[2])]


def _of_rule(asked: Asked, rule: Rule, subject: str | None) -> dict[str, Any]:
    if subject is not None:
        row = one_of(subject, rule.body.for_each.replace("_", " "), _subjects(asked, rule, subject), "id")
        return _of_subject(asked, rule, row["id"])
    found = asked.findings([rule])
    if not found:
        raise UsageError(f"{rule.id} has no finding in this snapshot; name a subject to see why it passes")
    if len(found) > 1:
        raise UsageError(f"{rule.id} has {len(found)} findings: {_listed(found)}; name the subject or the fingerprint")
    return _of_finding(asked, rule, found[0])


def _listed(found: Sequence[Finding]) -> str:
    return some(
        [f"{one.fingerprint} ({one.rule_id}, {one_line(one.subject.name or one.subject.id)})" for one in found], SHOWN
    )


def _subjects(asked: Asked, rule: Rule, text: str) -> list[dict[str, Any]]:
    """Subjects with an id, ARN or name; where an account is all that tells them apart, those of the account."""
    view = asked.views[rule.body.for_each]
    known = {word.name for word in view.words}
    for columns in (("id", "arn"), ("name",), ("account_id", "account_name")):
        tests = [f"CAST({column} AS VARCHAR) = $1" for column in columns if column in known]
        if not tests:
            continue
        sql = f'SELECT DISTINCT id FROM "{view.name}" WHERE {" OR ".join(tests)} ORDER BY id'
        rows = asked.connection.execute(sql, [text]).fetchall()
        if rows:
            return [{"id": row[0]} for row in rows]
    return []


# ---------------------------------------------------------------------- one subject


def _of_finding(asked: Asked, rule: Rule, found: Finding) -> dict[str, Any]:
    if _row(asked, rule, found.subject.id) is not None:
        return _of_subject(asked, rule, found.subject.id)
    view = asked.views[rule.body.for_each]  # it stands for all subjects that could not be listed somewhere
    subject = {"type": found.subject.type, "id": found.subject.id, "arn": None, "name": found.subject.name}
    place = (found.account_id, found.region)
    return _explained(asked, rule, subject, place, "not_evaluated", found.message, [], frozenset(view.listed_from))


def _row(asked: Asked, rule: Rule, subject_id: str) -> dict[str, Any] | None:
    when, fails, _ = bind(rule, asked.views, asked.config, asked.connection)
    sql = f'SELECT *, ({when}) AS "?when", ({fails}) AS "?fails" FROM "{rule.body.for_each}" WHERE id = ? LIMIT 1'
    cursor = asked.connection.execute(sql, [subject_id])
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    return None if row is None else dict(zip(names, row, strict=True))


def _of_subject(asked: Asked, rule: Rule, subject_id: str) -> dict[str, Any]:
    row = _row(asked, rule, subject_id) or {}
    view = asked.views[rule.body.for_each]
    verdict = _verdict(row["?when"], row["?fails"])
    used = _used(asked, rule)
    needs = view.needs(used["when"] | used["fails_when"])
    place = (row.get("account_id"), row.get("region"))
    subject = {"type": view.name, **{key: row.get(key) for key in ("id", "arn", "name")}}
    columns = list(_columns(view, used, row))
    message = _message(asked, rule, row, verdict, place, needs)
    return _explained(asked, rule, subject, place, verdict, message, columns, needs)


def _verdict(when: bool | None, fails: bool | None) -> str:
    if when is False:
        return "does_not_apply"
    if when is None or fails is None:
        return "not_evaluated"
    return "fail" if fails else "pass"


def _message(
    asked: Asked, rule: Rule, row: Mapping[str, Any], verdict: str, place: tuple[Any, Any], needs: frozenset[str]
) -> str:
    if verdict == "fail":
        return says(rule, row)
    if verdict == "not_evaluated":
        return Gaps(asked.connection).reason(*place, needs)
    return "the rule does not apply: `when` is false" if verdict == "does_not_apply" else "`fails_when` is false"


def _used(asked: Asked, rule: Rule) -> dict[str, set[str]]:
    """Columns by the part of the rule that uses them."""
    when, fails, _ = bind(rule, asked.views, asked.config, asked.connection)
    said = {name for _, name, _, _ in string.Formatter().parse(rule.body.says) if name}
    parts = {"when": columns_of(when), "fails_when": columns_of(fails), "says": said}
    return {**parts, "evidence": set(rule.body.evidence)}


def _columns(view: View, used: Mapping[str, set[str]], row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for word in view.words:
        parts = [part for part, names in used.items() if word.name in names]
        if parts:
            value = plain(row[word.name])
            yield {"name": word.name, "value": value, "meaning": word.meaning, "used_in": parts}


def _explained(
    asked: Asked, rule: Rule, subject: Mapping[str, Any], place: tuple[Any, Any], verdict: str, message: str,
    columns: list[dict[str, Any]], needs: frozenset[str],
) -> dict[str, Any]:  # fmt: skip
    return {
        "fingerprint": fingerprint(rule.id, rule.body.for_each, subject["id"]),
        "rule_id": rule.id,
        "title": rule.body.title,
        "severity": severity(rule, asked.config),
        "verdict": verdict,
        "subject": dict(subject),
        "account_id": place[0],
        "message": message,
        "when": rule.body.when,
        "fails_when": rule.body.fails_when,
        "columns": columns,
        "evidence": {one["name"]: one["value"] for one in columns if "evidence" in one["used_in"]},
        "hangs_on": _hangs_on(asked.connection, needs),
        "settled_by": _settled_by(asked.connection, needs, *place) if verdict == "not_evaluated" else [],
        "why": rule.body.why.strip(),
        "fix": rule.body.fix.strip(),
    }


def _hangs_on(connection: Any, needs: Iterable[str]) -> list[dict[str, Any]]:
    """The tables that a verdict hangs on, and the calls that fill them."""
    found = []
    for need in sorted(needs):
        table, _, collector = need.partition("@")
        rows = connection.execute(_CALLS, [table, collector]).fetchall()
        found.append({"table": table, "calls": [row[0] for row in rows]})
    return found


def _settled_by(connection: Any, needs: Iterable[str], account: str | None, region: str | None) -> list[str]:
    """Calls without an answer that a verdict hangs on; those of the subject's own account where there are some."""
    rows = []
    for need in sorted(needs):
        table, _, collector = need.partition("@")
        rows += connection.execute(_UNREAD, [table, collector]).fetchall()
    near = [
        row for row in rows if row[1] == account and (region in (None, "global") or row[2] in (region, "*", "global"))
    ]
    return sorted({f"{call} of account {where}{_in(place)} ({status})" for call, where, place, status in near or rows})


def _in(region: str) -> str:
    return "" if region in ("*", "global") else f" in {region}"


def spoken_finding(found: Mapping[str, Any]) -> str:
    """The explanation as text."""
    subject = found["subject"]
    name = f"{one_line(subject['name'])} " if subject["name"] else ""
    lines = [
        f"{found['verdict']}  {found['rule_id']}  ({found['severity']}, {found['fingerprint']})",
        f"  {subject['type']} {name}({one_line(subject['id'])})",
        f"  {one_line(found['message'])}",
        f"The rule: {one_line(found['title'])}",
        f"  when        {one_line(found['when'])}",
        f"  fails_when  {one_line(found['fails_when'])}",
    ]
    lines += ["What it looks at:"] if found["columns"] else []
    for one in found["columns"]:
        lines.append(f"  {one['name']} = {one_line(_value(one['value']))}  ({', '.join(one['used_in'])})")
        lines.append(f"      {one_line(one['meaning'])}")
    lines.append("It hangs on:")
    lines += [f"  {one['table']}, filled by {', '.join(one['calls']) or 'an analysis'}" for one in found["hangs_on"]]
    lines += ["What would settle it:"] if found["settled_by"] else []
    lines += [f"  {one_line(call)}" for call in found["settled_by"]]
    lines += ["How to fix it:", *(f"  {line}" for line in printable(found["fix"]).splitlines())]
    return "\n".join(lines)


def _value(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return spoken(value)


_CALLS = """
SELECT DISTINCT call FROM call_tables WHERE table_name = $1 AND ($2 = '' OR collector = $2) ORDER BY call"""
_UNREAD = """
SELECT DISTINCT call, account_id, region, status FROM unread
WHERE table_name = $1 AND ($2 = '' OR collector = $2 OR collector = '*') ORDER BY ALL"""
