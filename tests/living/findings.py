"""Findings, rules and judged snapshots, in one line each."""

from __future__ import annotations

from typing import Any

from scanner.findings import Finding, Gap, RuleResult, Scan, Subject, fingerprint, hidden_id
from scanner.living.saved import Judged

SHOP, LAB, GONE = "111111111111", "222222222222", "333333333333"
HERE, THERE = "eu-west-1", "us-east-1"
RULE = "backup_isolation/not_backed_up"


def failing(
    name: str = "orders", rule: str = RULE, account: str | None = SHOP, region: str | None = HERE, **more: Any
) -> Finding:
    arn = f"arn:aws:rds:{region}:{account}:db:{name}"
    given: dict[str, Any] = {
        "fingerprint": fingerprint(rule, "data_store", arn),
        "rule_id": rule,
        "principle": rule.partition("/")[0],
        "severity": "high",
        "confidence": "high",
        "outcome": "fail",
        "status": "open",
        "subject": Subject("data_store", arn, arn, name),
        "account_id": account,
        "account_name": {SHOP: "shop-production", LAB: "lab"}.get(account or ""),
        "environment": "production",
        "workload": "shop",
        "region": region,
        "message": f"{name} has no copy",
        "evidence": {"copies": 0},
        "remediation": "copy it",
    }
    return Finding(**{**given, **more})


def unjudged(name: str = "orders", **more: Any) -> Finding:
    return failing(
        name, **{"outcome": "not_evaluated", "message": "rds.describe_db_snapshots could not be read", **more}
    )


def hidden(account: str = SHOP, region: str = HERE, rule: str = RULE) -> Finding:
    """The line for all data stores of a place where they could not be listed."""
    where = hidden_id(account, region)
    return unjudged(
        rule=rule, account=account, region=None if region == "*" else region, workload=None, environment=None,
        subject=Subject("data_store", where, None, "every data store"), fingerprint=fingerprint(rule, "data_store", where),
    )  # fmt: skip


def rule_of(rule: str = RULE, passed: int = 4, failed: int = 1, **more: Any) -> RuleResult:
    given: dict[str, Any] = {
        "rule_id": rule,
        "principle": rule.partition("/")[0],
        "title": f"title of {rule}",
        "severity": "high",
        "confidence": "high",
        "effort": "days",
        "subject_type": "data_store",
        "why": "why",
        "fix": "fix",
        "references": ("article#backup",),
        "passed": passed,
        "failed": failed,
        "not_evaluated": 0,
    }
    return RuleResult(**{**given, **more})


def shut(account: str, status: str = "no_role", region: str = "*") -> Gap:
    return Gap(account, region, "*", "*", status, "nobody let us in")


def judged(
    *findings: Finding, rules: tuple[str, ...] = (RULE,), accounts: tuple[str, ...] = (SHOP, LAB), gaps: tuple[Gap, ...] = (),
    scan: str = "one", finished: str = "2026-01-02T00:00:00Z", organization: str = "o-acme",
) -> Judged:  # fmt: skip
    when = Scan(scan, "2026-01-01T00:00:00Z", finished, organization, "0")
    return Judged(when, 50.0, 1.0, frozenset(accounts), gaps, findings, tuple(map(rule_of, rules)))
