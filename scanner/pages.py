"""Generated pages: rules, vocabulary, tables, permissions, resource types of the gate. CI fails when one is stale."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from scanner import analysis, permissions, vocabulary
from scanner.collect import registry
from scanner.collect.api import Call
from scanner.gate import shape, strangers
from scanner.gate.cloudformation import kinds
from scanner.permissions.policy import actions
from scanner.rule.load import BUILT_IN, Rule, load
from scanner.snapshot.schema import Table
from scanner.snapshot.tables import TABLES

PERMISSIONS = """\
| credentials | where | need | printed by |
|---|---|---|---|
| the role that is assumed | every account that is read, but the one the scan starts in | reading the account | `bulkhead permissions` |
| those the scan starts with (a profile, a role, Identity Center) | the management account, or a delegated administrator | reading the organization, assuming that role and nothing else, reading their own account | `bulkhead permissions --management` |

When the scan starts from a delegated administrator, the management account is read through the role like every other one.
`--format cloudformation` and `--format terraform` print the same policies with the role around them;
[deploy/](../deploy/README.md) says how to roll them out. All of it is made from what the collectors declare, and tests hold both together.
"""
ACTIONS = """\
Leave one out and these calls are gaps: what hangs on the tables is not evaluated, never passed. `start` is where the scan starts.
"""
MADE = "<!-- Made by `make docs`; edit the source instead. -->\n"


def page(rule: Rule) -> str:
    """The documentation of one rule, in Markdown."""
    body = rule.body
    parts = [
        f"# {body.title}",
        f"`{rule.id}` · severity **{body.severity}** · confidence {body.confidence} · effort {body.effort} · for each `{body.for_each}`",
        f"## Why\n\n{body.why.strip()}",
        f"## Fix\n\n{body.fix.strip()}",
        f"## When it fails\n\n```sql\nwhen        {body.when}\nfails_when  {body.fails_when}\n```\n\nIt then says: {body.says}"
        + (f"\n\nWhat fails with the same `{body.fixed_at}` is fixed by one change." if body.fixed_at else ""),
        "## Examples\n\n" + "\n".join(_examples(rule)),
        "## References\n\n" + "\n".join(f"- {reference}" for reference in body.references),
    ]
    return "\n\n".join(parts) + "\n"


def _examples(rule: Rule) -> Iterator[str]:
    for kind, word in (("fails", "fails"), ("passes", "passes"), ("not_evaluated", "not evaluated")):
        for example in getattr(rule.body.examples, kind):
            yield f"- **{word}**: {example.because}"


def pages() -> dict[str, str]:
    """Every generated page by its path below `docs/`."""
    rules = load([BUILT_IN])
    made = {f"rules/{rule.id}.md": page(rule) for rule in rules}
    made["rules/README.md"] = rule_index(rules)
    made["vocabulary.md"] = vocabulary_page()
    made["tables.md"] = tables_page()
    made["permissions.md"] = permissions_page()
    made["gate-types.md"] = types_page()
    made = {path: MADE + text for path, text in made.items()}
    made["../deploy/member-role.yaml"] = permissions.text("cloudformation")
    return dict(sorted(made.items()))


def rule_index(rules: Sequence[Rule]) -> str:
    lines = ["# Rules\n", f"{len(rules)} rules. A rule names a problem; its id is its path.\n"]
    for principle, group in groupby(rules, key=lambda rule: rule.principle):
        lines += [f"## {principle}\n", "| rule | severity | subject | fails when |", "|---|---|---|---|"]
        lines += [
            f"| [{rule.id.partition('/')[2]}]({rule.id}.md) | {rule.body.severity} | {rule.body.for_each} | {rule.body.title} |"
            for rule in group
        ]
        lines.append("")
    return "\n".join(lines)


def vocabulary_page() -> str:
    lines = ["# Vocabulary\n", "The subjects of rules, and the words rules are written in.\n"]
    for view in vocabulary.load().values():
        lines += [f"## {view.name}\n", f"{view.meaning} Listed from: {', '.join(view.listed_from)}.\n"]
        lines += ["| column | meaning | NULL when one of these was not read |", "|---|---|---|"]
        lines += [f"| `{word.name}` | {word.meaning} | {', '.join(word.needs)} |" for word in view.words]
        lines.append("")
    return "\n".join(lines)


def tables_page() -> str:
    lines = ["# Tables of a snapshot\n", "One Parquet file each; every table also has `row_hash`.\n"]
    lines += [line for table in TABLES.values() for line in _table(table)]
    lines += ["# Tables that analyses make\n"]
    lines += [line for table in analysis.tables() for line in _table(table)]
    return "\n".join(lines)


def _table(table: Table) -> list[str]:
    rows = [f"| `{column.name}` | {column.type} | {column.meaning} |" for column in table.columns]
    return [f"## {table.name}\n", f"{table.meaning}\n", "| column | type | meaning |", "|---|---|---|", *rows, ""]


def types_page() -> str:
    told = strangers.types()
    parts = ["# Resource types of the gate"]
    for platform, prefix, shaped in (
        ("the AWS provider of Terraform", "aws_", shape.registry()),
        ("CloudFormation", "AWS::", kinds.registry()),
    ):
        unread = [name for name in told if name.startswith(prefix)]
        parts += [
            f"## Of {platform}",
            f"Understood are, with `{prefix}` before them:",
            _names(shaped, prefix),
            "Known and not understood, so that what hangs on them is not evaluated, or the gate ends with 3:",
            _names(unread, prefix),
        ]
    return "\n\n".join(parts) + "\n"


def _names(types: Iterable[str], prefix: str) -> str:
    listed = ", ".join(f"`{name.removeprefix(prefix)}`" for name in sorted(types))
    return textwrap.fill(f"{listed}.", 120, break_long_words=False, break_on_hyphens=False)


def permissions_page() -> str:
    lines = ["# Permissions\n", PERMISSIONS]
    lines += [
        "## The role in every account\n",
        "`bulkhead permissions`\n",
        f"```json\n{permissions.text('policy')}```\n",
    ]
    lines += ["## The credentials the scan starts with\n", "`bulkhead permissions --management`\n"]
    lines += [f"```json\n{permissions.text('policy', management=True)}```\n"]
    lines += ["## What each action is for\n", ACTIONS, "| action | where | calls | tables |", "|---|---|---|---|"]
    return "\n".join([*lines, *_actions()]) + "\n"


def _actions() -> Iterator[str]:
    """Yield a line per action: what is lost without it."""
    calls = [(call, module.SCOPE) for module in registry().values() for call in module.CALLS]
    used: dict[str, list[tuple[Call, str]]] = {}
    for call, scope in calls:
        for action in actions([call]):
            used.setdefault(action, []).append((call, scope))
    for action, users in sorted(used.items()):
        where = sorted({"start" if scope == "organization" else "every account" for _, scope in users})
        names = sorted({f"`{call.name}`" for call, _ in users})
        tables = sorted({table for call, _ in users for table in call.fills})
        yield f"| `{action}` | {', '.join(where)} | {', '.join(names)} | {', '.join(tables)} |"


def write_all(folder: Path) -> list[Path]:
    """Write every page that changed, and delete pages of rules that are gone; returns the paths."""
    old = stale(folder)
    made = {folder / name: text for name, text in pages().items()}
    for path in old:
        if path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path])
        else:
            path.unlink()
    return old


def stale(folder: Path) -> list[Path]:
    """Return the pages that differ from what they should be, and those that should not be."""
    made = pages()
    wrong = [folder / name for name, text in made.items() if _text(folder / name) != text]
    kept = {folder / name for name in made}
    gone = [path for path in sorted(folder.glob("rules/**/*.md")) if path not in kept]
    return wrong + gone


def _text(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None
