"""The story of a split: read, place, see what crosses, order the moves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner import derived
from scanner.classify import Words
from scanner.config import Config
from scanner.drill import find_account
from scanner.snapshot.read import connect
from scanner.split import couplings as ties
from scanner.split import facts, gaps, order, remedies, statements
from scanner.split.facts import Account
from scanner.split.kinds import POINTS
from scanner.split.layout import Layout
from scanner.split.model import UNKNOWN, Cell, Coupling, Crossing, Placement, Sort, Split
from scanner.wording import some


def of_snapshot(snapshot: Path, config: Config, named: str) -> Split:
    """Split the account named by id or name. Raises BulkheadError."""
    with connect(snapshot) as connection:
        account_id = find_account(connection, named)
        derived.analyse(connection, snapshot, config, ["classification", "connections", "database_access"])
        return of_account(connection, config, account_id)


def of_account(connection: Any, config: Config, account_id: str) -> Split:
    """The same over an open connection with the tables of the analyses it needs."""
    account = facts.account_of(connection, account_id)
    inside, outside = ties.between(connection, account_id)
    own = inside + statements.of_resources(connection, account_id)
    resources = facts.resources(connection, config, account, own)
    granted, wide = statements.of_policies(connection, account_id, resources)
    named = facts.resources(connection, config, account, own + granted)
    couplings = ties.spoken(own + granted, named)
    placements = Layout(account, named, couplings, Words(config.classification)).placements()
    hidden = tuple(gaps.not_seen(connection, account_id))
    mixed, why = judged(account, placements, hidden, gaps.is_closed(connection, account_id))
    if mixed != "split":
        return Split(account.id, account.name, mixed, why, not_seen=hidden)
    notes = tuple(_notes(connection, account, placements, wide, outside))
    cells = layout_cells(account, placements, _accounts(connection))
    crossings = crossing(cells, placements, couplings)
    keyed_by_aws = frozenset(row[0] for row in connection.execute(_AWS_KEYS_SQL, [account_id]).fetchall())
    return Split(
        account.id, account.name, "split", why, tuple(cells), tuple(placements), tuple(crossings), len(couplings),
        tuple(order.steps(cells, placements, couplings, crossings, keyed_by_aws)), hidden, notes,
        {arn: one.name for arn, one in named.items()},
    )  # fmt: skip


def judged(account: Account, placements: Sequence[Placement], hidden: Sequence[str], closed: bool) -> tuple[Any, str]:
    """Whether there is anything to split, and why. What nothing but a guess says makes no second workload."""
    firm = _firm(account, placements)
    gap = " What was not seen may say otherwise." if hidden else ""
    if len(firm["workloads"]) > 1 or len(firm["environments"]) > 1:
        parts = [f"{len(found)} {what} ({', '.join(found)})" for what, found in firm.items() if len(found) > 1]
        return "split", f"Resources of {' and '.join(parts)} share the account."
    if closed or (not placements and hidden):
        return "unknown", "The account was not read: nothing can be said about what it holds."
    if not placements:
        return "whole", "There is nothing to split: no resource was found in it."
    if not firm["workloads"] and not firm["environments"]:
        says = any(one.resource.own_workload or one.resource.own_environment for one in placements)
        reason = "everything that says what it is for is shared" if says else "no resource says what it is for"
        return "whole", f"There is nothing to split by: {reason}.{gap}"
    said = " and ".join(f"one {what[:-1]} ({found[0]})" for what, found in firm.items() if found)
    return "whole", f"There is nothing to split: everything that says what it is for names {said}.{gap}"


def _firm(account: Account, placements: Iterable[Placement]) -> dict[str, list[str]]:
    """Workloads and environments that resources name themselves, or inherit from their account as the rules have it.

    What is shared is left out, and so is what only couplings say.
    """
    found: dict[str, set[str]] = {"workloads": set(), "environments": set()}
    for one in placements:
        resource, inherits = one.resource, one.resource.nature != "ground"
        if one.basis == "shared":
            continue
        if one.workload == resource.own_workload or (inherits and one.workload == account.workload):
            found["workloads"].add(one.workload)
        if one.environment == resource.own_environment or (inherits and one.environment == account.environment):
            found["environments"].add(one.environment)
    return {what: sorted(values - {UNKNOWN}) for what, values in found.items()}


# ---------------------------------------------------------------------- cells


def layout_cells(
    account: Account, placements: Sequence[Placement], accounts: Mapping[tuple[str, str], list[tuple[str, str]]]
) -> list[Cell]:
    """One account per workload and environment: the one that stays, those that exist already, and new ones."""
    sorts = _sorts(placements)
    staying = None if account.is_management else _staying(account, placements, sorts)
    found = []
    for key, sort in sorted(sorts.items(), key=lambda item: (_SORTS.index(item[1]), item[0])):
        if sort == "undecided" or key == staying:
            found.append(Cell(*key, sort, account.name, account.id, stays=True))
            continue
        others = [one for one in accounts.get(key, []) if one[0] != account.id]
        name, account_id = (others[0][1], others[0][0]) if others else ("-".join(dict.fromkeys(key)), None)
        found.append(Cell(*key, sort, name, account_id))
    return found


_SORTS: tuple[Sort, ...] = ("product", "shared", "undecided")


def _sorts(placements: Iterable[Placement]) -> dict[tuple[str, str], Sort]:
    shared = {one.key for one in placements if one.basis == "shared"}
    return {
        one.key: "undecided" if UNKNOWN in one.key else "shared" if one.key in shared else "product"
        for one in placements
    }


def _staying(
    account: Account, placements: Iterable[Placement], sorts: Mapping[tuple[str, str], Sort]
) -> tuple[str, str] | None:
    """The cell that keeps the account: what it is named or tagged for, else what would be dearest to move."""
    points: Counter[tuple[str, str]] = Counter()
    for one in placements:
        # An instance brings its volume along.
        points[one.key] += POINTS["stateless" if one.resource.kind == "volume" else one.resource.nature]
    products = [key for key, sort in sorts.items() if sort == "product"]
    wanted = (account.workload, account.environment)
    return max(
        sorted(products),
        key=lambda key: (sum(a == b for a, b in zip(key, wanted, strict=True)), points[key]),
        default=None,
    )


def _accounts(connection: Any) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Accounts of the organization that are for one workload and environment already, by both."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for workload, environment, account_id, name in connection.execute(_ACCOUNTS_SQL).fetchall():
        found[workload, environment].append((account_id, name))
    return found


def crossing(cells: Iterable[Cell], placements: Iterable[Placement], couplings: Iterable[Coupling]) -> list[Crossing]:
    """Every coupling between resources of different cells, the dearest first."""
    of_key = {cell.key: cell for cell in cells}
    where = {one.resource.arn: of_key[one.key] for one in placements}
    found = []
    for one in couplings:
        source, target = where[one.source], where[one.target]
        if source != target:
            found.append(Crossing(one, source.name, target.name, remedies.instead(one, source, target)))
    return sorted(
        found, key=lambda cut: (-cut.coupling.weight, cut.coupling.kind, cut.coupling.source, cut.coupling.target)
    )


# ---------------------------------------------------------------------- notes


def _notes(
    connection: Any,
    account: Account,
    placements: Sequence[Placement],
    wide: Sequence[statements.Wide],
    outside: Sequence[facts.Ends],
) -> Iterable[str]:
    """What has to be known beside the layout."""
    if account.is_management:
        yield "It is the management account, which should run no workload: nothing stays in it."
    holders = sorted({one.principal for one in wide})
    if holders:
        named = some([facts.short(one) for one in holders], 5)
        yield (
            f"Allowed to do more than list on everything, or everything of a service: {named}. They reach over every wall inside "
            "the account; each new account gets its own."
        )
    placed = [*holders, *(one.resource.arn for one in placements)]
    unplaced = connection.execute(_PRINCIPALS_SQL, [account.id, placed]).fetchone()[0]
    if unplaced:
        yield f"Users and roles that name no resource of the account and are not laid out: {unplaced}. Look at them by hand."
    for target, count, accounts in connection.execute(_FOREIGN_SQL, {"account": account.id}).fetchall():
        yield f"{facts.short(target)} is connected to from outside the account ({accounts}: {count} in all): they follow when it moves."
    for target, ends in sorted(_by_target(outside).items()):
        named = some(sorted({facts.short(one[1]) for one in ends}), 5)
        yield f"{len(ends)} of its resources (as {named}) need {target} of account {facts.owner_of(target)}, which has to admit the new accounts too."
    naming = [row[0] for row in connection.execute(_NAMING_SQL, {"account": account.id}).fetchall()]
    if naming:
        yield f"Policies of other accounts name the account or a principal of it: {some(naming, 5)}. They have to name the new ones."
    for database, ranges in connection.execute(_RANGES_SQL, [account.id]).fetchall():
        yield f"{facts.short(database)} admits whole networks ({ranges}): who else uses it, only its connections tell."
    yield "Calls between programs (APIs, queues, events) stand in no configuration that is read: ask those who wrote them."


def _by_target(outside: Iterable[facts.Ends]) -> dict[str, list[facts.Ends]]:
    found: dict[str, list[facts.Ends]] = defaultdict(list)
    for one in outside:
        found[one[2]].append(one)
    return found


_NAMING_SQL = """
SELECT DISTINCT s.holder_arn FROM statement_principals p JOIN policy_statements s ON s.statement_id = p.statement_id
WHERE p.principal_account = $account AND s.account_id <> $account AND s.effect = 'Allow' AND s.kind IN ('trust', 'resource')
  AND NOT s.principals_negated ORDER BY ALL"""
_ACCOUNTS_SQL = """
SELECT f.workload, f.environment, f.account_id, coalesce(f.name, f.account_id) FROM account_facts f
LEFT JOIN accounts a ON a.account_id = f.account_id
WHERE f.workload <> 'unknown' AND f.environment <> 'unknown' AND coalesce(a.status, 'ACTIVE') = 'ACTIVE' AND NOT coalesce(a.is_management, FALSE)
ORDER BY ALL"""
_AWS_KEYS_SQL = """
SELECT s.arn FROM (
  SELECT account_id, arn, kms_key_arn FROM databases UNION ALL SELECT account_id, arn, kms_key_arn FROM volumes
) s JOIN kms_keys k ON k.arn = s.kms_key_arn AND k.manager = 'AWS' WHERE s.account_id = ?"""
_PRINCIPALS_SQL = """
SELECT count(DISTINCT arn) FROM principals WHERE account_id = ? AND type IN ('user', 'role') AND NOT coalesce(service_linked, FALSE)
  AND NOT list_contains(?, arn)"""
_FOREIGN_SQL = """
SELECT p.target_arn, sum(p.members), string_agg(DISTINCT coalesce(a.name, p.source_account_id, p.via), ', '
  ORDER BY coalesce(a.name, p.source_account_id, p.via))
FROM network_paths p LEFT JOIN accounts a ON a.account_id = p.source_account_id
WHERE p.target_account_id = $account AND p.verdict = 'allow' AND coalesce(p.source_account_id, p.via) <> $account
GROUP BY p.target_arn ORDER BY ALL"""
_RANGES_SQL = """
SELECT database_arn, string_agg(DISTINCT peer, ', ' ORDER BY peer) FROM database_admissions
WHERE account_id = ? AND whole_network GROUP BY database_arn ORDER BY ALL"""
