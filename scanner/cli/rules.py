"""`bulkhead rules ...`: list, show and test rules, and start a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scanner.cli.apps import rules_app
from scanner.cli.options import ConfigFile, RulesDir, Select, configured


@rules_app.command("list")
def rules_list(rules: RulesDir = None, config: ConfigFile = None) -> None:
    """List every rule: severity, id, title."""
    from scanner.rule import load

    for rule in load.configured(configured(config, rules=rules)):
        print(f"{rule.body.severity:<8}  {rule.id:<58}  {rule.body.title}")


@rules_app.command("show")
def rules_show(rule_id: str, rules: RulesDir = None, config: ConfigFile = None) -> None:
    """Print the documentation of one rule."""
    from scanner import pages
    from scanner.rule import load

    found = load.choose(load.configured(configured(config, rules=rules)), [rule_id], [])
    for rule in found:
        print(pages.page(rule))


@rules_app.command("test")
def rules_test(rules: RulesDir = None, select: Select = None, config: ConfigFile = None) -> None:
    """Run the examples of every rule and check every expression against the vocabulary."""
    from scanner import vocabulary
    from scanner.rule import examples, load

    settings = configured(config, rules=rules, select=select)
    chosen = load.choose(load.configured(settings), settings.select, [])
    outcomes = list(examples.run(chosen, vocabulary.load(load.folders(settings)[1:]), settings))
    wrong = [one for one in outcomes if not one.ok]
    for one in wrong:
        print(f"{one.where}: {one.because}: expected {one.expected}, got {one.got}")
    print(f"{len(chosen)} rules, {len(outcomes)} examples, {len(wrong)} wrong")
    raise typer.Exit(1 if wrong else 0)


@rules_app.command("new")
def rules_new(
    rule_id: Annotated[str, typer.Argument(help="principle/problem, such as backup_isolation/copies_stale")],
    subject: Annotated[str, typer.Option(help="What the rule is about, such as account or data_store.")] = "account",
    directory: Annotated[Path, typer.Option(help="Where to put it.")] = Path("rules"),
) -> None:
    """Start a new rule file, with everything that has to be in it."""
    from scanner.rule.scaffold import new

    print(new(rule_id, subject, directory))


@rules_app.command("docs")
def rules_docs(directory: Path = Path("docs"), check: bool = False) -> None:
    """Write the generated pages; with --check, fail when one is stale."""
    from scanner.pages import stale, write_all

    old = stale(directory) if check else write_all(directory)
    for path in old:
        print(f"{path} is stale: run `make docs`" if check else path)
    raise typer.Exit(1 if check and old else 0)
