"""report.md: for pull requests and wikis. Short enough for a GitHub comment, and honest about what it leaves out.

A hostile name must show as text: punctuation that Markdown reads is escaped, HTML becomes entities, and what GitHub and
GitLab turn into links by themselves (@mentions, #123, addresses) is broken up by a zero-width space. Identifiers stand in
code spans, where nothing is read and everything can be copied. Mermaid labels keep letters and a little punctuation only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from reports import drill, lasting, reach, summary
from reports.text import clipped, visible, words
from reports.values import counted, plus, steps
from scanner.findings import SEVERITIES, Account, Finding, Reach, Result

if TYPE_CHECKING:
    from jinja2 import Environment

EXTENSION = "md"

LONGEST = 65_536
"""Characters GitHub accepts in a comment or a pull request's description."""

_WIDEST = 10
_STEPS = 12
_LARGEST_GRAPH = 24
_MOST_ARROWS = 60

_TEMPLATES = Path(__file__).parent / "templates"
_BREAK = "&#8203;"
_READ_BY_MARKDOWN = re.compile(r"[\\`*_\[\](){}#|~!$^]|^[+\-=]")
_LINKED_ALONE = re.compile(r"([@#!$%~^])(?=[\w\"])|(:)(?=//|[\w+-]*[a-z][\w+-]*:)|\b(www)(?=\.)|\b(GH|gh)(?=-\d)")
_ARROWS = {
    "administers": "==>",
    "enters": "-->",
    "conditional": "-. condition .->",
    "unknown": "-. not known .->",
}
_SAFE_IN_MERMAID = re.compile(r"[^\w \-./,]")


@dataclass(frozen=True, slots=True)
class Cut:
    """How much of each list is printed and how long a text may be; tried from generous to terse until all fits."""

    findings: int
    rows: int
    width: int


CUTS = (Cut(150, 40, 240), Cut(100, 30, 200), Cut(60, 25, 160), Cut(30, 20, 120), Cut(10, 10, 80), Cut(3, 5, 30))


def write(result: Result, stream: TextIO) -> None:
    """Write the longest version of the report that has fewer than LONGEST characters."""
    template = environment().get_template("report.md.j2")
    for cut in CUTS:
        text = template.render(_context(result, cut))
        if len(text) < LONGEST:
            break
    stream.write(text)


def escaped(value: object, width: int = 240) -> str:
    """Return text that Markdown shows as it is, on one line, at most `width` characters of it."""
    text = clipped(" ".join(visible(str(value)).split()), width)
    broken = _LINKED_ALONE.split(text)
    # split() returns text, four groups, text, ...: one of the four is what was found, a break goes after it.
    parts = [_plain(part) if number % 5 == 0 else _plain(part) + _BREAK for number, part in enumerate(broken) if part]
    return "".join(parts) or "(empty)"


def code(value: object, width: int = 240) -> str:
    """Return text as a code span, fenced by more backticks than it holds. Not for tables: a pipe would end the cell."""
    text = clipped(visible(str(value)), width) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def label(value: object, width: int = 40) -> str:
    """Return text as it may stand between the quotes of a Mermaid label."""
    text = clipped(visible(str(value)), width)
    return _SAFE_IN_MERMAID.sub(lambda match: f"#{ord(match[0])};", text.replace("<", "‹").replace(">", "›"))


def _plain(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _READ_BY_MARKDOWN.sub(lambda match: "\\" + match[0], text)
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)


def environment() -> Environment:
    # Imported here for the reason told in html.py.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,  # this is Markdown: `finalize` escapes for it
        finalize=_show,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        code=_Markdown.code, label=_Markdown.label, path=_path, raw=_Markdown, text=_Markdown.text, words=words
    )
    environment.globals.update(counted=counted, plus=plus, scope=lasting.scope, severities=SEVERITIES)
    return environment


class _Markdown(str):
    """Text that is Markdown already. Whatever a template prints and is none is escaped."""

    @classmethod
    def code(cls, value: object, width: int = 240) -> _Markdown:
        return cls(code(value, width))

    @classmethod
    def label(cls, value: object) -> _Markdown:
        return cls(label(value))

    @classmethod
    def text(cls, value: object, width: int) -> _Markdown:
        return cls(escaped(value, width))


def _show(value: Any) -> str:
    return value if isinstance(value, _Markdown) else escaped(value)


