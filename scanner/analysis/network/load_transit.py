"""Transit gateways: merged from what the owner and the participants list. Only the owner sees route tables."""

from __future__ import annotations

from typing import Any

from scanner.analysis.network.model import Attachment, Estate, TransitGateway, TransitRoute, TransitTable
from scanner.analysis.network.rows import best, by, rows

ASSOCIATED = ("associated", None)


def load(connection: Any, estate: Estate) -> None:
    _gateways(connection, estate)
    _attachments(connection, estate)
    _tables(connection, estate)


def _gateways(connection: Any, estate: Estate) -> None:
    columns = "transit_gateway_id, owner_id, region, state, security_group_referencing"
    for gateway, listed in by(rows(connection, columns, "transit_gateways"), "transit_gateway_id").items():
        flag = best(row.security_group_referencing for row in listed)
        owner = best(row.owner_id for row in listed)
        available = all((row.state or "available") in ("available", "modifying") for row in listed)
        estate.transit[gateway] = TransitGateway(gateway, owner, listed[0].region, available, flag)


def _attachments(connection: Any, estate: Estate) -> None:
    """Sort attachments by gateway. A peering has one id and two gateways."""
    columns = (
        "attachment_id, transit_gateway_id, resource_type, resource_id, resource_owner_id, state, "
        "association_table_id, association_state, subnet_ids, security_group_referencing"
    )
    tables = _associations(connection)
    found: dict[str, list[Attachment]] = {}
    for gateway, of_gateway in by(
        rows(connection, columns, "transit_gateway_attachments"), "transit_gateway_id"
    ).items():
        for attachment, listed in by(of_gateway, "attachment_id").items():
            associated = [row.association_table_id for row in listed if row.association_state in ASSOCIATED]
            subnets = best(row.subnet_ids for row in listed)
            made = Attachment(
                attachment,
                gateway,
                (listed[0].resource_type or "").replace("tgw-peering", "peering"),
                listed[0].resource_id or "",
                best(row.resource_owner_id for row in listed),
                all((row.state or "") in ("available", "modifying") for row in listed),
                best(associated) or tables.get((gateway, attachment)),
                None if subnets is None else tuple(sorted(subnets)),
                best(row.security_group_referencing for row in listed),
            )
            found.setdefault(gateway, []).append(made)
    estate.attachments = {gateway: tuple(listed) for gateway, listed in found.items()}


def _associations(connection: Any) -> dict[tuple[str, str], str]:
    """Route table by gateway and attachment, from the associations of the route tables."""
    sql = """
        SELECT DISTINCT t.transit_gateway_id, a.attachment_id, a.route_table_id
        FROM transit_gateway_associations a JOIN transit_gateway_route_tables t USING (route_table_id)
        WHERE coalesce(a.state, 'associated') = 'associated' ORDER BY ALL
    """
    return {(gateway, attachment): table for gateway, attachment, table in connection.execute(sql).fetchall()}


def _tables(connection: Any, estate: Estate) -> None:
    columns = "route_table_id, destination, prefix_list_id, type, state, attachment_id, resource_type, resource_id"
    routes = by(rows(connection, columns, "transit_gateway_routes"), "route_table_id")
    columns = "route_table_id, transit_gateway_id, state, routes_complete"
    for table, listed in by(rows(connection, columns, "transit_gateway_route_tables"), "route_table_id").items():
        complete = best(row.routes_complete for row in listed)
        gateway = best(row.transit_gateway_id for row in listed)
        estate.transit_tables[table] = TransitTable(table, gateway, complete, _routes(routes.get(table, [])))


def _routes(found: list[Any]) -> tuple[TransitRoute, ...]:
    """One record a route, with all its equal paths."""
    grouped: dict[tuple[str | None, str | None, bool, bool], list[tuple[str, str, str]]] = {}
    for row in found:
        key = (row.destination, row.prefix_list_id, row.type == "static", row.state == "active")
        hop = (
            row.attachment_id or "",
            (row.resource_type or "").replace("tgw-peering", "peering"),
            row.resource_id or "",
        )
        grouped.setdefault(key, []).append(hop)
    return tuple(TransitRoute(*key, tuple(sorted(hops))) for key, hops in grouped.items())
