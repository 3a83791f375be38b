"""What every test stands on: an own home, the sandbox, and a connection to it."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

# Figures are made without a screen.
os.environ.setdefault("MPLBACKEND", "Agg")
# No test asks this machine's keyring, nor takes one that a test made for it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
# A shell that runs the tests in the background has them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

MOST_IDLE = 12
"""Sandboxes that wait for the next test that wants one like them."""
ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT.parent / "shared" / "spec" / "ninjaone-openapi.yaml"
NO_SPEC = (
    "NinjaOne's OpenAPI specification is not here to compare with; "
    "to run this, put it at ../shared/spec/ninjaone-openapi.yaml"
)


@pytest.fixture(scope="session")
def spec() -> dict[str, object]:
    """NinjaOne's specification, where it is at hand."""
    if not SPEC.is_file():
        pytest.skip(NO_SPEC)
    import yaml

    return dict(yaml.load(SPEC.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_machine() -> Iterator[None]:
    """No test sees the user's own NINJA_* settings."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [
            name for name in os.environ if name.startswith("NINJA_") and "TEST" not in name
        ]:
            patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _log_levels_as_before() -> Iterator[None]:
    """The command line sets log levels for its process, which here is that of all tests."""
    loggers = [
        logging.getLogger(name) for name in ("asyncio", "ninja_analytics", "papermill", "urllib3")
    ]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def _no_history_of_the_person_who_tests() -> Iterator[None]:
    """What is recorded goes to the test's own home, unless it names another place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NINJA_HISTORY", raising=False)
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for profiles, tokens and locks; tokens go to a file in it, or a new memory."""
    from ninja_analytics.auth import store

    monkeypatch.setattr(store, "_IN_MEMORY", store.MemoryStore())
    folder = tmp_path / "home"
    monkeypatch.setenv("NINJA_HOME", str(folder))
    monkeypatch.setenv("NINJA_TOKEN_STORE", "file")
    return folder


@pytest.fixture(scope="session")
def sandbox() -> Iterator[object]:
    """A sandbox of 60 devices that all tests share: read from it, do not switch it."""
    from ninja_analytics.sandbox import Sandbox

    with Sandbox(devices=60, seed=7) as running:
        yield running


@pytest.fixture(scope="session")
def idle_sandboxes() -> Iterator[list[tuple[str, object]]]:
    """Sandboxes that no test uses just now, by kind, the longest idle first: a start is slow."""
    idle: list[tuple[str, object]] = []
    yield idle
    for _, sandbox in idle:
        sandbox.stop()


@pytest.fixture
def fresh_sandbox(idle_sandboxes: list[tuple[str, object]]) -> Iterator[Callable[..., object]]:
    """A maker of sandboxes of one's own, which are as new: no grant, no request, own switches."""
    from ninja_analytics.sandbox import Sandbox

    lent = []

    def start(**settings: object) -> object:
        kind = f"{settings} {time.time() // 3600:.0f}"  # a new one lives at the hour of its start
        places = [place for place, (of, _) in enumerate(idle_sandboxes) if of == kind]
        sandbox = idle_sandboxes.pop(places[-1])[1] if places else Sandbox(**settings)
        lent.append((kind, sandbox, sandbox.switch(), sandbox.now))
        return sandbox

    yield start
    for kind, sandbox, switches, now in lent:
        if sandbox.now != now:  # its fleet has moved on, and does not come back
            sandbox.stop()
        elif sandbox._process.poll() is None:
            sandbox.switch(**switches)
            sandbox.revoke_grants()
            sandbox.forget_requests()
            idle_sandboxes.append((kind, sandbox))
    while len(idle_sandboxes) > MOST_IDLE:
        idle_sandboxes.pop(0)[1].stop()


@pytest.fixture
def own(fresh_sandbox: Callable[..., object]) -> object:
    """A small sandbox of the test's own, for what is about tokens and not about rows."""
    return fresh_sandbox(devices=3)


@pytest.fixture(scope="session")
def ninja(sandbox: object, tmp_path_factory: pytest.TempPathFactory) -> object:
    """A connection to the shared sandbox by client credentials."""
    import ninja_analytics as na

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NINJA_HOME", str(tmp_path_factory.mktemp("session-home")))
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        return na.connect(**api_services(sandbox))


def api_services(sandbox: object) -> dict[str, str]:
    """What `connect` needs to pull from *sandbox* by client credentials."""
    client = sandbox.clients["api-services"]
    return {
        "base_url": sandbox.base_url,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "platform": "api-services",
    }


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A maker of saved profiles that pull by client credentials, the secret in the environment."""
    from ninja_analytics.auth import profiles

    def save(sandbox: object, name: str = "acme") -> str:
        fields = api_services(sandbox)
        monkeypatch.setenv("NINJA_CLIENT_SECRET", fields.pop("client_secret"))
        profiles.save(profiles.Profile(name, **fields))
        return name

    return save


@pytest.fixture
def acme(machine: Callable[..., str], sandbox: object) -> str:
    """The profile "acme", saved: it pulls from the shared sandbox with nobody there."""
    return machine(sandbox)


@pytest.fixture
def odd_server() -> Iterator[Callable[..., object]]:
    """A maker of servers that answer everything as told, and the profile to ask them with."""
    from ninja_analytics.auth.profiles import Profile
    from tests.odd_server import OddServer

    with ExitStack() as servers:

        def start(body: object, status: int = 200, **headers: str) -> tuple[object, OddServer]:
            text = body if isinstance(body, str | bytes) else json.dumps(body)
            raw = text.encode() if isinstance(text, str) else text
            server = servers.enter_context(OddServer(status, headers, raw))
            return Profile("odd", server.url, "odd-client", platform="web"), server

        yield start


@pytest.fixture
def begin(sandbox: object) -> Iterator[Callable[..., object]]:
    """A maker of consents at the shared sandbox; what is left open is canceled."""
    from ninja_analytics.auth.pending import PendingConsent
    from ninja_analytics.auth.profiles import resolve
    from ninja_analytics.auth.store import open_store
    from tests.pendings import Connected

    begun = []

    def start(platform: str = "native", *, at=None, secret: str | None = None, **settings):
        at = at or sandbox
        who = {name: settings.pop(name, None) for name in ("redirect_uri", "grant", "scope")}
        profile = resolve(
            settings.pop("name", "sandbox"),
            base_url=at.base_url,
            client_id=at.clients[platform].client_id,
            platform=platform,
            **who,
        )
        begun.append(
            PendingConsent.begin(
                profile,
                settings.pop("store", None) or open_store(),
                client_secret=secret or at.clients[platform].client_secret,
                on_connected=settings.pop("on_connected", Connected),
                **settings,
            )
        )
        return begun[-1]

    Connected.made = 0
    yield start
    for pending in begun:
        pending.cancel()


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A maker of processes of the command line, none of which outlives the test."""
    running = []

    def start(*words: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ninja_analytics", *map(str, words)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, **pipes))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def history_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all histories, told to this process and to those that it starts."""
    folder = tmp_path / "history"
    monkeypatch.setenv("NINJA_HISTORY", str(folder))
    return folder


@pytest.fixture
def recorder(history_folder: Path, fresh_sandbox: Callable[..., object]) -> object:
    """A connection to a small sandbox of its own, whose history is in an empty folder."""
    from tests.histories import NOW, connected

    return connected(fresh_sandbox(devices=6, seed=7, now=NOW.isoformat()))
