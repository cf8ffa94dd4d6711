"""A small organization in tables, made and remade for property tests.

Accounts: M manages, A and B are members; B lies in a unit. `u` and `r` of A ask; `t` of A and `x` of B are asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from scanner import analysis
from scanner.analysis import unread
from scanner.analysis.trust import Answer, Trust
from scanner.snapshot.read import connect_empty

M, A, B = "111111111111", "222222222222", "333333333333"
USER, ROLE, NEAR, FAR = (f"arn:aws:iam::{A}:{name}" for name in ("user/u", "role/r", "role/t", "role/x"))
FAR = FAR.replace(A, B)
ROOT, UNIT = "r-1", "ou-1"
SOURCES, TARGETS = (USER, ROLE, f"arn:aws:sts::{A}:assumed-role/r/s", "444444444444"), (NEAR, FAR)
LAYERS = ("trust", "inline", "managed", "group", "boundary", "scp-root", "scp-account", "rcp")
DETAILS = "iam.get_account_authorization_details"
NOBODY = '{"Version":"2012-10-17","Statement":[]}'
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class World:
    """Statements by layer, and the gaps: layers or tables that were not read."""

    statements: dict[str, tuple[dict[str, Any], ...]]
    bounded: bool = True
    gaps: frozenset[str] = field(default=frozenset())

    def adding(self, layer: str, statement: dict[str, Any]) -> World:
        return replace(self, statements={**self.statements, layer: (*self.statements[layer], statement)})

    def text(self, layer: str) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": list(self.statements[layer])})


class Stage:
    """One connection on which one world after the other is set up."""

    def __init__(self) -> None:
        self.connection = connect_empty()
        analysis.create(self.connection, unread.TABLES)
        self.connection.execute("SET threads = 1")
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def ask(self, world: World, source: str, role: str) -> Answer:
        return self.trust(world).ask(source, role)

    def trust(self, world: World) -> Trust:
        for table in self._rows:
            self.connection.execute(f"DELETE FROM {table}")
        self._rows.clear()
        self._organization(world)
        self._iam(world)
        for table, rows in self._rows.items():
            columns = sorted({column for row in rows for column in row})
            marks = ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * len(rows))
            values = [row.get(column) for row in rows for column in columns]
            self.connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks}", values)
        return Trust.load(self.connection)

    def _row(self, table: str, **values: Any) -> None:
        self._rows.setdefault(table, []).append(values)

    def _gap(self, account: str, collector: str, call: str, *tables: str) -> None:
        for table in tables:
            row = {"account_id": account, "region": "global", "table_name": table, "collector": collector}
            self._row("unread", **row, call=f"{collector}.{call}", status="access_denied", selected=True)

    def _organization(self, world: World) -> None:
        if "organizations" in world.gaps:
            tables = ("organizations", "accounts", "unit_ancestors", "policy_types", "policy_targets")
            self._gap(M, "organizations", "describe_organization", *tables, "organization_policies")
            return
        self._row("organizations", organization_id="o-1", management_account_id=M, feature_set="ALL")
        for account in (M, A, B):
            self._row("accounts", account_id=account, is_member=True)
        chains = {M: (M, ROOT), A: (A, ROOT), B: (B, UNIT, ROOT)}
        if "tree" in world.gaps:
            chains = {account: (account,) for account in chains}
            self._gap(M, "organizations", "list_accounts_for_parent", "unit_ancestors")
        for target, chain in chains.items():
            for distance, ancestor in enumerate(chain):
                self._row("unit_ancestors", target_id=target, ancestor_id=ancestor, distance=distance)
        self._row("organizational_units", unit_id=ROOT, path="Root", is_root=True)
        self._row("organizational_units", unit_id=UNIT, path="Root / unit", is_root=False)
        self._policies(world)

    def _policies(self, world: World) -> None:
        if "types" in world.gaps:
            self._gap(M, "organizations", "list_roots", "policy_types")
        else:
            for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
                self._row("policy_types", root_id=ROOT, type=kind, status="ENABLED")
        if "targets" in world.gaps:
            self._gap(M, "organizations", "list_targets_for_policy", "policy_targets")
        for layer, targets in {"scp-root": (ROOT, UNIT), "scp-account": (M, A, B), "rcp": (ROOT,)}.items():
            kind = "RESOURCE_CONTROL_POLICY" if layer == "rcp" else "SERVICE_CONTROL_POLICY"
            content = None if layer in world.gaps else world.text(layer)
            self._row("organization_policies", policy_id=f"p-{layer}", name=layer, type=kind, content=content)
            for target in targets if "targets" not in world.gaps else ():
                self._row("policy_targets", policy_id=f"p-{layer}", target_id=target)

    def _iam(self, world: World) -> None:
        if "iam" in world.gaps:
            self._gap(A, "iam", "get_account_authorization_details", "principals", "policy_documents")
        boundary = f"arn:aws:iam::{A}:policy/boundary" if world.bounded else None
        for account, arn, kind, name in ((A, USER, "user", "u"), (A, ROLE, "role", "r"), (A, NEAR, "role", "t")):
            if "iam" not in world.gaps:
                bound = boundary if arn != NEAR else None
                self._row("principals", account_id=account, arn=arn, type=kind, name=name, unique_id=f"ID{name}",
                          boundary_arn=bound, service_linked=False)  # fmt: skip
                self._documents(world, arn)
        self._row("principals", account_id=B, arn=FAR, type="role", name="x", service_linked=False)
        if "trust" not in world.gaps:
            self._document(B, FAR, "trust", "", world.text("trust"))
        if "iam" not in world.gaps:
            self._row("principals", account_id=A, arn=f"arn:aws:iam::{A}:group/g", type="group", name="g")
            self._row("group_members", account_id=A, user_arn=USER, group_name="g")
            self._document(A, f"arn:aws:iam::{A}:group/g", "inline", "g", world.text("group"))
            for layer in {"managed", "boundary"} - world.gaps:
                self._document(A, f"arn:aws:iam::{A}:policy/{layer}", "managed", layer, world.text(layer))

    def _documents(self, world: World, arn: str) -> None:
        if arn == NEAR:
            if "trust" not in world.gaps:
                self._document(A, arn, "trust", "", world.text("trust"))
            return
        if arn == ROLE:
            self._document(A, arn, "trust", "", NOBODY)
        self._document(A, arn, "inline", "p", world.text("inline"))
        self._row("policy_attachments", account_id=A, principal_arn=arn, policy_arn=f"arn:aws:iam::{A}:policy/managed")

    def _document(self, account: str, holder: str, kind: str, name: str, text: str) -> None:
        row = {"account_id": account, "holder_arn": holder, "kind": kind, "name": name}
        self._row("policy_documents", **row, document=text, readable=True)
