"""Functions and container services, and the interfaces they work from: those in their subnets with their groups.

AWS does not say which function or task an interface belongs to; functions with the same subnets and groups share one.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

IS_TASK = "n.description LIKE 'arn:aws%:ecs:%'"
"""SQL: whether an interface `n` is that of a task."""

COLLECTORS = {"function": "lambda_functions", "container_service": "ecs"}
"""Who lists them, by their type in the table `compute`."""

DEFAULT_GROUPS = """SELECT vpc_id, coalesce(min(group_id) FILTER (WHERE starts_with(group_id, 'sg-')), min(group_id)) AS group_id
  FROM security_groups WHERE name = 'default' GROUP BY vpc_id"""
"""SQL: the group that each VPC makes with itself. One that a plan takes over is listed twice where it does not say of which VPC it is:
the others know it by its own id."""

# Columns arn, eni_id. A service that names no group has the default one of the VPC, and AWS does not say so.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
SQL = f"""
SELECT DISTINCT c.arn, n.eni_id FROM network_interfaces n
JOIN (
  SELECT w.arn, w.account_id, w.type, w.subnet_id,
    CASE WHEN len(w.group_ids) = 0 THEN g.group_id ELSE array_to_string(list_sort(w.group_ids), ' ') END AS group_names
  FROM (SELECT *, unnest(subnet_ids) AS subnet_id FROM compute WHERE type IN ('function', 'container_service')) w
  LEFT JOIN (SELECT subnet_id, min(vpc_id) AS vpc_id FROM subnets GROUP BY subnet_id) s ON s.subnet_id = w.subnet_id
  LEFT JOIN ({DEFAULT_GROUPS}) g ON g.vpc_id = s.vpc_id
) c ON c.account_id = coalesce(n.owner_id, n.account_id) AND c.subnet_id = n.subnet_id
  AND c.group_names = array_to_string(list_sort(n.group_ids), ' ')
  AND CASE c.type WHEN 'function' THEN n.interface_type = 'lambda' ELSE {IS_TASK} END
"""
