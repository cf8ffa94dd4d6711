"""What `bulkhead drill` prints: one screen for one account, one line each for many, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from scanner import drill as building
from scanner.config import Config
from scanner.errors import UsageError
from scanner.explain import printable
from scanner.findings import Drill, FallsToo, Survivor

MOST = 12
"""Lines of one kind before the rest is only counted."""


def answer(snapshot: Path, config: Config, account: str | None, every: bool, style: str) -> str:
    """The drill of one account, of `every` account in full, or the table of all. Raises BulkheadError."""
    if style not in ("text", "json"):
        raise UsageError(f"--format {style}: choose text or json")
    if account and every:
        raise UsageError("name an account or --all, not both")
    connection = building.open_snapshot(snapshot, config)
    names = building.account_names(connection)
    found = building.drills(connection, [building.find_account(connection, account)] if account else None)
    if style == "json":
        shown = [building.as_json(drill) for drill in found]
        return json.dumps(shown[0] if account else shown, indent=1)
    if account or every:
        return "\n\n".join(one(drill, names) for drill in sorted(found, key=_badness))
    return table(found, names)


def one(drill: Drill, names: Mapping[str, str]) -> str:
    """Everything about one account; what is too much for a screen is counted."""
    lines = [f"If {_called(drill.account, names)} is erased tonight:", ""]
    if not (drill.lost or drill.survives or drill.unknown):
        lines += ["  it holds no data store", ""]
    else:
        lines += _part("lost for good", [f"{o.name} ({o.type}, {o.environment}): {o.why}" for o in drill.lost])
        lines += _part("survives", [_survivor(o, names) for o in drill.survives])
        lines += _part("not known", [f"{_called(o.name, names)}: {o.why}" for o in drill.unknown])
    lines += _part("falls too", [_fallen(o, names) for o in drill.falls_too])
    lines += _part("would not help", [f"{o.arn}: {o.why}" for o in drill.useless])
    lines += _part("also not known", list(drill.notes))
    return printable("\n".join(lines).rstrip())


def _part(title: str, found: list[str]) -> list[str]:
    if not found:
        return [f"  {title}: nothing", ""] if title in ("lost for good", "survives", "falls too") else []
    rest = [f"    ... and {len(found) - MOST} more (--format json lists all)"] if len(found) > MOST else []
    return [f"  {title}: {len(found)}", *(f"    {_line(text)}" for text in found[:MOST]), *rest, ""]


def _line(text: str) -> str:
    return " ".join(text.split())


def _called(account: str, names: Mapping[str, str]) -> str:
    return f"{_line(names[account])} ({account})" if account in names else account


def _fallen(found: FallsToo, names: Mapping[str, str]) -> str:
    return f"{_called(found.account_id, names)}: {'; then '.join(found.chain) or found.verdict}"


def _survivor(found: Survivor, names: Mapping[str, str]) -> str:
    copy = found.copies[0]
    more = f" and {len(found.copies) - 1} more" if len(found.copies) > 1 else ""
    locked = ", immutable" if copy.immutable else ""
    where, age = _called(copy.account_id, names), copy.created_at or "unknown age"
    return f"{found.name} ({found.type}, {found.environment}): in {where}, of {age}{locked}{more}"


def table(drills: Iterable[Drill], names: Mapping[str, str]) -> str:
    """One line an account, the worst first."""
    rows: list[tuple[str, ...]] = [
        ("account", "name", "lost", "production", "survives", "not known", "falls too", "oldest restore")
    ]
    rows += [_row(drill, names) for drill in sorted(drills, key=_badness)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(_cell(text, width, n) for n, (text, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]
    return printable("\n".join(lines))


def _cell(text: str, width: int, column: int) -> str:
    return text.rjust(width) if 2 <= column <= 6 else text.ljust(width)


def _badness(drill: Drill) -> tuple[int, int, int, str]:
    production = sum(one.environment == "production" for one in drill.lost)
    return (-production, -len(drill.lost), -len(drill.unknown), drill.account)


def _row(drill: Drill, names: Mapping[str, str]) -> tuple[str, ...]:
    production = sum(one.environment == "production" for one in drill.lost)
    counts = (len(drill.lost), production, len(drill.survives), len(drill.unknown), len(drill.falls_too))
    return (drill.account, _line(names.get(drill.account, "")), *(str(count) for count in counts), _oldest(drill))


def _oldest(drill: Drill) -> str:
    """When the newest copy was made of what has waited longest for one."""
    newest = [max((copy.created_at for copy in one.copies if copy.created_at), default=None) for one in drill.survives]
    known = [moment for moment in newest if moment is not None]
    return "" if not newest else min(known) if len(known) == len(newest) else "unknown"
