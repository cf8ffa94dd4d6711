"""moto's server behind the demo's layer, on loopback, in a thread of this process."""

from __future__ import annotations

import os
import threading
import traceback
from types import TracebackType
from typing import Any, Self

# moto reads these when a backend comes to life. Without the first every EC2 Region loads 500 images (seconds each);
# without the second AWS-managed policies such as AdministratorAccess cannot be attached.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

from scanner.demo.layer import Layer
from scanner.demo.wire import Answer, run

MANAGEMENT_ACCOUNT = "123456789012"
"""moto's account for every access key it has not issued itself."""


SEED = 20060314
"""moto draws its ids from here: the same calls in the same order give the same ids."""


_RUNNING = threading.Lock()


class KeepAliveHandler(MotoRequestHandler):
    """werkzeug's handler, but quiet and keeping connections open.

    werkzeug closes the connection after every response and lingers 10 ms on it. That is needed only while request
    bodies may be left unread; here each is read whole before it is answered.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        try:
            answer = run(self.server.app, environ)
        except Exception:  # noqa: BLE001
            # The boundary of the server: whatever moto raises becomes the status a client would see. moto raises
            # NotImplementedError, KeyError and more for calls it lacks. Nothing is lost: `failures` keeps the trace, and
            # `bulkhead demo` prints what it ended with.
            self.server.app.failures.append(traceback.format_exc())  # type: ignore[attr-defined]
            answer = Answer(
                500, [("Content-Type", "text/html")], b"<!doctype html><title>500 Internal Server Error</title>"
            )
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {name.lower(): value for name, value in answer.headers}
        length = str(len(answer.body))
        if self.command == "HEAD":  # says how long the body would be
            length = headers.get("content-length", length)
        for name, value in answer.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the demo's terminal belongs to the scan."""


class DemoServer:
    """`with DemoServer() as server:` serves on `server.url`; `server.layer` is the layer in front of moto.

    moto keeps its state per process, so entering resets it: one server at a time in a process.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        moto: Any = DomainDispatcherApplication(create_backend_app)
        self.layer = Layer(moto)

    @property
    def url(self) -> str:
        assert self._server is not None, "enter the server first"
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        if not _RUNNING.acquire(blocking=False):
            raise RuntimeError("a DemoServer is running in this process already; moto has one state, share the server")
        moto_api_backend.reset()
        mock_random.seed(SEED)
        self._server = make_server("127.0.0.1", self._port, self.layer, threaded=True, request_handler=KeepAliveHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo-server", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self.layer.clear_faults()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        _RUNNING.release()
