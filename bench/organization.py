"""Synthetic organizations: a snapshot of N accounts, the same for the same seed.

python -m bench.organization --accounts 1000 --seed 7 --out DIR

The average account has 100 roles, 300 security group rules and 100 network interfaces, so that 10,000 accounts have
1,000,000 roles and 3,000,000 rules. What there is stands in `bench/synthetic/*.sql`, each statement under a line that says
whether it makes something `once`, per batch of accounts (`scratch`), or rows of a `table` of the snapshot. Chance is
DuckDB's hash of the seed and a number: no state, so that one account can be written without the others.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.synthetic import documents
from bench.synthetic.roles import ROLE_KINDS
from scanner import __version__
from scanner.collect import registry
from scanner.collect.run import all_calls, call_tables
from scanner.snapshot.schema import Table
from scanner.snapshot.store import MANIFEST, SCHEMA_VERSION
from scanner.snapshot.tables import TABLES

HOME = Path(__file__).parent / "synthetic"
FILES = ("accounts", "organization", "iam", "network", "groups", "transit", "backup", "data", "beside", "policies")
REGIONS = ("eu-west-1", "us-east-1")
NOW = "2026-06-01T06:00:00Z"
BATCH = 500
FEWEST = 12
MOST = 10_000
_HEADER = re.compile(r"^-- (once|scratch|table): (\w+)\n", re.MULTILINE)
_TEMPLATE_TABLES = {
    "policy_documents": "template_document",
    "policy_statements": "template_statement",
    "statement_principals": "template_principal",
    "statement_actions": "template_action",
    "statement_resources": "template_resource",
    "statement_conditions": "template_condition",
}


@dataclass(frozen=True)
class Block:
    """One statement of an SQL file: `once`, `scratch` or `table`, the name of what it makes, and the SELECT."""

    kind: str
    name: str
    sql: str


def blocks() -> list[Block]:
    """Return the statements of every file in order."""
    found = []
    for file in FILES:
        parts = _HEADER.split((HOME / f"{file}.sql").read_text())
        found += [Block(*parts[at : at + 3]) for at in range(1, len(parts), 3)]
    return found


def generate(target: Path, accounts: int, seed: int, regions: tuple[str, ...] = REGIONS) -> dict[str, int]:
    """Write a snapshot of `accounts` accounts to `target`; returns the rows of each table."""
    import duckdb

    if not FEWEST <= accounts <= MOST:
        raise ValueError(f"accounts must be {FEWEST} to {MOST}, not {accounts}")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        config: dict[str, Any] = {"threads": 2, "memory_limit": "2GB", "temp_directory": scratch}
        with duckdb.connect(":memory:", config=config) as connection:
            _prepare(connection, accounts, seed, regions)
            parts = Path(scratch) / "parts"
            for start in range(0, accounts, BATCH):
                _batch(connection, parts, start, start + BATCH)
            counts = {table.name: _publish(connection, table, parts, target) for table in TABLES.values()}
    _write_manifest(target, accounts, seed, regions, counts)
    return counts


def _prepare(connection: Any, accounts: int, seed: int, regions: tuple[str, ...]) -> None:
    for macro in _macros(accounts, seed, regions):
        connection.execute(f"CREATE MACRO {macro}")
    _load_templates(connection)
    _load(connection, "role_kind", [{**asdict(kind), "managed": list(kind.managed)} for kind in ROLE_KINDS])
    _load(connection, "aws_policy", [{"name": name, "arn": arn} for name, arn in documents.aws_arns().items()])
    scopes = {name: module.SCOPE for name, module in registry().items()}
    calls = [
        {"scope": scopes[name], "collector": name, "call": call.name}
        for name, module in registry().items()
        for call in module.CALLS
    ]
    _load(connection, "declared_call", calls)
    for block in blocks():
        if block.kind == "once":
            connection.execute(f"CREATE TABLE {block.name} AS {block.sql}")


def _macros(accounts: int, seed: int, regions: tuple[str, ...]) -> Iterator[str]:
    """Yield what the SQL files say: `rnd` is a share from 0 to 1, `pick(n, ...)` one of n."""
    step = 899_999_999_999 // accounts
    backups = 1 + accounts // 1000
    yield f"accounts_wanted() AS {accounts}"
    yield f"backups() AS {backups}"
    yield f"first_workload() AS {6 + backups}"
    yield f"regions() AS [{', '.join(repr(region) for region in regions)}]"
    yield f"acct(i) AS CAST(100000000000 + CAST(i AS BIGINT) * {step} AS VARCHAR)"
    yield f"rnd(a, b) AS (hash(a, b, {seed}) % 1000003) / 1000003.0"
    yield f"pick(n, a, b) AS CAST(hash(a, b, {seed + 1}) % CAST(n AS UBIGINT) AS BIGINT)"
    yield f"days_ago(n) AS TIMESTAMP '{NOW.rstrip('Z')}' - to_days(CAST(n AS INTEGER))"
    yield f"organization_id() AS '{documents.ORGANIZATION}'"
    yield "root_id() AS 'r-bnch'"
    yield "unit_of(key) AS CASE WHEN key = '' THEN root_id() ELSE 'ou-bnch-' || substr(md5(key), 1, 8) END"
    yield "domain_of(product) AS 'domain-' || (product // 25)"
    yield "account_arn(id) AS 'arn:aws:organizations::' || acct(0) || ':account/' || organization_id() || '/' || id"
    yield (
        "organization_arn(kind, rest) AS 'arn:aws:organizations::' || acct(0) || ':' || kind || '/' || organization_id() "
        "|| CASE WHEN rest = '' THEN '' ELSE '/' || rest END"
    )
    yield "vpcs_of(size) AS CASE size WHEN 'small' THEN 1 WHEN 'medium' THEN 2 ELSE 4 END"
    yield "key_arn(region, account, alias) AS 'arn:aws:kms:' || region || ':' || account || ':key/' || md5(region || account || alias)"
    # Every fifth group of a VPC is for databases, from the third on; a small account has one VPC and eight groups.
    yield (
        "database_group(idx, number, size, d) AS format('sg-{:017x}', idx * 1000 + number + vpcs_of(size) * "
        "(3 + CASE WHEN size = 'small' THEN 0 ELSE 5 * (d % 2) END))"
    )
    own, other, label, region = documents.PLACEHOLDERS
    yield (
        "filled(text, own, other, label, region) AS "
        f"replace(replace(replace(replace(text, '{own}', own), '{other}', coalesce(other, own)), '{label}', label), '{region}', region)"
    )


def _load_templates(connection: Any) -> None:
    found = documents.rows()
    for table, name in _TEMPLATE_TABLES.items():
        columns = {
            column.name: column.sql_type
            for column in TABLES[table].columns
            if column.name not in ("account_id", "region", "statement_id")
        } | {"template": "VARCHAR", "position": "BIGINT"}
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{key} {kind}' for key, kind in columns.items())})")
        _load(connection, "rows_of_templates", found[table])
        connection.execute(f"INSERT INTO {name} BY NAME SELECT {', '.join(columns)} FROM rows_of_templates")
        connection.execute("DROP TABLE rows_of_templates")


def _load(connection: Any, name: str, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa

    connection.register("loading", pa.Table.from_pylist(rows))
    connection.execute(f"CREATE TABLE {name} AS SELECT * FROM loading")
    connection.unregister("loading")


def _batch(connection: Any, parts: Path, start: int, end: int) -> None:
    """Write the rows of some accounts, every table sorted as in a snapshot."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE here AS SELECT * FROM account WHERE idx >= {start} AND idx < {end}"
    )
    selects: dict[str, list[str]] = {}
    for block in blocks():
        if block.kind == "scratch":
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {block.name} AS {block.sql}")
        elif block.kind == "table":
            selects.setdefault(block.name, []).append(f"SELECT * FROM ({block.sql})")
    for name, found in selects.items():
        _write(connection, TABLES[name], found, parts / name / f"{start:06}.parquet")


