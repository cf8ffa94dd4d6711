"""findings.json: everything a scan concluded, for programs. `findings.schema.json` beside this file describes it.

One finding per line, so that the file can be searched and compared with line tools; ASCII only, so that nothing
in it acts on a terminal.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from reports.lines import text as _text
from reports.lines import write_list
from reports.values import plain, rounded_ratio, rounded_score
from scanner.findings import SCHEMA_VERSION, Advice, Coverage, Finding, Gap, Result, RuleResult, Score
from scanner.lasting import Point, Since, WaiverUse

EXTENSION = "json"
STEM = "findings"


def write(result: Result, stream: TextIO) -> None:
    """Write findings.json piece by piece; a million findings need no more memory than one."""
    stream.write("{\n")
    stream.write(f'"schema_version": {_text(SCHEMA_VERSION)},\n')
    stream.write(f'"scan": {_text(dataclasses.asdict(result.scan))},\n')
    _write_coverage(result.coverage, stream)
    stream.write(f'"score": {_text(score_fields(result.score), indent=2)},\n')
    _write_list("findings", map(finding_fields, result.findings), stream)
    stream.write(",\n")
    _write_list("rules", map(rule_fields, result.rules), stream)
    stream.write(f',\n"accepted": {_text(dataclasses.asdict(result.accepted))},\n')
    _write_list("waivers", map(waiver_fields, result.waivers), stream)
    stream.write(f',\n"baseline": {_text(_or_none(result.baseline))},\n')
    stream.write(f'"since": {_text(since_fields(result.since))},\n')
    _write_list("trend", map(point_fields, result.trend), stream)
    stream.write(",\n")
    _write_list("advice", map(advice_fields, result.advice), stream)
    stream.write("\n}\n")


def finding_fields(finding: Finding) -> dict[str, Any]:
    """Return a finding as findings.json has it: all fields, the subject nested, evidence as JSON values."""
    fields = {field.name: getattr(finding, field.name) for field in dataclasses.fields(Finding)}
    fields["subject"] = dataclasses.asdict(finding.subject)
    fields["evidence"] = plain(finding.evidence)
    fields["references"] = list(finding.references)
    fields["waiver"] = _or_none(finding.waiver)
    return fields


def waiver_fields(use: WaiverUse) -> dict[str, Any]:
    """Return a waiver as findings.json has it: what the file says, and what became of it."""
    return {**dataclasses.asdict(use.waiver), "status": use.status, "findings": use.findings, "note": use.note}


def since_fields(since: Since | None) -> dict[str, Any] | None:
    """Return what changed since the scan before, None where there is none."""
    return None if since is None else {**dataclasses.asdict(since), **_rounded(since)}


def point_fields(point: Point) -> dict[str, Any]:
    """Return one scan of the trend, without the numbers of single accounts (`bulkhead trend` has them)."""
    fields = {field.name: getattr(point, field.name) for field in dataclasses.fields(Point)} | _rounded(point)
    del fields["account_scores"]
    fields["principles"] = {
        name: {"score": rounded_score(score), "coverage": rounded_ratio(ratio)}
        for name, (score, ratio) in sorted(point.principles.items())
    }
    return fields


def advice_fields(advice: Advice) -> dict[str, Any]:
    """Return one change worth making."""
    fields = {field.name: getattr(advice, field.name) for field in dataclasses.fields(Advice)}
    return fields | {"gain": round(advice.gain, 3), "after": rounded_score(advice.after)}


def _rounded(one: Point | Since) -> dict[str, Any]:
    return {"score": rounded_score(one.score), "coverage": rounded_ratio(one.coverage)}


def _or_none(value: Any) -> dict[str, Any] | None:
    return None if value is None else dataclasses.asdict(value)


def rule_fields(rule: RuleResult) -> dict[str, Any]:
    """Return a rule's counts and texts as findings.json has them."""
    return {**dataclasses.asdict(rule), "references": list(rule.references)}


def score_fields(score: Score) -> dict[str, Any]:
    """Return the scores, one decimal each."""
    return {
        "overall": rounded_score(score.overall),
        "principles": _each(score.principles, rounded_score),
        "accounts": _each(score.accounts, rounded_score),
        "workloads": _each(score.workloads, rounded_score),
        "units": _each(score.units, rounded_score),
    }


def coverage_fields(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage as findings.json has it, without its gaps."""
    return {
        "ratio": rounded_ratio(coverage.ratio),
        "principles": _each(coverage.principles, rounded_ratio),
        "accounts": _each(coverage.accounts, rounded_ratio),
        "unevaluated_rules": list(coverage.unevaluated_rules),
    }


def gap_fields(gap: Gap) -> dict[str, Any]:
    """Return a call that could not be read."""
    return dataclasses.asdict(gap)


def _write_coverage(coverage: Coverage, stream: TextIO) -> None:
    fields = coverage_fields(coverage)
    stream.write(f'"coverage": {{\n"ratio": {_text(fields.pop("ratio"))},\n')
    _write_list("gaps", map(gap_fields, coverage.gaps), stream)
    for name, value in fields.items():
        stream.write(f',\n"{name}": {_text(value, indent=2 if isinstance(value, dict) else None)}')
    stream.write("\n},\n")


def _write_list(name: str, rows: Iterable[dict[str, Any]], stream: TextIO) -> None:
    stream.write(f'"{name}": ')
    write_list(rows, stream)


def _each(values: Mapping[str, float | None], rounding: Any) -> dict[str, float | None]:
    return {key: rounding(values[key]) for key in sorted(values)}
