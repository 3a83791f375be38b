"""The sandbox's server process: `python -m ninja_analytics.sandbox --port 8724 --devices 400`.

Prints one line of JSON when it is ready (or when it cannot start) and serves until it is told to
stop or, with --with-parent, until its standard input ends. Everything in that line is invented:
the client secrets and the technician's password open nothing but this sandbox.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import secrets
import socket
import sys
import threading
from typing import Any

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from ninja_analytics.errors import NinjaError
from ninja_analytics.sandbox.app import Assembled, assemble
from ninja_analytics.sandbox.switches import Switches

KEY_VARIABLE = "NINJA_SANDBOX_KEY"
_HOST = "127.0.0.1"


class _Protocol(H11Protocol):
    """HTTP that knows its connections by the client's address, so that one can be cut."""

    open: dict[tuple[str, int], Any] = {}  # noqa: RUF012 - shared by all connections on purpose

    def connection_made(self, transport: Any) -> None:
        """Remember the connection."""
        super().connection_made(transport)
        self.open[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.open.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


def drop(scope: Scope) -> None:
    """Cut the connection of a request; what was sent until now still arrives."""
    transport = _Protocol.open.get(tuple(scope["client"]))
    if transport is not None:
        transport.close()


def main(arguments: list[str] | None = None) -> int:
    """Serve as the command line says; 3 if the sandbox cannot start."""
    asked = _parser().parse_args(arguments)
    try:
        _check(asked)
        listening = _listen(asked.port)
        now = _now(asked.now)
        key = os.environ.pop(KEY_VARIABLE, "") or secrets.token_urlsafe(24)
        base_url = f"http://{_HOST}:{listening.getsockname()[1]}"
        assembled = assemble(
            base_url=base_url,
            devices=asked.devices,
            organizations=asked.organizations,
            seed=asked.seed,
            now=now,
            switches=_switches(asked.switches),
            key=key,
            drop=drop,
        )
    except (OSError, NinjaError, ValueError) as error:
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
        return 3
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(
            _serve(listening, assembled, _ready(base_url, assembled, key, now), asked.with_parent)
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("ninja_analytics.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--devices", type=int, default=400, help="0 to 1,000,000")
    parser.add_argument("--organizations", type=int, default=None, help="1 to 10,000")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--now", default=None, help="ISO time; default: the current hour")
    parser.add_argument("--switches", default="{}", help="switches as a JSON object")
    parser.add_argument("--with-parent", action="store_true", help="stop when stdin ends")
    return parser


def _check(asked: argparse.Namespace) -> None:
    """Refuse numbers out of bounds, each with its bounds."""
    for name, least, most in (
        ("port", 0, 65_535),
        ("devices", 0, 1_000_000),
        ("organizations", 1, 10_000),
        ("seed", 0, 2**31),
    ):
        value = getattr(asked, name)
        if value is not None and not least <= value <= most:
            raise ValueError(f"{name} must be between {least} and {most}")


def _listen(port: int) -> socket.socket:
    # asyncio sends small answers at once only on sockets that name TCP; else each waits 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        listening.listen(128)
    except OSError as error:
        raise OSError(f"Port {port} of {_HOST} cannot be used: {error.strerror}") from error
    return listening


def _now(text: str | None) -> float:
    if text is None:
        return float(dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0).timestamp())
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def _switches(text: str) -> Switches:
    switches = Switches()
    switches.set(json.loads(text))
    return switches


def _ready(base_url: str, assembled: Assembled, key: str, now: float) -> str:
    """What whoever started the sandbox has to know, as one line of JSON."""
    server = assembled.authorization
    clients = {
        platform: {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "redirect_uris": list(client.redirect_uris),
        }
        for platform, client in server.clients.items()
    }
    return json.dumps(
        {
            "base_url": base_url,
            "clients": clients,
            "username": server.username,
            "password": server.password,
            "key": key,
            "now": dt.datetime.fromtimestamp(now, dt.UTC).isoformat(),
        }
    )


async def _serve(
    listening: socket.socket, assembled: Assembled, ready: str, with_parent: bool
) -> None:
    config = uvicorn.Config(
        assembled.app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    if with_parent:
        threading.Thread(target=_stop_with_stdin, args=(server,), daemon=True).start()
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.005)
    sys.stdout.write(ready + "\n")
    sys.stdout.flush()
    await serving


def _stop_with_stdin(server: uvicorn.Server) -> None:
    """Wait until whoever started us is gone, which ends our standard input."""
    # Not sys.stdin: its lock, held by this thread, would make the interpreter's end a crash.
    while os.read(0, 1024):
        pass
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
