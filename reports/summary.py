"""What the reports for people say about a result: marks, counts, places, gaps. Pure; no markup."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reports.text import words
from reports.values import percent, rounded_score, score_text
from scanner.findings import SEVERITIES, Account, Finding, Gap, Result, RuleResult, Severity, Unit

LOW_COVERAGE = 0.95
"""Below this share evaluated, a good score is not called good. The same share is the default of --min-coverage."""

BANDS = ((50.0, "poor"), (75.0, "weak"), (90.0, "fair"), (101.0, "sound"))
ENVIRONMENTS = ("production", "staging", "test", "development", "sandbox", "shared", "unknown")
EXPECTED = ("production", "staging", "test", "development")
"""Environments whose absence is worth marking where another workload has them."""

NO_UNIT = "(in no unit)"


@dataclass(frozen=True, slots=True)
class Mark:
    """A score as it is printed, never without its coverage.

    `band` is poor, weak, fair, sound, unsure (good, but too little was seen) or none (not evaluated).
    `score` and `seen` are 0 to 100 for drawing.
    """

    text: str
    coverage: str
    band: str
    word: str
    score: float
    seen: float


@dataclass(frozen=True, slots=True)
class Principle:
    """One principle: its mark and what stands behind it. `failed` counts open findings."""

    id: str
    title: str
    mark: Mark
    failed: Mapping[Severity, int]
    passed: int
    not_evaluated: int
    accepted: int


@dataclass(frozen=True, slots=True)
class GapGroup:
    """Calls that could not be read for one reason."""

    status: str
    reason: str
    calls: int
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    collectors: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the matrix: account ids per environment. `mixed` are those that also appear in another cell."""

    name: str
    mark: Mark
    cells: Mapping[str, tuple[str, ...]]
    mixed: frozenset[str]
    missing: tuple[str, ...]


@dataclass(slots=True)
class Node:
    """A unit in the tree. `accounts` are those directly in it, worst first; `total` counts those below it too."""

    id: str
    name: str
    mark: Mark
    accounts: list[Account]
    children: list[Node] = field(default_factory=list)
    total: int = 0
    failed: int = 0


def mark(score: float | None, coverage: float | None) -> Mark:
    """Return how a score is printed beside its coverage. None is `not evaluated`."""
    seen = 100.0 * min(max(coverage or 0.0, 0.0), 1.0)
    if score is None:
        return Mark(score_text(None), percent(coverage), "none", score_text(None), 0.0, seen)
    band = next(name for limit, name in BANDS if score < limit or name == "sound")
    word = band
    # Known failures stay failures however little was seen; only praise needs sight.
    if band in ("fair", "sound") and (coverage is None or coverage < LOW_COVERAGE):
        band, word = "unsure", "partly seen"
    drawn = rounded_score(min(max(score, 0.0), 100.0)) or 0.0
    return Mark(score_text(score), percent(coverage), band, word, drawn, round(seen, 1))


def is_open(finding: Finding) -> bool:
    """Say whether a finding is a failure that nobody has accepted."""
    return finding.outcome == "fail" and finding.status == "open"


def open_by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Count open failures per severity, worst severity first."""
    counts = Counter(finding.severity for finding in findings if is_open(finding))
    return {severity: counts[severity] for severity in SEVERITIES}


def principles(result: Result) -> list[Principle]:
    """Return all principles that have a rule, a score or a coverage, by name."""
    findings: dict[str, list[Finding]] = defaultdict(list)
    rules: dict[str, list[RuleResult]] = defaultdict(list)
    for finding in result.findings:
        findings[finding.principle].append(finding)
    for rule in result.rules:
        rules[rule.principle].append(rule)
    names = {*result.score.principles, *result.coverage.principles, *rules, *findings}
    return [_principle(name, result, findings[name], rules[name]) for name in sorted(names)]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings, open failures first, then by severity; otherwise in their order."""
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    return sorted(findings, key=lambda finding: (not is_open(finding), order[finding.severity]))


def gap_groups(gaps: Iterable[Gap]) -> list[GapGroup]:
    """Return gaps grouped by status and reason, most calls first."""
    grouped: dict[tuple[str, str], list[Gap]] = defaultdict(list)
    for gap in gaps:
        grouped[gap.status, gap.reason].append(gap)
    groups = [_gap_group(status, reason, members) for (status, reason), members in grouped.items()]
    return sorted(groups, key=lambda group: (-group.calls, group.status, group.reason))


def accounts_worst_first(result: Result) -> list[Account]:
    """Return accounts by score, those without one after the others, then by name."""
    scores = result.score.accounts
    return sorted(result.accounts, key=lambda account: (*_worst(scores.get(account.id)), account.name, account.id))


def account_mark(account_id: str, result: Result) -> Mark:
    """Return an account's mark."""
    return mark(result.score.accounts.get(account_id), result.coverage.accounts.get(account_id))


