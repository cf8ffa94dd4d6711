"""Generated pages: rules, vocabulary, tables, permissions, command line. CI fails when one is stale."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from scanner import analysis, vocabulary
from scanner.permissions import management_policy, member_policy, member_role_template
from scanner.rule.load import BUILT_IN, Rule, load
from scanner.snapshot.schema import Table
from scanner.snapshot.tables import TABLES

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
    made = {path: MADE + text for path, text in made.items()}
    made["../deploy/member-role.yaml"] = member_role_template()
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


def permissions_page() -> str:
    return (
        "# Permissions\n\nThe role in every account (`bulkhead permissions`):\n\n```json\n"
        + json.dumps(member_policy(), indent=2)
        + "\n```\n\nThe credentials the scan starts with (`bulkhead permissions --management`):\n\n```json\n"
        + json.dumps(management_policy(["BulkheadReadOnly"]), indent=2)
        + "\n```\n"
    )


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
