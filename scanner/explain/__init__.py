"""Questions to a snapshot that the analyses answer one by one: text for people, JSON for programs, many in one batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scanner import analysis
from scanner.config import Config
from scanner.errors import UsageError
from scanner.explain.classification import classification, spoken_classification
from scanner.explain.finding import Asked, finding, spoken_finding
from scanner.explain.printable import one_line, printable
from scanner.snapshot.read import connect

__all__ = [
    "Asked", "batch", "classification", "finding", "network", "open_snapshot", "printable", "spoken", "spoken_classification",
    "spoken_finding", "spoken_principals", "trust", "who_can_assume",
]  # fmt: skip


def open_snapshot(snapshot: Path) -> Any:
    """A connection the analyses can be loaded from: the tables, and what was not read."""
    connection = connect(snapshot)
    analysis.run_all(connection, Config(), wanted=["unread"])
    return connection


def trust(snapshot: Path) -> Callable[..., dict[str, Any]]:
    """Open the question whether a principal can assume a role: `ask(source, target) -> {verdict, reasons, conditions}`."""
    from scanner.analysis.trust import Trust

    engine = Trust.load(open_snapshot(snapshot))
    return lambda source, target: dict(engine.ask(source, target).as_json())


def who_can_assume(snapshot: Path, role: str) -> dict[str, Any]:
    """Everybody who can assume a role: `{role, principals: [{arn, verdict, conditions}], notes}`. Raises UsageError."""
    from scanner.analysis.trust import Trust

    return Trust.load(open_snapshot(snapshot)).who_can_assume(role)


def network(snapshot: Path) -> Callable[..., dict[str, Any]]:
    """Open the question whether a connection can be made: `ask(source, target, protocol, port) -> {verdict, reasons}`."""
    from scanner.analysis.network import Network, answer_as_dict

    engine = Network.load(open_snapshot(snapshot))
    return lambda source, target, protocol="tcp", port=None: answer_as_dict(engine.ask(source, target, protocol, port))


def who_can_reach(snapshot: Path, target: str, port: int | None = None, protocol: str = "tcp") -> dict[str, Any]:
    """Everybody who can open a connection: `{target, port, reachers: [{verdict, members, machines, reasons}]}`.

    `machines` names, by interface, the instance it belongs to. Raises UsageError.
    """
    from scanner.analysis.network import Network

    connection = open_snapshot(snapshot)
    engine = Network.load(connection)
    found = engine.who_can_reach(target, port, protocol)
    machines = _machines(connection, [member for one in found for member in one.members])
    reachers = [
        {
            "verdict": one.verdict.value,
            "members": list(one.members),
            "machines": {member: machines[member] for member in one.members if member in machines},
            "reasons": list(one.reasons),
        }
        for one in found
    ]
    return {"target": target, "port": engine.port_of(target, port), "reachers": reachers}


def _machines(connection: Any, members: list[str]) -> dict[str, str]:
    """Instances by their interfaces, with name and account as far as known."""
    return dict(connection.execute(_MACHINES_SQL, [members]).fetchall())


def _with_machine(member: str, machine: str | None) -> str:
    return member if machine is None else f"{one_line(machine)} by {member}"


_MACHINES_SQL = """
SELECT n.eni_id, min(concat_ws(' ', i.name, '(' || n.instance_id || ')', 'of ' || coalesce(a.name, n.account_id)))
FROM network_interfaces n LEFT JOIN instances i ON i.instance_id = n.instance_id LEFT JOIN accounts a ON a.account_id = n.account_id
WHERE n.instance_id IS NOT NULL AND list_contains(?, n.eni_id) GROUP BY n.eni_id"""


def batch(ask: Callable[..., dict[str, Any]], file: Path) -> list[dict[str, Any]]:
    """Answer a JSON list of `{from, to}` (and `protocol`, `port`), in its order. Raises UsageError for any other file.

    A question that cannot be asked, such as one about a role that is not there, is `unknown` with the reason; the others
    are answered.
    """
    return [_answered(ask, question) for question in _questions(file)]


def _answered(ask: Callable[..., dict[str, Any]], question: Mapping[str, Any]) -> dict[str, Any]:
    extra = {key: question[key] for key in ("protocol", "port") if question.get(key) is not None}
    try:
        for key, value in question.items():
            wanted: type = int if key == "port" else str
            if key in ("from", "to", *extra) and (not isinstance(value, wanted) or isinstance(value, bool)):
                raise UsageError(f"{key} wants {'a number' if wanted is int else 'text'}, not {json.dumps(value)}")
        return ask(question["from"], question["to"], **extra)
    except UsageError as error:
        return {"verdict": "unknown", "reasons": [str(error)], "conditions": []}


def _questions(file: Path) -> list[Mapping[str, Any]]:
    try:
        questions = json.loads(file.read_text())
    except OSError as error:
        raise UsageError(f"cannot read the questions in {file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the questions in {file} are no JSON: {error}") from error
    wanted = {"from", "to"}
    if not isinstance(questions, list) or not all(isinstance(q, dict) and wanted <= q.keys() for q in questions):
        raise UsageError(f'{file}: wants a JSON list of {{"from": ..., "to": ...}}')
    return questions


def spoken(answer: Mapping[str, Any]) -> str:
    """One answer as text: the verdict, why, and what has to hold."""
    lines = [answer["verdict"], *(f"  {reason}" for reason in answer["reasons"])]
    lines += [f"  if {condition}" for condition in answer.get("conditions", ())]
    return printable("\n".join(lines))


def spoken_principals(found: Mapping[str, Any]) -> str:
    """Who can assume a role, as text: one line each."""
    lines = [found["role"]]
    for one in found["principals"]:
        conditions = f"  if {'; '.join(one['conditions'])}" if one["conditions"] else ""
        vendor = f"  ({one['vendor']})" if "vendor" in one else ""
        lines.append(f"  {one['verdict']:<11}  {one['arn']}{vendor}{conditions}")
    lines += [] if found["principals"] else ["  nobody"]
    lines += [f"  note: {note}" for note in found.get("notes", ())]
    return printable("\n".join(lines))


def spoken_reachers(found: Mapping[str, Any]) -> str:
    """Who can open a connection, as text: those that are alike together, and why."""
    lines = [f"{found['target']}, port {found['port']}"]
    for one in found["reachers"]:
        members = [_with_machine(member, one["machines"].get(member)) for member in one["members"]]
        lines.append(f"  {one['verdict']:<11}  {', '.join(members)}")
        lines += [f"               {reason}" for reason in one["reasons"]]
    return printable("\n".join(lines if found["reachers"] else [*lines, "  nobody"]))
