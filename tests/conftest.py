"""What every test stands on: an own home, the sandbox, and a connection to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Figures are made without a screen.
os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT.parent / "shared" / "spec" / "ninjaone-openapi.yaml"


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


@pytest.fixture
def fresh_sandbox() -> Iterator[Callable[..., object]]:
    """A maker of sandboxes of one's own, stopped when the test ends."""
    from ninja_analytics.sandbox import Sandbox

    running = []

    def start(**settings: object) -> object:
        running.append(Sandbox(**settings).__enter__())
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="session")
def ninja(sandbox: object, tmp_path_factory: pytest.TempPathFactory) -> object:
    """A connection to the shared sandbox by client credentials."""
    import ninja_analytics as na

    client = sandbox.clients["api-services"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NINJA_HOME", str(tmp_path_factory.mktemp("session-home")))
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        return na.connect(
            base_url=sandbox.base_url,
            client_id=client.client_id,
            client_secret=client.client_secret,
            platform="api-services",
        )
