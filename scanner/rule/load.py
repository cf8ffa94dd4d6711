"""Rule files. A rule is a sentence about one subject, in one file; its id is its path.

Being in a folder is enough: `rules/<principle>/<problem>.yaml`, the same layout in any `--rules DIR` and in installed packs
(entry point group `bulkhead.rules`, each naming a package or module that has such a folder beside it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scanner import yaml_file
from scanner.config import Config
from scanner.errors import RuleError, UsageError

BUILT_IN = Path(__file__).parents[2] / "rules"


Setting = bool | int | float | str
"""A threshold that a rule brings along: its default here, another value under `rule_settings` of the configuration."""


class Example(BaseModel):
    """What the rule decides for given columns; those not given are NULL."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    because: str
    given: dict[str, Any]


class Examples(BaseModel):
    """At least one of each outcome."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fails: list[Example] = Field(min_length=1)
    passes: list[Example] = Field(min_length=1)
    not_evaluated: list[Example] = Field(min_length=1)


class Body(BaseModel):
    """What a rule file holds.

    `fixed_at` is an expression that names what has to be changed where that is not the subject: failures with the same text
    are fixed by one change, whatever rule they are of. NULL is the subject itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    severity: Literal["critical", "high", "medium", "low"]
    confidence: Literal["high", "medium", "low"] = "high"
    effort: Literal["hours", "days", "weeks"] = "days"
    for_each: str
    when: str = "TRUE"
    fails_when: str
    says: str
    evidence: list[str] = Field(default_factory=list)
    fixed_at: str | None = None
    settings: dict[str, Setting] = Field(default_factory=dict)
    why: str
    fix: str
    references: list[str] = Field(min_length=1)
    examples: Examples


@dataclass(frozen=True)
class Rule:
    """A rule, where it comes from, and on which line each of its keys stands."""

    id: str
    principle: str
    body: Body
    path: Path
    lines: yaml_file.Lines

    def where(self, *key: Any) -> str:
        """`file:line` of a key."""
        return f"{self.path}:{self.lines.get(key, 1)}"


def folders(config: Config) -> list[Path]:
    """Where rules come from: built in, installed packs, and `rules:` of the configuration or `--rules`. Raises UsageError."""
    packs = [_pack_folder(point) for point in sorted(entry_points(group="bulkhead.rules"), key=lambda p: p.name)]
    for folder in config.rules:
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a directory of rules")
    return [BUILT_IN, *packs, *config.rules]


def _pack_folder(point: Any) -> Path:
    try:
        module = point.load()
    except ImportError as error:
        raise RuleError(f"the rule pack {point.name} cannot be imported: {error}") from error
    return Path(module.__file__).parent


def configured(config: Config) -> list[Rule]:
    """Read every rule there is for a configuration. Raises RuleError, and UsageError where it speaks of a rule that is not there."""
    rules = load(folders(config))
    by_id = {rule.id: rule for rule in rules}
    for key in ("severity", "rule_settings"):
        for name in getattr(config, key):
            if name not in by_id:
                raise UsageError(f"{key} names {name}, but there is no such rule; `bulkhead rules list` shows them")
    for name, changed in config.rule_settings.items():
        for setting in changed.keys() - by_id[name].body.settings.keys():
            known = ", ".join(sorted(by_id[name].body.settings)) or "none"
            raise UsageError(f"rule_settings: {name} has no setting {setting}; it has {known}")
    return rules


def load(sources: Iterable[Path]) -> list[Rule]:
    """Read every rule. Raises RuleError naming file and line."""
    rules: dict[str, Rule] = {}
    for folder in sources:
        for path in sorted(folder.glob("*/*.yaml")):
            rule = read(path)
            if rule.id in rules:
                raise RuleError(f"{path}:1: {rule.id} is already defined in {rules[rule.id].path}")
            rules[rule.id] = rule
    return [rules[key] for key in sorted(rules)]


def read(path: Path) -> Rule:
    """Read one rule file. Raises RuleError naming file and line."""
    body, lines = yaml_file.read(path, Body, RuleError, "the rule")
    return Rule(f"{path.parent.name}/{path.stem}", path.parent.name, body, path, lines)


def choose(rules: Sequence[Rule], select: Sequence[str], ignore: Sequence[str]) -> list[Rule]:
    """Keep rules whose id, or principle, matches a pattern of `select` (all without one) and none of `ignore`.

    Raises UsageError for a pattern that matches nothing: a misspelt rule must not pass for a clean one.
    """
    for pattern in (*select, *ignore):
        if not any(_matches(rule, pattern) for rule in rules):
            raise UsageError(f"no rule matches {pattern}; `bulkhead rules list` shows them")
    kept = [rule for rule in rules if not select or any(_matches(rule, pattern) for pattern in select)]
    kept = [rule for rule in kept if not any(_matches(rule, pattern) for pattern in ignore)]
    if not kept:
        raise UsageError("--select and --ignore leave no rule")
    return kept


def _matches(rule: Rule, pattern: str) -> bool:
    return rule.principle == pattern or fnmatchcase(rule.id, pattern)
