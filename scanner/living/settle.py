"""From what failed to what is open: waivers first, then the baseline. Both leave the score as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scanner import score
from scanner.config import Config
from scanner.findings import Coverage, Finding, RuleResult
from scanner.lasting import Accepted, BaselineUse, WaiverUse
from scanner.living import baseline, waivers
from scanner.living.sight import Sight


@dataclass(frozen=True)
class Settled:
    """Findings with their status, rules with what is waived of each, and what became of waivers and baseline."""

    findings: tuple[Finding, ...]
    rules: tuple[RuleResult, ...]
    waivers: tuple[WaiverUse, ...]
    baseline: BaselineUse | None
    accepted: Accepted


def check(config: Config) -> None:
    """Raises WaiverError or UsageError for a file that cannot be used, before anything is read."""
    if config.waivers:
        waivers.load(config.waivers)
    if config.baseline:
        baseline.load(config.baseline)


def settle(
    connection: Any,
    config: Config,
    findings: Sequence[Finding],
    rules: Sequence[RuleResult],
    coverage: Coverage,
    known: Iterable[str],
    today: str,
) -> Settled:
    """Lay waivers and baseline over what was found; `known` are all rules there are, `rules` those that were run."""
    settled = list(findings)
    uses: tuple[WaiverUse, ...] = ()
    left: BaselineUse | None = None
    if config.waivers:
        run = frozenset(rule.rule_id for rule in rules)
        ground = waivers.Ground(waivers.places(connection), coverage.gaps, run, frozenset(known))
        settled, uses = waivers.apply(settled, waivers.load(config.waivers), ground, today)
    if config.baseline:
        sight = Sight(findings, rules, coverage.gaps, coverage.accounts)
        settled, left = baseline.apply(settled, baseline.load(config.baseline), sight)
    waived = Counter(one.rule_id for one in settled if one.status == "waived")
    counted = tuple(replace(rule, waived=waived[rule.rule_id]) for rule in rules)
    return Settled(tuple(settled), counted, uses, left, _accepted(settled, counted))


def _accepted(findings: Iterable[Finding], rules: Sequence[RuleResult]) -> Accepted:
    status = Counter(one.status for one in findings)
    fixed = Counter(one.rule_id for one in findings if one.status != "open")
    return Accepted(status["waived"], status["baseline"], score.lift(rules, fixed))
