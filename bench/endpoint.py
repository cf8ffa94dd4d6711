"""A replay endpoint: answers AWS requests from one account's worth of answers, for any number of accounts.

One process, one event loop. A request is known by its bytes with account and Region taken out; the first of its kind is
parsed and its answer serialised by botocore's service models, every later one costs a few replacements. Connections are
kept alive, and the latency is a timer. It listens on loopback only, and ends when its standard input is closed or its time
is up; the last line it prints says what it did.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from io import BytesIO
from typing import Any

from bench.estate import ACCOUNT, REGION, Absent, Organization, account_letters
from scanner.demo import wire

SIGNED = re.compile(rb"Credential=\w{4}(\d{12})\w{4}/\d+/([^/]+)/([^/]+)/", re.ASCII)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TARGET = re.compile(rb"\r\nx-amz-target: *([^\r]+)", re.IGNORECASE)
TYPE = re.compile(rb"\r\ncontent-type: *([^\r]+)", re.IGNORECASE)
LETTERS = {region.encode(): letter.encode() for region, letter in account_letters()}
OWN, HERE = ACCOUNT.encode(), REGION.encode()
OWN_HERE = OWN + LETTERS[HERE]


class Answers:
    """Finished responses, by request."""

    def __init__(self, organization: Organization):
        self._organization = organization
        self._known: dict[tuple[bytes, ...], tuple[str, bytes, bytes]] = {}
        self.requests: Counter[str] = Counter()
        self.sent_bytes = 0

    def respond(self, head: bytes, body: bytes) -> bytes:
        """Return the whole response to one request."""
        signed = SIGNED.search(head)
        if signed is None:
            return _http(b"403 Forbidden", b"", b"unsigned")
        account, region, service = signed.groups()
        letter = LETTERS.get(region, LETTERS[HERE])
        line = head[: head.index(b"\r\n")]
        target = TARGET.search(head)
        key = (
            service,
            self._without(line, account, letter, region),
            target.group(1) if target else b"",
            self._without(body, account, letter, region),
        )
        found = self._known.get(key)
        if found is None:
            kind = TYPE.search(head)
            found = self._known[key] = self._make(signed.group(), key, kind.group(1) if kind else b"")
        name, status_and_headers, answer = found
        self.requests[name] += 1
        answer = answer.replace(OWN_HERE, OWN + letter).replace(OWN, account).replace(HERE, region)
        self.sent_bytes += len(answer)
        return _http(status_and_headers, b"", answer)

    @staticmethod
    def _without(text: bytes, account: bytes, letter: bytes, region: bytes) -> bytes:
        return text.replace(account + letter, OWN_HERE).replace(account, OWN).replace(region, HERE)

    def _make(self, signature: bytes, key: tuple[bytes, ...], content_type: bytes) -> tuple[str, bytes, bytes]:
        _, line, target, body = key
        method, _, rest = line.decode().partition(" ")
        path, _, query = rest.rsplit(" ", 1)[0].partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "RAW_URI": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": content_type.decode(),
            "HTTP_X_AMZ_ACCOUNT_ID": OWN.decode(),  # S3 Control has it in the name of the host too
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {signature.decode()}aws4_request",
        }
        if target:
            environ["HTTP_X_AMZ_TARGET"] = target.decode()
        call = wire.read_call(environ, NoMoto())
        assert call is not None and call.model is not None, f"no operation for {line!r}"
        name = f"{call.service}.{call.operation}"
        try:
            written = wire.write_answer(call, self._organization.answer(name, call.params))
        except Absent as absent:
            written = wire.write_refusal(call, wire.Refusal(str(absent), "there is none"))
        headers = "".join(f"\r\n{key}: {value}" for key, value in written.headers if key.lower() == "content-type")
        return name, f"{written.status} -{headers}".encode(), written.body


class NoMoto:
    """Stands where the demo's server has moto: nothing is asked of it here."""

    lock = threading.Lock()

    def __call__(self, *_: Any) -> Any:
        raise AssertionError("nothing is asked of moto here")


def _http(status: bytes, headers: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %b%b\r\nContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


class Connection(asyncio.Protocol):
    """One connection of a client, kept alive. The client sends its next request after the answer, as HTTP/1.1 clients do."""

    def __init__(self, answers: Answers, latency: float, opened: Counter[str]):
        self._answers = answers
        self._latency = latency
        self._opened = opened
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._opened["connections"] += 1

    def data_received(self, data: bytes) -> None:
        arrived = self._loop.time()
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[: end + 2]
            length = LENGTH.search(head)
            stop = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._buffer) < stop:
                return
            response = self._answers.respond(head, self._buffer[end + 4 : stop])
            self._buffer = self._buffer[stop:]
            # Whatever this process takes to answer is part of the latency, not on top of it.
            self._loop.call_at(arrived + self._latency, self._transport.write, response)


async def serve(accounts: int, latency: float, seconds: float) -> None:
    """Serve until standard input is closed, at most `seconds`; prints the port first and the statistics last."""
    loop = asyncio.get_running_loop()
    answers = Answers(Organization(accounts))
    opened: Counter[str] = Counter()
    server = await loop.create_server(lambda: Connection(answers, latency, opened), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            ended.set()

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        await asyncio.wait_for(ended.wait(), seconds)
    except TimeoutError:
        print("the endpoint's time is up", file=sys.stderr)
    loop.remove_reader(sys.stdin.fileno())
    server.close()
    statistics = {
        "requests": answers.requests.total(),
        "sent_bytes": answers.sent_bytes,
        "connections": opened["connections"],
        "cpu_seconds": time.process_time(),
        "calls": dict(sorted(answers.requests.items())),
    }
    print(json.dumps(statistics), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--seconds", type=float, default=600.0, help="end after this long whatever happens")
    parser.add_argument("--core", type=int, help="run on this core only")
    given = parser.parse_args()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
    asyncio.run(serve(given.accounts, given.latency, given.seconds))


if __name__ == "__main__":
    main()
