"""The tables of ends that open connections, and the classes they are put into: instances, functions and tasks.

Alike are those in one subnet with the same groups, kind and families of addresses. Where some range of a rule, an ACL or
a route is narrower than a subnet, every interface of that subnet stands for itself.
"""

from __future__ import annotations

from typing import Any

from scanner.analysis.network import workers
from scanner.analysis.network.addresses import parsed_or_none
from scanner.analysis.network.classes import acl_ranges, routed_ranges, split
from scanner.analysis.network.model import Estate

MADE = ("client_hosts", "client_facts", "client_spares")
ON_THE_WAY = ("client_ends", "client_classes", "listed_twice", "split_subnets", "subnet_ranges", "named_ranges")


def sort_out(connection: Any, estate: Estate) -> None:
    """Make the tables `client_hosts` (the first of every class, in order), `client_facts` (what its members are for) and
    `client_spares` (ends that need not be loaded one by one)."""
    connection.execute(_TWICE_SQL)
    connection.execute(_ENDS_SQL)
    _split(connection, estate)
    for sql in (_CLASSES_SQL, _HOSTS_SQL, _FACTS_SQL, _SPARES_SQL):
        connection.execute(sql)
    found = connection.execute("SELECT DISTINCT account_id, region, vpc_id, subnet_id FROM client_ends").fetchall()
    estate.tenants = tuple(sorted(found, key=str))
    forget(connection, ON_THE_WAY)


def forget(connection: Any, tables: tuple[str, ...] = MADE) -> None:
    for name in tables:
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def _split(connection: Any, estate: Estate) -> None:
    """Make the table `split_subnets`. Rules name millions of ranges: those are joined, not looked at one by one."""
    connection.execute("CREATE OR REPLACE TEMP TABLE split_subnets (subnet_id VARCHAR)")
    sixes = connection.execute(_SIXES_SQL).fetchall()
    ranges = {one for (text,) in sixes if (one := parsed_or_none(text)) is not None}
    found = split(estate, {*routed_ranges(estate), *acl_ranges(estate), *ranges})
    connection.execute("INSERT INTO split_subnets SELECT unnest(?::VARCHAR[])", [sorted(found)])
    fours = [
        (subnet_id, one.prefixlen, one.first)
        for subnet_id, subnet in sorted(estate.subnets.items())
        for one in subnet.cidrs
        if one.version == 4
    ]
    connection.execute("CREATE OR REPLACE TEMP TABLE subnet_ranges (subnet_id VARCHAR, length INTEGER, first BIGINT)")
    columns = [list(column) for column in zip(*fours, strict=True)] or [[], [], []]
    sql = "INSERT INTO subnet_ranges SELECT unnest(?::VARCHAR[]), unnest(?::INTEGER[]), unnest(?::BIGINT[])"
    connection.execute(sql, columns)
    connection.execute(_NAMED_SQL)
    for length in sorted({length for _, length, _ in fours}):
        connection.execute(_PARTS_SQL, [length, length])


def number_of(text: str) -> str:
    """SQL that makes a number of an IPv4 address; NULL where it is none."""
    places = enumerate((16777216, 65536, 256, 1), 1)
    return " + ".join(f"TRY_CAST(split_part({text}, '.', {place}) AS BIGINT) * {weight}" for place, weight in places)


# Whoever takes part in a subnet, and its owner, list the same interface. Few are: only those are put in order.
_TWICE_SQL = """
CREATE OR REPLACE TEMP TABLE listed_twice AS SELECT eni_id FROM network_interfaces GROUP BY eni_id HAVING count(*) > 1
"""

