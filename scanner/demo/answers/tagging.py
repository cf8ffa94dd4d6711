"""The tagging API: all of EC2, and buckets in their own Region.

moto lists few kinds of EC2 resources, and every bucket in every Region.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends

from scanner.demo.store import Store
from scanner.demo.wire import Call

SERVICE = "resourcegroupstaggingapi"


def get_resources(call: Call, store: Store) -> dict[str, Any]:
    answer = call.ask_moto()
    if call.params.get("ResourceARNList") or call.params.get("PaginationToken") or answer.get("PaginationToken"):
        return answer
    listed = [one for one in answer["ResourceTagMappingList"] if _is_here(one["ResourceARN"], call)]
    known = {one["ResourceARN"] for one in listed}
    types, filters = call.params.get("ResourceTypeFilters"), call.params.get("TagFilters", [])
    for arn, tags in sorted(_tags_of_ec2(call).items()):
        kind = f"ec2:{arn.split(':', 5)[5].split('/')[0]}"
        if arn not in known and (not types or "ec2" in types or kind in types) and _matches(tags, filters):
            listed.append({"ResourceARN": arn, "Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]})
    return {**answer, "ResourceTagMappingList": listed}


def _is_here(arn: str, call: Call) -> bool:
    if not arn.startswith("arn:aws:s3:::"):
        return True
    bucket = s3_backends[call.account]["aws"].buckets.get(arn.removeprefix("arn:aws:s3:::"))
    return bucket is None or bucket.region_name == call.region


def _tags_of_ec2(call: Call) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for tag in ec2_backends[call.account][call.region].describe_tags():
        arn = f"arn:aws:ec2:{call.region}:{call.account}:{tag['resource_type']}/{tag['resource_id']}"
        found.setdefault(arn, {})[tag["key"]] = tag["value"]
    return found


def _matches(tags: dict[str, str], filters: list[dict[str, Any]]) -> bool:
    return all(one["Key"] in tags and (not one.get("Values") or tags[one["Key"]] in one["Values"]) for one in filters)
