"""A small organization as rows of tables, and a blast radius that is said instead of worked out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from scanner import analysis
from scanner.analysis import recovery
from scanner.analysis.recovery import Fate, Recovery, StoreCopy, listing
from scanner.analysis.recovery.gaps import fill_keeper_gaps
from scanner.analysis.trust import Answer
from scanner.config import Config
from scanner.policy import rows as policy_rows
from scanner.snapshot.read import connect_empty
from scanner.snapshot.tables import TABLES
from tests.rule.memory import fill

SHOP, KEEPER, OTHER, OUTSIDER = "111111111111", "222222222222", "333333333333", "999999999999"
HERE = "eu-west-1"
READ_AT = "2025-06-02T00:00:00"
Rows = dict[str, list[dict[str, Any]]]

DATABASE = f"arn:aws:rds:{HERE}:{SHOP}:db:orders"
CLUSTER = f"arn:aws:rds:{HERE}:{SHOP}:cluster:ledger"
TABLE = f"arn:aws:dynamodb:{HERE}:{SHOP}:table/carts"
BUCKET = "arn:aws:s3:::receipts"
VOLUME = f"arn:aws:ec2:{HERE}:{SHOP}:volume/vol-1"
INSTANCE = f"arn:aws:ec2:{HERE}:{SHOP}:instance/i-1"
VAULT = f"arn:aws:backup:{HERE}:{KEEPER}:backup-vault:copies"
HOME_VAULT = f"arn:aws:backup:{HERE}:{SHOP}:backup-vault:daily"
KEEPER_KEY = f"arn:aws:kms:{HERE}:{KEEPER}:key/k-1"
SHOP_KEY = f"arn:aws:kms:{HERE}:{SHOP}:key/k-1"
OTHER_KEY = f"arn:aws:kms:{HERE}:{OTHER}:key/k-1"


@dataclass(frozen=True)
class Holding:
    """Held, as the analysis of the blast radius says it: what may be done, by pattern, with which verdict.

    A pattern is of an action, or of an action and the resource it is on, with a blank between them.
    """

    verdict: str = "allow"
    administers: bool | None = False
    chain: tuple[str, ...] = ("role app of the shop assumes role restore of the keeper",)
    may: dict[str, str] = field(default_factory=dict, hash=False)


class SaidRadius:
    """Pairs of accounts and what the first holds in the second."""

    def __init__(self, pairs: dict[tuple[str, str], Holding]):
        self._pairs = pairs

    def of_account(self, account_id: str) -> dict[str, Holding]:
        own = {account_id: Holding(administers=True, chain=(), may={"*": "allow"})}
        return own | {target: held for (source, target), held in self._pairs.items() if source == account_id}

    def may(self, held: Any, action: str, resource: str) -> Answer:
        verdicts = [
            verdict
            for pattern, verdict in held.may.items()
            if fnmatchcase(f"{action} {resource}" if " " in pattern else action, pattern)
        ]
        return Answer(verdicts[0] if verdicts else "deny", (*held.chain, f"{action} is said"))


def organization() -> Rows:
    """One of each data store in the shop, no copy yet; three accounts, all read whole."""
    accounts = [
        {"account_id": id, "name": name, "status": "ACTIVE", "is_member": True}
        for id, name in ((SHOP, "shop-production"), (KEEPER, "backup"), (OTHER, "platform"))
    ]
    return {
        "accounts": accounts,
        "call_tables": [
            {"collector": collector, "call": call, "table_name": table}
            for collector, call, table in (
                ("backup", "backup.list_recovery_points_by_backup_vault", "recovery_points"),
                ("backup", "backup.list_copy_jobs", "backup_copy_jobs"),
                ("rds", "rds.describe_db_instances", "databases"),
                ("rds_snapshots", "rds.describe_db_snapshots", "snapshots"),
                ("s3", "s3.list_buckets", "buckets"),
                ("kms", "kms.list_keys", "kms_keys"),
                ("ram", "ram.list_principals", "share_principals"),
            )
        ],
        "databases": [
            {"arn": DATABASE, "name": "orders", "type": "instance", "resource_id": "db-ABC", "backup_retention_days": 0},
            {"arn": CLUSTER, "name": "ledger", "type": "cluster", "resource_id": "cluster-ABC", "backup_retention_days": 0},
        ],
        "dynamodb_tables": [{"arn": TABLE, "name": "carts", "point_in_time_recovery": False, "backups": 0, "replica_regions": []}],
        "buckets": [{"arn": BUCKET, "name": "receipts", "region": "global", "bucket_region": HERE, "versioning": "Enabled",
                     "replication_accounts": [], "replication_buckets": [], "policy_read": True}],
        "instances": [{"arn": INSTANCE, "instance_id": "i-1"}],
        "volumes": [{"arn": VOLUME, "volume_id": "vol-1", "instance_id": "i-1"}],
        "backup_vaults": [
            vault(KEEPER, VAULT, KEEPER_KEY),
            vault(SHOP, HOME_VAULT, SHOP_KEY),
        ],
        "kms_keys": [key(arn) for arn in (KEEPER_KEY, SHOP_KEY, OTHER_KEY)],
    }  # fmt: skip


def vault(account: str, arn: str, key_arn: str | None, **more: Any) -> dict[str, Any]:
    return {"account_id": account, "arn": arn, "name": arn.rsplit(":", 1)[1], "type": "BACKUP_VAULT", "kms_key_arn": key_arn,
            "locked": False, "policy_read": True, **more}  # fmt: skip


def key(arn: str, state: str = "Enabled", manager: str = "CUSTOMER") -> dict[str, Any]:
    return {"account_id": arn.split(":")[4], "arn": arn, "state": state, "manager": manager, "aliases": []}


def point(source: str = TABLE, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"account_id": KEEPER, "arn": f"arn:aws:backup:{HERE}:{KEEPER}:recovery-point:{number}", "vault_arn": VAULT, "source_arn": source,
            "status": "COMPLETED", "created_at": f"2025-06-01T0{number}:00:00", "kms_key_arn": None, **more}  # fmt: skip


def snapshot(account: str, source: str | None = DATABASE, name: str = "s-1", **more: Any) -> dict[str, Any]:
    return {"account_id": account, "arn": f"arn:aws:rds:{HERE}:{account}:snapshot:{name}", "name": name, "type": "database", "source_arn": source,
            "status": "available", "kind": "manual", "created_at": "2025-06-01T00:00:00", "encrypted": False, "shared_with": [], **more}  # fmt: skip


def gap(call: str, account: str, collector: str = "*", status: str = "access_denied") -> dict[str, Any]:
    return {"account_id": account, "region": HERE, "collector": collector, "call": call, "status": status}


def policy(arn: str, account: str, document: dict[str, Any], kind: str = "resource") -> Rows:
    found: Rows = {}
    for table, row in policy_rows(arn, kind, "", document):
        found.setdefault(table, []).append({"account_id": account, **row})
    return found


def with_rows(base: Rows, *more: Rows) -> Rows:
    found = {table: list(rows) for table, rows in base.items()}
    for part in more:
        for table, rows in part.items():
            found[table] = [*found.get(table, []), *rows]
    return found


@cache
def shared() -> Any:
    """One connection for all: making the tables takes longer than the questions."""
    connection = connect_empty()
    registry = analysis.registry()
    for name in (*recovery.USES, "recovery"):
        analysis.create(connection, registry[name].TABLES)
    connection.execute("CREATE TABLE read_at AS SELECT CAST(? AS TIMESTAMP) AS moment", [READ_AT])
    connection.execute("BEGIN")
    return connection


def connected(rows: Rows) -> Any:
    """The connection, holding these rows and what the analysis reads of other analyses, until somebody asks for other ones."""
    connection = shared()
    connection.execute("ROLLBACK")
    connection.execute("BEGIN")
    for table, found in rows.items():
        full = [{"account_id": SHOP, "region": HERE, **row} for row in found]
        fill(connection, table, [tuple(_typed(row.get(name)) for name in TABLES[table].names) for row in full])
    for name in ("unread", "classification"):
        analysis.registry()[name].run(connection, Config())
    listing.list_stores(connection)
    listing.list_copies(connection)
    fill_keeper_gaps(connection)
    return connection


def _typed(value: Any) -> Any:
    is_time = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+", value)
    return datetime.fromisoformat(value) if is_time else value


def fates(
    rows: Rows, pairs: dict[tuple[str, str], Holding] | None = None, store: str = TABLE, lost: str = SHOP
) -> list[tuple[StoreCopy, Fate]]:
    return Recovery(connected(rows), SaidRadius(pairs or {})).survivors(store, lost)
