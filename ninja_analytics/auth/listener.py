"""Waits on the loopback interface for the browser to come back from the consent page (RFC 8252).

It knows no OAuth: it takes GET requests for one path, hands their query on and shows what is
answered. Everybody else on this machine may call, too: scanners, favicon requests, other pages.
They get an answer, and nothing ends.
"""

from __future__ import annotations

import html
import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_SLOW_CLIENT_SECONDS = 10.0
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}}
h1{{font-size:1.4em}}</style></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds a code
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """The page for one request; `afterwards` is called when the browser has it, or has gone."""

    status: int
    title: str
    text: str
    afterwards: Callable[[], None] | None = None


class Listener:
    """Listens on *port* of 127.0.0.1 (0: any free one), or of ::1, until `close`.

    *respond* turns the query of a GET for *path* into a Reply; it is called on a thread per
    request. Raises OSError when the port is taken.
    """

    def __init__(self, host: str, port: int, path: str, respond: Callable[[str], Reply]) -> None:
        self._server = _Server(host, port, path, respond)
        self._serving = False
        self.port = int(self._server.server_address[1])

    def start(self) -> None:
        """Serve on a thread that does not hold up the end of the process."""
        self._serving = True
        threading.Thread(
            target=self._server.serve_forever,
            args=(_POLL_SECONDS,),
            name="consent-listener",
            daemon=True,
        ).start()

    def close(self) -> None:
        """Stop, and free the port; replies under way are still sent."""
        if self._serving:
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    # On Windows this option would let another program take the port over.
    allow_reuse_address = os.name != "nt"
    request_queue_size = 16

    def __init__(self, host: str, port: int, path: str, respond: Callable[[str], Reply]) -> None:
        self.address_family = socket.AF_INET6 if host == "::1" else socket.AF_INET
        self.path, self.respond = path, respond
        super().__init__(("::1" if host == "::1" else "127.0.0.1", port), _Handler)

    def handle_error(self, *_: Any) -> None:
        log.debug("A request to the consent listener broke off.")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SLOW_CLIENT_SECONDS

    def do_GET(self) -> None:
        try:
            address = urlsplit(self.path)
        except ValueError:
            self._send(_stranger(400))
            return
        if (address.path or "/") != self.server.path:
            self._send(_stranger(404))
            return
        reply = self.server.respond(address.query)
        try:
            self._send(reply)
        finally:
            if reply.afterwards:
                reply.afterwards()

    def send_error(self, code: int, *_: Any) -> None:
        """Answer what the standard library refuses: other methods, broken requests."""
        self._send(_stranger(405 if code == 501 else code))

    def version_string(self) -> str:
        """No word on what runs here."""
        return "consent"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: the request line holds the code."""

    def _send(self, reply: Reply) -> None:
        page = _PAGE.format(title=html.escape(reply.title), text=html.escape(reply.text)).encode()
        self.send_response(reply.status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)
            self.wfile.flush()


def _stranger(status: int) -> Reply:
    return Reply(status, "Nothing here", "This address only waits for a NinjaOne consent.")
