"""The table `network_paths` against single questions, on every recorded case and on changed ones.

Beside every instance of a case a database is put, with its subnet and groups, so that the table has something to say.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import analysis
from scanner.analysis.network import Network
from scanner.analysis.network.verdicts import RANK
from scanner.config import Config
from tests.analysis.network.recordings import CASES, Copy

PORT = 443
DATABASES = f"""
CREATE TEMP TABLE twins AS
SELECT * EXCLUDE (place), 'twin-' || eni_id AS twin FROM (
  SELECT *, row_number() OVER (PARTITION BY eni_id ORDER BY account_id) AS place FROM network_interfaces
  WHERE instance_id IS NOT NULL AND len(private_ips) > 0) WHERE place = 1;
INSERT INTO subnet_groups (account_id, region, name, vpc_id, subnet_id)
  SELECT coalesce(owner_id, account_id), region, twin, vpc_id, subnet_id FROM twins;
INSERT INTO databases (account_id, region, arn, name, type, engine, resource_id, status, vpc_id, subnet_group, group_ids, endpoint,
    port, publicly_accessible)
  SELECT coalesce(owner_id, account_id), region, 'arn:aws:rds:' || region || ':' || coalesce(owner_id, account_id) || ':db:' || twin,
    twin, 'instance', 'postgres', 'db-' || twin, 'available', vpc_id, twin, group_ids, twin || '.rds.amazonaws.com', {PORT}, FALSE
  FROM twins;
INSERT INTO network_interfaces (account_id, region, eni_id, vpc_id, subnet_id, owner_id, description, interface_type, requester_id,
    private_ips, ipv6_ips, public_ips, group_ids, source_dest_check)
  SELECT account_id, region, twin, vpc_id, subnet_id, owner_id, 'RDSNetworkInterface db-' || twin, 'interface', 'amazon-rds',
    [regexp_replace(private_ips[1], '[0-9]+$', CAST(100 + CAST(split_part(private_ips[1], '.', 4) AS INTEGER) % 27 AS VARCHAR))],
    [], [], group_ids, TRUE
  FROM twins
"""


def agreed(copy: Copy, change: str = "") -> int:
    """Compare every pair of an instance and a database; returns how many are not denied."""
    connection = copy.connection(f"{DATABASES}; {change}")
    analysis.run_all(connection, Config(), wanted=["connections"])
    network, table = Network.load(connection), _table(connection)
    doubted = {target for target, source in table if source is None}
    told, met = _told(connection), 0
    for target in _column(
        connection, "SELECT DISTINCT arn FROM databases WHERE cluster_name IS NULL AND port IS NOT NULL"
    ):
        for arn, account, workload, environment in _instances(connection):
            verdict = network.ask(arn, target).verdict
            listed = table.get((target, arn))
            met += verdict != "deny"
            if listed is not None:
                assert RANK[listed] <= RANK[verdict], (arn, target)
                assert listed == verdict or _plural(connection, arn), (arn, target, listed, verdict)
            elif verdict == "allow":
                assert (target, account, workload, environment) in told, (arn, target)
            elif verdict != "deny":
                assert target in doubted or (target, account, workload, environment) in told, (arn, target, verdict)
    return met


def _plural(connection: Any, arn: str) -> bool:
    """Whether an instance has several interfaces: a row is about one of them."""
    sql = "SELECT count(DISTINCT eni_id) FROM network_interfaces WHERE instance_id = ?"
    return bool(connection.execute(sql, [arn.rpartition("/")[2]]).fetchone()[0] > 1)


def _table(connection: Any) -> dict[tuple[str, str | None], str]:
    sql = "SELECT target_arn, source_arn, verdict FROM network_paths WHERE target_kind = 'database'"
    found: dict[tuple[str, str | None], str] = {}
    for target, source, verdict in connection.execute(sql).fetchall():
        if RANK[verdict] >= RANK[found.get((target, source), "deny")]:
            found[target, source] = verdict
    return found


def _told(connection: Any) -> set[tuple[Any, ...]]:
    """Of whom some row tells, in one word or another."""
    sql = "SELECT target_arn, source_account_id, source_workload, source_environment FROM network_paths"
    return set(connection.execute(sql).fetchall())


def _instances(connection: Any) -> list[tuple[Any, ...]]:
    sql = """
        SELECT DISTINCT i.arn, i.account_id, f.workload, f.environment FROM instances i LEFT JOIN resource_facts f ON f.arn = i.arn
        ORDER BY ALL
    """
    found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return found


def _column(connection: Any, sql: str) -> list[Any]:
    return [value for (value,) in connection.execute(sql).fetchall()]


@pytest.mark.parametrize("name", CASES)
def test_the_table_agrees_with_single_questions(name: str, copies: dict[str, Copy]) -> None:
    agreed(copies[name])


def test_the_cases_have_connections_to_agree_on(copies: dict[str, Copy]) -> None:
    assert sum(agreed(copies[name]) for name in CASES) > 20


CIDRS = st.sampled_from(
    [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "10.0.1.0/24",
        "10.0.1.0/26",
        "10.0.1.10/32",
        "10.1.0.0/16",
        "10.1.1.10/32",
        "10.2.0.0/16",
    ]
)
PORTS = st.sampled_from([(0, 65535), (PORT, PORT), (1024, 65535), (32768, 50000)])
ADMISSIONS = st.tuples(CIDRS, st.sampled_from(["ingress", "egress"]))
DENIALS = st.tuples(CIDRS, PORTS, st.sampled_from(["ingress", "egress"]), st.integers(1, 200))
BLACKHOLES = st.one_of(st.none(), st.sampled_from(["10.0.1.0/24", "10.0.1.10/32", "10.1.0.0/16"]))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(CASES), st.lists(ADMISSIONS, max_size=3), st.lists(DENIALS, max_size=2), BLACKHOLES, st.booleans()
)
def test_the_table_agrees_whatever_is_changed(
    copies: dict[str, Copy], name: str, admitted: list[Any], denied: list[Any], hole: str | None, bare: bool
) -> None:
    changes = ["DELETE FROM security_group_rules WHERE direction = 'ingress'"] if bare else []
    changes += [_admission(cidr, direction) for cidr, direction in admitted]
    changes += [_denial(*one) for one in denied]
    changes += [_hole(hole)] if hole else []
    agreed(copies[name], "; ".join(changes))


def _admission(cidr: str, direction: str) -> str:
    return f"""
        INSERT INTO security_group_rules (account_id, region, group_id, direction, protocol, from_port, to_port, peer_type, peer)
        SELECT DISTINCT account_id, region, group_id, '{direction}', 'tcp', {PORT}, {PORT}, 'ipv4', '{cidr}' FROM security_groups
    """


def _denial(cidr: str, ports: tuple[int, int], direction: str, number: int) -> str:
    return f"""
        INSERT INTO network_acl_entries (account_id, region, acl_id, direction, number, action, protocol, cidr, family, from_port, to_port)
        SELECT DISTINCT account_id, region, acl_id, '{direction}', {number}, 'deny', '6', '{cidr}', 4, {ports[0]}, {ports[1]}
        FROM network_acls a WHERE NOT EXISTS (SELECT 1 FROM network_acl_entries e
          WHERE e.acl_id = a.acl_id AND e.direction = '{direction}' AND e.number = {number})
    """


def _hole(cidr: str) -> str:
    return f"""
        INSERT INTO routes (account_id, region, route_table_id, destination, destination_type, target_type, target_id, state)
        SELECT DISTINCT account_id, region, route_table_id, '{cidr}', 'ipv4', 'network_interface', 'eni-gone', 'blackhole' FROM route_tables
    """
