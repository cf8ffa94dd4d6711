"""`network_paths` in bulk against single questions, and what must hold for any network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import analysis
from scanner.analysis.network import Network
from scanner.analysis.network.verdicts import RANK
from scanner.aws.recording import Replay
from scanner.config import Config
from tests.rule import organization
from tests.rule.memory import Rows, collected, connection_of

CASES = Path(__file__).parent / "network" / "cases"
sys.setrecursionlimit(5_000)
GAPS = {
    "ec2.describe_network_interfaces": ["network_interfaces"],
    "ec2.describe_instances": ["instances"],
    "ec2.describe_security_groups": ["security_groups", "security_group_rules"],
    "ec2.describe_route_tables": ["route_tables", "route_table_associations", "routes"],
    "ec2.describe_network_acls": ["network_acls", "network_acl_associations", "network_acl_entries"],
    "ec2.describe_vpc_peering_connections": ["vpc_peerings"],
    "ec2.describe_vpcs": ["vpcs", "vpc_cidrs"],
    "ec2.describe_subnets": ["subnets"],
    "ec2.describe_transit_gateway_attachments": ["transit_gateway_attachments"],
    "rds.describe_db_subnet_groups": ["subnet_groups"],
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return collected(Replay(organization.write(tmp_path_factory.mktemp("o")))).tables()


def judged(rows: Rows, change: str = "", reverse: bool = False) -> Any:
    connection = connection_of({name: found[::-1] if reverse else found for name, found in rows.items()})
    connection.execute(change or "SELECT 1")
    analysis.run_all(connection, Config())
    return connection


def paths(connection: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = connection.execute("SELECT * FROM network_paths ORDER BY ALL").fetchall()
    return found


def verdicts(connection: Any) -> dict[tuple[str, str, str, int], str]:
    sql = "SELECT source_arn, target_arn, protocol, port, verdict FROM network_paths WHERE source_arn IS NOT NULL"
    found: dict[tuple[str, str, str, int], str] = {}
    for *key, verdict in connection.execute(sql).fetchall():
        known = found.get(tuple(key), "deny")
        found[tuple(key)] = verdict if RANK[verdict] > RANK[known] else known
    return found


def test_every_row_agrees_with_the_single_question(rows: Rows) -> None:
    connection = judged(rows)
    network = Network.load(connection)
    found = verdicts(connection)
    assert len(found) > 10
    for (source, target, protocol, port), verdict in found.items():
        if source != "internet":
            assert network.ask(source, target, protocol, port).verdict == verdict, (source, target)


def test_whoever_may_connect_is_in_the_table_or_is_for_the_same_as_one_that_is(rows: Rows) -> None:
    connection = judged(rows)
    network = Network.load(connection)
    facts = (
        "SELECT i.arn, i.account_id, f.workload, f.environment FROM instances i JOIN resource_facts f ON f.arn = i.arn"
    )
    listed = connection.execute(
        "SELECT target_arn, source_account_id, source_workload, source_environment FROM network_paths WHERE verdict = 'allow'"
    ).fetchall()
    # A search domain may be in no VPC at all.
    placed = "cluster_name IS NULL AND (vpc_id IS NOT NULL OR subnet_ids IS NULL OR len(subnet_ids) > 0)"
    databases = connection.execute(f"SELECT DISTINCT arn FROM databases WHERE {placed}").fetchall()
    allowed = 0
    for (database,) in databases:
        for arn, *about in connection.execute(facts).fetchall():
            if network.ask(arn, database).verdict == "allow":
                allowed += 1
                assert (database, *about) in listed
    assert allowed > 10


def test_the_order_of_rows_never_matters(rows: Rows) -> None:
    assert paths(judged(rows, reverse=True)) == paths(judged(rows))


def removed(call: str, account: str) -> str:
    gone = "; ".join(f"DELETE FROM {table} WHERE account_id = '{account}'" for table in GAPS[call])
    status = f"UPDATE coverage SET status = 'access_denied' WHERE call = '{call}' AND account_id = '{account}'"
    return f"{gone}; {status}"


@pytest.mark.parametrize("account", [organization.ORDERS, organization.LEGACY])
@pytest.mark.parametrize("call", sorted(GAPS))
def test_a_gap_turns_no_row_into_allow_and_hides_nobody_silently(rows: Rows, call: str, account: str) -> None:
    before, connection = verdicts(judged(rows)), judged(rows, removed(call, account))
    after = verdicts(connection)
    doubted = {target for (target,) in connection.execute(
        "SELECT DISTINCT target_arn FROM network_paths WHERE verdict = 'unknown' OR source_workload IS NULL"
    ).fetchall()}  # fmt: skip
    known = {arn for (arn,) in connection.execute("SELECT arn FROM databases").fetchall()}
    assert [key for key, verdict in after.items() if verdict == "allow" and before.get(key) != "allow"
            and key[0].partition("/")[0] in {one[0].partition("/")[0] for one in before} and key[0] in {one[0] for one in before}
            and key not in before] == []  # fmt: skip
    lost = {key for key in before if key not in after and key[1] in known}
    assert {key for key in lost if key[1] not in doubted} == set()


PORTS = st.sampled_from([(0, 65535), (443, 443), (5432, 5432), (1024, 65535)])
RANGES = st.sampled_from(["0.0.0.0/0", "10.1.0.0/16", "10.2.1.0/24", "10.2.1.11/32", "::/0"])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 99), PORTS, RANGES, st.sampled_from(["ingress", "egress"]))
def test_one_more_deny_never_adds_a_path(
    rows: Rows, number: int, ports: tuple[int, int], cidr: str, direction: str
) -> None:
    deny = f"""
        INSERT INTO network_acl_entries (account_id, region, acl_id, direction, number, action, protocol, cidr, family,
          from_port, to_port)
        SELECT DISTINCT account_id, region, acl_id, '{direction}', {number}, 'deny', '6', '{cidr}', 4, {ports[0]}, {ports[1]}
        FROM network_acls
    """
    before, after = judged(rows), judged(rows, deny)
    assert _pairs(after) <= _pairs(before)


def _pairs(connection: Any) -> set[tuple[Any, ...]]:
    sql = "SELECT target_arn, source_account_id, source_workload, source_environment FROM network_paths WHERE verdict = 'allow'"
    return set(connection.execute(sql).fetchall())


@pytest.mark.parametrize("status", ["pending-acceptance", "rejected", "expired", "deleted", "failed", "provisioning"])
def test_a_peering_that_is_not_active_carries_nothing(rows: Rows, status: str) -> None:
    connection = judged(rows, f"UPDATE vpc_peerings SET status = '{status}'")
    sql = "SELECT count(*) FROM network_paths WHERE via = 'peering' AND verdict = 'allow'"
    assert connection.execute(sql).fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM peering_uses").fetchone() == (0,)


def test_a_group_of_a_thousand_rules(rows: Rows) -> None:
    many = """
        INSERT INTO security_group_rules (account_id, region, group_id, direction, protocol, from_port, to_port, peer_type, peer)
        SELECT r.account_id, r.region, r.group_id, 'ingress', 'tcp', 5432, 5432, 'ipv4', '172.16.' || (n // 250) || '.' || (n % 250) || '/32'
        FROM (SELECT DISTINCT account_id, region, group_id FROM security_group_rules WHERE direction = 'ingress') r, range(1000) t(n)
    """
    assert _pairs(judged(rows, many)) == _pairs(judged(rows))


def test_ipv6_and_ranges_that_overlap(rows: Rows) -> None:
    """A client without IPv4 comes by IPv6; a peered VPC with the same range is shadowed by the own one."""
    six = """
        UPDATE subnets SET ipv6_cidrs = ['2001:db8:0:1::/64'] WHERE vpc_id = 'vpc-p';
        INSERT INTO vpc_cidrs (account_id, region, vpc_id, cidr, state)
          SELECT account_id, region, vpc_id, '2001:db8::/56', 'associated' FROM vpcs WHERE vpc_id = 'vpc-p';
        INSERT INTO routes (account_id, region, route_table_id, destination, destination_type, target_type, target_id, state)
          SELECT account_id, region, route_table_id, '2001:db8::/56', 'ipv6', 'local', 'local', 'active'
          FROM route_tables WHERE vpc_id = 'vpc-p';
        INSERT INTO network_acl_entries (account_id, region, acl_id, direction, number, action, protocol, cidr, family)
          SELECT account_id, region, acl_id, d, 200, 'allow', '-1', '::/0', 6 FROM network_acls, (VALUES ('ingress'), ('egress')) v(d);
        INSERT INTO security_group_rules (account_id, region, group_id, direction, protocol, peer_type, peer)
          SELECT account_id, region, group_id, 'egress', '-1', 'ipv6', '::/0' FROM security_groups;
        UPDATE network_interfaces SET private_ips = [], ipv6_ips = ['2001:db8:0:1::5'] WHERE instance_id = 'i-app'
    """
    assert any("i-app" in key[0] and key[1].endswith("db:orders-db") for key in verdicts(judged(rows, six)))
    overlap = "UPDATE vpc_cidrs SET cidr = '10.1.0.0/16' WHERE vpc_id = 'vpc-l'"
    assert not any(via == "peering" for via in _vias(judged(rows, overlap + _moved())))


def _moved() -> str:
    return """; UPDATE subnets SET cidr = replace(cidr, '10.2.', '10.1.') WHERE vpc_id = 'vpc-l';
        UPDATE network_interfaces SET private_ips = ['10.1.1.77'] WHERE vpc_id = 'vpc-l';
        UPDATE routes SET destination = '10.1.0.0/16' WHERE destination = '10.2.0.0/16' AND target_type = 'local'"""


def _vias(connection: Any) -> Iterator[str]:
    sql = "SELECT via FROM network_paths WHERE verdict = 'allow' AND target_arn LIKE '%orders%'"
    return (via for (via,) in connection.execute(sql).fetchall())


def test_enough_over_one_connection_hides_no_other(rows: Rows) -> None:
    """A production VPC behind two peerings, with more clients of one environment behind each than are listed."""
    admit = """
        INSERT INTO network_interfaces (account_id, region, eni_id, vpc_id, subnet_id, owner_id, description, interface_type, private_ips,
          ipv6_ips, public_ips, group_ids, source_dest_check)
        SELECT account_id, region, 'eni-task' || n, vpc_id, subnet_id, owner_id, 'arn:aws:ecs:eu-west-1:' || account_id || ':attachment/' || n,
          'interface', ['10.1.1.' || (200 + n)], [], [], group_ids, TRUE
        FROM (SELECT * FROM network_interfaces WHERE instance_id = 'i-app'), range(5) t(n);
        INSERT INTO security_group_rules (account_id, region, group_id, direction, protocol, peer_type, peer)
        SELECT account_id, region, group_id, d, '-1', 'ipv4', '10.0.0.0/8' FROM security_groups, (VALUES ('ingress'), ('egress')) v(d);
        INSERT INTO security_group_rules (account_id, region, group_id, direction, protocol, peer_type, peer)
        SELECT n.account_id, n.region, n.group_ids[1], 'ingress', '-1', 'ipv4', n.private_ips[1] || '/32'
        FROM network_interfaces n WHERE len(n.private_ips) > 0 AND len(n.group_ids) > 0;
        INSERT INTO network_acl_entries (account_id, region, acl_id, direction, number, action, protocol, cidr, family)
        SELECT account_id, region, acl_id, d, 1, 'allow', '-1', '10.0.0.0/8', 4 FROM network_acls, (VALUES ('ingress'), ('egress')) v(d)
    """
    connection = connection_of(rows)
    connection.execute(admit)
    analysis.run_all(connection, Config(), wanted=["classification"])
    connection.execute("""
        UPDATE resource_facts SET environment = CASE WHEN account_id = '100000000006' THEN 'production' ELSE 'test' END;
        UPDATE account_facts SET environment = CASE WHEN account_id = '100000000006' THEN 'production' ELSE 'test' END
    """)
    module = analysis.registry()["connections"]
    analysis.create(connection, module.TABLES)
    module.run(connection, Config())
    sql = """
        SELECT DISTINCT via_id FROM network_paths WHERE target_kind = 'workload' AND target_account_id = '100000000006'
          AND via = 'peering' AND verdict = 'allow' ORDER BY via_id
    """
    assert connection.execute(sql).fetchall() == [("pcx-1",), ("pcx-2",)]


def _from_the_internet(connection: Any) -> set[str]:
    sql = "SELECT DISTINCT verdict FROM network_paths WHERE via = 'internet' AND target_arn LIKE '%:db:orders-public'"
    return {verdict for (verdict,) in connection.execute(sql).fetchall()}


def test_a_part_of_the_internet_gets_in_for_certain_and_behind_an_appliance_perhaps(rows: Rows) -> None:
    assert _from_the_internet(judged(rows)) == {"allow"}
    part = "UPDATE security_group_rules SET peer = '203.0.113.0/24' WHERE direction = 'ingress' AND peer = '0.0.0.0/0'"
    assert _from_the_internet(judged(rows, part)) == {"allow"}
    edge = """
        INSERT INTO route_table_associations (account_id, region, route_table_id, gateway_id, state)
          SELECT account_id, region, 'rtb-edge', 'igw-p', 'associated' FROM vpcs WHERE vpc_id = 'vpc-p';
        INSERT INTO route_tables (account_id, region, route_table_id, vpc_id, owner_id, is_main)
          SELECT account_id, region, 'rtb-edge', vpc_id, account_id, FALSE FROM vpcs WHERE vpc_id = 'vpc-p';
        INSERT INTO routes (account_id, region, route_table_id, destination, destination_type, target_type, target_id, state)
          SELECT account_id, region, 'rtb-edge', '10.1.0.0/16', 'ipv4', 'vpc_endpoint', 'vpce-firewall', 'active'
          FROM vpcs WHERE vpc_id = 'vpc-p'
    """
    assert _from_the_internet(judged(rows, edge)) == {"conditional"}
    assert _from_the_internet(judged(rows, f"{part}; {edge}")) == {"conditional"}
