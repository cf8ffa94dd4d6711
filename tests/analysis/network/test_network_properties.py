"""What must hold whatever the network looks like. Snapshots of the project's cases are copied, changed and asked again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.analysis.network import Network, Verdict
from scanner.analysis.network.verdicts import RANK
from tests.analysis.network.recordings import CASES, OWN, Copy, rows_of

# Names are gone with the table that has them: then a question is an error of usage, not a verdict.
BY_ID = ("i-", "eni-", "vpce-", "arn:", "com.amazonaws.", "internet")


def asked(network: Network, name: str) -> Iterator[tuple[str, Verdict]]:
    for row in rows_of(OWN / name):
        ends = row["from"], row["to"]
        if all(end.startswith(BY_ID) or end[0].isdigit() for end in ends):
            yield " -> ".join(ends) + f":{row['port']}", network.ask(*ends, row["protocol"], row["port"]).verdict


def removed(call: str, tables: list[str]) -> str:
    """SQL that makes a snapshot look as if a call had been refused everywhere."""
    gone = "; ".join(f"DELETE FROM {table}" for table in tables)
    return f"{gone}; UPDATE coverage SET status = 'access_denied' WHERE call = '{call}'"


GAPS = {
    "ec2.describe_vpcs": ["vpcs", "vpc_cidrs"],
    "ec2.describe_subnets": ["subnets"],
    "ec2.describe_network_interfaces": ["network_interfaces"],
    "ec2.describe_instances": ["instances"],
    "ec2.describe_route_tables": ["route_tables", "route_table_associations", "routes"],
    "ec2.describe_security_groups": ["security_groups", "security_group_rules"],
    "ec2.describe_network_acls": ["network_acls", "network_acl_associations", "network_acl_entries"],
    "ec2.describe_managed_prefix_lists": ["prefix_lists"],
    "ec2.describe_vpc_peering_connections": ["vpc_peerings"],
    "ec2.describe_nat_gateways": ["nat_gateways"],
    "ec2.describe_vpc_endpoints": ["vpc_endpoints"],
    "ec2.describe_vpc_endpoint_service_configurations": ["endpoint_services"],
    "ec2.describe_vpc_block_public_access_options": ["public_access_blocks", "public_access_exclusions"],
    "ec2.describe_vpc_block_public_access_exclusions": ["public_access_exclusions"],
    "ec2.describe_transit_gateways": ["transit_gateways"],
    "ec2.describe_transit_gateway_attachments": ["transit_gateway_attachments"],
    "ec2.describe_transit_gateway_route_tables": ["transit_gateway_route_tables", "transit_gateway_routes"],
    "rds.describe_db_subnet_groups": ["subnet_groups"],
    "rds.describe_db_instances": ["databases"],
}  # fmt: skip


@pytest.mark.parametrize("call", sorted(GAPS))
@pytest.mark.parametrize("name", CASES)
def test_a_gap_leaves_the_verdict_or_makes_it_unknown(name: str, call: str, copies: dict[str, Copy]) -> None:
    before = dict(asked(copies[name].network(), name))
    after = dict(asked(copies[name].network(removed(call, GAPS[call])), name))
    changed = {pair: (before[pair], found) for pair, found in after.items() if found not in (before[pair], "unknown")}
    assert changed == {}


PORTS = st.sampled_from([(0, 65535), (443, 443), (1024, 65535), (5432, 5432), (32768, 40000)])
CIDRS = st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "10.0.1.0/24", "10.0.1.66/32", "10.2.0.0/16", "8.8.8.0/24", "::/0"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CASES), st.integers(1, 200), PORTS, CIDRS, st.sampled_from(["ingress", "egress"]))
def test_one_more_deny_never_loosens(
    copies: dict[str, Copy], name: str, number: int, ports: tuple[int, int], cidr: str, direction: str
) -> None:
    before = dict(asked(copies[name].network(), name))
    deny = f"""
        INSERT INTO network_acl_entries (account_id, region, acl_id, direction, number, action, protocol, cidr, family,
          from_port, to_port)
        SELECT DISTINCT account_id, region, acl_id, '{direction}', {number}, 'deny', '6', '{cidr}', 4, {ports[0]}, {ports[1]}
        FROM network_acls a WHERE NOT EXISTS (SELECT 1 FROM network_acl_entries e
          WHERE e.acl_id = a.acl_id AND e.direction = '{direction}' AND e.number = {number})
    """
    after = dict(asked(copies[name].network(deny), name))
    assert {pair for pair in before if RANK[after[pair]] > RANK[before[pair]]} == set()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CASES), st.randoms(use_true_random=False))
def test_order_of_rows_never_matters(copies: dict[str, Copy], name: str, random: Any) -> None:
    def order(size: int) -> list[int]:
        return random.sample(range(size), size)

    plain, shuffled = copies[name].network(), copies[name].network(order=order)
    for row in rows_of(OWN / name):
        question = row["from"], row["to"], row["protocol"], row["port"]
        assert shuffled.ask(*question) == plain.ask(*question)


@pytest.mark.parametrize("name", CASES)
def test_who_can_reach_agrees_with_single_questions(name: str, copies: dict[str, Copy]) -> None:
    network = copies[name].network()
    for target in sorted({row["to"] for row in rows_of(OWN / name) if row["to"].startswith("i-")}):
        for reacher in network.who_can_reach(target, 443):
            for member in reacher.members:
                if member.startswith("eni-") and not network.ask(member, target, "tcp", 443).reasons[0].startswith(
                    "both"
                ):
                    assert network.ask(member, target, "tcp", 443).verdict == reacher.verdict