_ENDS_SQL = f"""
CREATE OR REPLACE TEMP TABLE client_ends AS
WITH listed AS (
  SELECT * FROM network_interfaces WHERE eni_id NOT IN (SELECT eni_id FROM listed_twice)
  UNION ALL
  SELECT * FROM network_interfaces WHERE eni_id IN (SELECT eni_id FROM listed_twice)
  QUALIFY row_number() OVER (PARTITION BY eni_id ORDER BY CASE WHEN account_id = owner_id THEN 0 ELSE 1 END, account_id) = 1
),
machines AS (
  SELECT i.instance_id, min(i.arn) AS arn FROM instances i GROUP BY i.instance_id
),
workers AS ({workers.SQL}),
facts AS (
  SELECT arn, min(workload) AS workload, min(environment) AS environment FROM resource_facts
  WHERE arn IN (SELECT arn FROM instances) OR arn IN (SELECT arn FROM workers) GROUP BY arn
),
-- Where functions or services were not listed, one of them may be for something else than its account.
unlisted AS (
  SELECT account_id, region, max(CASE WHEN call <> 'lambda.get_policy' AND collector IN ('*', 'lambda_functions') THEN 1 ELSE 0 END) AS functions,
    max(CASE WHEN collector IN ('*', 'ecs') THEN 1 ELSE 0 END) AS services
  FROM unread WHERE table_name = 'compute' GROUP BY account_id, region
)
SELECT n.eni_id AS host_id, coalesce(w.arn, i.arn, n.arn, n.eni_id) AS arn, coalesce(n.owner_id, n.account_id) AS account_id, n.region, n.vpc_id,
  n.subnet_id, array_to_string(list_sort(n.group_ids), ' ') AS group_names, coalesce(n.interface_type, 'interface') AS kind,
  coalesce(len(n.private_ips), 0) > 0 AS four, coalesce(len(n.ipv6_ips), 0) > 0 AS six,
  CASE WHEN w.arn IS NOT NULL OR n.instance_id IS NOT NULL AND u.eni_id IS NULL THEN f.workload WHEN u.eni_id IS NULL THEN a.workload END AS workload,
  CASE WHEN w.arn IS NOT NULL OR n.instance_id IS NOT NULL AND u.eni_id IS NULL THEN f.environment WHEN u.eni_id IS NULL THEN a.environment END
    AS environment
FROM listed n
LEFT JOIN machines i ON i.instance_id = n.instance_id
LEFT JOIN workers w ON w.eni_id = n.eni_id
LEFT JOIN facts f ON f.arn = coalesce(w.arn, i.arn)  -- a task on an instance has an interface of its own there
LEFT JOIN account_facts a ON a.account_id = coalesce(n.owner_id, n.account_id)
LEFT JOIN (
  SELECT DISTINCT n.eni_id FROM listed n JOIN unlisted u ON u.account_id = coalesce(n.owner_id, n.account_id) AND u.region IN (n.region, '*')
  WHERE CASE WHEN n.interface_type = 'lambda' THEN u.functions WHEN {workers.IS_TASK} THEN u.services END = 1
) u ON u.eni_id = n.eni_id
WHERE n.instance_id IS NOT NULL OR n.interface_type = 'lambda' OR {workers.IS_TASK}
UNION ALL
SELECT i.instance_id, i.arn, i.account_id, i.region, i.vpc_id, i.subnet_id, array_to_string(list_sort(i.group_ids), ' '), 'interface', TRUE, FALSE,
  f.workload, f.environment
FROM (
  SELECT * FROM instances WHERE instance_id NOT IN (SELECT instance_id FROM network_interfaces WHERE instance_id IS NOT NULL)
  QUALIFY row_number() OVER (PARTITION BY instance_id ORDER BY account_id) = 1
) i
LEFT JOIN facts f ON f.arn = i.arn
"""

_SIXES_SQL = "SELECT DISTINCT peer FROM security_group_rules WHERE peer_type IN ('ipv4', 'ipv6') AND peer LIKE '%:%'"

_NAMED_SQL = f"""
CREATE OR REPLACE TEMP TABLE named_ranges AS
SELECT first, length FROM (
  SELECT {number_of("split_part(peer, '/', 1)")} AS first, coalesce(TRY_CAST(nullif(split_part(peer, '/', 2), '') AS INTEGER), 32) AS length
  FROM (SELECT DISTINCT peer FROM security_group_rules WHERE peer_type IN ('ipv4', 'ipv6') AND peer NOT LIKE '%:%')
) WHERE first IS NOT NULL
"""

