"""Everything read from the aggregator, kept in a file, and how far it can be trusted.

An empty answer proves nothing: only where a recorder of the account runs in a Region, records the type, and the aggregator could
follow it, is what is not there not there. The recorders are resources themselves, which AWS Config records in any case:
https://docs.aws.amazon.com/config/latest/developerguide/resource-config-reference.html
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scanner.aws.aggregator.spelling import Item, configuration

RECORDER = "AWS::Config::ConfigurationRecorder"
GLOBAL = frozenset({"AWS::IAM::Group", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::User"})
CURRENT = (None, "OK", "ResourceDiscovered")
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Recorder:
    """What the recorder of an account and Region records."""

    runs: bool
    all_supported: bool
    global_types: bool
    types: frozenset[str]
    excluded: frozenset[str]

    def records(self, kind: str) -> bool:
        """https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html"""
        if not self.runs:
            return False
        if self.excluded:
            return kind not in self.excluded
        if self.all_supported:
            return self.global_types or kind not in GLOBAL
        return kind in self.types


@dataclass
class Holdings:
    """Items of an organization by type, account and Region, in a file that is gone when this is closed."""

    refused: dict[str, str] = field(default_factory=dict)
    """Types whose query gave no usable answer, and why."""
    behind: dict[tuple[str, str], str] = field(default_factory=dict)
    """Account (or `*`) and Region where the aggregator does not follow, and why."""
    unsure: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Type, account and Region of items that do not say how a resource is now, and why."""
    recorders: dict[tuple[str, str], Recorder] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bulkhead-")  # readable by its owner only
        self._file = sqlite3.connect(Path(self._folder.name) / "items", check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        self._file.executescript(
            """PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE items (type, account, region, id, name, arn, body);
            CREATE INDEX place ON items (type, account, region); CREATE INDEX known ON items (type, id);"""
        )

    def close(self) -> None:
        self._file.close()
        self._folder.cleanup()

    def add(self, items: Sequence[Item]) -> int:
        """Keep items; returns how many."""
        names = ("resourceType", "accountId", "awsRegion", "resourceId", "resourceName", "arn")
        for item in items:
            if item.get("configurationItemStatus") not in CURRENT:
                where = (item["resourceType"], item["accountId"], item["awsRegion"])
                self.unsure[where] = f"{item.get('resourceId')} is {item['configurationItemStatus']}"
        rows = [(*(item.get(name) for name in names), json.dumps(item)) for item in items]
        with self._lock:
            self._file.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return len(rows)

    def learn_recorders(self) -> None:
        """Read the recorders among the items."""
        for item in self._items("type = ?", RECORDER):
            found = configuration(item)
            group = found.get("RecordingGroup") or {}
            excluded = (group.get("ExclusionByResourceTypes") or {}).get("ResourceTypes") or ()
            self.recorders[item["accountId"], item["awsRegion"]] = Recorder(
                runs=found.get("Recording") is True,
                all_supported=bool(group.get("AllSupported")),
                global_types=bool(group.get("IncludeGlobalResourceTypes")),
                types=frozenset(group.get("ResourceTypes") or ()),
                excluded=frozenset(excluded),
            )

    def accounts(self) -> frozenset[str]:
        """Accounts that something is held of."""
        return frozenset(account for account, _ in self.recorders)

    def regions(self, account: str) -> frozenset[str]:
        return frozenset(region for owner, region in self.recorders if owner == account)

    def items(self, kind: str, account: str, region: str | None = None) -> list[dict[str, Any]]:
        """Return the items of a type in an account, in one Region or all. Sorted, so that order says nothing."""
        where = "type = ? AND account = ?" + (" AND region = ?" if region else "")
        return list(self._items(where, kind, account, *([region] if region else [])))

    def one(self, kind: str, name: str, account: str | None = None) -> dict[str, Any] | None:
        """Return the item that has this id, name or ARN; of any account where none is given."""
        where = "type = ? AND ? IN (id, name, arn)" if account else "type = ? AND id = ?"
        found = self._items(
            where + (" AND account = ?" if account else ""), kind, name, *([account] if account else [])
        )
        return next(found, None)

    def _items(self, where: str, *values: str) -> Iterator[dict[str, Any]]:
        with self._lock:
            rows = self._file.execute(f"SELECT body FROM items WHERE {where} ORDER BY arn, id", values).fetchall()
        for (body,) in rows:
            yield json.loads(body)

    def gap(self, kind: str, account: str, region: str) -> str | None:
        """Say why what is held of a type in an account and Region need not be all; None where it is."""
        if kind in self.refused:
            return f"AWS Config was asked for {kind}: {self.refused[kind]}"
        for where in ((account, region), (EVERY, region), (EVERY, EVERY)):
            if where in self.behind:
                return f"the aggregator of AWS Config does not follow: {self.behind[where]}"
        recorder = self.recorders.get((account, region))
        if recorder is None:
            return "the aggregator of AWS Config knows no recorder there"
        if not recorder.runs:
            return "the recorder of AWS Config is stopped there"
        if not recorder.records(kind):
            return f"AWS Config does not record {kind} there"
        if (kind, account, region) in self.unsure:
            return f"AWS Config does not know {kind} there: {self.unsure[kind, account, region]}"
        return None
