"""Waits on the loopback interface for the browser to come back from the consent page (RFC 8252).

It knows no OAuth: it hands on what comes to one path and shows what is answered. Everybody else may
call, too: scanners, favicon requests, other users of this machine, and any web page, by the
browser of the person. They get an answer, and nothing ends.

What protects is the `state` that whoever answers compares. Host and Origin do not: through
jupyter-server-proxy they are those of the Jupyter server, so comparing them would shut out a hub.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import html
import io
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_THREADS = 16  # for each of the two addresses that "localhost" has
_ROOM_SECONDS = 1.0
_REQUEST_SECONDS = 10.0
_REQUEST_BYTES = 65536
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}}
h1{{font-size:1.4em}}</style></head>
<body><main><h1>{title}</h1><p role="status">{text}</p></main>{script}</body></html>
"""
# The path is the browser's, so this works behind a proxy, too. If nobody answers, the address stays
# as it is, to be pasted.
_SCRIPT = """
fetch(location.pathname, {method: "POST", body: location.hash.slice(1)}).then(async (answer) => {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["title", "h1", "p"]) {
    document.querySelector(part).textContent = page.querySelector(part).textContent;
  }
  history.replaceState(null, "", location.pathname);
});
"""
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address holds a code
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """The page for one request; `afterwards` is called when the browser has it, or has gone.

    With `posts_fragment` a script of the page posts what stands after the # of its address, which
    no browser sends by itself, and shows the page that answers.
    """

    status: int
    title: str
    text: str
    afterwards: Callable[[], None] | None = None
    posts_fragment: bool = False


Respond = Callable[[str], Reply]


