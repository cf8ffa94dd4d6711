"""A small real `Source` for tests: answers from dictionaries, in pages of one item, checked against botocore."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from scanner.collect.api import Api, Call, Place, ReadError, Response
from scanner.policy import Row
from scanner.snapshot.tables import TABLES

ACCOUNT = "111122223333"
REGION = "eu-west-1"

SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (float, int),
    "float": (float, int),
    "boolean": (bool,),
    "timestamp": (datetime, str, int, float),
    "blob": (bytes,),
}
COLUMNS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "json": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "time": (datetime,),
    "strings": (list,),
}


class Refused(ReadError):
    """AWS refused the call."""

    def __init__(self, code: str = "AccessDenied"):
        super().__init__("access_denied", f"{code}: refused", "unknown", code)


class Fake:
    """Answers calls.

    `answers` has, per call, a response, an exception to raise, or a list of `(part of the request, either of these)`.
    What is not there is answered with nothing in it. `requests` keeps what was asked, and where.
    """

    def __init__(self, answers: Mapping[str, Any], refused: frozenset[str] = frozenset()):
        self._answers = answers
        self._refused = refused
        self.requests: list[tuple[str, str, dict[str, Any]]] = []

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        check(dict(params), operation(call).input_shape, f"request of {call.name}", required=True)
        self.requests.append((call.name, place.region, dict(params)))
        if call.name in self._refused:
            raise Refused
        answer = self._find(call.name, params)
        if isinstance(answer, Exception):
            raise answer
        check(answer, operation(call).output_shape, call.name)
        yield from split(answer) if paginated(call) else iter((answer,))

    def _find(self, name: str, params: Mapping[str, Any]) -> Any:
        answer = self._answers.get(name, {})
        if not isinstance(answer, list):
            return answer
        fits = [response for part, response in answer if part.items() <= params.items()]
        assert fits, f"the test has no answer to {name} {dict(params)}"
        return fits[0]


def split(answer: Mapping[str, Any]) -> Iterator[Response]:
    """Yield the answer in pages of one item, and an empty page last."""
    lists = {key: value for key, value in answer.items() if isinstance(value, list)}
    rest = {key: value for key, value in answer.items() if key not in lists}
    longest = max(map(len, lists.values()), default=0)
    for position in range(longest + 1):
        yield rest | {key: value[position : position + 1] for key, value in lists.items()}


@cache
def service(client: str) -> ServiceModel:
    model: ServiceModel = botocore.session.get_session().get_service_model(client)
    return model


def operation(call: Call) -> OperationModel:
    """Return the model of a call; fails when boto3 has no such method."""
    names = {name.lower(): name for name in service(call.client).operation_names}
    return service(call.client).operation_model(names[call.method.replace("_", "")])


@cache
def _paginators(client: str) -> dict[str, Any]:
    loader = botocore.session.get_session().get_component("data_loader")
    found: dict[str, Any] = loader.load_service_model(client, "paginators-1")["pagination"]
    return found


def paginated(call: Call) -> bool:
    return operation(call).name in _paginators(call.client)


def check(value: Any, shape: Shape | None, where: str, *, required: bool = False) -> None:
    """Fail on an unknown member, a wrong type, or (in a request) a required member that is missing."""
    if isinstance(shape, StructureShape):
        assert isinstance(value, Mapping), f"{where} is no structure: {value!r}"
        missing = set(shape.required_members) - set(value) if required else set()
        assert not missing, f"{where} lacks {sorted(missing)}"
        for key, inner in value.items():
            assert key in shape.members, f"{where} has no member {key}"
            check(inner, shape.members[key], f"{where}.{key}", required=required)
    elif isinstance(shape, ListShape):
        assert isinstance(value, list), f"{where} is no list: {value!r}"
        for inner in value:
            check(inner, shape.member, f"{where}[]", required=required)
    elif isinstance(shape, MapShape):
        assert isinstance(value, Mapping), f"{where} is no map: {value!r}"
        for inner in value.values():
            check(inner, shape.value, f"{where}{{}}", required=required)
    elif shape is None:
        assert not value, f"{where} takes nothing"
    else:
        assert is_a(value, SCALARS[shape.type_name]), f"{where} is no {shape.type_name}: {value!r}"


def is_a(value: Any, types: tuple[type, ...]) -> bool:
    """Like isinstance, but a bool is no number."""
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)


def check_row(table: str, row: Mapping[str, Any]) -> None:
    """Fail when a row does not fit its table."""
    columns = {column.name: column for column in TABLES[table].columns}
    unknown = set(row) - set(columns)
    assert not unknown, f"{table} has no column {sorted(unknown)}"
    for name, value in row.items():
        types = COLUMNS[columns[name].type]
        assert value is None or is_a(value, types), f"{table}.{name} is no {columns[name].type}: {value!r}"
        if isinstance(value, list):
            assert all(isinstance(item, str) for item in value), f"{table}.{name} holds more than text: {value!r}"
        if isinstance(value, datetime):
            assert value.tzinfo is None, f"{table}.{name} is no naive UTC: {value!r}"


def api(module: ModuleType, source: Fake) -> Api:
    region = "global" if module.SCOPE != "region" else REGION
    return Api(source, Place(ACCOUNT, region), {call.name: call for call in module.CALLS})


def read(module: ModuleType, answers: Mapping[str, Any], *refused: str) -> list[Row]:
    """Run a collector; every row is checked against its table."""
    rows = list(module.fetch(api(module, Fake(answers, frozenset(refused)))))
    for table, row in rows:
        check_row(table, row)
    return rows


def table_of(rows: list[Row], table: str) -> list[dict[str, Any]]:
    return [row for name, row in rows if name == table]


def as_recorded(answers: Any) -> Any:
    """Return answers as a recording has them: times as text."""
    if isinstance(answers, Exception):
        return answers
    if isinstance(answers, Mapping):
        return {key: as_recorded(value) for key, value in answers.items()}
    if isinstance(answers, list | tuple):
        return type(answers)(as_recorded(value) for value in answers)
    return json.loads(json.dumps(answers, default=str))
