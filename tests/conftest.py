"""What every test stands on: an own home, the sandbox, and a connection to it."""

from __future__ import annotations

import itertools
import logging
import os
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Figures are made without a screen.
os.environ.setdefault("MPLBACKEND", "Agg")
# A shell that runs the tests in the background has them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT.parent / "shared" / "spec" / "ninjaone-openapi.yaml"
NO_SPEC = (
    "NinjaOne's OpenAPI specification is not here to compare with; "
    "to run this, put it at ../shared/spec/ninjaone-openapi.yaml"
)


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
    loggers = [logging.getLogger(name) for name in ("ninja_analytics", "papermill")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for profiles, tokens and locks; tokens go to a file in it."""
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


@pytest.fixture(scope="module")
def idle_sandboxes() -> Iterator[dict[str, list[object]]]:
    """Sandboxes that no test of this module uses just now, by their settings: a start is slow."""
    idle: dict[str, list[object]] = defaultdict(list)
    yield idle
    for sandbox in itertools.chain.from_iterable(idle.values()):
        sandbox.stop()


@pytest.fixture
def fresh_sandbox(idle_sandboxes: dict[str, list[object]]) -> Iterator[Callable[..., object]]:
    """A maker of sandboxes of one's own, which are as new: no grant, no request, own switches."""
    from ninja_analytics.sandbox import Sandbox

    lent = []

    def start(**settings: object) -> object:
        idle = idle_sandboxes[repr(settings)]
        sandbox = idle.pop() if idle else Sandbox(**settings)
        lent.append((sandbox, sandbox.switch(), idle))
        return sandbox

    yield start
    for sandbox, switches, idle in lent:
        if sandbox._process.poll() is None:
            sandbox.switch(**switches)
            sandbox.revoke_grants()
            sandbox.forget_requests()
            idle.append(sandbox)


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
