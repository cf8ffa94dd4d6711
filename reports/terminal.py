"""What a person reads in ten seconds at the end of a scan. Not a report format: it needs a console, not a file.

Texts from AWS are put into `rich.text.Text`, which reads no markup, after `visible` has taken out what a terminal obeys.
Colours follow the console: none with NO_COLOR, none where the output is no terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports import lasting, reach
from reports.summary import (
    Mark,
    Principle,
    gap_groups,
    is_open,
    mark,
    open_by_severity,
    principles,
    worst_first,
)
from reports.text import visible, words
from reports.values import counted, steps
from scanner.findings import SEVERITIES, Result

FIRST = 5
WORST = 5
GAPS = 4
WAIVERS = 6
STEPS = 6
NARROW = 90
# From orange to blue, told apart without red and green; the word beside says the same.
_BANDS = {
    "poor": "bold bright_red",
    "weak": "yellow",
    "fair": "cyan",
    "sound": "bold blue",
    "unsure": "dim",
    "none": "dim",
}
_SEVERITIES = {"critical": "bold bright_red", "high": "bold", "medium": "", "low": "dim"}


def summary(result: Result, console: Console, report_paths: Sequence[Path]) -> None:
    """Print scores with coverage, what to fix first, the worst findings, what was not seen, and where the reports are."""
    _overall(result, console)
    _damage(result, console)
    _principles(principles(result), console)
    _first(result, console)
    _worst(result, console)
    _gaps(result, console)
    _waivers(result, console)
    _reports(report_paths, console)


def _overall(result: Result, console: Console) -> None:
    overall = mark(result.score.overall, result.coverage.ratio)
    failed = open_by_severity(result.findings)
    unseen = sum(finding.outcome == "not_evaluated" for finding in result.findings)
    line = Text("Score ")
    line.append_text(_mark(overall))
    line.append(f", coverage {overall.coverage}")
    _print(console, line)
    listed = ", ".join(f"{number:,} {severity}" for severity, number in failed.items())
    total = counted(sum(failed.values()), "open finding")
    accounts = counted(len(result.accounts), "account")
    _print(console, Text(f"{total} in {accounts}: {listed}. {counted(unseen, 'check')} could not be evaluated."))
    for sentence in (lasting.accepted(result), lasting.since(result.since, result), lasting.baseline(result)):
        if sentence:
            _print(console, Text(visible(sentence)))


def _damage(result: Result, console: Console) -> None:
    """Print whose compromise spreads furthest, and how much data would be gone; nothing where neither was analysed."""
    where = reach.places(result)
    widest = next(iter(reach.members_first(reach.radii(result, where), where)), None)
    if widest and widest.reaches:
        line = Text("Widest reach of a member account: ")
        line.append(visible(where[widest.id].name), style="bold")
        line.append(f" gets into {counted(widest.reaches, 'account')}, {widest.production:,} of production")
        _print(console, line)
    if result.drills:
        lost, kept, unknown = (
            sum(len(getattr(drill, part)) for drill in result.drills) for part in ("lost", "survives", "unknown")
        )
        stores = counted(lost + unknown + kept, "data store")
        _print(console, Text(f"Lost for good with their account: {lost:,} of {stores}, not known: {unknown:,}"))


def _principles(rows: Sequence[Principle], console: Console) -> None:
    if not rows:
        return
    short = console.width < NARROW
    table = Table(box=None, pad_edge=False, padding=(0, 2 - short, 0, 0), header_style="dim")
    table.add_column("principle", overflow="fold")
    table.add_column("score", no_wrap=True)
    table.add_column("coverage", no_wrap=True, justify="right")
    for column in ["c/h/m/l"] if short else SEVERITIES:
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        coverage = "none" if row.mark.seen == 0 else row.mark.coverage
        table.add_row(Text(row.title), _mark(row.mark, of=False), Text(coverage), *_failed(row, short))
    console.print()
    console.print(table)


def _failed(row: Principle, short: bool) -> list[Text]:
    if short:
        return [Text("/".join(map(str, row.failed.values())))]
    return [Text(f"{number:,}", style="" if number else "dim") for number in row.failed.values()]


def _first(result: Result, console: Console) -> None:
    if not result.advice:
        return
    _title(console, "What first")
    for number, item in enumerate(result.advice[:FIRST], start=1):
        line = Text(f"{number}. ")
        line.append(f"+{item.gain:.1f} ", style="bold")
        line.append(visible(item.title))
        line.append(visible(f": {item.at}" if item.at else ""))
        where = f" ({counted(item.findings, 'finding')}, {counted(item.accounts, 'account')}, effort {visible(item.effort)})"
        line.append(where, style="dim")
        _print(console, line, indent=2)


def _worst(result: Result, console: Console) -> None:
    worst = [finding for finding in worst_first(result.findings)[:WORST] if is_open(finding)]
    if not worst:
        return
    _title(console, "Worst findings")
    for finding in worst:
        line = Text(f"{finding.severity:<8} ", style=_SEVERITIES[finding.severity])
        line.append(visible(finding.message), style="not bold not dim default")
        account = " ".join(visible(part) for part in (finding.account_name, finding.account_id) if part)
        line.append(f" [{visible(finding.rule_id)}{', ' if account else ''}{account}]", style="not bold dim")
        _print(console, line, indent=2)
        for number, step in enumerate(steps(finding)[:STEPS], start=1):
            _print(console, Text(f"{number}. {step}", style="dim"), indent=11)


def _gaps(result: Result, console: Console) -> None:
    groups = gap_groups(result.coverage.gaps)
    rules = result.coverage.unevaluated_rules
    if not groups and not rules:
        return
    _title(console, "Not seen")
    for group in groups[:GAPS]:
        where = f"{counted(group.calls, 'call')} in {counted(len(group.accounts), 'account')}"
        _print(console, Text(f"{where}: {words(group.status)}, {visible(group.reason)}"), indent=2)
    if len(groups) > GAPS:
        _print(console, Text(f"{counted(len(groups) - GAPS, 'more reason')} in the reports"), indent=2)
    if rules:
        shown = ", ".join(map(visible, rules[:3])) + (f" and {len(rules) - 3} more" if len(rules) > 3 else "")
        _print(console, Text(f"{counted(len(rules), 'rule')} evaluated nowhere: {shown}"), indent=2)


def _waivers(result: Result, console: Console) -> None:
    doubtful = lasting.doubtful(result.waivers)
    if not doubtful:
        return
    _title(console, "Waivers")
    for use in doubtful[:WAIVERS]:
        line = Text(f"{use.status:<9} ", style="bold" if use.status == "expired" else "")
        line.append(visible(f"{use.waiver.rule}, {lasting.scope(use)}: {use.note}"), style="not bold")
        line.append(visible(f" [line {use.waiver.line}, {use.waiver.owner}]"), style="not bold dim")
        _print(console, line, indent=2)
    if len(doubtful) > WAIVERS:
        _print(console, Text(f"{counted(len(doubtful) - WAIVERS, 'more waiver')} in the reports"), indent=2)


def _reports(paths: Sequence[Path], console: Console) -> None:
    if not paths:
        return
    _title(console, "Reports")
    for path in paths:
        # A path is copied from here: it is never broken over lines.
        console.print(Text("  " + visible(str(path))), soft_wrap=True)


def _mark(value: Mark, of: bool = True) -> Text:
    text = Text(value.text, style=_BANDS[value.band])
    if value.band != "none":
        text.append(f" of 100, {value.word}" if of else f" {value.word}")
    return text


def _title(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))


def _print(console: Console, text: Text, indent: int = 0) -> None:
    for line in text.wrap(console, max(1, console.width - indent), overflow="fold"):
        line.rstrip()  # logs of a CI system keep every blank
        console.print(Text(" " * indent).append_text(line))
