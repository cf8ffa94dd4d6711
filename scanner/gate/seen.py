"""What the scan of a snapshot looked at, before anything is laid over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scanner.gate.changes import Changes

LEFT_OUT = ("not_selected", "suspended")


@dataclass(frozen=True)
class Seen:
    """The management account, and every account and Region in the ledger, with whether the line stands for all of it, and its status."""

    management: str | None = None
    places: tuple[tuple[str, str, bool, str], ...] = ()


def seen(connection: Any) -> Seen:
    """Ask a connection to a snapshot."""
    found = connection.execute("SELECT min(management_account_id) FROM organizations").fetchone()
    places = connection.execute("SELECT DISTINCT account_id, region, call = '*', status FROM coverage").fetchall()
    return Seen(found[0], tuple(places))


def unseen(seen: Seen, found: Changes) -> list[str]:
    """What `never_scanned` gives, a sentence each."""
    return [
        f"{'' if region == '*' else f'{region} of '}account {account} was not scanned when the snapshot was made"
        for account, region in never_scanned(seen, found)
    ]


def never_scanned(seen: Seen, found: Changes) -> list[tuple[str, str]]:
    """Accounts and Regions (`*` for all) that the change touches and the scan of the snapshot never looked at.

    What it looked at in vain has lines in the ledger, on which verdicts hang already.
    """
    left_out = {(account, region) for account, region, whole, status in seen.places if whole and status in LEFT_OUT}
    looked_at = {(account, region) for account, region, _, status in seen.places if status not in LEFT_OUT}
    accounts = {account for account, _ in looked_at}
    everywhere = {account for account, region in looked_at if region == "*"}
    touched = {(one.account_id, one.region) for one in found.subjects.values() if one.touched and one.account_id}
    places = set()
    for account, region in sorted(touched, key=str):
        if account in found.new_accounts or account in everywhere:
            continue
        if account not in accounts or (account, "*") in left_out:
            places.add((account, "*"))
        elif region not in (None, "global") and (account, region) not in looked_at:
            places.add((account, region))
    return sorted(places)
