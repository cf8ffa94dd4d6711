"""Tags of planned resources, those of the provider's `default_tags` among them.

A tag without a value is one whose value is not known; AWS has none such. Where not even the keys are known it is one tag, `UNKNOWN_TAGS`.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.analysis.evidence import UNKNOWN_TAGS
from scanner.collect.api import tag_rows
from scanner.gate.values import Values
from scanner.policy import Row


def tags(v: Values, arn: str | None = None) -> Iterator[Row]:
    """Yield the tags a resource will carry: `tags_all`, which has the provider's defaults."""
    name = "tags_all" if v.has("tags_all") else "tags"
    if v.is_known(name):
        yield from tag_rows(arn or v.arn, v.get(name) or {})
        return
    if v.is_unknown(name):  # the map as a whole
        if v.is_configured("tags"):
            v.note("tags", whole=True)
            yield "tags", {"arn": arn or v.arn, "key": UNKNOWN_TAGS, "value": None}
        return
    found = v.block(name)
    if found is None:
        return
    for key in found.names():
        yield "tags", {"arn": arn or v.arn, "key": key, "value": found.text(key)}
