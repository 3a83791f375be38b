"""A NinjaOne on this machine: a separate process with a seeded fleet, for demos and tests."""

from __future__ import annotations

import atexit
import datetime as dt
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ninja_analytics.errors import SandboxError

_DEADLINE = 60.0
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass(frozen=True, slots=True)
class Client:
    """A client app that is registered at the sandbox."""

    client_id: str
    client_secret: str | None = field(repr=False)
    redirect_uris: tuple[str, ...] = ()


class Sandbox:
    """A running sandbox; use it with `with`, or call `stop()` when done.

    *devices*, *organizations* and *seed* say what fleet it has, *now* (an ISO text or a datetime;
    default: the current hour) when it lives: the same four give the same rows. *port* 0 takes a
    free one. Everything else is a switch (see `Switches`; *token_lifetime* and *latency* are in
    seconds) and can be changed by `switch()`. Raises SandboxError if it does not start, and from
    every method if it does not answer or refuses what is asked.
    """

    def __init__(
        self,
        devices: int = 40,
        organizations: int | None = None,
        seed: int = 7,
        *,
        port: int = 0,
        now: str | dt.datetime | None = None,
        token_lifetime: float = 3600,
        latency: float = 0.0,
        page_size: int | None = None,
        faults: Iterable[Any] = (),
        **switches: Any,
    ) -> None:
        switches |= {"token_lifetime": token_lifetime, "latency": latency, "page_size": page_size}
        arguments = ["--port", port, "--devices", devices, "--seed", seed, "--with-parent"]
        arguments += [] if organizations is None else ["--organizations", organizations]
        arguments += (
            [] if now is None else ["--now", now if isinstance(now, str) else now.isoformat()]
        )
        arguments += ["--switches", _json(switches | {"faults": list(faults)})]
        self._key = secrets.token_urlsafe(24)
        self._process = _start([str(argument) for argument in arguments], self._key)
        atexit.register(self.stop)
        ready = self._wait_until_ready()
        self.base_url: str = ready["base_url"]
        self.username: str = ready["username"]
        self.password: str = ready["password"]
        self._now = dt.datetime.fromisoformat(ready["now"])
        self.clients: Mapping[str, Client] = {
            platform: Client(one["client_id"], one["client_secret"], tuple(one["redirect_uris"]))
            for platform, one in ready["clients"].items()
        }

    def __repr__(self) -> str:
        state = "stopped" if self._process.poll() is not None else "running"
        return f"<Sandbox {self.base_url} {state}>"

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the process; stopping it again does nothing."""
        atexit.unregister(self.stop)
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def wait(self) -> int:
        """Wait until its process ends by itself; answers the exit code."""
        return self._process.wait()

    def switch(self, **switches: Any) -> dict[str, Any]:
        """Change switches while it runs, e.g. token_lifetime, latency, page_size, consent, faults.

        Answers all switches as they are now.
        """
        return dict(self._ask("POST", "switches", switches))

    def advance(self, days: float = 0, *, hours: float = 0) -> dt.datetime:
        """Let *days* and *hours* pass for its fleet; answers the new time, in UTC.

        Devices report, come and go, patches and versions are installed, disks fill, alerts are raised
        and cleared, backups run; what `truth` and the API answer is as it is then. What was dated
        before stays as it was, and many small advances lead to what one large one does. Tokens and
        their clocks do not move; nor do tickets, documents, knowledge, assets, licenses and
        definitions. Cursors that are open expire: their next page is refused with 400
        INVALID_CURSOR, and a pull must begin that query again. An advance is of whole hours, from
        one to 366 days; anything else raises SandboxError.
        """
        answer = self._ask("POST", "advance", {"days": days, "hours": hours})
        self._now = dt.datetime.fromisoformat(answer["now"])
        return self._now

    @property
    def now(self) -> dt.datetime:
        """The time at which its fleet lives, in UTC: that of its start, until `advance`."""
        return self._now

    def fault(self, kind: str, *, path: str | None = None, times: int = 1, **details: Any) -> None:
        """Let the next *times* requests to paths that begin with *path* go wrong.

        Kinds: 429, 429-without-retry-after, 500, 502, drop, cut, html, wrong-type, unknown-field.
        Without a path, the API is meant; /ws/oauth/token and the like are paths, too. Details:
        after, seconds, loses (see `Fault`).
        """
        self._ask("POST", "faults", {"kind": kind, "path": path, "times": times, **details})

    def revoke_grants(self) -> None:
        """End every grant: no token given until now is good for anything."""
        self._ask("POST", "revoke")

    def truth(self, table: str, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of a table as the API would send them; *parameters* as NinjaOne names them."""
        return list(self._ask("GET", f"truth/{table}", parameters=parameters))

    def requests(self) -> list[dict[str, Any]]:
        """The requests seen so far: method, path, query and status of each (0: dropped).

        Also the time `at` which it came, in epoch seconds, and how many API requests were `inside`
        then.
        """
        return list(self._ask("GET", "requests"))

    def forget_requests(self) -> None:
        """Empty the list of requests."""
        self._ask("DELETE", "requests")

    def browse(self, authorization_url: str, decision: str = "allow") -> str:
        """Play the person: sign in, then "allow" or "deny"; where the browser would be sent.

        The whole address, with the fragment in which an implicit grant's token comes.
        """
        from ninja_analytics.sandbox.person import browse

        return browse(
            authorization_url, username=self.username, password=self.password, decision=decision
        )

    def _ask(
        self,
        method: str,
        what: str,
        body: Any = None,
        *,
        parameters: Mapping[str, Any] | None = None,
    ) -> Any:
        import requests

        with requests.Session() as session:
            session.trust_env = False
            try:
                response = session.request(
                    method,
                    f"{self.base_url}/sandbox/{what}",
                    data=None if body is None else _json(body),
                    params=parameters,
                    headers={"X-Sandbox-Key": self._key},
                    timeout=120,
                )
                answer = response.json()
            except requests.RequestException as error:
                raise SandboxError(
                    f"The sandbox at {self.base_url} does not answer; start a new one."
                ) from error
        if response.status_code != 200:
            raise SandboxError(f"The sandbox refuses: {answer['errorMessage']}")
        return answer

    def _wait_until_ready(self) -> dict[str, Any]:
        """The line that the process prints when it serves; SandboxError if it prints another."""
        watch = threading.Timer(_DEADLINE, self._process.kill)
        watch.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout else ""
        finally:
            watch.cancel()
        try:
            ready: dict[str, Any] = json.loads(line)
        except ValueError:
            ready = {"error": f"its process ended with exit code {self._process.wait(5)}"}
        if "error" in ready:
            self.stop()
            raise SandboxError(f"The sandbox did not start: {ready['error']}")
        return ready


def _json(value: Any) -> str:
    """*value* as JSON; faults may be given as they are."""
    return json.dumps(value, default=asdict)


def _start(arguments: list[str], key: str) -> subprocess.Popen[str]:
    """The server's process; its input is a pipe that ends with us, so that it ends too."""
    environment = {
        name: value for name, value in os.environ.items() if name.lower() not in _PROXIES
    }
    environment["NINJA_SANDBOX_KEY"] = key
    return subprocess.Popen(  # noqa: S603 - our own module, numbers and JSON
        [sys.executable, "-m", "ninja_analytics.sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        # Ctrl-C, or a notebook's interrupt, is meant for us and not for the server.
        start_new_session=True,
    )
