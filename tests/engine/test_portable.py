"""Every view and every rule is written in the SQL that means the same on every engine."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot

from scanner import vocabulary
from scanner.config import Config
from scanner.engine import QueryError
from scanner.engine.portable import to_spark, unportable
from scanner.rule import load

VIEWS = vocabulary.load()
RULES = load.load([load.BUILT_IN])


def odd(sql: str, where: Path) -> list[str]:
    return [f"{where}: {what}" for what in unportable(sqlglot.parse_one(sql, read="duckdb"))]


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_view_is_portable(name: str) -> None:
    view = VIEWS[name]
    # Settings are put in as they are by default: a share is a decimal number.
    known = {**vocabulary.view_settings(Config()), "scanned_at": "2026-01-01"}
    assert odd(vocabulary.fill(view.sql, known, name), view.path) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_portable(rule: load.Rule) -> None:
    known = {**vocabulary.view_settings(Config()), **rule.body.settings}
    for text in (rule.body.when, rule.body.fails_when, rule.body.fixed_at or "TRUE"):
        assert odd(f"SELECT {vocabulary.fill(text, known, rule.id)} FROM {rule.body.for_each}", rule.path) == []


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("SELECT list_has_any(a, b) FROM t", "ArrayOverlaps"),
        ("SELECT no_such_function(a) FROM t", "no_such_function"),
        ("SELECT median(a) FROM t", "Median"),
        ("SELECT json_extract_string(a, '$.b') FROM t", "JSON"),
        ("SELECT a[1] FROM t", "Bracket"),
        ("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY b) = 1", "Qualify"),
        ("SELECT string_agg(a, ', ') FROM t", "without ORDER BY"),
        ("SELECT a * 1.0 / b FROM t", "CAST it to DOUBLE"),
        ("SELECT CAST(a AS HUGEINT) FROM t", "the type"),
        ("SELECT a FROM t ASOF JOIN u ON t.a >= u.a", "ASOF"),
        ("SELECT count(*) FILTER (WHERE a) FROM t", "Filter"),
        ("SELECT a FROM t LIMIT 1", "Limit"),
        ("SELECT * FROM read_parquet('x')", "Parquet"),
    ],
)
def test_what_is_not_portable_is_named(sql: str, named: str) -> None:
    with pytest.raises(QueryError, match="not in the SQL that runs on every engine") as refused:
        to_spark(sql)
    assert named in str(refused.value)


def test_where_spellings_differ_sparks_is_taken() -> None:
    """What this test does not know, the catalogue run on both engines does."""
    written = to_spark(
        "SELECT string_agg(DISTINCT a, ', ' ORDER BY a) AS a, array_to_string(b, '/') AS b, strpos(c, 'x') AS c, unnest(b) AS d FROM t"
    )
    assert written == (
        "SELECT LISTAGG(DISTINCT a, ', ') WITHIN GROUP (ORDER BY a NULLS LAST) AS a, ARRAY_JOIN(b, '/') AS b, "
        "LOCATE('x', c) AS c, EXPLODE(b) AS d FROM t"
    )
