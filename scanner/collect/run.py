"""Collection: which units of work there are, and many of them side by side.

The organization is read first; it says which accounts there are. Each account is entered, says which Regions it has, and is
then read by every collector. What cannot be entered, or was not chosen, is written to the ledger as such.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from types import ModuleType
from typing import Any

from scanner.collect import registry
from scanner.collect.api import Api, Call, Place, ReadError, Tally
from scanner.collect.estate import Caller, Estate, Sent
from scanner.config import Config
from scanner.errors import NothingReadError, UsageError
from scanner.snapshot.store import Store, Unit

log = logging.getLogger(__name__)

EVERYWHERE = "*"
SCOPES = {"global": "account"}
"""Scope of the collectors that run in a place; `region` in every other."""
# Regions that are on in every account (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html),
# for an account that does not say which ones it has.
ALWAYS_ON = {
    "aws": (
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
}


@dataclass(frozen=True)
class Chosen:
    """What to read. Empty means all; `units` are ids, names or paths of organizational units, with all below."""

    accounts: tuple[str, ...] = ()
    exclude_accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How far collection is. `total` grows while accounts are being entered."""

    accounts_done: int
    accounts: int
    units_done: int
    gaps: int


@dataclass
class Member:
    """An account to read, as the organization describes it."""

    account_id: str
    name: str | None
    status: str | None
    parents: tuple[str, ...]


def all_calls() -> tuple[Call, ...]:
    """Return every call of every collector."""
    return tuple(call for module in registry().values() for call in module.CALLS)


def collect(
    estate: Estate,
    store: Store,
    chosen: Chosen,
    *,
    workers: int = 64,
    progress: Callable[[Progress], None] = lambda _: None,
    config: Config | None = None,
    now: datetime | None = None,
) -> dict[str, Any]:
    """Read everything chosen into the store; returns the facts for the manifest.

    Raises AccessError when AWS cannot be entered, UsageError when what was chosen does not exist or differs from what is
    being resumed, NothingReadError when not one call was answered.
    """
    return Collection(estate, store, chosen, workers, progress, config, now).run()


