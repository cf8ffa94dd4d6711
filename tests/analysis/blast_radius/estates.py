"""Small organizations for the blast radius, written role by role and put into tables as collection would."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from scanner import analysis, policy
from scanner.analysis.blast_radius import Radius
from scanner.config import Config
from scanner.snapshot.read import connect_empty
from scanner.snapshot.tables import TABLES

M, A, B, C = "111111111111", "222222222222", "333333333333", "444444444444"
DETAILS = "iam.get_account_authorization_details"
Statement = dict[str, Any]


def arn(account: str, name: str, kind: str = "role") -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def trusts(*principals: str, **condition: Any) -> Statement:
    extra = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(principals)}, **extra}


def runs(service: str) -> Statement:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}


def may(actions: str | list[str], resources: str | list[str] = "*", **condition: Any) -> Statement:
    extra = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **extra}


def deny(actions: str | list[str], resources: str | list[str] = "*", **condition: Any) -> Statement:
    return {**may(actions, resources, **condition), "Effect": "Deny"}


EVERYTHING = may("*")


@dataclass(frozen=True)
class Person:
    """A user, group or role. `attached` are names of managed policies of its account."""

    account: str
    name: str
    kind: str = "role"
    trust: tuple[Statement, ...] = ()
    policy: tuple[Statement, ...] = ()
    attached: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary: str | None = None

    @property
    def arn(self) -> str:
        return arn(self.account, self.name, self.kind)


@dataclass(frozen=True)
class World:
    """An organization of M, A, B and C. `managed` are policies by account and name; `unread` are accounts without IAM."""

    people: tuple[Person, ...]
    managed: Mapping[tuple[str, str], tuple[Statement, ...]] = field(default_factory=dict)
    scps: Mapping[str, tuple[Statement, ...]] = field(default_factory=dict)
    delegates: tuple[tuple[str, str | None], ...] = ()
    unread: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    accounts: tuple[str, ...] = (M, A, B, C)
    running: tuple[Person, ...] = ()

    def adding(self, *people: Person) -> World:
        return replace(self, people=(*self.people, *people))


class Stage:
    """One connection on which one world after the other is set up."""

    def __init__(self) -> None:
        self.connection = connect_empty()
        self.connection.execute("SET threads = 1")
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def radius(self, world: World, shuffled: int | None = None) -> Radius:
        self.set(world, shuffled)
        return Radius.load(self.connection, Config())

    def set(self, world: World, shuffled: int | None = None) -> None:
        for table in self._rows:
            self.connection.execute(f"DELETE FROM {table}")
        self._rows.clear()
        self._organization(world)
        for person in world.people:
            if person.account not in world.unread:
                self._person(person)
        for (account, name), statements in world.managed.items():
            if account not in world.unread:
                self._document(account, arn(account, name, "policy"), "managed", name, statements)
        self._ledger(world)
        for table, rows in self._rows.items():
            if shuffled is not None:
                random.Random(shuffled).shuffle(rows)
            names = TABLES[table].names
            marks = ", ".join([f"({', '.join('?' * len(names))})"] * len(rows))
            columns = ", ".join(f'"{name}"' for name in names)
            values = [row.get(name) for row in rows for name in names]
            self.connection.execute(f"INSERT INTO {table} ({columns}) VALUES {marks}", values)
        self.connection.execute("DROP TABLE IF EXISTS unread")
        analysis.run_all(self.connection, Config(), wanted=["unread"])

    def _row(self, table: str, **values: Any) -> None:
        self._rows.setdefault(table, []).append(values)

    def _organization(self, world: World) -> None:
        if "organizations.describe_organization" in world.refused:
            return
        self._row("organizations", account_id=M, organization_id="o-1", management_account_id=M, feature_set="ALL")
        self._row("organizational_units", unit_id="r-1", path="Root", is_root=True)
        self._row("policy_types", root_id="r-1", type="SERVICE_CONTROL_POLICY", status="ENABLED")
        for account in world.accounts:
            self._row("accounts", account_id=account, is_member=True, status="ACTIVE")
            for distance, ancestor in enumerate((account, "r-1")):
                self._row("unit_ancestors", target_id=account, ancestor_id=ancestor, distance=distance)
        if "organizations.list_delegated_administrators" not in world.refused:
            for account, service in world.delegates:
                self._row("delegated_administrators", delegate_account_id=account, service_principal=service)
        self._scp("full", (EVERYTHING,), ("r-1", *world.accounts))
        for account, statements in world.scps.items():
            self._scp(f"of-{account}", statements, (account,))

    def _scp(self, name: str, statements: Sequence[Statement], targets: Sequence[str]) -> None:
        content = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        kind = "SERVICE_CONTROL_POLICY"
        self._row("organization_policies", policy_id=f"p-{name}", name=name, type=kind, content=content)
        for target in targets:
            self._row("policy_targets", policy_id=f"p-{name}", target_id=target)

    def _person(self, person: Person) -> None:
        boundary = arn(person.account, person.boundary, "policy") if person.boundary else None
        self._row("principals", account_id=person.account, region="global", arn=person.arn, type=person.kind,
                  name=person.name, unique_id=f"ID{person.name}", boundary_arn=boundary, service_linked=False)  # fmt: skip
        if person.kind == "role":
            self._document(person.account, person.arn, "trust", "", person.trust)
        if person.policy:
            self._document(person.account, person.arn, "inline", "own", person.policy)
        for name in person.attached:
            policy_arn = arn(person.account, name, "policy")
            self._row("policy_attachments", account_id=person.account, principal_arn=person.arn, policy_arn=policy_arn)
        for name in person.groups:
            self._row("group_members", account_id=person.account, user_arn=person.arn, group_name=name)

    def _document(self, account: str, holder: str, kind: str, name: str, statements: Sequence[Statement]) -> None:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        for table, row in policy.rows(holder, kind, name, document):
            self._row(table, account_id=account, region="global", **row)

    def _ledger(self, world: World) -> None:
        for call, table in (
            (DETAILS, "principals"),
            (DETAILS, "policy_documents"),
            ("organizations.describe_organization", "organizations"),
            ("organizations.describe_organization", "accounts"),
            ("organizations.list_delegated_administrators", "delegated_administrators"),
        ):
            self._row("call_tables", collector=call.split(".")[0], call=call, table_name=table)
        for account in world.accounts:
            status = "access_denied" if account in world.unread else "collected"
            self._row("coverage", account_id=account, region="global", collector="iam", call=DETAILS, status=status)
        for call in sorted(world.refused):
            self._row("coverage", account_id=M, region="global", collector="organizations", call=call, status="access_denied")  # fmt: skip
        for number, person in enumerate(world.running):
            profile = f"arn:aws:iam::{person.account}:instance-profile/{person.name}"
            self._row("instances", account_id=person.account, arn=f"i-{number}", instance_profile_arn=profile)
            self._row("instance_profiles", account_id=person.account, arn=profile, role_arn=person.arn)
