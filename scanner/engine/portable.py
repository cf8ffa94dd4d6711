"""The subset of SQL that means the same on every engine, and its translation from DuckDB's spelling to Spark's.

Translating alone proves little: a translator passes on what it does not know. So every kind of thing in a statement has to
be on the list below, and the catalogue is judged on both engines by the tests.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from scanner.engine import QueryError

VALUES: tuple[type[exp.Expression], ...] = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
    exp.Like, exp.Escape, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Column, exp.Identifier, exp.Literal, exp.Boolean,
    exp.Null, exp.Case, exp.If, exp.Coalesce, exp.Lower, exp.Upper, exp.Length, exp.Abs, exp.DPipe,
)  # fmt: skip
"""What a rule's expression may consist of."""
FUNCTIONS: tuple[type[exp.Expression], ...] = (
    exp.ArrayToString, exp.Cast, exp.ConcatWs, exp.Exists, exp.Nullif, exp.RegexpLike, exp.Replace, exp.SplitPart,
    exp.StrPosition, exp.Substring, exp.Trim, exp.Explode, exp.RowNumber,
    exp.Count, exp.Sum, exp.Min, exp.Max, exp.GroupConcat,
)  # fmt: skip
"""What a view may call beside these."""
CLAUSES: tuple[type[exp.Expression], ...] = (
    exp.Select, exp.With, exp.CTE, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Union,
    exp.Subquery, exp.Table, exp.TableAlias, exp.Alias, exp.Star, exp.Distinct, exp.Window, exp.Interval, exp.Var,
    exp.DataType, exp.NullSafeNEQ, exp.NullSafeEQ, exp.Array,
)  # fmt: skip
TYPES = frozenset({"TEXT", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMPNTZ", "TIMESTAMP", "DATE"})


def unportable(tree: exp.Expr) -> Iterator[str]:
    """Yield what in a statement may mean something else on another engine, as it is written."""
    for node in tree.walk():
        why = _why_not(node)
        if why is not None:
            yield f"{node.sql(dialect='duckdb')[:60]} ({why})"


def _why_not(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name}"
    if not isinstance(node, (*VALUES, *FUNCTIONS, *CLAUSES)):
        return type(node).__name__
    if isinstance(node, exp.GroupConcat) and node.find(exp.Order) is None:
        return "without ORDER BY"
    if isinstance(node, exp.DataType) and node.this.name not in TYPES:
        return "the type"
    if isinstance(node, exp.Div) and any(_is_decimal(side) for side in (node.left, node.right)):
        return "a decimal number is divided: CAST it to DOUBLE"
    if isinstance(node, exp.Join) and node.args.get("method"):
        return f"an {node.args['method']} join"
    return None


def _is_decimal(side: exp.Expr) -> bool:
    return not isinstance(side, exp.Cast) and any(
        isinstance(part, exp.Literal) and not part.is_string and not part.is_int for part in side.walk()
    )


def to_spark(sql: str) -> str:
    """Return a SELECT in Spark's spelling. Raises QueryError naming what is not portable."""
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except sqlglot.errors.ParseError as error:
        raise QueryError(str(error).splitlines()[0]) from error
    odd = next(unportable(tree), None)
    if odd is not None:
        raise QueryError(f"{odd} is not in the SQL that runs on every engine")
    return tree.sql(dialect="spark")
