"""A server that answers everything in one way, however odd, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


class OddServer:
    """Answers every GET and POST with *status*, *headers* and *body*.

    `lines` holds the paths asked with their queries, `bearers` the Authorization headers, `forms`
    what was posted.
    """

    def __init__(
        self, status: int = 200, headers: Mapping[str, str] | None = None, body: bytes = b"[]"
    ) -> None:
        odd = self
        self.lines: list[str] = []
        self.bearers: list[str | None] = []
        self.forms: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms

            def do_GET(self) -> None:
                odd.lines.append(self.path)
                odd.bearers.append(self.headers["Authorization"])
                self.send_response_only(status)
                usual = {"Date": formatdate(usegmt=True), "Content-Length": str(len(body))}
                for name, value in {**usual, **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                odd.forms.append(dict(parse_qsl(form)))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> OddServer:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
