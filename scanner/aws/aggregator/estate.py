"""An estate that answers from AWS Config what it can, and hands on the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from scanner.aws.aggregator import data, identity, network
from scanner.aws.aggregator.find import find
from scanner.aws.aggregator.held import Asked, Held, merged, types_of
from scanner.aws.aggregator.holdings import GLOBAL, Holdings
from scanner.aws.aggregator.load import load
from scanner.aws.aggregator.spelling import NotHeld
from scanner.collect.api import Call, Place, ReadError, Response
from scanner.collect.estate import Caller, Estate, Sent
from scanner.collect.run import ALWAYS_ON

HELD = merged(network.HELD, data.HELD, identity.HELD)
"""What AWS Config answers, by call."""
AWS_POLICIES = Call("iam.get_account_authorization_details", ())


class Aggregator:
    """Stands before another estate. The aggregator is found and read when somebody asks who calls, before all else."""

    def __init__(self, inner: Estate, wanted: str | None = None):
        self._inner = inner
        self._wanted = wanted
        self._holdings: Holdings | None = None
        self._closed: dict[str, ReadError] = {}
        self._lock = threading.Lock()
        self.arn: str | None = None

    def caller(self) -> Caller:
        """Return who collects. Raises AccessError, and UsageError where there is no aggregator."""
        caller = self._inner.caller()
        with self._lock:
            if self._holdings is None:
                found = find(self._inner, self._wanted)
                self._holdings = load(self._inner, found, types_of(HELD.values()))
                self.arn = found.arn
                self._inner.unit_done(found.place.account_id)
        return caller

    def enter(self, account_id: str) -> None:
        """Raises ReadError only where AWS Config holds nothing of the account either."""
        try:
            self._inner.enter(account_id)
        except ReadError as error:
            if account_id not in self._held.accounts():
                raise
            self._closed[account_id] = error

    def leave(self, account_id: str) -> Iterable[Sent]:
        return self._inner.leave(account_id)

    def finish(self) -> Iterable[Sent]:
        self._held.close()
        return self._inner.finish()

    def unit_done(self, account_id: str) -> None:
        self._inner.unit_done(account_id)

    def accounts(self) -> tuple[str, ...]:
        return tuple(sorted({*self._inner.accounts(), *self._held.accounts()}))

    def regions(self, account_id: str) -> tuple[str, ...]:
        """All Regions that are always on, and those of recorders: where none records there may be something too."""
        known = self._inner.regions(account_id) or ALWAYS_ON.get(self._inner.caller().partition, ())
        return tuple(sorted({*known, *self._held.regions(account_id)}))

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        held = HELD.get(call.name)
        if held is None:
            yield from self._direct(place, call, params, None)
        elif held.partial:
            yield from self._partly(place, call, params, held)
        else:
            yield from self._held_or_direct(place, call, params, held)

    @property
    def _held(self) -> Holdings:
        assert self._holdings is not None, "caller() is asked first"
        return self._holdings

    def _partly(self, place: Place, call: Call, params: Mapping[str, Any], held: Held) -> Iterator[Response]:
        """AWS first; what AWS Config has where it does not answer, and then that this is not all."""
        try:
            yield from self._direct(place, call, params, None)
            return
        except ReadError as error:
            refused = error
        try:
            yield self._answer(place, params, held)
        except NotHeld as error:
            raise ReadError(refused.status, f"{error}; read directly: {refused.reason}", refused.cause) from error
        raise ReadError(refused.status, f"{held.partial}; read directly: {refused.reason}", refused.cause)

    def _held_or_direct(self, place: Place, call: Call, params: Mapping[str, Any], held: Held) -> Iterator[Response]:
        try:
            answer = self._answer(place, params, held)
        except NotHeld as error:
            yield from self._direct(place, call, params, str(error))
            return
        yield answer
        elsewhere = self._unrecorded(place, held) if held.of is None and held.everywhere else None
        if elsewhere:
            raise ReadError("not_recorded", elsewhere)

    def _answer(self, place: Place, params: Mapping[str, Any], held: Held) -> Response:
        """Raises NotHeld with the reason."""
        kind, account = held.types[0], place.account_id
        if held.everywhere:
            self._recorded_somewhere(account, held.types)
        elif why := self._held.gap(kind, account, place.region):
            raise NotHeld(why)
        if held.of:
            one = self._held.one(kind, params[held.of], account)
            items = [one] if one else []
        else:
            items = self._held.items(kind, account, None if held.everywhere else place.region)
        return held.answer(Asked(account, items, params, self._held, self._aws_policies))

    def _recorded_somewhere(self, account: str, types: tuple[str, ...]) -> None:
        """Raises NotHeld where no Region of the account records one of the types; those of IAM are recorded in any."""
        for kind in types:
            gaps = [self._held.gap(kind, account, region) for region in sorted(self._held.regions(account))]
            if not gaps:
                raise NotHeld("the aggregator of AWS Config knows no recorder in the account")
            if all(gaps):
                raise NotHeld(str(gaps[0]))

    def _unrecorded(self, place: Place, held: Held) -> str | None:
        """Why a listing of all Regions lacks some; None where each is recorded."""
        account = place.account_id
        for kind in held.types:
            for region in self.regions(account) if kind not in GLOBAL else ():
                if why := self._held.gap(kind, account, region):
                    return f"{region}: {why}"
        return None

    def _direct(self, place: Place, call: Call, params: Mapping[str, Any], why: str | None) -> Iterator[Response]:
        closed = self._closed.get(place.account_id)
        if closed is not None:
            reason = why or "AWS Config does not hold this"
            raise ReadError(closed.status, f"{reason}, and the account was not entered: {closed.reason}", closed.cause)
        try:
            yield from self._inner.pages(place, call, params)
        except ReadError as error:
            told = f"{why}; read directly: {error.reason}" if why else error.reason
            raise ReadError(error.status, told, error.cause, error.code) from error

    def _aws_policies(self) -> Iterator[Mapping[str, Any]]:
        with self._lock:
            found = self._policies_of_aws
        if isinstance(found, ReadError):
            raise NotHeld(f"AWS Config does not hold policies of AWS, and they were not read elsewhere: {found.reason}")
        yield from found

    @cached_property
    def _policies_of_aws(self) -> list[Mapping[str, Any]] | ReadError:
        """Policies of AWS are the same for everybody: they are read once, where the scan starts."""
        caller = self._inner.caller()
        place = Place(caller.account_id, "global", caller.partition)
        try:
            self._inner.enter(caller.account_id)
            pages = self._inner.pages(place, AWS_POLICIES, {"Filter": ["AWSManagedPolicy"]})
            return [one for page in pages for one in page.get("Policies") or () if ":iam::aws:" in one["Arn"]]
        except ReadError as error:
            return error
