"""Rows of the table `network_paths`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from scanner.analysis.connections.doubts import Doubt
from scanner.analysis.connections.paths import Path
from scanner.analysis.network.groups import Ask


class Row(NamedTuple):
    """One row, in the order of the table's columns."""

    account_id: str
    region: str
    source_arn: str | None
    source_account_id: str | None
    source_workload: str | None
    source_environment: str | None
    members: int
    target_arn: str
    target_account_id: str
    target_workload: str | None
    target_environment: str | None
    target_kind: str
    protocol: str
    port: int | None
    verdict: str
    via: str | None
    via_id: str | None
    admitted_by: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What a row says of its target."""

    arn: str
    account: str
    region: str
    workload: str | None
    environment: str | None
    kind: str


class Writer:
    """Makes rows; knows what every database is for."""

    def __init__(self, connection: Any):
        sql = "SELECT arn, min(workload), min(environment) FROM resource_facts WHERE kind = 'database' GROUP BY arn"
        self._facts = {
            arn: (workload, environment) for arn, workload, environment in connection.execute(sql).fetchall()
        }

    def database(self, arn: str, account: str, region: str) -> Target:
        return Target(arn, account, region, *self._facts.get(arn, (None, None)), "database")

    def rows(self, target: Target, ask: Ask, path: Path) -> Iterator[Row]:
        """One row for all members of a class that are for the same."""
        found, account = path.finding, path.client.host.account
        for one in path.facts:
            yield Row(
                target.account, target.region, one.arn, account, one.workload, one.environment, one.members,
                target.arn, target.account, target.workload, target.environment, target.kind,
                ask.protocol, ask.port, str(found.verdict), *path.via, path.admitted_by, found.reasons,
            )  # fmt: skip

    def doubt(self, target: Target, protocol: str, port: int | None, doubt: Doubt) -> Row:
        """Who it is, is not known: the row says whose answer is missing."""
        head = (target.account, target.region, None, doubt.account, None, None, 0, target.arn, target.account)
        how = (target.kind, protocol, port, "unknown", doubt.via, doubt.via_id, (), (doubt.reason,))
        return Row(*head, target.workload, target.environment, *how)

    def internet(self, target: Target, ask: Ask, verdict: str, admitted: tuple[str, ...], why: tuple[str, ...]) -> Row:
        head = (target.account, target.region, "internet", None, None, None, 1, target.arn, target.account)
        how = (target.kind, ask.protocol, ask.port, verdict, "internet", None, admitted, why)
        return Row(*head, target.workload, target.environment, *how)
