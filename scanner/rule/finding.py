"""A rule's findings, made from the rows that evaluation finds."""

from __future__ import annotations

import string
import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from scanner.config import Config
from scanner.findings import Finding, Subject, fingerprint, hidden_id
from scanner.rule.gaps import Gaps
from scanner.rule.load import Rule

FIXED_AT = "what_is_changed"


class Maker:
    """Makes the findings of one rule; what all of them say is kept once."""

    def __init__(self, rule: Rule, config: Config):
        body = rule.body
        self._rule = rule
        self._same: dict[str, Any] = {
            "rule_id": rule.id,
            "principle": rule.principle,
            "severity": severity(rule, config),
            "confidence": body.confidence,
            "status": "open",
            "remediation": body.fix.strip(),
            "references": tuple(body.references),
        }

    def finding(self, row: Mapping[str, Any], gaps: Gaps, needs: frozenset[str]) -> Finding:
        """Of a row of `_judged`."""
        body = self._rule.body
        failed = row["outcome"] == "fail"
        return Finding(
            fingerprint=fingerprint(self._rule.id, body.for_each, row["id"]),
            outcome="fail" if failed else "not_evaluated",
            subject=Subject(
                body.for_each, row["id"], row["id"] if row["arn"] == row["id"] else row["arn"], row["name"]
            ),
            account_id=_once(row["account_id"]),
            account_name=_once(row["account_name"]),
            environment=_once(row["environment"]),
            workload=_once(row["workload"]),
            region=_once(row["region"]),
            message=says(self._rule, row) if failed else gaps.reason(row["account_id"], row["region"], needs),
            evidence={name: plain(row[name]) for name in body.evidence},
            fixed_at=row[FIXED_AT] if failed else None,
            **self._same,
        )

    def hidden(self, account: str, region: str, reason: str, gaps: Gaps) -> Finding:
        """The one line that stands for all subjects of a place where they could not be listed."""
        kind = self._rule.body.for_each
        where = "all Regions" if region == "*" else region
        return Finding(
            fingerprint=fingerprint(self._rule.id, kind, hidden_id(account, region)),
            outcome="not_evaluated",
            subject=Subject(kind, hidden_id(account, region), None, f"every {kind.replace('_', ' ')} in {where}"),
            account_id=account,
            account_name=gaps.account_name(account),
            environment=None,
            workload=None,
            region=None if region == "*" else region,
            message=reason,
            evidence={},
            **self._same,
        )


def _once(text: str | None) -> str | None:
    """The same text, kept once however many findings have it."""
    return text if text is None else sys.intern(text)


def says(rule: Rule, row: Mapping[str, Any]) -> str:
    """The rule's sentence, with the subject's values in it."""
    return rule.body.says.format(**{name: spoken(row[name]) for name in names_said(rule.body.says)})


@cache
def names_said(sentence: str) -> tuple[str, ...]:
    """Return the columns that a sentence names, each once."""
    return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(sentence) if name))


def severity(rule: Rule, config: Config) -> Any:
    return config.severity.get(rule.id, rule.body.severity)


def spoken(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    if isinstance(value, Decimal):
        return float(value)
    return value