def _write(connection: Any, table: Table, selects: list[str], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    typed = ", ".join(f'CAST(NULL AS {column.sql_type}) AS "{column.name}"' for column in table.columns)
    rows = " UNION ALL BY NAME ".join([f"SELECT * FROM (SELECT {typed} LIMIT 0)", *selects])
    columns = ", ".join(f'CAST("{column.name}" AS {column.sql_type}) AS "{column.name}"' for column in table.columns)
    names = ", ".join(f'"{name}"' for name in table.names)
    # As scanner.snapshot.store hashes and sorts.
    text = ", ".join(f'coalesce(CAST("{name}" AS VARCHAR), chr(0))' for name in table.names)
    connection.execute(
        f"COPY (SELECT {names}, md5(concat_ws(chr(31), {text})) AS row_hash FROM (SELECT {columns} FROM ({rows})) "
        f"ORDER BY {names}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _publish(connection: Any, table: Table, parts: Path, target: Path) -> int:
    """Join the batches of one table, in order: accounts ascend, so the whole is sorted too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = target / f"{table.name}.parquet"
    if table.name in ("call_tables", "api_calls"):
        rows = list(call_tables()) if table.name == "call_tables" else _sent()
        full = [{"account_id": None, "region": None, **row, "row_hash": None} for row in rows]
        schema = table.arrow.append(pa.field("row_hash", pa.string()))
        pq.write_table(pa.Table.from_pylist(full, schema=schema), path)
    else:
        files = sorted(str(part) for part in (parts / table.name).glob("*.parquet"))
        schema = table.arrow.append(pa.field("row_hash", pa.string()))
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for file in files:
                source = pq.ParquetFile(file)
                for batch in source.iter_batches(batch_size=122_880):
                    writer.write_table(pa.Table.from_batches([batch]).cast(schema), row_group_size=122_880)
    path.chmod(0o600)
    return int(pq.read_metadata(path).num_rows)


def _sent() -> list[dict[str, Any]]:
    return [
        {"service": client, "requests": 1, "throttled": 0} for client in sorted({call.client for call in all_calls()})
    ]


def _write_manifest(target: Path, accounts: int, seed: int, regions: tuple[str, ...], counts: dict[str, int]) -> None:
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "organization_id": documents.ORGANIZATION,
        "caller_account_id": "100000000000",
        "partition": "aws",
        "chosen": {"accounts": [], "exclude_accounts": [], "units": [], "regions": []},
        "id": f"synthetic-{accounts}-{seed}",
        "started_at": NOW,
        "finished_at": NOW,
        "tool_version": __version__,
        "tables": counts,
    }
    (target / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    for name, rows in generate(given.out, given.accounts, given.seed).items():
        print(f"{rows:>12,}  {name}")


if __name__ == "__main__":
    main()
