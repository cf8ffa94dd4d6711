"""The drill: what is lost, what survives and what falls too when an account is erased tonight.

Built from the tables `data_stores`, `survival`, `keeper_gaps` and `account_reach`. A data store is *lost* when no copy of it survives
for certain, *survives* when at least one does for certain, and *unknown* as long as something that was not read could decide it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from scanner import derived
from scanner.analysis.blast_radius import CUT, Held, Radius
from scanner.config import Config
from scanner.errors import UsageError
from scanner.findings import Drill, FallsToo, Store, SurvivingCopy, Survivor, Undecided, UselessCopy
from scanner.snapshot.read import connect


def open_snapshot(snapshot: Path, config: Config) -> Any:
    """A connection with what a drill needs: the tables of the snapshot and of the analyses. Raises BulkheadError."""
    connection = connect(snapshot)
    derived.analyse(connection, snapshot, config, ["recovery"])
    return connection


def find_account(connection: Any, named: str) -> str:
    """Return the id of an account, given its id or name. Raises UsageError."""
    rows = connection.execute("SELECT DISTINCT account_id FROM accounts WHERE account_id = ? OR name = ?", [named] * 2)
    found = sorted(row[0] for row in rows.fetchall())
    if len(found) != 1:
        what = (
            f"is the name of {len(found)} accounts: {', '.join(found)}" if found else "is no account of this snapshot"
        )
        how = "by its twelve digits" if found else "by its name or its twelve digits; `bulkhead drill` lists them"
        raise UsageError(f"{named} {what}; name one {how}")
    return str(found[0])


def account_names(connection: Any) -> dict[str, str]:
    """Names of accounts by id, those without one left out."""
    rows = connection.execute("SELECT account_id, name FROM accounts WHERE name IS NOT NULL ORDER BY ALL").fetchall()
    return dict(rows)


def drills(connection: Any, accounts: Iterable[str] | None = None) -> tuple[Drill, ...]:
    """Drill the given accounts, or every account that was chosen for the scan; sorted by account id.

    What falls too is complete for accounts that are given; for all of them, `account_reach` may lack some, which a note then says.
    """
    rows = connection.execute(_CHOSEN).fetchall()
    wanted = sorted({row[0] for row in rows} if accounts is None else set(accounts))
    facts = _Facts(connection, wanted)
    if accounts is not None:
        facts.complete()
    return tuple(facts.drill(account) for account in wanted)


@dataclass
class _Facts:
    """The rows of the wanted accounts, by account or data store."""

    connection: Any
    wanted: list[str]
    stores: dict[str, list[Store]] = field(default_factory=lambda: defaultdict(list))
    copies: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    keepers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unlisted: dict[str, list[Undecided]] = field(default_factory=lambda: defaultdict(list))
    reach: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    missing: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self._rows(_STORES):
            self.stores[row.pop("account_id")].append(Store(**row))
        for row in self._rows(_COPIES):
            self.copies[row["store_arn"]].append(row)
        for row in self._rows(_KEEPERS):
            self.keepers[row["account_id"]].append(f"{row['call']} of account {row['keeper_id']} ({row['reason']})")
        for row in self._rows(_UNLISTED):
            self.unlisted[row["account_id"]].append(_unlisted(**row))
        for row in self._rows(_REACH):
            self.reach[row["account_id"]].append(row)
        for row in self._rows(_CUT):
            self.missing[row["account_id"]] = row["reached"] - len(self.reach[row["account_id"]])

    def complete(self) -> None:
        """Ask the blast radius itself about accounts that reach more than `account_reach` says."""
        for account in sorted(self.missing):
            radius = Radius.shared(self.connection, Config())
            held = sorted(radius.of_account(account).items())
            self.reach[account] = [_reach_row(radius, one) for target, one in held if target != account]
        self.missing.clear()

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        cursor = self.connection.execute(sql, [self.wanted])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def drill(self, account: str) -> Drill:
        sorted_out: list[Store | Survivor | Undecided] = []
        useless: list[UselessCopy] = []
        for store in self.stores.get(account, ()):
            copies = self.copies.get(store.arn, [])
            useless += [_useless(copy) for copy in copies if _helps_nobody(copy)]
            sorted_out.append(_fate(store, copies, self.keepers.get(account, [])))
        falls, notes = _falling(self.reach.get(account, []))
        if account in self.missing:
            more = (
                f"{self.missing[account]} more accounts are reached; the drill of this account alone lists all of them"
            )
            notes = (*notes, more)
        return Drill(
            account,
            lost=tuple(one for one in sorted_out if isinstance(one, Store)),
            survives=tuple(one for one in sorted_out if isinstance(one, Survivor)),
            unknown=(*(one for one in sorted_out if isinstance(one, Undecided)), *self.unlisted.get(account, ())),
            falls_too=falls,
            useless=tuple(useless),
            notes=notes,
        )


def _fate(store: Store, copies: list[dict[str, Any]], keepers: list[str]) -> Store | Survivor | Undecided:
    what = (store.arn, store.name, store.type, store.environment)
    surviving = tuple(_surviving(copy) for copy in copies if copy["fate"] == "survives")
    if surviving:
        return Survivor(*what, surviving)
    open_ones = [copy for copy in copies if copy["fate"] == "unknown"]
    if open_ones:
        more = f" ({len(open_ones) - 1} more copies are open)" if len(open_ones) > 1 else ""
        return Undecided(*what, f"{open_ones[0]['copy_arn']}: {open_ones[0]['why']}{more}")
    if keepers:
        return Undecided(*what, f"No copy that is known survives; {keepers[0]} would show whether there are more.")
    return Store(*what, _why_lost(copies))


def _why_lost(copies: list[dict[str, Any]]) -> str:
    if not copies:
        return "There is no copy."
    reasons = Counter(_CAUSES[copy["cause"]] for copy in copies)
    parts = [f"{count} {text}" for text, count in sorted(reasons.items())]
    return f"Of {len(copies)} {'copy' if len(copies) == 1 else 'copies'}: {', '.join(parts)}."


_CAUSES = {
    "own_account": "in the lost account",
    "lent": "lent to others but in the lost account",
    "complete": "not complete",
    "closing": "in an account that is being closed",
    "key": "encrypted with a key of the lost account",
    "key_state": "encrypted with a key that cannot be used",
    "radius": "within reach of whoever holds the lost account",
}


def _surviving(copy: Mapping[str, Any]) -> SurvivingCopy:
    return SurvivingCopy(
        copy["copy_arn"], copy["copy_account_id"], _iso(copy["created_at"]), copy["key_account_id"], bool(copy["immutable"])
    )  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds") + "Z"


def _helps_nobody(copy: Mapping[str, Any]) -> bool:
    """What people may count on in vain; that the account's own backups go with it needs no line each."""
    return bool(copy["cause"] == "not_reachable" or (copy["fate"] == "dies" and copy["cause"] != "own_account"))