def _context(result: Result, cut: Cut) -> dict[str, Any]:
    def is_new(finding: Finding) -> bool:
        return lasting.is_new(finding, result)

    opened = [finding for finding in summary.worst_first(result.findings) if summary.is_open(finding)]
    shown = opened[: cut.findings]
    groups = summary.gap_groups(result.coverage.gaps)
    return {
        "result": result,
        "cut": cut,
        "overall": summary.mark(result.score.overall, result.coverage.ratio),
        "failed": summary.open_by_severity(opened),
        "open": len(opened),
        "unseen": sum(finding.outcome == "not_evaluated" for finding in result.findings),
        "accepted": lasting.accepted(result),
        "since": lasting.since(result.since, result),
        "baseline": lasting.baseline(result),
        "waivers": lasting.waivers(result.waivers)[: cut.rows],
        "more_waivers": len(result.waivers) - cut.rows,
        "principles": summary.principles(result)[:60],
        "advice": result.advice[: min(10, cut.rows)],
        "findings": _by_principle(shown),
        "is_new": is_new,
        "new": sum(map(is_new, shown)),
        "more_findings": len(opened) - len(shown),
        "groups": groups[: cut.rows],
        "more_groups": len(groups) - cut.rows,
        "rules": result.coverage.unevaluated_rules[: cut.rows],
        "more_rules": len(result.coverage.unevaluated_rules) - cut.rows,
        "nodes": _nodes(result, cut.rows),
        **_damage(result, cut),
    }


def _damage(result: Result, cut: Cut) -> dict[str, Any]:
    where = reach.places(result)
    radii = reach.radii(result, where)
    drills = [row for row in drill.rows(result, where) if row.lost or row.undecided or row.restorable]
    most = min(_WIDEST, cut.rows)
    spreading = [radius for radius in radii if radius.reaches or radius.conditional or radius.unknown]
    return {
        "radii": [(where[radius.id], radius) for radius in spreading[:most]],
        "more_radii": len(spreading) - most,
        "graph": _graph(radii, result.reach, where, min(_LARGEST_GRAPH, cut.rows)),
        "drills": drills[:most],
        "more_drills": len(drills) - most,
        "has_damage": bool(result.reach or result.drills),
    }


@dataclass(frozen=True, slots=True)
class _Graph:
    """Accounts of the largest clusters and the worst pairs between them, (source, arrow, target) as places in `accounts`."""

    accounts: list[reach.Place]
    arrows: list[tuple[int, str, int]]
    more: int


def _graph(
    radii: Sequence[reach.Radius], pairs: Sequence[Reach], where: Mapping[str, reach.Place], most: int
) -> _Graph:
    """Return a graph of at most `most` accounts; those connected with nearly all are drawn only where there is no cluster."""
    ids, groups = reach.ordered(reach.shown_in_matrix(radii, pairs), pairs, where)
    clusters = [
        ids[group.start : group.start + group.size] for group in groups if group.size > 1 and group.label != "hubs"
    ]
    chosen: list[str] = []
    for members in clusters or [ids]:
        chosen += members[: most - len(chosen)]
    number = {account_id: place for place, account_id in enumerate(chosen)}
    inside = [pair for pair in pairs if pair.source in number and pair.target in number]
    arrows = _arrows(reach.worst_pairs_first(inside, where), number)
    return _Graph([where[one] for one in chosen], arrows[:_MOST_ARROWS], max(0, len(arrows) - _MOST_ARROWS))


def _arrows(pairs: Sequence[Reach], number: Mapping[str, int]) -> list[tuple[int, str, int]]:
    """Return an arrow per pair; two accounts that reach each other in the same way share one with two heads."""
    kinds = {(number[pair.source], number[pair.target]): reach.kind(pair) for pair in pairs}
    arrows = []
    for (source, target), kind in kinds.items():
        mutual = kinds.get((target, source)) == kind
        if not mutual or source < target:
            arrows.append((source, ("<" if mutual else "") + _ARROWS[kind], target))
    return arrows


def _path(finding: Finding) -> list[str]:
    way = steps(finding)
    return way if len(way) <= _STEPS else [*way[:_STEPS], f"… {len(way) - _STEPS} more in findings.json"]


def _by_principle(findings: Iterable[Finding]) -> Sequence[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.principle].append(finding)
    return sorted(groups.items())


@dataclass(frozen=True, slots=True)
class _Box:
    """One box of the diagram: a unit, or an account with its environment. `parent` is the box it hangs under."""

    number: int
    parent: int | None
    name: str
    mark: summary.Mark
    note: str


def _nodes(result: Result, most: int) -> list[_Box]:
    """Return units, breadth first, then accounts where all of them still fit."""
    boxes: list[_Box] = []
    accounts: list[tuple[int, Account]] = []
    queue: list[tuple[int | None, summary.Node]] = [(None, node) for node in summary.tree(result)]
    while queue and len(boxes) < most:
        parent, node = queue.pop(0)
        number = len(boxes)
        boxes.append(_Box(number, parent, node.name, node.mark, counted(node.total, "account")))
        queue += [(number, child) for child in node.children]
        accounts += [(number, account) for account in node.accounts]
    if not queue and len(boxes) + len(accounts) <= most:
        for number, (parent, account) in enumerate(accounts, start=len(boxes)):
            boxes.append(
                _Box(number, parent, account.name, summary.account_mark(account.id, result), account.environment)
            )
    return boxes
