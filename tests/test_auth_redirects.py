"""From a redirect URI to the place where its answer arrives."""

from __future__ import annotations

import socket

import pytest

from ninja_analytics.auth.listener import Reply
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.redirects import Door, door, first_free, ordered

HUB = "https://hub.example/hub/user-redirect/proxy/8725/"
OWN = "http://127.0.0.1:8888/user/alice/proxy/8725/back"
LOOPBACK = "http://localhost:8725/"
ELSEWHERE = "https://app.example/callback"


@pytest.mark.parametrize(
    ("redirect_uri", "host", "port", "path"),
    [
        ("http://127.0.0.1", "127.0.0.1", 80, "/"),
        ("http://127.0.0.1:8725", "127.0.0.1", 8725, "/"),
        ("http://localhost:8725/", "localhost", 8725, "/"),
        ("http://LOCALHOST:8725/a/b/", "localhost", 8725, "/a/b/"),
        ("http://[::1]:8725/back", "::1", 8725, "/back"),
        ("http://127.0.0.1:8725/?fixed=1", "127.0.0.1", 8725, "/"),
        ("https://jupyter.example/proxy/8725", "localhost", 8725, "/"),
        ("https://jupyter.example/proxy/8725/", "localhost", 8725, "/"),
        ("https://hub.example/user/alice/proxy/8725/cb", "localhost", 8725, "/cb"),
        ("https://hub.example:8000/user/a/proxy/9/x/y/", "localhost", 9, "/x/y/"),
        (HUB, "localhost", 8725, "/"),
        (f"{HUB}callback", "localhost", 8725, "/callback"),
        (OWN, "localhost", 8725, "/back"),
        ("https://hub.example/proxy/8725/proxy/9/", "localhost", 8725, "/proxy/9/"),
    ],
)
def test_an_answer_arrives_at_this_host_port_and_path(redirect_uri, host, port, path):
    entry = door(redirect_uri)

    assert entry == Door(redirect_uri, host, port, path)
    assert entry.serves(path)
    assert entry.at(port) == redirect_uri
    for other in (f"{path}x", f"/x{path}", path.upper() + "X", ""):
        assert not entry.serves(other)


@pytest.mark.parametrize(
    ("redirect_uri", "arrives", "does_not"),
    [
        (
            "https://hub.example/hub/user-redirect/proxy/absolute/8725/cb",
            "/user/alice/proxy/absolute/8725/cb",
            "/user/alice/proxy/absolute/8725/cb/",
        ),
        (
            "https://hub.example/user/alice/proxy/absolute/8725",
            "/user/alice/proxy/absolute/8725/",
            "/user/alice/proxy/absolute/8725",
        ),
        (
            "https://jupyter.example/proxy/absolute/8725/",
            "/proxy/absolute/8725/",
            "/proxy/8725/",
        ),
    ],
)
def test_the_absolute_proxy_hands_on_the_whole_path_with_any_prefix(
    redirect_uri, arrives, does_not
):
    entry = door(redirect_uri)

    assert entry.port == 8725
    assert entry.serves(arrives)
    assert not entry.serves(does_not)
    assert not entry.serves("/")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        ELSEWHERE,
        "https://localhost:8725/",
        "https://hub.example/proxy/",
        "https://hub.example/proxy/8725x/",
        "https://hub.example/proxy/0/",
        "https://hub.example/proxy/65536/",
        "https://hub.example/reproxy8725/",
        "https://hub.example/?next=/proxy/8725/",
    ],
)
def test_elsewhere_the_answer_can_only_be_pasted(redirect_uri):
    assert door(redirect_uri, port_is_free=True) is None


@pytest.mark.parametrize(
    ("redirect_uri", "sent"),
    [
        ("http://127.0.0.1", "http://127.0.0.1:4711"),
        ("http://127.0.0.1/", "http://127.0.0.1:4711/"),
        ("http://localhost/back", "http://localhost:4711/back"),
        ("http://[::1]", "http://[::1]:4711"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/"),
    ],
)
def test_where_the_port_may_vary_the_one_that_was_free_is_sent(redirect_uri, sent):
    assert door(redirect_uri, port_is_free=True).at(4711) == sent


def test_far_from_the_browser_the_proxied_addresses_come_first_and_pasting_last():
    given = (ELSEWHERE, LOOPBACK, HUB, OWN)

    assert ordered(given, remote=True) == (HUB, OWN, LOOPBACK, ELSEWHERE)
    assert ordered(given, remote=False) == (LOOPBACK, HUB, OWN, ELSEWHERE)


def taken_port() -> tuple[socket.socket, int]:
    other = socket.create_server(("127.0.0.1", 0))
    return other, other.getsockname()[1]


def first_of(*redirect_uris: str, platform: str = "web"):
    who = Profile("acme", "eu", "client", platform=platform, redirect_uri=" ".join(redirect_uris))
    return first_free(who, lambda _: Reply(200, "", ""))


def test_the_first_address_whose_port_is_free_is_taken():
    taken, port = taken_port()
    spare, free = taken_port()
    spare.close()
    with taken:
        chosen, listener, problem = first_of(
            f"http://127.0.0.1:{port}/", ELSEWHERE, f"http://127.0.0.1:{free}/"
        )
        listener.close()

    assert (chosen, listener.port, problem) == (f"http://127.0.0.1:{free}/", free, None)


def test_if_every_port_is_taken_the_first_is_to_be_pasted_and_its_port_is_named():
    one, port = taken_port()
    two, other = taken_port()
    with one, two:
        chosen, listener, problem = first_of(
            f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{other}/"
        )

    assert (chosen, listener) == (f"http://127.0.0.1:{port}/", None)
    assert f"Port {port} of this machine is taken" in str(problem)


@pytest.mark.parametrize("surrounding", ["JUPYTERHUB_USER", "SSH_CONNECTION", None])
def test_the_surroundings_decide_between_the_hub_and_this_machine(monkeypatch, surrounding):
    for name in ("JUPYTERHUB_USER", "JUPYTERHUB_SERVICE_PREFIX", "SSH_CONNECTION", "SSH_CLIENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("ninja_analytics.place._is_vscode_remote", lambda _: False)
    if surrounding:
        monkeypatch.setenv(surrounding, "x")
    spare, free = taken_port()
    spare.close()
    hub = HUB.replace("8725", str(free))
    chosen, listener, problem = first_of(f"http://127.0.0.1:{free}/", hub)
    listener.close()

    assert problem is None
    assert (chosen == hub) is bool(surrounding)


def test_a_native_app_falls_back_from_a_fixed_port_to_any():
    taken, port = taken_port()
    with taken:
        chosen, listener, problem = first_of(
            f"http://127.0.0.1:{port}", "http://127.0.0.1", platform="native"
        )
        listener.close()

    assert problem is None
    assert chosen == f"http://127.0.0.1:{listener.port}"
