"""A tiny AWS-shaped HTTP server for tests of what happens on the wire."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = tuple[int, str, str]
"""Status, content type, body."""


def regions(*names: str) -> Reply:
    """An answer to ec2 DescribeRegions."""
    items = "".join(f"<item><regionName>{name}</regionName></item>" for name in names)
    return 200, "text/xml", f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"


def refusal(status: int, code: str) -> Reply:
    """An error in EC2's protocol."""
    return (
        status,
        "text/xml",
        f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>",
    )


@contextmanager
def serving(reply: Callable[[str, str], Reply]) -> Iterator[str]:
    """Serve; `reply` gets the access key of the signature and the body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            key = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
            status, kind, text = reply(key[1] if key else "", body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def slowly(seconds: float, reply: Reply) -> Reply:
    time.sleep(seconds)
    return reply
