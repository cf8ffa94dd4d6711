"""Importing findings into Security Hub: the only thing this scanner ever writes to AWS, and only when it is asked to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from scanner import __version__
from scanner.aws import outcomes
from scanner.aws.guard import Guard
from scanner.aws.live import base_credentials, entry_problem
from scanner.collect.estate import Caller
from scanner.errors import AccessError, DeliveryError, UsageError

MOST = 100
"""Findings a request may hold (API reference of BatchImportFindings)."""
LARGEST = 4_000_000
"""Bytes of them; the service refuses requests of 6 MB."""
_OF_A_BATCH = frozenset({"InvalidInputException", "ValidationException", "RequestEntityTooLargeException", "413"})
"""What may be the fault of one finding in the request."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """A finding, by its ASFF `Id`, that Security Hub did not take."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many findings are in, and every one that is not."""

    count: int
    failures: tuple[Failure, ...]


class SecurityHub:
    """Security Hub of the account and Region that a profile names. Raises UsageError, AccessError."""

    def __init__(self, profile: str | None) -> None:
        self._session = Session(profile=profile)
        base_credentials(self._session, profile)
        self.region: str = self._session.get_config_variable("region") or ""
        if not self.region:
            raise UsageError(
                "Security Hub is a service of a Region: set AWS_DEFAULT_REGION, or `region` in the profile"
            )
        Guard.importing().install(self._session)

    @cached_property
    def caller(self) -> Caller:
        """The account that imports. Raises AccessError."""
        try:
            answer = self._client("sts", attempts=2).get_caller_identity()
        except outcomes.FAILURES as error:
            raise AccessError(entry_problem(error)) from error
        return Caller(answer["Account"], answer["Arn"].split(":")[1], answer["Arn"])

    def send(self, records: Iterable[Record]) -> Imported:
        """Import findings (ASFF), one request after the other.

        What Security Hub refuses is listed. Raises DeliveryError where it takes nothing at all: it is off, or access is denied.
        """
        client = self._client("securityhub", attempts=6)
        count, failures = 0, list[Failure]()
        for batch in batches(records):
            for imported in _import(client.batch_import_findings, batch, self.region, count):
                count += imported.count
                failures += imported.failures
        return Imported(count, tuple(failures))

    def _client(self, service: str, attempts: int) -> Any:
        retries = {"mode": "standard", "total_max_attempts": attempts}
        config = Config(user_agent=f"aws-bulkhead/{__version__}", retries=retries)
        return self._session.create_client(service, self.region, config=config)


def batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield records in their order, as many at a time as one request may hold."""
    batch: list[Record] = []
    size = 0
    for record in records:
        bytes_of_it = len(json.dumps(record))
        if batch and (len(batch) == MOST or size + bytes_of_it > LARGEST):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += bytes_of_it
    if batch:
        yield batch


def _import(call: Callable[..., Any], batch: Sequence[Record], region: str, before: int) -> Iterator[Imported]:
    """Import a batch; where the whole request is refused for what may be in one finding, its halves."""
    try:
        answer = call(Findings=batch)
    except outcomes.FAILURES as error:
        code = outcomes.code_of(error.response) if isinstance(error, ClientError) else type(error).__name__
        reason = outcomes.from_exception(error, region, "securityhub").reason
        if code not in _OF_A_BATCH:
            raise DeliveryError(
                f"Security Hub in {region} took {before:,} findings and no more ({reason}); check that it is on there and that "
                "securityhub:BatchImportFindings is allowed, then run `bulkhead evaluate --push-security-hub` again"
            ) from error
        if len(batch) == 1:
            yield Imported(0, (Failure(str(batch[0]["Id"]), code, reason),))
            return
        half = len(batch) // 2
        yield from _import(call, batch[:half], region, before)
        yield from _import(call, batch[half:], region, before)
        return
    refused = answer.get("FailedFindings", [])
    failures = (Failure(one["Id"], one["ErrorCode"], one["ErrorMessage"]) for one in refused)
    yield Imported(answer["SuccessCount"], tuple(failures))