class Listener:
    """Listens on *port* (0: any free one) of *host* until `close`.

    *host* is 127.0.0.1, ::1, or localhost for both: a browser that tried first the one that is
    left free would find another user's program there. *respond* turns "?" and the query of a GET
    for a path that *serves* approves, or "#" and the body of a POST where it *takes_posts*, into a
    Reply; it is called on a thread per request. Raises OSError when the port is taken.
    """

    def __init__(
        self,
        host: str,
        port: int,
        serves: Callable[[str], bool],
        respond: Respond,
        *,
        takes_posts: bool = False,
    ) -> None:
        self._servers = _bound(host, port)
        self._lock = threading.Lock()
        self._serving = self._closed = False
        for server in self._servers:
            server.serves, server.respond, server.takes_posts = serves, respond, takes_posts
        self.port = int(self._servers[0].server_address[1])

    def start(self) -> None:
        """Serve on threads that do not hold up the end of the process, unless it is closed."""
        with self._lock:
            if self._closed:
                return
            for server in self._servers:
                threading.Thread(
                    target=server.serve_forever,
                    args=(_POLL_SECONDS,),
                    name="consent-listener",
                    daemon=True,
                ).start()
            self._serving = True

    def close(self) -> None:
        """Stop, and free the port; replies under way are still sent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for server in self._servers:
                if self._serving:
                    server.shutdown()
                server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    # On Windows this option would let another program take the port over.
    allow_reuse_address = os.name != "nt"
    request_queue_size = 128
    serves: Callable[[str], bool]
    respond: Respond
    takes_posts: bool

    def __init__(self, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._room = threading.BoundedSemaphore(_THREADS)
        self._silent: dict[int, socket.socket] = {}  # connections without a request, oldest first
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind, on Windows so that no other program can bind the same port."""
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        if exclusive is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        super().server_bind()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give it a thread; if all are taken, whoever has been silent for longest makes room."""
        if not self._room.acquire(blocking=False):
            self._hang_up_on_the_most_silent()
            if not self._room.acquire(timeout=_ROOM_SECONDS):
                self.shutdown_request(request)
                return
        self._silent[id(request)] = request
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve it on its thread, then make room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.has_spoken(request)
            self._room.release()

    def has_spoken(self, request: socket.socket) -> None:
        """Take note that *request* has arrived as a whole, and is not to be cut off."""
        self._silent.pop(id(request), None)

    def server_close(self) -> None:
        """Free the port, and end the connections that have not asked anything."""
        super().server_close()
        while self._silent:
            self._hang_up_on_the_most_silent()

    def handle_error(self, *_: Any) -> None:
        log.debug("A request to the consent listener broke off.")

    def _hang_up_on_the_most_silent(self) -> None:
        # Its thread may take it out, or close it, at the same moment.
        with suppress(OSError, KeyError, StopIteration, RuntimeError):
            self._silent.pop(next(iter(self._silent))).shutdown(socket.SHUT_RDWR)


class _Request(io.RawIOBase):
    """What a connection sends, up to a number of bytes and seconds: nobody drips in for ever."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = _REQUEST_BYTES
        self._deadline = time.monotonic() + _REQUEST_SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As in `io`, but a request that ends before its end is an error, not a short request."""
        self._connection.settimeout(max(self._deadline - time.monotonic(), 0.001))
        room = min(len(buffer), self._left)
        count = self._connection.recv_into(buffer, room) if room else 0
        if not count:
            msg = "The request broke off, or is too long."
            raise ConnectionAbortedError(msg)
        self._left -= count
        return count


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _REQUEST_SECONDS

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_Request(self.connection))

    def do_GET(self) -> None:
        self._hand_on(lambda query: f"?{query}")

    def do_POST(self) -> None:
        body = self._body()  # read in any case: who is refused while sending may not see why
        if not self.server.takes_posts:
            self._send(_stranger(405))
        elif self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            self._send(_stranger(403))  # sent by another page; it would not know the state either
        elif body is None:
            self._send(_stranger(400))
        else:
            self._hand_on(lambda _: f"#{body}")

    def send_error(self, code: int, *_: Any) -> None:
        """Answer what the standard library refuses: other methods, broken requests."""
        self._send(_stranger(405 if code == 501 else code))

    def version_string(self) -> str:
        """No word on what runs here."""
        return "consent"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: the request line holds the code."""

    def _hand_on(self, answer_of: Callable[[str], str]) -> None:
        """Show what is replied to this request, if it is for the right path."""
        try:
            address = urlsplit(self.path)
        except ValueError:
            self._send(_stranger(400))
            return
        if not self.server.serves(address.path or "/"):
            self._send(_stranger(404))
            return
        self.server.has_spoken(self.connection)
        reply = self.server.respond(answer_of(address.query))
        try:
            self._send(reply)
        finally:
            if reply.afterwards:
                reply.afterwards()

    def _body(self) -> str | None:
        """The body of a POST; None if it is not as long as is said, too long, or no text."""
        said = self.headers.get("Content-Length", "")
        length = int(said) if said.isdecimal() and len(said) < 6 else -1
        body = self.rfile.read(length) if 0 <= length <= _REQUEST_BYTES else b""
        try:
            return body.decode() if len(body) == length else None
        except UnicodeDecodeError:
            return None

    def _send(self, reply: Reply) -> None:
        script = f"<script>{_SCRIPT}</script>" if reply.posts_fragment else ""
        page = _PAGE.format(
            title=html.escape(reply.title), text=html.escape(reply.text), script=script
        ).encode()
        may = f"; script-src 'sha256-{_HASH}'; connect-src 'self'" if script else ""
        self.send_response(reply.status)
        for name, value in {**_HEADERS, "Content-Security-Policy": _POLICY + may}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)
            self.wfile.flush()


def _bound(host: str, port: int) -> list[_Server]:
    """A server at each address of *host*, all on one port; OSError if it is taken at either."""
    if host != "localhost":
        return [_Server(host, port)]
    first = _Server("127.0.0.1", port)
    try:
        return [first, _Server("::1", int(first.server_address[1]))]
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            return [first]  # this machine has no ::1
        first.server_close()
        raise


def _stranger(status: int) -> Reply:
    return Reply(status, "Nothing here", "This address only waits for a NinjaOne consent.")
