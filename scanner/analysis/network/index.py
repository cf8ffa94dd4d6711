"""Large route tables, sorted: which routes have anything to do with an address or a range."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from scanner.analysis.network.addresses import Spot, spot
from scanner.analysis.network.model import TransitRoute


class RouteIndex:
    """Routes of a transit gateway route table by destination; those to prefix lists have to be looked at each time."""

    def __init__(self, routes: Iterable[TransitRoute]):
        self._lists: list[TransitRoute] = []
        self._wide: dict[tuple[int, int], dict[int, list[TransitRoute]]] = defaultdict(lambda: defaultdict(list))
        self._sorted: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._all = tuple(routes)
        for number, route in enumerate(self._all):
            if not route.destination:
                self._lists.append(route)
                continue
            where = spot(route.destination)
            first = where.first
            self._wide[where.version, where.prefixlen][first].append(route)
            self._sorted[where.version].append((first, where.prefixlen, number))
        for found in self._sorted.values():
            found.sort()

    def near(self, where: Spot) -> Iterator[TransitRoute]:
        """Yield every route that covers `where` or a part of it."""
        yield from self._lists
        first, last = where.first, where.last
        for (version, length), found in self._wide.items():
            if version == where.version and length <= where.prefixlen:
                gone = where.max_prefixlen - length
                yield from found.get(first >> gone << gone, ())
        if not where.single:
            listed = self._sorted.get(where.version, [])
            for _, length, number in listed[bisect_left(listed, (first,)) : bisect_right(listed, (last, 999))]:
                if length > where.prefixlen:
                    yield self._all[number]