def _useless(copy: Mapping[str, Any]) -> UselessCopy:
    return UselessCopy(copy["copy_arn"], copy["copy_account_id"] or "", copy["store_arn"], copy["why"])


def _unlisted(account_id: str, partition: str, call: str, regions: str, status: str) -> Undecided:
    """What could not be listed, by a pattern that the ARNs of all of it match."""
    what, pattern = _LISTED_BY.get(call, ("Data stores", "arn:{partition}:*:{region}:{account}:*"))
    every = "*" in regions or "," in regions
    where = "" if regions == "global" else " in every Region" if "*" in regions else f" in {regions}"
    why = f"{what} were not listed{where}: {'the account was not entered' if call == '*' else call} ({status})"
    arn = pattern.format(partition=partition, region="*" if every else regions, account=account_id)
    return Undecided(arn, account_id, "unread", "unknown", why)


_LISTED_BY = {
    "rds.describe_db_instances": ("Databases", "arn:{partition}:rds:{region}:{account}:db:*"),
    "rds.describe_db_clusters": ("Database clusters", "arn:{partition}:rds:{region}:{account}:cluster:*"),
    "redshift.describe_clusters": ("Warehouses", "arn:{partition}:redshift:{region}:{account}:cluster:*"),
    "redshift-serverless.list_namespaces": (
        "Serverless warehouses",
        "arn:{partition}:redshift-serverless:{region}:{account}:namespace/*",
    ),
    "elasticache.describe_cache_clusters": ("Caches", "arn:{partition}:elasticache:{region}:{account}:*"),
    "elasticache.describe_serverless_caches": (
        "Serverless caches",
        "arn:{partition}:elasticache:{region}:{account}:serverlesscache:*",
    ),
    "memorydb.describe_clusters": ("Clusters of MemoryDB", "arn:{partition}:memorydb:{region}:{account}:cluster/*"),
    "opensearch.describe_domains": ("Search domains", "arn:{partition}:es:{region}:{account}:domain/*"),
    "efs.describe_file_systems": ("File systems", "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/*"),
    "fsx.describe_file_systems": ("File systems", "arn:{partition}:fsx:{region}:{account}:file-system/*"),
    "dynamodb.list_tables": ("Tables", "arn:{partition}:dynamodb:{region}:{account}:table/*"),
    "s3.list_buckets": ("Buckets", "arn:{partition}:s3:::*"),
    "ec2.describe_volumes": ("Volumes", "arn:{partition}:ec2:{region}:{account}:volume/*"),
}


