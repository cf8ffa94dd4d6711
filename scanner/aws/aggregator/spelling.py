"""Configuration items as AWS Config writes them, respelt as the calls of the service would. Pure.

https://github.com/awslabs/aws-config-resource-schema
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]
_DATABASE = re.compile(r"^db(cluster|instance|snapshot|subnet|parameter)")


class NotHeld(Exception):
    """AWS Config does not hold what was asked for, though it records the type."""


def respelt(value: Any) -> Any:
    """Return a configuration with boto3's member names; an enumeration, which is kept as `{"value": ...}`, is its value."""
    if isinstance(value, Mapping):
        if value.keys() == {"value"}:
            return value["value"]
        return {_member(key): respelt(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [respelt(inner) for inner in value]
    return value


def _member(key: str) -> str:
    """`vpcId` -> `VpcId`; databases are spelt in three ways: `dBInstanceArn`, `dbclusterArn` and `DBClusterArn`."""
    name = _DATABASE.sub(lambda found: "DB" + found.group(1).capitalize(), key)
    return name[:1].upper() + name[1:]


def configuration(item: Item, *needs: str) -> dict[str, Any]:
    """Return the configuration of an item respelt, without the tags in it. Raises NotHeld where it lacks a member of `needs`."""
    found = _parsed(item.get("configuration"))
    if not isinstance(found, Mapping):
        raise NotHeld(f"AWS Config has no configuration of {_named(item)}")
    made: dict[str, Any] = respelt(found)
    missing = [name for name in needs if name not in made]
    if missing:
        raise NotHeld(f"AWS Config has no {', '.join(missing)} of {_named(item)}")
    return {name: value for name, value in made.items() if name not in ("Tags", "TagSet", "TagList")}


def supplement(item: Item, name: str) -> Any:
    """Return one member of the supplementary configuration as it is. Raises NotHeld where it is not there."""
    found = _parsed(item.get("supplementaryConfiguration"))
    if not isinstance(found, Mapping) or name not in found:
        raise NotHeld(f"AWS Config has no {name} of {_named(item)}")
    return _parsed(found[name])


def tags(item: Item) -> list[dict[str, str]]:
    """Return the tags as `Key` and `Value`."""
    found = item.get("tags") or []
    pairs = found.items() if isinstance(found, Mapping) else [(tag["key"], tag.get("value") or "") for tag in found]
    return [{"Key": key, "Value": value} for key, value in pairs]


def _named(item: Item) -> str:
    return f"{item.get('resourceType')} {item.get('resourceId')}"


def _parsed(value: Any) -> Any:
    """Parts of an item come as JSON or as its text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
