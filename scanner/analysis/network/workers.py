"""Functions and container services, and the interfaces they work from: those in their subnets with their groups.

AWS does not say which function or task an interface belongs to; functions with the same subnets and groups share one.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

IS_TASK = "n.description LIKE 'arn:aws%:ecs:%'"
"""SQL: whether an interface `n` is that of a task."""

# Columns arn, eni_id. Interfaces that are only planned have the ARN of what will work from them.
SQL = f"""
SELECT c.arn, n.eni_id FROM network_interfaces n JOIN compute c ON c.arn = n.arn
UNION
SELECT c.arn, n.eni_id FROM network_interfaces n
JOIN (
  SELECT arn, account_id, type, unnest(subnet_ids) AS subnet_id, array_to_string(list_sort(group_ids), ' ') AS group_names
  FROM compute WHERE type IN ('function', 'container_service')
) c ON c.account_id = coalesce(n.owner_id, n.account_id) AND c.subnet_id = n.subnet_id
  AND c.group_names = array_to_string(list_sort(n.group_ids), ' ')
  AND CASE c.type WHEN 'function' THEN n.interface_type = 'lambda' ELSE {IS_TASK} END
WHERE n.instance_id IS NULL
"""
