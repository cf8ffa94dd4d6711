"""One client per service and Region, shared by every account and thread."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from botocore.config import Config
from botocore.session import Session
from botocore.utils import parse_timestamp

from scanner import __version__
from scanner.aws import outcomes
from scanner.aws.guard import Guard
from scanner.aws.identity import ContextProvider, current
from scanner.aws.scheduler import Scheduler
from scanner.collect.api import Call

CONNECT_SECONDS = 10
READ_SECONDS = 30
THROTTLE_ATTEMPTS = 7
TRANSIENT_ATTEMPTS = 3
LONGEST_PAUSE = 20.0


class Clients:
    """Builds clients whose every request is guarded, scheduled, and repeated by the rules of `Politeness`."""

    def __init__(self, calls: Iterable[Call], scheduler: Scheduler, connections: int, home_region: str):
        self.home_region = home_region
        self._session = Session()
        self._session.register_component("credential_provider", ContextProvider())
        self._session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=parse_time)
        self._config = Config(
            # Rebuilding the default user agent takes a tenth of a call's time; a set one is taken as it is.
            user_agent=f"aws-bulkhead/{__version__}",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=connections,
            retries={"mode": "standard", "total_max_attempts": 1},
            parameter_validation=False,
        )
        Guard(calls).install(self._session)
        self._politeness = Politeness(scheduler)
        self._politeness.install(self._session)
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    def get(self, service: str, region: str) -> Any:
        """Return the client of a service in a Region (`global`: the home Region)."""
        where = self.home_region if region == "global" else region
        with self._lock:
            client = self._clients.get((service, where))
            if client is None:
                client = self._session.create_client(service, where, config=self._config)
                client.meta.events.register_first("request-created.s3-control", _on_this_machine)  # before it is signed
                self._politeness.names[client.meta.service_model.service_id.hyphenize()] = service
                self._clients[service, where] = client
        return client


def _on_this_machine(request: Any, **_: Any) -> None:
    """S3 Control puts the account before the host; an emulator on this machine has no such names."""
    scheme, _, rest = request.url.partition("://")
    account, _, host = rest.partition(".")
    if account.isdigit() and host.startswith(("127.0.0.1", "localhost")):
        request.url = f"{scheme}://{host}"


def parse_time(value: Any) -> datetime:
    """A time of a response. Nearly all are ISO 8601 in UTC; botocore's parser for everything takes an eighth of a call."""
    if isinstance(value, str) and value.endswith("Z"):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # another of the formats that botocore knows
    parsed: datetime = parse_timestamp(value)
    return parsed


class Politeness:
    """Waits before every request, and decides what is sent again.

    botocore's own repetition is switched off because it would send without asking the scheduler.
    """

    def __init__(self, scheduler: Scheduler):
        self._scheduler = scheduler
        self._random = random.Random()
        self.names: dict[str, str] = {}
        """Client names by what botocore calls a service in its events."""

    def install(self, session: Session) -> None:
        # Before signing, so that a long wait does not outlive the signature.
        session.get_component("event_emitter").register_first("request-created", self._wait)
        session.get_component("event_emitter").register_first("needs-retry", self._repeat)

    def _wait(self, request: Any, operation_name: str, event_name: str, **_: Any) -> None:
        where = current()
        service = self.names[event_name.split(".")[1]]
        self._scheduler.wait(where.identity.account_id, where.region, service, operation_name)

    def _repeat(
        self, response: Any, operation: Any, attempts: int, caught_exception: Exception | None, **_: Any
    ) -> float | None:
        """Return the pause before the request is sent again, or None to leave it (what botocore expects)."""
        if caught_exception is not None:
            again = isinstance(caught_exception, outcomes.TRANSIENT) and attempts < TRANSIENT_ATTEMPTS
            return self._pause(attempts) if again else None
        http, parsed = response
        where = current()
        key = (where.identity.account_id, where.region, operation.service_model.service_name, operation.name)
        if outcomes.code_of(parsed) in outcomes.THROTTLED or http.status_code == 429:
            self._scheduler.throttle(*key)
            return self._pause(attempts) if attempts < THROTTLE_ATTEMPTS else None
        if http.status_code >= 500 and "html" not in http.headers.get("content-type", "html"):
            # AWS never answers an API call in HTML: that is a proxy, or an emulator without this call.
            return self._pause(attempts) if attempts < TRANSIENT_ATTEMPTS else None
        self._scheduler.succeeded(*key)
        return None

    def _pause(self, attempts: int) -> float:
        return self._random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, 0.5 * 2.0**attempts)
