"""All plans together: their resources placed and shaped, as rows that were and rows that will be."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scanner.collect import registry as collectors
from scanner.errors import GateError
from scanner.gate import strangers
from scanner.gate.identity import identity
from scanner.gate.plan import Plan
from scanner.gate.planned import Planned, Unread
from scanner.gate.shape import PATCH, registry, rows
from scanner.policy import Row
from scanner.snapshot.tables import TABLES

ACCOUNT_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")
IRRELEVANT = ("terraform_data", "null_resource", "time_", "random_", "local_", "tls_", "archive_", "AWS::CDK::Metadata")
"""Resources that are no resources of AWS."""
SHORTEST = 7
"""Names shorter than that stand in texts by chance."""


@dataclass
class Rows:
    """Rows by table. `patches` change columns of rows that are there; each comes with the name of its resource."""

    plain: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    patches: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, made: Iterable[Row], label: str = "") -> None:
        for table, row in made:
            if table.startswith(PATCH):
                self.patches[table.removeprefix(PATCH)].append((label, row))
            else:
                self.plain[table].append(row)

    def tables(self) -> set[str]:
        return {*self.plain, *self.patches}


@dataclass
class Changes:
    """What plans change.

    `state` are rows of what exists as the plans saw it, `gone` rows of what the change takes away or makes anew, `come` rows of
    what it makes. `subjects` lead from every id, ARN and name a row of it carries to the resource; `unread` are values not known
    yet, `unplaced` resources whose account is not known, `strangers` counts the types nobody here understands.
    """

    plans: tuple[Plan, ...]
    state: Rows = field(default_factory=Rows)
    gone: Rows = field(default_factory=Rows)
    come: Rows = field(default_factory=Rows)
    subjects: dict[str, Planned] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    unplaced: list[Planned] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)
    understood: int = 0
    looked_at: int = 0
    touched: int = 0
    deleted: list[Planned] = field(default_factory=list)
    """What goes away, what is made anew among it."""
    fed: dict[Planned, frozenset[str]] = field(default_factory=dict)
    """Tables that each resource has rows in."""
    bears: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    """By account, the Regions and tables in which rows that name the account come, go or change."""
    needs: dict[str, frozenset[str]] = field(default_factory=dict)
    """Tables that the verdict of each rule hangs on."""
    made: dict[tuple[str, str], Planned] = field(default_factory=dict)
    """What is new, by type and ARN."""
    twice: list[str] = field(default_factory=list)
    """What two resources make, a sentence each: AWS takes one of them only."""
    several: set[str] = field(default_factory=set)
    """Names that more than one touched resource stands behind."""
    hidden: list[str] = field(default_factory=list)
    """What stands for resources that no plan shows, a sentence each."""
    _likely: dict[str, Planned | None] = field(default_factory=dict)

    def bear_on(self, rule_id: str, account: str | None, region: str | None) -> bool:
        """Whether a verdict about something in this account and Region hangs on a table the change has rows in there."""
        tables = self.needs.get(rule_id, frozenset())
        return any(
            table in tables and (where == "global" or region in (None, "*", "global", where))
            for where, table in self.bears.get(account or "", ())
        )

    def named(self, text: str) -> Planned | None:
        """The touched resource with the longest name that stands in a text."""
        parts = {text[place : place + SHORTEST] for place in range(len(text) - SHORTEST + 1)}
        found = [one for part in parts for one in self._endings.get(part, ()) if one[0] in text]
        return max(found, key=lambda one: (len(one[0]), one[1].label))[1] if found else None

    @cached_property
    def _endings(self) -> Mapping[str, list[tuple[str, Planned]]]:
        """Names of touched resources, by how they end: a text has few ends, and there may be many thousand names."""
        found: dict[str, list[tuple[str, Planned]]] = defaultdict(list)
        for name, resource in self.subjects.items():
            if resource.touched and len(name) >= SHORTEST:
                found[name[-SHORTEST:]].append((name, resource))
        return found

    def likely(self, rule_id: str) -> Planned | None:
        """The only touched resource that feeds a rule. What is deleted takes along what lies in it: that comes before what is made."""
        if rule_id not in self._likely:
            wanted = self.needs.get(rule_id, frozenset())
            feeding = [one for one, tables in self.fed.items() if one.touched and tables & wanted]
            falling = [one for one in feeding if one.deed == "delete" and falls_with(one) & wanted]
            found = falling or feeding
            self._likely[rule_id] = found[0] if len(found) == 1 else None
        return self._likely[rule_id]

    @property
    def accounts(self) -> set[str]:
        """Accounts that the change touches."""
        return {one.account_id for one in self.subjects.values() if one.account_id and one.touched}

    @property
    def new_accounts(self) -> dict[str, str]:
        """Accounts that the change makes, with the address of each."""
        return {
            identity(one): one.label
            for plan in self.plans
            for one in plan.resources
            if one.type == "aws_organizations_account" and one.deed == "create" and not one.unplaced
        }

    @property
    def closed_accounts(self) -> frozenset[str]:
        """Accounts that the change closes, or lets go from the organization."""
        return frozenset(
            identity(one) for one in self.deleted if one.type == "aws_organizations_account" and one.deed == "delete"
        )

    @property
    def lost(self) -> list[str]:
        return [f"{plan.path}: {text}" for plan in self.plans for text in plan.lost]


def gather(plans: Iterable[Plan], with_path: Mapping[str, str] = MappingProxyType({})) -> Changes:
    """Shape every resource of every plan. They have to be placed. `with_path` is what `Planned` says of it."""
    found = Changes(tuple(plans))
    _label(found.plans)
    found.plans = tuple(one.unsettled.settle(one, found.plans) if one.unsettled else one for one in found.plans)
    for plan in found.plans:
        for resource in plan.resources:
            resource.with_path = with_path
            if not resource.type.startswith(IRRELEVANT):
                _take(found, plan, resource)
    found.unread = list(dict.fromkeys(found.unread))
    return found


def _label(plans: tuple[Plan, ...]) -> None:
    """Name resources by their address; where two plans have the same, by the plan too."""
    counted = Counter(resource.address for plan in plans for resource in plan.resources if not resource.is_part)
    names = stems([plan.path for plan in plans])
    for plan, stem in zip(plans, names, strict=True):
        for resource in (*plan.resources, *plan.data):
            repeated = counted[resource.address] > 1 and len(plans) > 1
            resource.label = f"{stem}:{resource.address}" if repeated else resource.address


def stems(paths: list[Path]) -> list[str]:
    """What each input is called before an address that several of them have."""
    names = [path.stem for path in paths]
    return [name if names.count(name) == 1 else path.as_posix() for name, path in zip(names, paths, strict=True)]


def _take(found: Changes, plan: Plan, resource: Planned) -> None:
    found.looked_at += not resource.is_part
    found.touched += resource.touched and not resource.is_part
    if resource.type not in registry():
        found.strangers[resource.type] += 1
        if resource.touched and resource.type in strangers.types():
            _tell(found, plan, resource)
        return
    found.understood += not resource.is_part
    if resource.unplaced:
        found.unplaced.append(resource)
        return
    if resource.deed in ("delete", "replace"):
        found.deleted.append(resource)
    if resource.deed == "create" and not resource.is_part:
        arn = identity(resource, "arn")
        other = found.made.setdefault((resource.type, arn), resource)
        if other is not resource:
            found.twice.append(f"{other.label} and {resource.label} both make {arn}: which of them holds is not known")
    ignored: list[Unread] = []
    was = list(rows(resource, "before", plan.references, ignored))
    found.state.add(was)
    if resource.deed in ("keep", "forget"):
        _note(found, resource, was)
        return
    try:
        will = list(rows(resource, "after", plan.references, found.unread))
    except (TypeError, ValueError, AttributeError) as error:
        what = f"{plan.path}: {resource.label} has a value of a type that {resource.type} does not take"
        raise GateError(f"{what} ({error})") from error
    if resource.deed == "delete":
        # Patches of what goes away say what becomes of the row that stays.
        found.come.add((row for row in was if row[0].startswith(PATCH)), resource.label)
    found.gone.add(row for row in was if not row[0].startswith(PATCH))
    found.come.add(will, resource.label)
    _note(found, resource, [*was, *will])


def _tell(found: Changes, plan: Plan, resource: Planned) -> None:
    """Remember what is not known after a change of a resource that rules hang on and that is not shaped."""
    if resource.type in strangers.CONTAINERS:
        found.hidden.append(f"{resource.label}: what it makes was not read")
    elif resource.unplaced:
        found.unplaced.append(resource)
    elif unread := list(strangers.unread(resource, plan.references)):
        found.unread += unread
        asked = {one.call for one in unread}
        fills = {
            table for one in collectors().values() for call in one.CALLS if call.name in asked for table in call.fills
        }
        _note(found, resource, [(table, {}) for table in sorted(fills)])


def _note(found: Changes, resource: Planned, made: Iterable[Row]) -> None:
    """Remember which resource stands behind an id or ARN; one that changes before one that does not."""
    made = list(made)
    own = {identity(resource, name, before=side) for name in ("id", "arn") for side in (False, True)} | {resource.label}
    for table, row in made:
        owner = row.get("arn") or row.get("holder_arn") or row.get("share_arn")
        if owner and table.removeprefix(PATCH) not in ("tags", "policy_attachments"):
            own.add(str(owner))
        for column in BELONGS.get(table.removeprefix(PATCH), ()):
            if row.get(column):
                own.add(str(row[column]))
    tables = {table.removeprefix(PATCH) for table, _ in made} | falls_with(resource)
    found.fed[resource] = frozenset(tables - {"tags"})
    if resource.touched:
        named = {resource.account_id or "", *ACCOUNT_ID.findall(str([row for _, row in made]))}
        for account in named:
            found.bears[account] |= {(resource.region or "global", table) for table in found.fed[resource]}
    for name in own:
        known = found.subjects.get(name)
        if known is not None and known.touched and resource.touched:
            found.several.add(name)
        if known is None or (resource.touched and not known.touched):
            found.subjects[name] = resource


VAULTS = ("aws_backup_vault", "aws_backup_logically_air_gapped_vault")
FALLS_WITH: Mapping[str, frozenset[str]] = dict.fromkeys(VAULTS, frozenset({"recovery_points"}))
"""Tables whose rows go with a resource when it is deleted."""


def falls_with(resource: Planned) -> frozenset[str]:
    """With an account, all that it holds goes."""
    if resource.type == "aws_organizations_account" and resource.deed == "delete":
        return frozenset(TABLES)
    return FALLS_WITH.get(resource.type, frozenset())


# Columns of rows that name the subject a change of them changes, where that is not the row itself.
BELONGS: Mapping[str, tuple[str, ...]] = {
    "policy_attachments": ("principal_arn",),
    "policy_targets": ("target_id", "policy_id"),
    "security_group_rules": ("group_id",),
    "routes": ("route_table_id",),
    "vpc_peerings": ("peering_id",),
    "delegated_administrators": ("delegate_account_id",),
    "backup_selections": ("plan_id",),
    "share_resources": ("share_arn", "arn"),
    "share_principals": ("share_arn",),
}


def with_locations(changes: Changes, place: Any) -> None:
    """Give every resource the line it is written at; `place` finds it, None keeps what there is."""
    for plan in changes.plans:
        for resource in plan.resources:
            spot, skips = place(plan, resource)
            if spot is not None:
                resource.location = spot
            resource.skips = skips
