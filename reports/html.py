"""report.html: one page that answers how bad it is, what to do first, where, and what nobody could see.

It needs nothing but itself: styles, script and findings are in it, and its Content-Security-Policy allows no network and
no script but its own two (by hash). Without JavaScript the worst findings and accounts are there as plain rows; with it
the tables page through all of them. Every text goes through `visible` (Jinja's `finalize`) and through autoescaping.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlencode

from reports import damage, lasting, summary
from reports.packed import packed
from reports.page_data import AccountGaps, account_gaps, finding_facts, page_data
from reports.text import clipped, is_link, paragraphs, visible, words
from reports.trend_picture import trend_picture
from reports.values import counted, percent, plus, score_text
from scanner.findings import SEVERITIES, Account, Finding, Result, RuleResult
from scanner.lasting import Difference

if TYPE_CHECKING:
    from jinja2 import Environment

EXTENSION = "html"

ROWS_WITHOUT_SCRIPT = 100
MATRIX_ROWS = 25
ACCOUNTS_IN_CELL = 4
GAP_GROUPS = 40
WAIVERS = 500
GROUPS = ("rule", "principle", "severity", "account", "unit", "environment", "workload", "owner", "status")
"""What the script can group findings by; `report.js` has a function for each."""
CHANGES = 100
"""New, fixed and changed findings listed each; past that they are counted."""
WORST = 10
"""Findings named in the page of an account."""
CLOSES = 8
"""Findings named under a change; past that they are counted."""
LARGE = 500
"""Accounts from which on a browser lays out only the sections in sight."""
TREE_LEAVES = 1500
"""Accounts drawn into the tree in all; past that each unit shows its worst ones and says how many more there are."""

_TEMPLATES = Path(__file__).parent / "templates"


def write(result: Result, stream: TextIO) -> None:
    """Write the page piece by piece."""
    template = _environment().get_template("report.html.j2")
    for piece in template.generate(_context(result)):
        stream.write(piece)


def _environment() -> Environment:
    # Jinja takes a tenth of a second to import; a scan that writes JSON only should not pay for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def show(value: Any) -> Any:
        if value is None:
            return ""
        return value if isinstance(value, Markup) else visible(str(value))

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=show,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        anchor=anchor,
        clipped=clipped,
        is_link=is_link,
        paragraphs=paragraphs,
        picture=Markup,
        query=_query,
        words=words,
    )
    environment.globals.update(
        counted=counted, percent=percent, plus=plus, score_text=score_text, scope=lasting.scope, severities=SEVERITIES
    )
    return environment


def anchor(identifier: str) -> str:
    """Return an identifier as the tail of an HTML id; account ids and fingerprints stay as they are."""
    return re.sub("[^0-9A-Za-z_-]", "-", identifier)


def _context(result: Result) -> dict[str, Any]:
    from markupsafe import Markup

    style, theme, script = _source("report.css", "damage.css"), _source("theme.js"), _source("damage.js", "report.js")
    findings = summary.worst_first(result.findings)
    accounts = summary.accounts_worst_first(result)
    gaps = account_gaps(result.coverage.gaps)
    rows = summary.workloads(result)
    spread, drawn = damage.prepare(result)
    has_damage = bool(result.reach or result.drills)
    return {
        **damage.context(spread, drawn),
        "has_damage": has_damage,
        "result": result,
        "style": Markup(style),
        "theme": Markup(theme),
        "script": Markup(script),
        "script_hashes": Markup(" ".join(map(_csp_hash, (theme, script)))),
        "overall": summary.mark(result.score.overall, result.coverage.ratio),
        "low_coverage": round(100 * summary.LOW_COVERAGE),
        "principles": summary.principles(result),
        "failed": summary.open_by_severity(findings),
        "counts": _counts(findings),
        "accepted": lasting.accepted(result),
        "since": lasting.since(result.since, result),
        "comparison": result.comparison,
        "changed_in_more": _worth_showing(result),
        "changes_shown": CHANGES,
        "has_changes": result.comparison is not None or len(result.trend) > 1,
        "trend": trend_picture(result.trend),
        "moved": _moved(result),
        "baseline": lasting.baseline(result),
        "waivers": lasting.waivers(result.waivers),
        "waiver_limit": WAIVERS,
        "closes": CLOSES,
        "environments": summary.environments(result),
        "choices": _choices(findings, result),
        "groups": GROUPS,
        "workload_count": len(rows),
        "workloads": _workload_views(rows[:MATRIX_ROWS], result),
        "tree": summary.tree(result),
        "leaves": _leaves_per_unit(result),
        "account_count": len(accounts),
        "large": len(accounts) > LARGE or len(findings) > 10 * LARGE,
        "account_rows": _account_views(accounts[:ROWS_WITHOUT_SCRIPT], findings, gaps, result, damage.facts(spread)),
        "finding_rows": _finding_views(findings[:ROWS_WITHOUT_SCRIPT], result.rules),
        "blank_finding": _blank_finding(),
        "blank_account": _blank_account(has_damage),
        "blank_workload": {"name": "", "mark": summary.mark(None, None), "cells": []},
        "rules": sorted(result.rules, key=lambda rule: rule.rule_id),
        "gap_groups": summary.gap_groups(result.coverage.gaps),
        "gap_limit": GAP_GROUPS,
        "account_mark": lambda account: summary.account_mark(account.id, result),
        "data": map(Markup, packed(page_data(result, findings, accounts, gaps, rows, spread))),
    }


def _source(*names: str) -> str:
    return "".join((_TEMPLATES / "html" / name).read_text(encoding="utf-8") for name in names)


def _csp_hash(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _query(table: str, **filters: str | None) -> str:
    """Return the filters of a table as `findings?severity=high`; the script turns it into the link's fragment."""
    return f"{table}?" + urlencode({name: visible(value) for name, value in filters.items() if value})


