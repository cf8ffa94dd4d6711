from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.collect.api import Api, Call, Place, ReadError, Response
from scanner.collect.reading import ids, whole

CALL = Call("kms.list_keys", ("kms_keys",))


class BreaksOnce:
    """Fails after the first page of the first listing."""

    def __init__(self) -> None:
        self._listings = 0

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        self._listings += 1
        yield {"Keys": ["a"]}
        if self._listings == 1:
            raise ReadError("throttled", "too fast")
        yield {"Keys": ["b"]}


def test_half_a_listing_is_none_and_a_later_one_is_whole() -> None:
    api = Api(BreaksOnce(), Place("111122223333", "eu-west-1"), {CALL.name: CALL})
    assert whole(api, CALL.name, "Keys") is None
    assert whole(api, CALL.name, "Keys") == ["a", "b"]
    assert api.tallies[CALL.name].failed == 1


def test_ids_are_in_order_and_once() -> None:
    assert ids([{"x": "b"}, {"x": "a"}, {"x": "b"}, {"x": None}, {}], "x") == ["b", "a"]
    assert ids(None, "x") == []
