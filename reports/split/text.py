"""A split on a terminal. Where the output is no terminal (a CI log, a file) it is plain and wider; colours follow the console."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.split.prepared import SORTS, guesses, holds, movers, where
from reports.text import visible
from reports.values import counted
from scanner.split.model import Crossing, Split, Step

MOST = 15
"""Lines of one kind before the rest is only counted."""

PLAIN_WIDTH = 140


def write(split: Split, console: Console) -> None:
    """Print the whole answer; what is too much for a screen is counted."""
    _line(console, Text(f"{visible(split.account_name)} ({split.account_id})", style="bold"))
    _line(console, Text(visible(split.why)))
    if split.verdict == "split":
        _layout(split, console)
        _guesses(split, console)
        _crossings(split.crossings, split.couplings, console)
        _steps(split.steps, console)
    _listed("Not seen", split.not_seen, console)
    _listed("To know", split.notes, console)


def _layout(split: Split, console: Console) -> None:
    _title(console, "Target layout")
    table = _table(("cell", "account", "holds", "guessed"))
    for cell in split.cells:
        members = split.members(cell)
        guessed = sum(one.basis == "guessed" for one in members)
        names = list(dict.fromkeys(one.resource.name for one in movers(split, cell)))
        some = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        content = holds(members) + (f": {some}" if some else "")
        said = f" ({SORTS[cell.sort]})" if SORTS[cell.sort] and cell.sort == "shared" else ""
        table.add_row(*_texts(cell.name + said, where(cell), content, str(guessed or "")))
    console.print(table)


def _guesses(split: Split, console: Console) -> None:
    found = guesses(split)
    if not found:
        return
    _title(console, f"Guessed or not decided: {len(found)}")
    lines = [
        f"{one.resource.kind.replace('_', ' ')} {one.resource.name} -> {one.workload} / {one.environment}"
        f" ({'not decided' if one.basis == 'undecided' else f'guessed, {one.confidence} confidence'}): {one.because}"
        for one in found
    ]
    _items(lines, console)


def _crossings(crossings: Sequence[Crossing], couplings: int, console: Console) -> None:
    _title(console, f"Crossing the new walls: {len(crossings)} of {counted(couplings, 'coupling')}")
    if not crossings:
        _line(console, Text("nothing has to be cut"), indent=2)
    for one in crossings[:MOST]:
        _line(console, _cut(one), indent=2)
        _line(console, Text(f"-> {visible(one.instead)}", style="dim"), indent=6)
    _rest(len(crossings), console)


def _cut(one: Crossing) -> Text:
    text = Text(f"{one.coupling.weight:>2} ", style="bold")
    text.append(visible(one.coupling.evidence), style="not bold")
    text.append(f" [{visible(one.source_cell)} -> {visible(one.target_cell)}]", style="not bold dim")
    return text


def _steps(steps: Sequence[Step], console: Console) -> None:
    _title(console, "Order of moves, the cheapest first")
    for one in steps[:MOST]:
        line = Text(f"{one.number}. ")
        line.append(visible(one.title), style="bold")
        line.append(f" ({one.effort}, {counted(one.cost, 'point')})", style="not bold dim")
        _line(console, line, indent=2)
        if one.needs:
            _line(console, Text(f"first: {visible('; '.join(one.needs))}"), indent=6)
        cuts = [cut.coupling.evidence for cut in one.cuts]
        more = f" and {len(cuts) - 4} more" if len(cuts) > 4 else ""
        if cuts:
            _line(console, Text(f"cuts:  {visible('; '.join(cuts[:4]) + more)}"), indent=6)
    _rest(len(steps), console)


def _listed(title: str, lines: Sequence[str], console: Console) -> None:
    if lines:
        _title(console, title)
        _items(lines, console)


def _items(lines: Sequence[str], console: Console) -> None:
    for line in lines[:MOST]:
        _line(console, Text(visible(line)), indent=2)
    _rest(len(lines), console)


def _rest(number: int, console: Console) -> None:
    if number > MOST:
        _line(console, Text(f"... and {number - MOST} more (--format json lists all)", style="dim"), indent=2)


def _table(columns: Iterable[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _texts(*values: str) -> list[Text]:
    return [Text(visible(value)) for value in values]


def _title(console: Console, title: str) -> None:
    console.print()
    console.print(Text(title, style="bold"))


def _line(console: Console, text: Text, indent: int = 0) -> None:
    text.overflow = "fold"
    console.print(Padding(text, (0, 0, 0, indent), expand=False) if indent else text)
