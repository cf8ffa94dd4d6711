"""Numbers and evidence as reports write them: rounded, never rounded up to a perfect score."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Set
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from reports.text import visible
from scanner.findings import Finding

NOT_EVALUATED = "not evaluated"


def rounded_score(score: float | None) -> float | None:
    """Return a score with one decimal; 99.96 stays below 100."""
    return _below(score, 1, 100.0)


def rounded_ratio(ratio: float | None) -> float | None:
    """Return a share with four decimals; 0.99999 stays below 1."""
    return _below(ratio, 4, 1.0)


def score_text(score: float | None) -> str:
    """Return `61.3`, or `not evaluated` for None."""
    value = rounded_score(score)
    return NOT_EVALUATED if value is None else f"{value:g}"


def percent(ratio: float | None) -> str:
    """Return 0.9244 as `92.4 %`; `100 %` only where nothing is missing, `nothing to evaluate` for None."""
    if ratio is None:
        return "nothing to evaluate"
    value = _below(ratio * 100, 1, 100.0)
    return f"{value:g} %"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return `1 account`, `2,000 accounts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def plus(number: int, unknown: int) -> str:
    """Return `3`, or `3 + 2?` where two more are not known."""
    return f"{number:,} + {unknown:,}?" if unknown else f"{number:,}"


def plain(value: Any) -> Any:
    """Return evidence as JSON values: sets sorted, dates ISO 8601, decimals numbers, NaN and unknown types text."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def harmless(value: Any) -> Any:
    """Return evidence as `plain` does, every text in it visible."""
    return _each_text(plain(value))


def instant(text: str | None) -> datetime | None:
    """Return the moment that a day or a time of a result names, in UTC; None where it names none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def shown(value: Any) -> list[str]:
    """Return evidence as lines a person reads: one per item of a list, `unknown` for None, yes and no for booleans."""
    value = plain(value)
    if isinstance(value, list):
        return [_one(item) for item in value] or ["none"]
    return [_one(value)]


def way(key: str, value: Any) -> list[str]:
    """Return the steps of evidence that is a way: a column called path or chain, or ending in _path or _chain.

    Such a column holds a list, or (in views, whose SQL has to travel) sentences joined by `; then ` or `; `. Less than two steps
    are no way: a path of units is one text.
    """
    if key.rpartition("_")[2] not in ("path", "chain"):
        return []
    if isinstance(value, str):
        found = [visible(step) for step in value.split("; then " if "; then " in value else "; ")]
    else:
        found = shown(value) if isinstance(value, (list, tuple)) else []
    return found if len(found) > 1 else []


def steps(finding: Finding) -> list[str]:
    """Return the steps of the way behind a finding, where it has one."""
    return [step for key, value in finding.evidence.items() for step in way(key, value)]


def _each_text(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): _each_text(item) for key, item in value.items()}
    return [_each_text(item) for item in value] if isinstance(value, list) else value


def _one(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dict, list)):
        return visible(json.dumps(value, ensure_ascii=False))
    return visible(str(value)) or "(empty)"


def _number(value: float | Decimal) -> int | float | str:
    if not math.isfinite(value):
        return str(value)
    return int(value) if value == int(value) and isinstance(value, Decimal) else round(float(value), 4)


def _below(value: float | None, digits: int, top: float) -> float | None:
    if value is None:
        return None
    result = round(float(value), digits)
    return round(top - 10**-digits, digits) if result >= top > value else result
