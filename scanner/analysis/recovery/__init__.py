"""Recovery: what is left of every data store when an account is lost, and what each copy hangs on.

    recovery = Recovery.load(connection, config)
    recovery.survivors(store_arn, lost_account)   -> one (copy, fate) for each copy, newest first

As an analysis it fills `data_stores`, `store_copies`, `keeper_gaps` and `survival` (the loss of the store's own account).
"""

from __future__ import annotations

from typing import Any

from scanner.analysis import insert
from scanner.analysis.recovery.engine import Recovery, pairs_reached
from scanner.analysis.recovery.gaps import fill_keeper_gaps
from scanner.analysis.recovery.listing import list_copies, list_stores
from scanner.analysis.recovery.model import Fate, Held, RadiusOf, StoreCopy
from scanner.analysis.recovery.tables import COPIES, KEEPER_GAPS, STORES, SURVIVAL
from scanner.config import Config

__all__ = ["Fate", "Held", "RadiusOf", "Recovery", "StoreCopy"]

USES = ("unread", "classification", "blast_radius")
TABLES = (STORES, COPIES, KEEPER_GAPS, SURVIVAL)


def run(connection: Any, config: Config) -> None:
    list_stores(connection)
    list_copies(connection)
    fill_keeper_gaps(connection)
    recovery = Recovery.load(connection, config, pairs_reached(connection))
    for rows in recovery.own_losses():
        insert(connection, SURVIVAL, rows)
