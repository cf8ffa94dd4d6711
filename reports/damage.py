"""The two sections of the HTML page on damage: how far it spreads from account to account, and what is left of the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from reports import drill, reach
from reports.damage_data import Damage, items_per_list
from reports.reach_matrix import Matrix, matrix
from reports.values import counted
from scanner.findings import Reach, Result

ROWS = 100
PICTURES = 5
EDGES = 30
EDGES_IN_LIST = 8
COPIES = 30
REASONS = 30


def prepare(result: Result) -> tuple[Damage, Matrix]:
    """Return what both sections show, and the drawing."""
    where = reach.places(result)
    ranked = reach.radii(result, where)
    drawn = matrix(ranked, result.reach, where)
    order = [place.id for place in drawn.accounts]
    return Damage(where, ranked, result.reach, order, drill.rows(result, where), result.scan.finished_at), drawn


def context(damage: Damage, drawn: Matrix) -> dict[str, Any]:
    """Return what the templates of the two sections read."""
    most = items_per_list(damage.drills)
    useless = drill.useless((row.drill for row in damage.drills), damage.where)
    return {
        "drawn": drawn,
        "radius_count": len(damage.radii),
        "radius_rows": [{"radius": one, "place": damage.where[one.id]} for one in damage.radii[:ROWS]],
        "blank_radius": {"radius": reach.Radius(""), "place": reach.Place("", "", "", "")},
        "pictures": _pictures(damage),
        "blank_edge": {"place": reach.Place("", "", "", ""), "kind": "", "note": "", "steps": (), "conditions": ()},
        "drill_count": len(damage.drills),
        "drill_rows": [
            {"row": row, "sections": drill.sections(row, damage.finished_at, damage.where, most)}
            for row in damage.drills[:ROWS]
        ],
        "blank_drill": {"row": _blank_row(), "sections": []},
        "lost": sum(row.lost for row in damage.drills),
        "stores": sum(row.stores for row in damage.drills),
        "lost_production": sum(row.production for row in damage.drills),
        "restorable": sum(row.restorable for row in damage.drills),
        "undecided": sum(row.undecided for row in damage.drills),
        "useless": useless[:REASONS],
        "called": lambda account_id: drill.called(account_id, damage.where),
        "useless_count": len(useless),
        "useless_copies": sum(len(group.copies) for group in useless),
        "drill_environments": sorted({row.account.environment for row in damage.drills}),
        "reach_environments": sorted({damage.where[one.id].environment for one in damage.radii}),
        "copies_shown": COPIES,
    }


def facts(damage: Damage) -> Mapping[str, list[tuple[str, str]]]:
    """Return per account id what its page says of damage, as (label, sentence). `damage.js` says the same."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in damage.radii:
        found[one.id] = [
            ("Reaches", f"{_sure(one.reaches, one.conditional + one.unknown)}, {one.production:,} of production"),
            ("Reached by", _sure(one.reached_by, one.perhaps_reached_by)),
        ]
    for row in damage.drills:
        if row.stores:
            unknown = f", {row.undecided:,} not known" if row.undecided else ""
            lost = f"{row.lost:,} of {counted(row.stores, 'data store')} lost for good, {row.restorable:,} restorable{unknown}"
            found[row.account.id].append(("If it is gone", lost))
    return found


def _sure(number: int, perhaps: int) -> str:
    return counted(number, "account") + (f" and perhaps {perhaps:,} more" if perhaps else "")


def _pictures(damage: Damage) -> list[dict[str, Any]]:
    """Return the member accounts whose compromise spreads most: the first in full, as the page opens, the others shorter."""
    outward, inward = reach.by_account(damage.pairs)
    return [
        _picture(one, outward.get(one.id, []), inward.get(one.id, []), damage, EDGES if first == 0 else EDGES_IN_LIST)
        for first, one in enumerate(reach.members_first(damage.radii, damage.where)[:PICTURES])
    ]


def _picture(
    one: reach.Radius, outward: Iterable[Reach], inward: Iterable[Reach], damage: Damage, most: int
) -> dict[str, Any]:
    sides = []
    for pairs, inwards in ((inward, True), (outward, False)):
        ordered = reach.worst_pairs_first(pairs, damage.where)
        edges = [_edge(pair, damage.where[pair.source if inwards else pair.target]) for pair in ordered[:most]]
        sides.append({"edges": edges, "total": len(ordered), "more": max(0, len(ordered) - most)})
    return {"place": damage.where[one.id], "radius": one, "inward": sides[0], "outward": sides[1]}


def _edge(pair: Reach, other: reach.Place) -> dict[str, Any]:
    return {
        "place": other,
        "kind": reach.kind(pair),
        "note": reach.note(pair),
        "steps": pair.chain,
        "conditions": pair.conditions,
    }


def _blank_row() -> drill.Row:
    from scanner.findings import Drill

    return drill.Row(reach.Place("", "", "", ""), 0, 0, 0, 0, 0, 0, None, "", Drill("", (), (), (), ()))
