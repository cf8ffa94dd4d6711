from __future__ import annotations

import threading

import pytest

from scanner.aws.scheduler import LIMITS, OTHER, SLOWEST, Bucket, Limit, Scheduler
from scanner.collect.estate import Sent


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scheduler(clock: Clock) -> Scheduler:
    return Scheduler(0.25, clock, clock.sleep)


def test_a_bucket_lends_and_says_how_long_to_wait() -> None:
    bucket = Bucket(3, 2)
    assert [bucket.reserve(1000) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert bucket.reserve(1001) == pytest.approx(0.5)  # 2 of 3 owed tokens came in
    assert bucket.reserve(1100) == 0
    assert bucket.tokens == 2  # never more than it holds


def test_a_throttle_empties_and_halves_and_success_wins_back_slowly() -> None:
    bucket = Bucket(10, 8)
    bucket.slow_down(1000)
    assert (bucket.rate, bucket.reserve(1000)) == (4, 0.25)
    for _ in range(20):
        bucket.slow_down(1000)
    assert bucket.rate == SLOWEST
    bucket.speed_up()
    assert SLOWEST < bucket.rate < 2 * SLOWEST
    for _ in range(200):
        bucket.speed_up()
    assert bucket.rate == 8


def test_a_throttle_keeps_what_is_owed() -> None:
    bucket = Bucket(1, 1)
    for _ in range(4):
        bucket.reserve(1000)
    bucket.slow_down(1000)
    assert bucket.reserve(1000) == 8  # 4 owed tokens at half a token a second


def test_a_share_of_the_documented_limit_is_used(scheduler: Scheduler, clock: Clock) -> None:
    limit = LIMITS["ec2"]
    assert limit == Limit(100, 20)
    for _ in range(25):
        scheduler.wait("1", "eu-west-1", "ec2", "DescribeVpcs")
    assert clock.slept == []
    for _ in range(10):
        scheduler.wait("1", "eu-west-1", "ec2", "DescribeVpcs")
    assert sum(clock.slept) == pytest.approx(10 / (20 * 0.25))


def test_ec2_has_a_bucket_an_api_and_others_one_a_service(scheduler: Scheduler, clock: Clock) -> None:
    for operation in ("DescribeVpcs", "DescribeSubnets"):
        for _ in range(25):
            scheduler.wait("1", "eu-west-1", "ec2", operation)
    assert clock.slept == []
    free = int(OTHER.capacity * 0.25)
    for number in range(free):
        scheduler.wait("1", "eu-west-1", "kms", ("ListKeys", "DescribeKey")[number % 2])
    assert clock.slept == []
    scheduler.wait("1", "eu-west-1", "kms", "ListAliases")
    assert clock.slept == [pytest.approx(1 / (OTHER.rate * 0.25))]


def test_accounts_and_regions_do_not_wait_for_each_other(scheduler: Scheduler, clock: Clock) -> None:
    scheduler.throttle("1", "eu-west-1", "kms", "ListKeys")
    scheduler.wait("2", "eu-west-1", "kms", "ListKeys")
    scheduler.wait("1", "us-east-1", "kms", "ListKeys")
    assert clock.slept == []
    scheduler.wait("1", "eu-west-1", "kms", "DescribeKey")
    assert clock.slept == [pytest.approx(1 / (OTHER.rate * 0.25 / 2))]


def test_a_drained_account_is_counted_and_forgotten(scheduler: Scheduler, clock: Clock) -> None:
    for _ in range(3):
        scheduler.wait("1", "eu-west-1", "kms", "ListKeys")
    scheduler.wait("1", "eu-west-1", "s3", "ListBuckets")
    scheduler.wait("2", "eu-west-1", "kms", "ListKeys")
    scheduler.throttle("1", "eu-west-1", "kms", "ListKeys")
    assert scheduler.drain("1") == [Sent("1", "kms", 3, 1), Sent("1", "s3", 1, 0)]
    assert scheduler.drain("1") == []
    scheduler.wait("1", "eu-west-1", "kms", "ListKeys")  # a new bucket, full again
    assert clock.slept == []
    assert scheduler.drain("2") == [Sent("2", "kms", 1, 0)]
    assert not scheduler.throttled


def test_threads_share_one_budget() -> None:
    slept: list[float] = []
    scheduler = Scheduler(0.25, lambda: 1000.0, slept.append)

    def work() -> None:
        for _ in range(50):
            scheduler.wait("1", "eu-west-1", "kms", "ListKeys")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scheduler.requests["1", "kms"] == 400
    # Time stands still: each request beyond the burst waits one token longer than the one before it.
    rate, free = OTHER.rate * 0.25, int(OTHER.capacity * 0.25)
    assert sorted(slept) == pytest.approx([n / rate for n in range(1, 400 - free + 1)])
