"""A small HTTP server on this machine that answers like AWS, and the means to send botocore there."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest


@dataclass(frozen=True)
class Request:
    """One request as it arrived. `action` is the operation, `key` the access key it is signed with."""

    path: str
    body: str
    headers: dict[str, str]

    @property
    def action(self) -> str:
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        return target or self.form.get("Action", "")

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body).items()}

    @property
    def key(self) -> str:
        found = re.search(r"Credential=([^/]+)/", self.headers.get("authorization", ""))
        return found[1] if found else ""


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: str = "{}"
    type: str = "application/x-amz-json-1.0"


@dataclass
class Server:
    """Where it listens, and what arrived."""

    url: str
    requests: list[Request] = field(default_factory=list)

    def actions(self) -> list[str]:
        return [request.action for request in self.requests]


@contextmanager
def serving(answer: Callable[[Request], Answer]) -> Iterator[Server]:
    """Run a server that answers with `answer(request)`, one thread a connection."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            request = Request(self.path, body, {key.lower(): value for key, value in self.headers.items()})
            server.requests.append(request)
            found = answer(request)
            try:
                self.send_response(found.status)
                self.send_header("content-type", found.type)
                self.send_header("content-length", str(len(found.body.encode())))
                self.end_headers()
                self.wfile.write(found.body.encode())
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # who asked did not wait

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            return None

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = Server(f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def point_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send every botocore client of this test to `url`, with credentials that mean nothing."""
    for name, value in environment(url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


def environment(url: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "OWNKEY",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def as_json(content: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(content))


def problem(code: str, status: int = 400, message: str = "no") -> Answer:
    """An error as the JSON services send it."""
    return as_json({"__type": f"com.amazonaws#{code}", "message": message}, status)


def xml_problem(code: str, status: int = 403, message: str = "no") -> Answer:
    """An error as STS sends it."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return Answer(status, body, "text/xml")


def sts(request: Request, account: str) -> Answer:
    """Say who asks, and open role sessions: the access key of one is `KEY` and the account it belongs to."""
    if request.action == "GetCallerIdentity":
        inner = f"<Account>{account}</Account><Arn>arn:aws:iam::{account}:user/me</Arn><UserId>U</UserId>"
    else:
        entered = request.form["RoleArn"].split(":")[4]
        inner = (
            f"<Credentials><AccessKeyId>KEY{entered}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            "<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>"
        )
    name = request.action
    return Answer(200, f"<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>", "text/xml")