_PARTS_SQL = """
INSERT INTO split_subnets
SELECT DISTINCT s.subnet_id FROM subnet_ranges s
JOIN (SELECT DISTINCT first >> (32 - ?) AS head, length FROM named_ranges) r ON r.head = s.first >> (32 - s.length)
WHERE s.length = ? AND r.length > s.length
"""

_CLASSES_SQL = """
CREATE OR REPLACE TEMP TABLE client_classes AS
WITH split AS (SELECT DISTINCT subnet_id FROM split_subnets)
SELECT host_id AS first_id, arn, workload, environment FROM client_ends WHERE subnet_id IN (SELECT subnet_id FROM split)
UNION ALL
SELECT min(host_id) OVER (PARTITION BY account_id, vpc_id, subnet_id, group_names, kind, four, six), arn, workload, environment
FROM client_ends WHERE subnet_id IS NULL OR subnet_id NOT IN (SELECT subnet_id FROM split)
"""

_HOSTS_SQL = """
CREATE OR REPLACE TEMP TABLE client_hosts AS
WITH chosen AS (
  SELECT eni_id AS host_id, * EXCLUDE (eni_id) FROM network_interfaces
  WHERE eni_id IN (SELECT first_id FROM client_classes) AND eni_id NOT IN (SELECT eni_id FROM listed_twice)
  UNION ALL
  SELECT eni_id AS host_id, * EXCLUDE (eni_id) FROM network_interfaces
  WHERE eni_id IN (SELECT first_id FROM client_classes) AND eni_id IN (SELECT eni_id FROM listed_twice)
  QUALIFY row_number() OVER (PARTITION BY eni_id ORDER BY arn, vpc_id, subnet_id, owner_id, account_id, region, description, interface_type,
    requester_id, instance_id, private_ips, ipv6_ips, public_ips, group_ids, source_dest_check) = 1
  UNION ALL BY NAME
  SELECT instance_id AS host_id, vpc_id, subnet_id, account_id, region, instance_id, [private_ip] AS private_ips, [public_ip] AS public_ips, group_ids
  FROM instances WHERE instance_id IN (SELECT first_id FROM client_classes)
  QUALIFY row_number() OVER (PARTITION BY instance_id ORDER BY arn, name, state, account_id, region, vpc_id, subnet_id, private_ip, public_ip,
    group_ids) = 1
)
SELECT row_number() OVER (ORDER BY host_id) - 1 AS number, host_id, vpc_id, subnet_id, owner_id, account_id, region, description,
  interface_type, requester_id, instance_id, list_concat(coalesce(private_ips, []), coalesce(ipv6_ips, [])) AS ips,
  array_to_string(ipv6_ips, ' ') AS six_names, array_to_string(public_ips, ' ') AS public_names, list_sort(group_ids) AS group_ids,
  array_to_string(list_sort(group_ids), ' ') AS group_names, source_dest_check
FROM chosen ORDER BY host_id
"""

_FACTS_SQL = """
CREATE OR REPLACE TEMP TABLE client_facts AS
SELECT h.number, f.* EXCLUDE (first_id) FROM (
  SELECT first_id, min(arn) AS arn, workload, environment, count(DISTINCT arn) AS members FROM client_classes
  WHERE first_id IN (SELECT first_id FROM client_classes GROUP BY first_id HAVING count(*) > 1) GROUP BY first_id, workload, environment
  UNION ALL
  SELECT first_id, min(arn), min(workload), min(environment), count(arn) FROM client_classes GROUP BY first_id HAVING count(*) = 1
) f JOIN client_hosts h ON h.host_id = f.first_id
"""

# What routes lead to is kept: whether it passes packets on counts.
_SPARES_SQL = """
CREATE OR REPLACE TEMP TABLE client_spares AS
WITH routed AS (SELECT DISTINCT target_id FROM routes WHERE target_id IS NOT NULL)
SELECT c.host_id FROM client_ends c
WHERE c.host_id NOT IN (SELECT target_id FROM routed)
  AND c.host_id NOT IN (SELECT n.eni_id FROM network_interfaces n WHERE n.instance_id IN (SELECT target_id FROM routed))
UNION
SELECT n.instance_id FROM network_interfaces n WHERE n.instance_id IS NOT NULL AND n.instance_id NOT IN (SELECT target_id FROM routed)
"""
