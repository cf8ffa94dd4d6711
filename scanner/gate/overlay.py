"""Lays planned rows over a snapshot: the tables it touches become views of what was, less what goes, plus what comes.

Rows are the same row by the columns of `KEYS` (policies of AWS are in every account that uses them, so theirs name the account). Where a row is there already, columns that the plan does not speak of keep their
value, and so does the account that listed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from scanner.analysis import load
from scanner.collect import registry as collectors
from scanner.gate.changes import Rows
from scanner.gate.planned import Unread
from scanner.gate.shape import Added, Removed
from scanner.snapshot.schema import Table
from scanner.snapshot.tables import TABLES

KEYS: Mapping[str, tuple[str, ...]] = {
    "account_contacts": ("account_id", "kind"),
    "accounts": ("account_id",),
    "automated_backups": ("arn",),
    "backup_plans": ("arn", "rule_name"),
    "backup_selections": ("plan_id", "selection_id"),
    "backup_settings": ("name",),
    "backup_vaults": ("arn",),
    "buckets": ("arn",),
    "budgets": ("account_id", "name", "linked_account_id"),
    "compute": ("arn",),
    "databases": ("arn",),
    "dynamodb_tables": ("arn",),
    "endpoint_services": ("service_id",),
    "file_systems": ("arn",),
    "identity_providers": ("arn",),
    "images": ("arn",),
    "instance_profiles": ("arn",),
    "instances": ("instance_id",),
    "internet_gateways": ("gateway_id",),
    "kms_keys": ("arn",),
    "managed_policies": (
        "account_id",
        "arn",
    ),
    "nat_gateways": ("nat_gateway_id",),
    "network_acl_associations": ("subnet_id",),
    "network_acl_entries": ("acl_id", "direction", "number", "family"),
    "network_acls": ("acl_id",),
    "network_interfaces": ("eni_id",),
    "organization_policies": ("policy_id",),
    "organizational_units": ("unit_id",),
    "policy_attachments": ("principal_arn", "policy_arn"),
    "policy_documents": ("account_id", "holder_arn", "kind", "name"),
    "policy_statements": (
        "account_id",
        "statement_id",
    ),
    "policy_targets": ("policy_id", "target_id"),
    "policy_types": ("root_id", "type"),
    "prefix_lists": ("prefix_list_id", "cidr"),
    "public_sharing_blocks": ("account_id", "region", "service"),
    "principals": ("arn",),
    "quotas": ("arn",),
    "recovery_points": ("arn",),
    "resource_shares": ("arn",),
    "route_table_associations": ("subnet_id", "gateway_id"),
    "route_tables": ("route_table_id",),
    "routes": ("route_table_id", "destination"),
    "scope": ("account_id",),
    "secrets": ("arn",),
    "security_groups": ("group_id",),
    "service_snapshots": ("arn",),
    "share_principals": ("share_arn", "principal"),
    "share_resources": ("share_arn", "arn"),
    "snapshots": ("arn",),
    "subnets": ("subnet_id",),
    "tags": ("arn", "key"),
    "topics": ("arn",),
    "queues": ("arn",),
    "transit_gateway_associations": ("route_table_id", "attachment_id"),
    "transit_gateway_attachments": ("attachment_id",),
    "transit_gateway_propagations": ("route_table_id", "attachment_id"),
    "transit_gateway_route_tables": ("route_table_id",),
    "transit_gateway_routes": ("route_table_id", "destination", "attachment_id"),
    "transit_gateways": ("transit_gateway_id",),
    "trusted_services": ("service_principal",),
    "volumes": ("volume_id",),
    "vpc_cidrs": ("vpc_id", "cidr"),
    "vpc_endpoints": ("endpoint_id",),
    "vpc_peerings": ("peering_id",),
    "vpcs": ("vpc_id",),
}
GROUPED = ("statement_principals", "statement_actions", "statement_resources", "statement_conditions")
"""Tables whose rows come and go with their statement."""
_LAYERS = count()
SAME_WHOLE = {"security_group_rules", "group_members", "delegated_administrators", "subnet_groups"}
"""Rows of these are the same when all that they say is."""


class Overlay:
    """A connection to a snapshot, and tables laid over it. `read_at` is the only "now"."""

    def __init__(self, connection: Any, read_at: str):
        self._connection = connection
        self._read_at = datetime.fromisoformat(read_at)
        self.touched: set[str] = set()
        self.unmatched: list[str] = []
        """Resources that change a row which is nowhere, and units that something is in and that are nowhere."""

    def state(self, rows: Rows) -> None:
        """Add what exists as a plan saw it, where the snapshot does not have it."""
        for name, listed in rows.plain.items():
            self._lay(TABLES[name], (), listed, keep_old=True)

    def change(self, gone: Rows, come: Rows) -> None:
        """Take away, then add and change."""
        for name in sorted({*gone.plain, *come.plain}):
            self._lay(TABLES[name], gone.plain.get(name, ()), come.plain.get(name, ()), keep_old=False)
        for name in sorted(come.patches):
            self._patch(TABLES[name], come.patches[name])

    def gaps(self, unread: Iterable[Unread], calls: Mapping[str, str]) -> None:
        """Write what is not known yet to the ledger; `calls` lead from a call to the collector that makes it."""
        listed = [_gap(one, calls) for one in unread]
        if listed:
            self._append("coverage", listed)

    def rewrite(self, table: str, select: str) -> None:
        """Make a table what a SELECT over `{base}` gives, with the same columns."""
        base = self._base(TABLES[table])
        self._connection.execute(f"CREATE OR REPLACE VIEW {table} AS {select.format(base=base)}")

    def keep(self, table: str, name: str) -> None:
        """Keep what a table holds now under another name."""
        self._connection.execute(f"CREATE TABLE {name} AS FROM {table}")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self._connection.execute(sql).fetchall()
        return found

    def rows(self, table: str, listed: Sequence[Mapping[str, Any]]) -> None:
        """Add rows as they are."""
        if listed:
            self._append(table, listed)

    def missing(self, table: str, column: str, values: Iterable[str]) -> list[str]:
        """Which of the values no row of a table has in a column."""
        wanted = sorted({(one,) for one in values})
        there = self._there(TABLES[table], (column,), self._keys(TABLES[table], (column,), wanted))
        return [value for (value,) in wanted if (value,) not in there]

    # ------------------------------------------------------------------ one table

    def _lay(
        self,
        table: Table,
        gone: Iterable[Mapping[str, Any]],
        come: Iterable[Mapping[str, Any]],
        *,
        keep_old: bool,
    ) -> None:
        keys = key_columns(table)
        wanted: dict[tuple[Any, ...], dict[str, Any]] = {}
        several: list[dict[str, Any]] = []
        for row in come:
            if table.name in GROUPED:
                several.append(dict(row))
            else:
                wanted[_key(row, keys)] = {**wanted.get(_key(row, keys), {}), **row}
        lost = {_key(row, keys) for row in gone} | {_key(row, keys) for row in several}
        if not lost and not wanted:
            return
        meant = self._keys(table, keys, [*lost, *wanted])
        there = self._there(table, keys, meant)
        if keep_old:
            new = [row for key, row in wanted.items() if key not in there]
            several = [row for row in several if _key(row, keys) not in there]
            self._append(table.name, [*new, *several])
            return
        made: list[Mapping[str, Any]] = list(several)
        for key, row in wanted.items():
            olds: Sequence[Mapping[str, Any]] = there.get(key) or [{}]
            made += [{**row, **_kept(old, row), **_where(old)} for old in olds]
        self._without(table, keys, meant)
        self._append(table.name, made)

    def _patch(self, table: Table, patches: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        keys = key_columns(table)
        gathered: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
        labels: dict[tuple[Any, ...], str] = {}
        for label, one in patches:
            gathered.setdefault(_key(one, keys), []).append(one)
            labels.setdefault(_key(one, keys), label)
        meant = self._keys(table, keys, gathered)
        there = self._there(table, keys, meant)
        made: list[Mapping[str, Any]] = []
        for key, said in gathered.items():
            if key not in there:
                self.unmatched.append(labels[key])
                continue
            for old in there[key]:
                row = dict(old)
                for one in said:
                    row |= {name: self._value(row.get(name), value) for name, value in one.items()}
                made.append({**row, **_where(old)})
        if there:
            self._without(table, keys, meant)
        self._append(table.name, made)

    def _value(self, old: Any, new: Any) -> Any:
        if isinstance(new, Added):
            return sorted({*(old or ()), *new.values})
        if isinstance(new, Removed):
            return None if old is None else sorted({*old} - {*new.values})
        return self._read_at + new if isinstance(new, timedelta) else new

    # ------------------------------------------------------------------ SQL

    def _there(self, table: Table, keys: tuple[str, ...], meant: str) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
        """The rows that are there, by key, of those that the table `meant` names."""
        on = " AND ".join(f"k.{name} IS NOT DISTINCT FROM t.{name}" for name in keys)
        names = ", ".join(f't."{name}"' for name in table.names)
        found = self._connection.execute(
            f"SELECT {names} FROM {table.name} t WHERE EXISTS (SELECT 1 FROM {meant} k WHERE {on})"
        ).fetchall()
        there: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for values in found:
            row = dict(zip(table.names, values, strict=True))
            there.setdefault(_key(row, keys), []).append(row)
        return there

    def _keys(self, table: Table, keys: tuple[str, ...], wanted: Iterable[tuple[Any, ...]]) -> str:
        """Put keys into a table of their own; returns its name."""
        kinds = {column.name: column.sql_type for column in table.columns}
        columns = ", ".join(f'"{name}" {kinds[name]}' for name in keys)
        import pyarrow as pa

        name = f"laid_keys_{next(_LAYERS)}"
        self._connection.execute(f"CREATE TABLE {name} ({columns})")
        arrow = pa.schema([table.arrow.field(name) for name in keys])
        load(self._connection, name, list(dict.fromkeys(wanted)), arrow)
        return name

    def _without(self, table: Table, keys: tuple[str, ...], gone: str) -> None:
        """Hide the rows that the table `gone` names: the table becomes a view of what is left."""
        base = self._base(table)
        on = " AND ".join(f"k.{name} IS NOT DISTINCT FROM t.{name}" for name in keys)
        names = ", ".join(f'"{name}"' for name in table.names)
        self._connection.execute(
            f"CREATE OR REPLACE VIEW {table.name} AS SELECT {names} FROM {base} t WHERE NOT EXISTS (SELECT 1 FROM {gone} k WHERE {on})"
        )

    def _append(self, name: str, listed: Sequence[Mapping[str, Any]]) -> None:
        if not listed:
            return
        table = TABLES[name]
        base = self._base(table)
        columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in table.columns)
        self._connection.execute(f"CREATE TABLE {base}_more ({columns})")
        values = [tuple(map(row.get, table.names)) for row in listed]
        load(self._connection, f"{base}_more", values, table.arrow)
        names = ", ".join(f'"{one}"' for one in table.names)
        self._connection.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT {names} FROM {base} UNION ALL SELECT {names} FROM {base}_more"
        )

    def _base(self, table: Table) -> str:
        """Set what the table is so far aside under a name of its own; returns that name."""
        import duckdb

        self.touched.add(table.name)
        name = f"laid_{table.name}_on_{next(_LAYERS)}"
        try:
            self._connection.execute(f"ALTER VIEW {table.name} RENAME TO {name}")
        except duckdb.CatalogException:  # a table of an empty snapshot
            self._connection.execute(f"ALTER TABLE {table.name} RENAME TO {name}")
        return name


def key_columns(table: Table) -> tuple[str, ...]:
    if table.name in GROUPED:
        return ("account_id", "statement_id")
    own = tuple(name for name in table.names if name not in ("account_id", "region"))
    if table.name in SAME_WHOLE:
        return own
    return KEYS[table.name]


def _key(row: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in keys)


def _kept(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in old.items() if name not in new}


def _where(old: Mapping[str, Any]) -> dict[str, Any]:
    return {name: old[name] for name in ("account_id", "region") if name in old}


def _gap(one: Unread, calls: Mapping[str, str]) -> dict[str, Any]:
    """A line of the ledger. What leaves only its own row unknown stands under the gate, so that it hides nothing else."""
    collector, call = (calls[one.call], one.call) if one.whole else ("gate", one.address)
    region = "global" if collector != "gate" and collectors()[collector].SCOPE != "region" else one.region
    return {
        "account_id": one.account_id,
        "region": region,
        "collector": collector,
        "call": call,
        "status": "unknown_until_apply",
        "reason": one.text,
        "items": 0,
        "failed": 1,
        "requests": 0,
    }
