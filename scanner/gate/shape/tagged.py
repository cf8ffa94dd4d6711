"""Tags of planned resources, those of the provider's `default_tags` among them."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import tag_rows
from scanner.gate.values import Values
from scanner.policy import Row


def tags(v: Values, arn: str | None = None) -> Iterator[Row]:
    """Yield the tags a resource will carry: `tags_all`, which has the provider's defaults; a tag of unknown value has NULL."""
    name = "tags_all" if v.has("tags_all") else "tags"
    if v.is_known(name):
        yield from tag_rows(arn or v.arn, v.get(name) or {})
        return
    if v.is_unknown(name):  # the map as a whole
        if v.is_configured("tags"):
            v.note("tags", whole=True)
        return
    found = v.block(name)
    if found is None:
        return
    for key in found.names():
        yield "tags", {"arn": arn or v.arn, "key": key, "value": found.text(key)}
