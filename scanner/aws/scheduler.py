"""Politeness: a token bucket where AWS keeps one, filled at a share of the documented rate.

EC2 keeps a bucket per account, Region and API: 100 tokens refilled at 20 per second for reads that paginate or filter, 50
and 10 for others (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html). Other services do not
publish one in general; the figures here are cautious and hold per account, Region and service.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scanner.collect.estate import Sent

DEFAULT_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Limit:
    """Tokens a bucket holds, and how many it gains a second."""

    capacity: float
    rate: float


PER_API = frozenset({"ec2"})
LIMITS: Mapping[str, Limit] = {
    "ec2": Limit(100, 20),
    "s3": Limit(400, 200),
    "iam": Limit(60, 20),
    "sts": Limit(600, 600),
    # All APIs together have 20 a second: https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
    "sso-admin": Limit(20, 20),
    "identitystore": Limit(20, 20),
    # https://docs.aws.amazon.com/accounts/latest/reference/quotas.html: 10 a second, 15 at once.
    "account": Limit(15, 10),
    "budgets": Limit(20, 10),
    "ce": Limit(10, 5),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html: ListMetrics 25 a second.
    "cloudwatch": Limit(50, 25),
    "service-quotas": Limit(20, 10),
}
OTHER = Limit(80, 40)
UNPAGINATED_EC2 = Limit(50, 10)
SLOWEST = 0.2
"""Requests a second a bucket never falls below, however often it is throttled."""


@dataclass(slots=True)
class Bucket:
    """A token bucket that lends: `reserve` answers how long to wait before sending."""

    capacity: float
    full_rate: float
    rate: float = field(init=False)
    tokens: float = field(init=False)
    filled_at: float = 0.0

    def __post_init__(self) -> None:
        self.rate = self.full_rate
        self.tokens = self.capacity

    def reserve(self, now: float) -> float:
        """Take one token; returns the seconds until it is there."""
        self._fill(now)
        self.tokens -= 1
        return max(0.0, -self.tokens / self.rate)

    def slow_down(self, now: float) -> None:
        """AWS throttled: empty the bucket and halve its rate."""
        self._fill(now)
        self.tokens = min(self.tokens, 0.0)
        self.rate = max(SLOWEST, self.rate / 2)

    def speed_up(self) -> None:
        """A request went well: win back a little of the full rate."""
        self.rate = min(self.full_rate, self.rate * 1.05)

    def _fill(self, now: float) -> None:
        if self.filled_at:
            self.tokens = min(self.capacity, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now


class Scheduler:
    """Decides when a request may go, and counts requests and throttles per account and service."""

    def __init__(
        self,
        share: float = DEFAULT_SHARE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._share = share
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, ...], Bucket] = {}
        self.requests: Counter[tuple[str, str]] = Counter()
        self.throttled: Counter[tuple[str, str]] = Counter()

    def wait(self, account: str, region: str, service: str, operation: str, paginated: bool = True) -> None:
        """Block until one request may be sent, and count it."""
        with self._lock:
            delay = self._bucket(account, region, service, operation, paginated).reserve(self._clock())
            self.requests[account, service] += 1
        if delay > 0:
            self._sleep(delay)

    def succeeded(self, account: str, region: str, service: str, operation: str) -> None:
        with self._lock:
            self._bucket(account, region, service, operation, True).speed_up()

    def throttle(self, account: str, region: str, service: str, operation: str) -> None:
        """Note that AWS throttled: everyone who shares the bucket slows down."""
        with self._lock:
            self._bucket(account, region, service, operation, True).slow_down(self._clock())
            self.throttled[account, service] += 1

    def _bucket(self, account: str, region: str, service: str, operation: str, paginated: bool) -> Bucket:
        key = (account, region, service, operation) if service in PER_API else (account, region, service)
        bucket = self._buckets.get(key)
        if bucket is None:
            limit = LIMITS.get(service, OTHER)
            if service == "ec2" and not paginated:
                limit = UNPAGINATED_EC2
            bucket = Bucket(max(1.0, limit.capacity * self._share), limit.rate * self._share)
            self._buckets[key] = bucket
        return bucket

    def drain(self, account: str | None = None) -> list[Sent]:
        """Forget an account that is done (None: all), so that memory does not grow with accounts; returns what was sent."""
        with self._lock:
            for key in [key for key in self._buckets if account in (None, key[0])]:
                del self._buckets[key]
            sent = sorted((owner, service) for owner, service in self.requests if account in (None, owner))
            return [
                Sent(account, service, self.requests.pop((account, service)), self.throttled.pop((account, service), 0))
                for account, service in sent
            ]
