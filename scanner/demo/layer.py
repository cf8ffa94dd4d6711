"""The thin layer in front of moto: counts every call, commits ordered faults, answers what moto lacks.

`answers/<service>.py` holds one function per call, named after boto3's method; being there is enough. A function
gets the call and the store, and returns the answer with AWS's member names, or raises `Refusal`.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from scanner.demo import answers
from scanner.demo.answers.nothing import NOTHING
from scanner.demo.faults import NOT_IMPLEMENTED, Denier, Fault, Faults, denial, throttling
from scanner.demo.store import RecoveryPoint, Store
from scanner.demo.wire import Answer, Call, Moto, Refusal, read_call, run, send, write_answer, write_refusal

Answering = Callable[[Call, Store], dict[str, Any]]


class Layer:
    """A WSGI application around moto's.

    `calls` counts (account, service, operation); `failures` keeps the traces of what moto could not answer.
    """

    def __init__(self, moto: Moto) -> None:
        self.moto = moto
        self.store = Store()
        self.faults = Faults()
        self.calls: Counter[tuple[str, str, str]] = Counter()
        self.failures: list[str] = []
        self._lock = threading.Lock()
        self._answers = _load_answers()

    @property
    def recovery_points(self) -> list[RecoveryPoint]:
        """The recovery points the layer lists; append to it."""
        return self.store.recovery_points

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        call = read_call(environ, self.moto)
        if call is None:
            return send(run(self.moto, environ), start_response)
        with self._lock:
            self.calls[call.account, call.service, call.operation] += 1
        return send(self._answer(call), start_response)

    def _answer(self, call: Call) -> Answer:
        try:
            struck = self.faults.strike(call)
            if struck is not None:
                return struck
            answering = self._answers.get(call.service, {}).get(call.operation)
            if answering is not None:
                return write_answer(call, answering(call, self.store))
            nothing = NOTHING.get(call.service, {}).get(call.operation)
            if nothing is not None:
                return write_answer(call, nothing)
        except Refusal as refusal:
            return write_refusal(call, refusal)
        return call.forward()

    def deny(
        self,
        *,
        service: str | None = None,
        operation: str | None = None,
        account: str | None = None,
        region: str | None = None,
        by: Denier = "identity",
    ) -> None:
        """Matching calls are denied, in the words of an identity policy, SCP, RCP or permissions boundary."""

        def refuse(call: Call) -> Answer | None:
            raise denial(call, by)

        self.faults.add(Fault(refuse, service, operation, account, region))

    def deny_assume_role(self, account: str, by: Denier = "identity") -> None:
        """Nobody can assume a role in this account any more."""

        def refuse(call: Call) -> Answer | None:
            raise denial(call, by)

        self.faults.add(Fault(refuse, "sts", "assume_role", None, None, role_account=account))

    def throttle(
        self,
        *,
        times: int | None = 1,
        service: str | None = None,
        operation: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> None:
        """The next `times` matching calls (all of them when None) are throttled."""

        def refuse(call: Call) -> Answer | None:
            raise throttling(call)

        self.faults.add(Fault(refuse, service, operation, account, region, left=times))

    def unimplemented(
        self,
        *,
        service: str | None = None,
        operation: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> None:
        """Matching calls get the HTML page with status 500 that moto sends for what it lacks."""
        page = Answer(500, [("Content-Type", "text/html; charset=utf-8")], NOT_IMPLEMENTED)
        self.faults.add(Fault(lambda call: page, service, operation, account, region))

    def hang(
        self,
        *,
        seconds: float = 60.0,
        service: str | None = None,
        operation: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> None:
        """Matching calls are answered only after `seconds`, or when the faults are cleared."""
        released = self.faults.released

        def wait(call: Call) -> Answer | None:
            released.wait(seconds)
            return None

        self.faults.add(Fault(wait, service, operation, account, region))

    def clear_faults(self) -> None:
        """Everything works again."""
        self.faults.clear()

    def answered(self) -> dict[str, list[str]]:
        """The calls answered here rather than by moto, by service."""
        services = sorted({*self._answers, *NOTHING})
        return {service: sorted({*self._answers.get(service, {}), *NOTHING.get(service, {})}) for service in services}


def _load_answers() -> dict[str, dict[str, Answering]]:
    modules = [
        importlib.import_module(f"{answers.__name__}.{found.name}") for found in pkgutil.iter_modules(answers.__path__)
    ]
    return {module.SERVICE: _public_functions(module) for module in modules if hasattr(module, "SERVICE")}


def _public_functions(module: ModuleType) -> dict[str, Answering]:
    return {
        name: value
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "") == module.__name__
        and not isinstance(value, type)
    }