class Collection:
    """One run over an estate."""

    def __init__(
        self,
        estate: Estate,
        store: Store,
        chosen: Chosen,
        workers: int,
        progress: Callable[[Progress], None],
        config: Config | None = None,
        now: datetime | None = None,
    ):
        self._estate = estate
        self._store = store
        self._chosen = chosen
        self._workers = workers
        self._report = progress
        self._config = config or Config()
        self._now = now or datetime.now(UTC)
        self._modules = registry()
        self._done = store.done()
        self._lock = threading.Condition()
        self._ready: deque[Callable[[], None]] = deque()
        self._accounts_done = 0
        self._accounts_total = 0
        self._units_done = 0
        self._gaps = 0
        self._answered = any(
            (result or {}).get("answered") for result in self._done.values() if isinstance(result, dict)
        )
        self._failure: BaseException | None = None
        self._sent: dict[str, list[int]] = {}

    def run(self) -> dict[str, Any]:
        caller = self._estate.caller()
        self._same_as_before(caller)
        organization = self._organization(caller)
        members = self._members(caller, organization)
        picked = [member for member in members if self._picks(member)]
        if not picked:
            raise UsageError("no account matches --accounts, --exclude-accounts and --units")
        self._accounts_total = len(picked)
        self._introduce(members, {member.account_id for member in picked}, organization)
        self._work(self._account_tasks(picked, caller))
        self._count(self._estate.finish())
        if not self._answered:
            raise NothingReadError(
                "not one call was answered: nothing can be said about this organization; "
                "check the role (`bulkhead permissions` prints the policy it needs) and the network"
            )
        return {
            "organization_id": (organization or {}).get("organization_id"),
            "caller_account_id": caller.account_id,
            "partition": caller.partition,
            "chosen": asdict(self._chosen),
            "api_calls": [
                {"service": service, "requests": requests, "throttled": throttled}
                for service, (requests, throttled) in sorted(self._sent.items())
            ],
        }

    def _same_as_before(self, caller: Caller) -> None:
        asked = {"caller": caller.account_id, "chosen": asdict(self._chosen), "source": self._config.source}
        asked = _plain(asked)
        before = self._store.recall("asked")
        if before is not None and before != asked:
            raise UsageError(f"--resume wants the same choice as before, which was {before}; it is now {asked}")
        self._store.remember("asked", asked)

    # ------------------------------------------------------------------ the organization and its accounts

    def _organization(self, caller: Caller) -> dict[str, Any] | None:
        """Read the organization; returns `{organization_id, management, members, units}`, None without one."""
        place = Place(caller.account_id, "global", caller.partition)
        self._estate.enter(caller.account_id)
        found: dict[str, Any] = {}
        for name, module in self._modules.items():
            if module.SCOPE == "organization":
                found |= self._unit(name, module, place, _organization_facts) or {}
        return found if found.get("organization_id") else None

    def _members(self, caller: Caller, organization: Mapping[str, Any] | None) -> list[Member]:
        members = [Member(**member) for member in (organization or {}).get("members", ())]
        known = {member.account_id for member in members}
        # Without the organization's list there is still the account we are in, and those that were recorded.
        extra = sorted({caller.account_id, *self._estate.accounts()} - known) if not members else []
        extra += [account for account in self._estate.accounts() if members and account not in known]
        return members + [Member(account, None, None, ()) for account in extra]

    def _picks(self, member: Member) -> bool:
        names = {member.account_id, member.name}
        if names & set(self._chosen.exclude_accounts):
            return False
        if self._chosen.units and not set(member.parents) & set(self._chosen.units):
            return False
        return not self._chosen.accounts or bool(names & set(self._chosen.accounts))

    def _introduce(self, members: list[Member], picked: set[str], organization: Mapping[str, Any] | None) -> None:
        """Write who is in scope, and the accounts the organization did not list."""
        unit = Unit("", "global", "scope")
        if unit in self._done:
            return
        attempt = self._store.begin(unit)
        listed = {member["account_id"] for member in (organization or {}).get("members", ())}
        for member in members:
            row: dict[str, Any] = {"account_id": member.account_id, "in_scope": member.account_id in picked}
            attempt.keep("scope", row)
            if member.account_id not in listed:
                attempt.keep("accounts", {"account_id": member.account_id, "is_member": False if listed else None})
            if member.account_id not in picked:
                attempt.keep("coverage", _account_gap(member.account_id, "not_selected", "not chosen for this scan"))
        attempt.complete()

    # ------------------------------------------------------------------ accounts and their units

    def _account_tasks(self, members: list[Member], caller: Caller) -> Iterator[Callable[[], None]]:
        for member in members:
            yield partial(self._account, member, caller)

    def _account(self, member: Member, caller: Caller) -> None:
        """Enter an account and queue its units."""
        if member.status not in (None, "ACTIVE"):
            self._shut(member, ReadError("suspended", f"the account is {member.status}"))
            return
        try:
            self._estate.enter(member.account_id)
        except ReadError as error:
            self._shut(member, error)
            return
        places = self._places(member.account_id, caller.partition)
        units = [
            (name, module, place)
            for place in places
            for name, module in self._modules.items()
            if name != "regions" and SCOPES.get(place.region, "region") == module.SCOPE
            if Unit(place.account_id, place.region, name) not in self._done
        ]
        self._queue(member.account_id, units)

    def _queue(self, account: str, units: list[tuple[str, ModuleType, Place]]) -> None:
        left = [len(units)]

        def one(name: str, module: ModuleType, place: Place) -> None:
            self._unit(name, module, place)
            with self._lock:
                left[0] -= 1
                last = left[0] == 0
            if last:
                self._leave(account)

        with self._lock:
            for unit in units:
                self._ready.append(partial(one, *unit))
            self._lock.notify_all()
        if not units:
            self._leave(account)

    def _leave(self, account: str) -> None:
        self._count(self._estate.leave(account))
        with self._lock:
            self._accounts_done += 1
        self._tell()

    def _count(self, sent: Any) -> None:
        with self._lock:
            for one in sent:
                assert isinstance(one, Sent)
                total = self._sent.setdefault(one.service, [0, 0])
                total[0] += one.requests
                total[1] += one.throttled

    def _shut(self, member: Member, error: ReadError) -> None:
        """An account that cannot be entered: one line in the ledger says so for every call."""
        unit = Unit(member.account_id, EVERYWHERE, EVERYWHERE)
        if unit not in self._done:
            attempt = self._store.begin(unit)
            attempt.keep("coverage", _account_gap(member.account_id, error.status, error.reason))
            attempt.complete()
        with self._lock:
            self._gaps += 1
        self._leave(member.account_id)

    def _places(self, account: str, partition: str) -> list[Place]:
        """Return where the account is read: `global`, and its Regions that were chosen."""
        found = self._unit("regions", self._modules["regions"], Place(account, "global", partition), _region_names)
        known = tuple((found or {}).get("regions") or self._estate.regions(account) or ALWAYS_ON.get(partition, ()))
        wanted = [region for region in known if not self._chosen.regions or region in self._chosen.regions]
        self._unselected(account, sorted(set(known) - set(wanted)))
        return [Place(account, region, partition) for region in ("global", *wanted)]

    def _unselected(self, account: str, regions: list[str]) -> None:
        unit = Unit(account, "global", "unselected")
        if not regions or unit in self._done:
            return
        attempt = self._store.begin(unit)
        for region in regions:
            attempt.keep("coverage", {**_account_gap(account, "not_selected", "not among --regions"), "region": region})
        attempt.complete()

    # ------------------------------------------------------------------ one unit

    def _unit(
        self,
        name: str,
        module: ModuleType,
        place: Place,
        facts: Callable[[dict[str, Any], str, Mapping[str, Any]], None] | None = None,
    ) -> dict[str, Any] | None:
        """Read one unit; returns the facts that planning needs, from the journal when it was done before."""
        unit = Unit(place.account_id, place.region, name)
        if unit in self._done:
            result: dict[str, Any] | None = self._done[unit]
            return result
        attempt = self._store.begin(unit)
        calls = {call.name: call for call in module.CALLS}
        api = Api(self._estate, place, calls, config=self._config, now=self._now)
        found: dict[str, Any] = {}
        crash = None
        try:
            for table, row in module.fetch(api):
                attempt.keep(table, row)
                if facts:
                    facts(found, table, row)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            log.warning("%s in %s %s: unexpected answer", name, place.account_id, place.region, exc_info=True)
            crash = ReadError("failed", f"unexpected answer: {type(error).__name__}: {error}")
        self._estate.unit_done(place.account_id)
        ledger = list(ledger_rows(name, module.CALLS, api.tallies, crash))
        for row in ledger:
            attempt.keep("coverage", row)
        answered = any(tally.items or not tally.error for tally in api.tallies.values())
        attempt.complete({**found, "answered": answered})
        with self._lock:
            self._units_done += 1
            self._gaps += sum(row["status"] not in GOOD for row in ledger)
            self._answered = self._answered or answered
        self._tell()
        return found

    def _tell(self) -> None:
        with self._lock:
            state = Progress(self._accounts_done, self._accounts_total, self._units_done, self._gaps)
        self._report(state)

    # ------------------------------------------------------------------ threads

    def _work(self, accounts: Iterator[Callable[[], None]]) -> None:
        """Run every task; a new account is entered only when no unit is waiting, so memory does not grow with accounts."""
        busy = [0]

        def worker() -> None:
            while (task := self._next(accounts, busy)) is not None:
                try:
                    task()
                except BaseException as error:  # noqa: BLE001 - handed to the main thread below
                    with self._lock:
                        self._failure = self._failure or error
                finally:
                    with self._lock:
                        busy[0] -= 1
                        self._lock.notify_all()

        threads = [threading.Thread(target=worker, daemon=True) for _ in range(self._workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.5)
        self._store.flush()
        if self._failure is not None:
            raise self._failure

    def _next(self, accounts: Iterator[Callable[[], None]], busy: list[int]) -> Callable[[], None] | None:
        with self._lock:
            while self._failure is None:
                task = self._ready.popleft() if self._ready else next(accounts, None)
                if task is not None:
                    busy[0] += 1
                    return task
                if not busy[0]:
                    return None
                self._lock.wait()
            return None


GOOD = frozenset({"collected", "not_in_use", "region_off"})


def ledger_rows(
    collector: str, calls: tuple[Call, ...], tallies: Mapping[str, Tally], crash: ReadError | None
) -> Iterator[dict[str, Any]]:
    """Yield one row of `coverage` per declared call.

    A call that was never made shares the fate of the first call declared before it that failed: that one would have said
    whether there was anything to ask for.
    """
    before: ReadError | None = None
    for call in calls:
        tally = tallies.get(call.name)
        error = tally.error if tally else None
        if error is not None:
            before = before or error
        elif crash is not None:
            error = crash
        elif tally is None and before is not None:
            reason = f"not asked, since another call gave no answer: {before.reason}"
            error = ReadError(before.status, reason, before.cause)
        yield {
            "collector": collector,
            "call": call.name,
            "status": error.status if error else "collected",
            "cause": error.cause if error else None,
            "reason": error.reason if error else None,
            "items": tally.items if tally else 0,
            "failed": tally.failed if tally else 0,
            "requests": tally.requests if tally else 0,
        }


def call_tables() -> Iterator[dict[str, Any]]:
    """Yield the rows of `call_tables`."""
    for name, module in registry().items():
        for call in module.CALLS:
            for table in call.fills:
                yield {"collector": name, "call": call.name, "table_name": table}


def _account_gap(account: str, status: str, reason: str) -> dict[str, Any]:
    return {
        "account_id": account,
        "region": EVERYWHERE,
        "collector": EVERYWHERE,
        "call": EVERYWHERE,
        "status": status,
        "reason": reason,
        "items": 0,
        "failed": 0,
        "requests": 0,
    }


def _organization_facts(found: dict[str, Any], table: str, row: Mapping[str, Any]) -> None:
    """Gather from the organization's rows what planning needs."""
    if table == "organizations":
        found["organization_id"] = row["organization_id"]
        found["management"] = row["management_account_id"]
    elif table == "organizational_units":
        found.setdefault("units", {})[row["unit_id"]] = [row["unit_id"], row["name"], row["path"]]
    elif table == "accounts":
        member = {"account_id": row["account_id"], "name": row["name"], "status": row["status"], "parents": []}
        found.setdefault("members", []).append(member)
    elif table == "unit_ancestors" and row["distance"] and found.get("members"):
        member = found["members"][-1]
        if member["account_id"] == row["target_id"]:
            member["parents"] += found.get("units", {}).get(row["ancestor_id"], [row["ancestor_id"]])


def _region_names(found: dict[str, Any], table: str, row: Mapping[str, Any]) -> None:
    if table == "account_regions" and row.get("opt_in_status") != "not-opted-in":
        found.setdefault("regions", []).append(row["region_name"])


def _plain(value: Any) -> Any:
    """As JSON gives it back: tuples become lists."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