def mixed_accounts(matrix: Iterable[tuple[str, str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Return the accounts that hold more than one workload or environment, with the cells they appear in."""
    cells: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for workload, environment, account_id in matrix:
        cells[account_id].add((workload, environment))
    return {account_id: sorted(places) for account_id, places in cells.items() if len(places) > 1}


def environments(result: Result) -> list[str]:
    """Return the environments of the matrix: the known ones in their order, then others by name."""
    present = {environment for _, environment, _ in result.matrix}
    return [name for name in ENVIRONMENTS if name in present] + sorted(present.difference(ENVIRONMENTS))


def workloads(result: Result) -> list[Workload]:
    """Return the matrix: workloads that share an account first, then by score, then by name."""
    cells: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for workload, environment, account_id in result.matrix:
        cells[workload][environment].add(account_id)
    mixed = frozenset(mixed_accounts(result.matrix))
    expected = [name for name in environments(result) if name in EXPECTED]
    rows = [_workload(name, places, mixed, expected, result) for name, places in cells.items()]
    return sorted(rows, key=lambda row: (not row.mixed, *_worst(result.score.workloads.get(row.name)), row.name))


def tree(result: Result) -> list[Node]:
    """Return the organization as trees of units; accounts whose unit is unknown come last under a node of their own."""
    children: dict[str | None, list[Unit]] = defaultdict(list)
    known = {unit.id for unit in result.units}
    for unit in sorted(result.units, key=lambda unit: (unit.name, unit.id)):
        children[unit.parent_id if unit.parent_id in known else None].append(unit)
    members: dict[str | None, list[Account]] = defaultdict(list)
    for account in accounts_worst_first(result):
        members[account.unit_id if account.unit_id in known else None].append(account)
    failed = Counter(finding.account_id for finding in result.findings if is_open(finding))
    builder = _TreeBuilder(result, children, members, failed)
    roots = [builder.node(unit) for unit in children[None]]
    # Units that are their own ancestors (a damaged recording) hang under no root; they are shown all the same.
    roots += [builder.node(unit) for unit in result.units if unit.id not in builder.done]
    if members[None]:
        roots.append(builder.loose(members[None]))
    return roots


def mean_coverage(account_ids: Sequence[str], result: Result) -> float | None:
    """Return the mean coverage of accounts; one that could not be read counts as 0."""
    unread = {account.id for account in result.accounts if not account.read}
    return _mean(account_ids, result.coverage.accounts, unread)


def _mean(account_ids: Sequence[str], ratios: Mapping[str, float | None], unread: set[str]) -> float | None:
    values = [ratios.get(name) if name not in unread else ratios.get(name) or 0.0 for name in account_ids]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _principle(name: str, result: Result, findings: list[Finding], rules: list[RuleResult]) -> Principle:
    return Principle(
        id=name,
        title=words(name),
        mark=mark(result.score.principles.get(name), result.coverage.principles.get(name)),
        failed=open_by_severity(findings),
        passed=sum(rule.passed for rule in rules),
        not_evaluated=sum(rule.not_evaluated for rule in rules),
        accepted=sum(finding.outcome == "fail" and finding.status != "open" for finding in findings),
    )


def _gap_group(status: str, reason: str, gaps: list[Gap]) -> GapGroup:
    calls: Counter[str] = Counter()
    for gap in gaps:
        calls[f"{gap.collector}: {gap.call}"] += gap.count
    return GapGroup(
        status=status,
        reason=reason,
        calls=sum(calls.values()),
        accounts=tuple(sorted({gap.account_id for gap in gaps})),
        regions=tuple(sorted({gap.region for gap in gaps})),
        collectors=tuple(sorted(calls.items(), key=lambda item: (-item[1], item[0]))),
    )


def _workload(
    name: str, places: Mapping[str, set[str]], mixed: frozenset[str], expected: Sequence[str], result: Result
) -> Workload:
    here = {account_id for ids in places.values() for account_id in ids}
    return Workload(
        name=name,
        mark=mark(result.score.workloads.get(name), _mean(sorted(here), result.coverage.accounts, set())),
        cells={environment: tuple(sorted(ids)) for environment, ids in places.items()},
        mixed=mixed & here,
        missing=tuple(
            environment for environment in expected if environment not in places and places.keys() & set(expected)
        ),
    )


def _worst(score: float | None) -> tuple[bool, float]:
    return (score is None, score or 0.0)


class _TreeBuilder:
    """Builds nodes from units; `done` are the units that have one."""

    def __init__(
        self,
        result: Result,
        children: Mapping[str | None, list[Unit]],
        members: Mapping[str | None, list[Account]],
        failed: Mapping[str | None, int],
    ) -> None:
        self.result = result
        self.children = children
        self.members = members
        self.failed = failed
        self.unread = {account.id for account in result.accounts if not account.read}
        self.done: set[str] = set()

    def node(self, unit: Unit) -> Node:
        self.done.add(unit.id)
        below = [self.node(child) for child in self.children.get(unit.id, []) if child.id not in self.done]
        return self._node(unit.id, unit.name, self.members.get(unit.id, []), below)

    def loose(self, accounts: list[Account]) -> Node:
        return self._node("", NO_UNIT, accounts, [])

    def _node(self, unit_id: str, name: str, accounts: list[Account], below: list[Node]) -> Node:
        coverage = _mean(_ids(accounts, below), self.result.coverage.accounts, self.unread)
        return Node(
            id=unit_id,
            name=name,
            mark=mark(self.result.score.units.get(unit_id), coverage),
            accounts=accounts,
            children=below,
            total=len(accounts) + sum(child.total for child in below),
            failed=sum(self.failed.get(account.id, 0) for account in accounts) + sum(child.failed for child in below),
        )


def _ids(accounts: Iterable[Account], below: Iterable[Node]) -> list[str]:
    """Return the ids of accounts in and below a unit."""
    ids = [account.id for account in accounts]
    for node in below:
        ids += _ids(node.accounts, node.children)
    return ids
