"""What rules found over a snapshot, kept in it beside what they stand on (`scanner.derived`)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from scanner import derived
from scanner.config import Config
from scanner.rule.evaluate import Evaluation
from scanner.rule.load import Rule

MOST = 100_000
"""Findings that are kept; to read more takes as long as to find them."""


def evaluation(connection: Any, rules: Sequence[Rule], config: Config) -> Evaluation | None:
    """What these rules found, of a connection that something was brought into and nothing laid over; None where it was not kept."""
    content = derived.content(connection, _mark(rules, config))
    if content is None:
        return None
    try:
        return _adapter().validate_json(zlib.decompress(content))
    except (zlib.error, ValidationError):
        return None


def contents(found: Evaluation, rules: Sequence[Rule], config: Config) -> dict[str, bytes]:
    """An evaluation as `derived.keep` takes it."""
    if len(found.findings) > MOST:
        return {}
    return {_mark(rules, config): zlib.compress(_adapter().dump_json(found), 1)}


def _mark(rules: Sequence[Rule], config: Config) -> str:
    """Of all that evaluation reads beside what is derived: the rules, in order, and what the configuration says of them."""
    found = hashlib.sha256()
    for rule in rules:
        said = (
            rule.id,
            rule.principle,
            rule.body.model_dump_json(),
            config.severity.get(rule.id),
            config.rule_settings.get(rule.id),
        )
        found.update(repr(said).encode())
    return found.hexdigest()


@cache
def _adapter() -> TypeAdapter[Evaluation]:
    return TypeAdapter(Evaluation)
