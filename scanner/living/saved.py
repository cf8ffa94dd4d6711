"""findings.json read back: what an earlier scan concluded, as far as comparing, accepting and advising need it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from scanner.errors import UsageError
from scanner.findings import SCHEMA_VERSION, Finding, Gap, Result, RuleResult, Scan, Subject
from scanner.lasting import Acceptance


@dataclass(frozen=True)
class Judged:
    """One judged snapshot. `accounts` are those some rule applied to."""

    scan: Scan
    score: float | None
    coverage: float | None
    accounts: frozenset[str]
    gaps: tuple[Gap, ...]
    findings: tuple[Finding, ...]
    rules: tuple[RuleResult, ...]


def of_result(result: Result) -> Judged:
    """The same from a result that was just made."""
    return Judged(
        result.scan,
        result.score.overall,
        result.coverage.ratio,
        frozenset(result.coverage.accounts),
        result.coverage.gaps,
        result.findings,
        result.rules,
    )


def read(path: Path) -> Judged:
    """Read findings.json. Raises UsageError for anything else."""
    data = read_json(path)
    if not isinstance(data, dict) or data.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(f"{path} is no findings.json of version {SCHEMA_VERSION}, and no snapshot")
    try:
        return _judged(data)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UsageError(f"{path} is no whole findings.json ({type(error).__name__}: {error})") from error


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises UsageError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON: {error}") from error


def _judged(data: Mapping[str, Any]) -> Judged:
    return Judged(
        Scan(**_known(Scan, data["scan"])),
        data["score"]["overall"],
        data["coverage"]["ratio"],
        frozenset(data["coverage"]["accounts"]),
        tuple(Gap(**_known(Gap, gap)) for gap in data["coverage"]["gaps"]),
        tuple(map(_finding, data["findings"])),
        tuple(
            RuleResult(**{**_known(RuleResult, rule), "references": tuple(rule["references"])})
            for rule in data["rules"]
        ),
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    given = _known(Finding, data)
    given["subject"] = Subject(**_known(Subject, data["subject"]))
    given["references"] = tuple(data["references"])
    waiver = data.get("waiver")
    given["waiver"] = Acceptance(**_known(Acceptance, waiver)) if waiver else None
    if given["outcome"] not in ("fail", "not_evaluated") or not isinstance(given["fingerprint"], str):
        raise ValueError(f"a finding has the outcome {given['outcome']}")
    return Finding(**given)


def _known(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields a class has; a later version of the same schema may have more."""
    return {field.name: data[field.name] for field in fields(kind) if field.name in data}
