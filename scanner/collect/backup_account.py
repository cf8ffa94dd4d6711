"""AWS Backup's global settings. Outside an organization AWS refuses, which the ledger shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "account"
CALLS = (Call("backup.describe_global_settings", ("backup_settings",)),)


def fetch(api: Api) -> Iterator[Row]:
    answer = known(api.get("backup.describe_global_settings"))
    if answer:
        yield from setting_rows(answer.get("GlobalSettings") or {})


def setting_rows(settings: Mapping[str, str]) -> Iterator[Row]:
    for name, value in sorted(settings.items()):
        yield "backup_settings", {"name": name, "value": value}