def _reach_row(radius: Radius, held: Held) -> dict[str, Any]:
    """What a row of `account_reach` says of an account."""
    return {
        "target_account_id": held.account,
        "verdict": held.verdict,
        "administers": held.administers,
        "destroys": radius.destroys(held),
        "chain": held.chain,
        "conditions": held.conditions,
    }


def _falling(reached: list[dict[str, Any]]) -> tuple[tuple[FallsToo, ...], tuple[str, ...]]:
    """Accounts where data can be destroyed too, and what is not known about others."""
    falls, notes = [], []
    for row in reached:
        target, chain = row["target_account_id"], tuple(row["chain"] or ())
        harms = row["destroys"] or row["administers"]
        if harms and row["verdict"] in ("allow", "conditional"):
            conditions = tuple(f"if {condition}" for condition in row["conditions"] or ())
            falls.append(FallsToo(target, row["verdict"], (*chain, *conditions)))
        elif row["verdict"] == "unknown" or harms is None:
            notes.append(
                f"Whether data of account {target} can be destroyed too is not known: {'; '.join(chain) or 'not read'}"
            )
    return tuple(falls), tuple(notes)


# ---------------------------------------------------------------------- as JSON


def as_json(drill: Drill) -> dict[str, Any]:
    """The documented shape; `useless` and `notes` come after it."""
    return {
        "account": drill.account,
        "lost": [{**_store(one), "why": one.why} for one in drill.lost],
        "survives": [
            {"arn": one.arn, "name": one.name, "copies": [_copy(copy) for copy in one.copies], "type": one.type, "environment": one.environment}
            for one in drill.survives
        ],
        "unknown": [{"arn": one.arn, "why": one.why} for one in drill.unknown],
        "falls_too": [
            {"account_id": one.account_id, "chain": list(one.chain), "verdict": one.verdict} for one in drill.falls_too
        ],
        "useless": [
            {"arn": one.arn, "account_id": one.account_id, "store_arn": one.store_arn, "why": one.why} for one in drill.useless
        ],
        "notes": list(drill.notes),
    }  # fmt: skip


def _store(one: Store) -> dict[str, Any]:
    return {"arn": one.arn, "name": one.name, "type": one.type, "environment": one.environment}


def _copy(one: SurvivingCopy) -> dict[str, Any]:
    return {
        "arn": one.arn,
        "account_id": one.account_id,
        "created_at": one.created_at,
        "key_account_id": one.key_account_id,
        "immutable": one.immutable,
    }


_CHOSEN = """
SELECT DISTINCT a.account_id FROM accounts a LEFT JOIN scope s ON s.account_id = a.account_id WHERE coalesce(s.in_scope, TRUE)"""
_STORES = """
SELECT account_id, arn, coalesce(name, arn) AS name, type, coalesce(environment, 'unknown') AS environment FROM data_stores
WHERE account_id IN (SELECT unnest(?)) ORDER BY account_id, name, arn"""
_COPIES = """
SELECT DISTINCT store_arn, copy_arn, copy_account_id, created_at, key_account_id, immutable, fate, why, cause FROM survival
WHERE account_id IN (SELECT unnest(?)) ORDER BY store_arn, created_at DESC NULLS LAST, copy_arn, copy_account_id"""
_KEEPERS = """
SELECT account_id, keeper_id, call, reason FROM keeper_gaps WHERE account_id IN (SELECT unnest(?)) ORDER BY ALL"""
_UNLISTED = f"""
SELECT account_id, coalesce((SELECT min(split_part(arn, ':', 2)) FROM accounts WHERE arn LIKE 'arn:%'), 'aws') AS partition, call,
  string_agg(DISTINCT region, ', ' ORDER BY region) AS regions, min(status) AS status FROM unread
WHERE account_id IN (SELECT unnest(?)) AND (call = '*' OR call IN ({", ".join(f"'{call}'" for call in _LISTED_BY)}))
  AND table_name IN ('databases', 'dynamodb_tables', 'buckets', 'volumes', 'file_systems')
GROUP BY account_id, call ORDER BY account_id, call"""
_CUT = f"""
SELECT account_id, reached + maybe_reached AS reached FROM account_radius
WHERE account_id IN (SELECT unnest(?)) AND account_id IN ({CUT}) ORDER BY account_id"""
_REACH = """
SELECT account_id, target_account_id, verdict, administers, destroys, chain, conditions FROM account_reach
WHERE account_id IN (SELECT unnest(?)) ORDER BY account_id, target_account_id"""
