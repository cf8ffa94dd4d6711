"""What a collector is made of: the calls it declares, and the hand it reads AWS with.

A collector is one module of this package. Being in the folder is enough. It has

- `SCOPE`: `organization`, `account` or `region`;
- `CALLS`: every boto3 call it makes and the tables each call fills, in the order in which `fetch` makes them: a call
  that is never made because an earlier one failed is a gap too;
- `fetch(api)`: a generator of `(table, row)` that reads through `api` and shapes with pure functions.
  `account_id` and `region` are filled in where a row leaves them out.

Nothing that could not be read is silent: `api.list` ends early and `api.get` returns `UNREAD`, and the ledger has the
reason. A row column that hangs on an unread answer stays None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, Protocol

from scanner.config import Config
from scanner.policy import Row

Scope = Literal["organization", "account", "region"]
Response = Mapping[str, Any]


class Unread(Enum):
    """The type of `UNREAD`: AWS was asked and no usable answer came. The ledger says why."""

    UNREAD = "unread"

    def __bool__(self) -> Literal[False]:
        return False


UNREAD = Unread.UNREAD


@dataclass(frozen=True, slots=True)
class Call:
    """One declared call: boto3 client and method joined by a dot, and the tables it fills.

    `action` is the IAM action where it is not `<client>:<Operation>`; `also` are further actions that AWS asks the caller
    for when it makes the call. `hides` are members of the answer, at any depth, that no recording keeps: they may hold secrets
    or tell about people.
    """

    name: str
    fills: tuple[str, ...]
    action: str | None = None
    hides: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def client(self) -> str:
        return self.name.partition(".")[0]

    @property
    def method(self) -> str:
        return self.name.partition(".")[2]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call goes. `region` is `global` for services without Regions."""

    account_id: str
    region: str
    partition: str = "aws"


class ReadError(Exception):
    """A call that gave no usable answer. `status` and `cause` are values of the `coverage` table."""

    def __init__(self, status: str, reason: str, cause: str | None = None, code: str | None = None):
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.cause = cause
        self.code = code


class Source(Protocol):
    """Where answers come from: AWS, or a directory of recorded responses."""

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        """Yield the pages of one call. Raises ReadError."""


@dataclass(slots=True)
class Tally:
    """How one call of one unit went so far."""

    items: int = 0
    requests: int = 0
    failed: int = 0
    error: ReadError | None = None


@dataclass(slots=True)
class Api:
    """Reads for one unit of work, and remembers how every declared call went."""

    source: Source
    place: Place
    calls: Mapping[str, Call]
    tallies: dict[str, Tally] = field(default_factory=dict)
    config: Config = field(default_factory=Config)
    """What was configured, for the few collectors that ask for what matters to its owner only."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When collection began, aware: some calls ask for a stretch of time."""

    @property
    def account_id(self) -> str:
        return self.place.account_id

    @property
    def region(self) -> str:
        return self.place.region

    def arn(self, service: str, resource: str) -> str:
        """Build an ARN of this account and Region; without a Region for global services."""
        region = "" if self.region == "global" else self.region
        return f"arn:{self.place.partition}:{service}:{region}:{self.account_id}:{resource}"

    def list(
        self,
        name: str,
        key: str,
        /,
        *,
        region: str | None = None,
        absent: tuple[str, ...] = (),
        **params: Any,
    ) -> Iterator[Any]:
        """Yield the items under `key` of all pages; ends early, with the reason in the ledger, when a page fails.

        Error codes in `absent` mean that there are none. `region` overrides where the request is sent.
        """
        for page in self.pages(name, region=region, absent=absent, **params):
            items = page.get(key) or ()
            self._tally(name).items += len(items)
            yield from items

    def pages(
        self, name: str, /, *, region: str | None = None, absent: tuple[str, ...] = (), **params: Any
    ) -> Iterator[Response]:
        """Yield whole pages, for the few calls that return several lists at once; fails like `list`."""
        tally = self._tally(name)
        tally.requests += 1
        try:
            yield from self.source.pages(self._at(region), self.calls[name], params)
        except ReadError as error:
            if error.code not in absent:
                tally.failed += 1
                tally.error = tally.error or error

    def get(
        self, name: str, /, *, region: str | None = None, absent: tuple[str, ...] = (), **params: Any
    ) -> Response | Unread | None:
        """Return the one response, None when AWS says there is none (error codes in `absent`), or UNREAD."""
        tally = self._tally(name)
        tally.requests += 1
        try:
            response = next(self.source.pages(self._at(region), self.calls[name], params))
        except ReadError as error:
            if error.code in absent:
                return None
            tally.failed += 1
            tally.error = tally.error or error
            return UNREAD
        tally.items += 1
        return response

    def first(
        self, name: str, key: str, regions: Iterable[str], wanted: Callable[[Any], bool]
    ) -> tuple[str, tuple[Any, ...]] | None:
        """Ask one Region after the other until one has wanted items under `key`; returns the Region and these items.

        For what exists in one Region of an organization only, when nothing says which. Where one has it, those that
        could not be asked (closed by a service control policy, say) are no gap; where none has, each of them may hide it.
        """
        tally = self._tally(name)
        before = tally.error
        for region in regions:
            if items := tuple(item for item in self.list(name, key, region=region) if wanted(item)):
                tally.error = before
                return region, items
        return None

    def failed(self, name: str) -> bool:
        """Whether a request of this call has failed so far in this unit."""
        tally = self.tallies.get(name)  # asking is no request: a call that was never made has no tally
        return tally is not None and tally.error is not None

    def _at(self, region: str | None) -> Place:
        if region is None:
            return self.place
        return Place(self.place.account_id, region, self.place.partition)

    def _tally(self, name: str) -> Tally:
        if name not in self.calls:
            raise KeyError(f"{name} is not declared in CALLS")
        return self.tallies.setdefault(name, Tally())


class Collector(Protocol):
    """The shape of a module in this package (see the top of this file)."""

    SCOPE: Scope
    CALLS: tuple[Call, ...]

    def fetch(self, api: Api) -> Iterator[Row]: ...


def tag_rows(arn: str, tags: Any) -> Iterator[Row]:
    """Yield rows of `tags` from any of AWS's spellings: `Key`/`Value`, `TagKey`/`TagValue`, `key`/`value`, or a mapping."""
    if isinstance(tags, Mapping):
        pairs = [(key, value) for key, value in tags.items()]
    else:
        pairs = [_pair(tag) for tag in tags or ()]
    for key, value in pairs:
        yield "tags", {"arn": arn, "key": key, "value": value}


def _pair(tag: Mapping[str, str]) -> tuple[str | None, str | None]:
    for key, value in (("Key", "Value"), ("TagKey", "TagValue"), ("key", "value")):
        if key in tag:
            return tag[key], tag.get(value)
    return None, None


def tag_value(tags: Any, key: str) -> str | None:
    """Return the value of one tag, None without it."""
    return next((row["value"] for _, row in tag_rows("", tags) if row["key"] == key), None)


def moment(value: Any) -> datetime | None:
    """A time as boto3 gives it (aware datetime), or as a recording does (text or epoch seconds), as naive UTC."""
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.astimezone(UTC).replace(tzinfo=None) if parsed.tzinfo else parsed