def _counts(findings: Iterable[Finding]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for finding in findings:
        counts["not evaluated" if finding.outcome == "not_evaluated" else finding.status] += 1
    return {name: counts[name] for name in ("open", "waived", "baseline", "not evaluated")}


def _worth_showing(result: Result) -> list[Difference]:
    """Return what changed in more than its evidence: counts and times move with every scan."""
    found = result.comparison.changed if result.comparison else ()
    return [one for one in found if one.what != ("evidence",)]


def _moved(result: Result) -> Mapping[str, str]:
    """Return by how much each principle's score moved since the scan before, e.g. `+1.5`; those not known on both sides left out."""
    if len(result.trend) < 2:
        return {}
    before, now = (point.principles for point in result.trend[-2:])
    known = ((name, before.get(name, (None, None))[0], score) for name, (score, _) in now.items())
    return {
        name: f"{score - was:+.1f}" if abs(score - was) >= 0.05 else "0"
        for name, was, score in known
        if was is not None and score is not None
    }


def _choices(findings: Iterable[Finding], result: Result) -> Mapping[str, list[str]]:
    """Return what the select boxes of the tables offer."""
    environments = {account.environment for account in result.accounts} | {place[1] for place in result.matrix}
    in_findings = {finding.environment for finding in findings if finding.environment}
    return {
        "environment": sorted(in_findings),
        "account_environment": sorted(environments),
        "status": ["open", "waived", "baseline"],
        "outcome": ["fail", "not_evaluated"],
    }


def _leaves_per_unit(result: Result) -> int:
    if len(result.accounts) <= TREE_LEAVES // 8:
        return TREE_LEAVES
    return max(3, min(20, TREE_LEAVES // max(1, len(result.units))))


def _workload_views(rows: Iterable[summary.Workload], result: Result) -> list[dict[str, Any]]:
    names = {account.id: account.name for account in result.accounts}
    mixed = summary.mixed_accounts(result.matrix)

    def entry(account_id: str, workload: str, environment: str) -> dict[str, Any]:
        return {
            "id": account_id,
            "name": names.get(account_id, account_id),
            "mark": summary.account_mark(account_id, result),
            "also": also(mixed.get(account_id, []), workload, environment),
        }

    def cell(row: summary.Workload, environment: str) -> dict[str, Any]:
        ids = row.cells.get(environment, ())
        return {
            "environment": environment,
            "accounts": [entry(account_id, row.name, environment) for account_id in ids[:ACCOUNTS_IN_CELL]],
            "more": max(0, len(ids) - ACCOUNTS_IN_CELL),
            "missing": environment in row.missing,
        }

    columns = summary.environments(result)
    return [{"name": row.name, "mark": row.mark, "cells": [cell(row, name) for name in columns]} for row in rows]


def also(places: Iterable[tuple[str, str]], workload: str, environment: str) -> str:
    """Return the other cells an account appears in, e.g. `shop test, billing production`."""
    others = [" ".join(place) for place in places if place != (workload, environment)]
    return ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")


def _finding_views(findings: Iterable[Finding], rules: Iterable[RuleResult]) -> list[dict[str, Any]]:
    by_id = {rule.rule_id: rule for rule in rules}
    return [_finding_view(finding, by_id.get(finding.rule_id)) for finding in findings]


def _finding_view(finding: Finding, rule: RuleResult | None) -> dict[str, Any]:
    return {
        "finding": finding,
        "title": rule.title if rule else words(finding.rule_id),
        "why": paragraphs(rule.why) if rule else [],
        "fix": paragraphs(finding.remediation),
        "state": "not evaluated" if finding.outcome == "not_evaluated" else finding.status,
        "facts": finding_facts(finding),
    }


def _account_views(
    accounts: Iterable[Account],
    findings: Iterable[Finding],
    gaps: Mapping[str, AccountGaps],
    result: Result,
    about: Mapping[str, Sequence[tuple[str, str]]],
) -> list[dict[str, Any]]:
    theirs: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.account_id:
            theirs[finding.account_id].append(finding)
    return [
        _account_view(account, theirs[account.id], gaps.get(account.id), result, about.get(account.id, ()))
        for account in accounts
    ]


def _account_view(
    account: Account,
    findings: list[Finding],
    gaps: AccountGaps | None,
    result: Result,
    about: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    return {
        "account": account,
        "unit": " / ".join(account.unit_path),
        "mark": summary.account_mark(account.id, result),
        "failed": list(summary.open_by_severity(findings).values()),
        "worst": [finding for finding in findings if summary.is_open(finding)][:WORST],
        "gaps": gaps.lines if gaps else (),
        "more_gaps": gaps.more if gaps else 0,
        "around": bool(result.reach or result.drills),
        "about": [(label, [text], False) for label, text in about],
    }


def _blank_finding() -> dict[str, Any]:
    """Return the row the script copies; it has no text and every slot."""
    from scanner.findings import Subject

    finding = Finding(
        "", "", "", "low", "", "fail", "open", Subject("", ""), None, None, None, None, None, "", {}, ""
    )  # fmt: skip
    return {"finding": finding, "title": "", "why": [], "fix": [], "state": "", "facts": []}


def _blank_account(has_damage: bool) -> dict[str, Any]:
    account = Account("", "", "", None, (), "", None, None, False, True, 0)
    return {
        "account": account, "unit": "", "mark": summary.mark(None, None), "failed": ["", "", "", ""], "worst": [],
        "gaps": (), "more_gaps": 0, "around": has_damage, "about": [],
    }  # fmt: skip
