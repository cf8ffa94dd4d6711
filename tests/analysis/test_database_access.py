"""Ranges and clients of databases: what was made fast says what the slow way says."""

from __future__ import annotations

from ipaddress import ip_network
from random import Random

from scanner.analysis.database_access import FEW, Client, Ranges, _Clients, alike, is_whole_network
from scanner.snapshot.read import connect_empty


def some_range(chance: Random) -> str:
    length = chance.choice((8, 12, 16, 20, 22, 24, 28, 32))
    return str(ip_network((0x0A000000 + chance.randrange(2**18) * 64, length), strict=False))


def test_a_range_holds_another_exactly_when_it_contains_it() -> None:
    chance = Random(5)
    for _ in range(300):
        inner = [ip_network(some_range(chance)) for _ in range(chance.randrange(6))]
        outer = ip_network(some_range(chance))
        wanted = any(one.subnet_of(outer) for one in inner)  # type: ignore[arg-type]
        assert Ranges(inner).any_in(outer) == wanted
        assert is_whole_network(outer, Ranges(inner), 0) == wanted


def test_versions_do_not_mix() -> None:
    ranges = Ranges([ip_network("10.0.0.0/16"), ip_network("2600:1f18::/56")])
    assert ranges.any_in(ip_network("2600::/16"))
    assert not ranges.any_in(ip_network("::/97"))
    assert not Ranges([ip_network("2600:1f18::/56")]).any_in(ip_network("0.0.0.0/0"))


def test_clients_of_an_unknown_workload_come_first_and_all_are_counted() -> None:
    clients = [Client(f"arn:{n}", "1", f"w{n % 3}", "production") for n in range(9)]
    clients += [Client("arn:x", "1", None, None), Client("arn:y", "1", "unknown", "test")]
    found = alike(clients)
    assert {one.first.workload for one in found[:2]} == {None, "unknown"}
    assert sum(one.clients for one in found) == len(clients)
    assert [one.clients for one in found[2:]] == [3, 3, 3]


def hub(vpcs: int) -> _Clients:
    """A transit gateway that joins VPCs of one instance each, every one of another workload."""
    connection = connect_empty()
    connection.execute("CREATE TABLE resource_facts (arn VARCHAR, workload VARCHAR, environment VARCHAR)")
    connection.execute("CREATE TABLE account_facts (account_id VARCHAR, workload VARCHAR, environment VARCHAR)")
    connection.execute(
        f"""INSERT INTO instances (account_id, arn, vpc_id, private_ip, group_ids)
        SELECT '1', 'i-' || n, 'vpc-' || n, '10.0.' || n || '.4', ['sg-' || n] FROM range({vpcs}) r(n)"""
    )
    connection.execute(f"INSERT INTO resource_facts SELECT 'i-' || n, 'w' || n, 'production' FROM range({vpcs}) r(n)")
    connection.execute(
        f"""INSERT INTO transit_gateway_attachments (transit_gateway_id, resource_type, resource_id, state)
        SELECT 'tgw', 'vpc', 'vpc-' || n, 'available' FROM range({vpcs}) r(n)"""
    )
    return _Clients(connection)


def test_a_range_admits_the_own_vpc_for_certain_and_joined_ones_perhaps() -> None:
    found = list(hub(3).admitted("ipv4", "10.0.0.0/8", "vpc-1"))
    assert [(certain, one.first.workload) for certain, one in found] == [(True, "w1"), (False, "w0"), (False, "w2")]
    assert [one.first.arn for _, one in hub(3).admitted("group", "sg-2", "vpc-1")] == ["i-2"]
    assert not list(hub(3).admitted("ipv4", "10.9.0.0/16", "vpc-1"))


def test_a_few_stand_for_the_workloads_of_a_large_hub() -> None:
    found = list(hub(100).admitted("ipv4", "10.0.0.0/8", "vpc-1"))
    assert sum(certain for certain, _ in found) == 1
    assert len(found) == FEW + 1
