"""Faults a test can order: the ways in which AWS says no, too much, not at all."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scanner.demo.wire import Answer, Call, Refusal

# IAM's own words, https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
REASONS = {
    "identity": "because no identity-based policy allows the {action} action",
    "scp": "with an explicit deny in a service control policy",
    "rcp": "with an explicit deny in a resource control policy",
    "boundary": "because no permissions boundary allows the {action} action",
}
Denier = Literal["identity", "scp", "rcp", "boundary"]

NOT_IMPLEMENTED = b"""<!doctype html>
<html lang=en>
<title>500 Internal Server Error</title>
<h1>Internal Server Error</h1>
<p>The server encountered an internal error and was unable to complete your request. Either the server is
overloaded or there is an error in the application.</p>
"""


@dataclass
class Fault:
    """What happens to calls that match; None matches everything. `left` counts down, None means always."""

    answer: Callable[[Call], Answer | None]
    service: str | None
    operation: str | None
    account: str | None
    region: str | None
    left: int | None = None
    role_account: str | None = None

    def concerns(self, call: Call) -> bool:
        wanted = (self.service, self.operation, self.account, self.region)
        found = (call.service, call.operation, call.account, call.region)
        if any(want not in (None, have) for want, have in zip(wanted, found, strict=True)):
            return False
        return self.role_account is None or _account_of_role(call) == self.role_account


class Faults:
    """The faults in force. One counter per fault, safe for concurrent requests."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.released = threading.Event()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """No more faults, and calls that hang go on."""
        with self._lock:
            self._faults.clear()
        self.released.set()
        self.released = threading.Event()

    def strike(self, call: Call) -> Answer | None:
        """The answer of the first fault that matches; None when the call may go on. Raises `Refusal`."""
        fault = self._take(call)
        return fault.answer(call) if fault else None

    def _take(self, call: Call) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.left == 0 or not fault.concerns(call):
                    continue
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None


def _account_of_role(call: Call) -> str | None:
    named = re.match(r"arn:[^:]+:iam::(\d{12}):role/", str(call.params.get("RoleArn", "")))
    return named.group(1) if named else None


def denial(call: Call, by: Denier) -> Refusal:
    """AccessDenied as the service of the call spells it."""
    who = f"arn:aws:sts::{call.account}:assumed-role/OrganizationAccountAccessRole/bulkhead"
    what = call.params.get("RoleArn", "*")
    reason = REASONS[by].format(action=call.action)
    message = f"User: {who} is not authorized to perform: {call.action} on resource: {what} {reason}"
    if call.protocol == "ec2":
        return Refusal("UnauthorizedOperation", f"You are not authorized to perform this operation. {message}", 403)
    if call.protocol in ("query", "rest-xml"):
        return Refusal("AccessDenied", message, 403)
    return Refusal("AccessDeniedException", message, 403 if call.protocol == "rest-json" else 400)


def throttling(call: Call) -> Refusal:
    """Too many requests as the service of the call spells it."""
    if call.protocol == "ec2":
        return Refusal("RequestLimitExceeded", "Request limit exceeded.", 503)
    if call.protocol == "rest-xml":
        return Refusal("SlowDown", "Please reduce your request rate.", 503)
    if call.protocol == "query":
        return Refusal("Throttling", "Rate exceeded", 400)
    if call.service == "organizations":
        return Refusal("TooManyRequestsException", "AWS Organizations can't complete your request.", 400)
    return Refusal("ThrottlingException", "Rate exceeded", 429 if call.protocol == "rest-json" else 400)
