"""Where a consent comes back to: the redirect URI, its port, and proxies before it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    ClientAppError,
    ConsentError,
)
from tests.pendings import free_port
from tests.sandbox_client import visit


@pytest.mark.parametrize("platform", ["web", "single-page"])
def test_a_registered_redirect_uri_is_listened_on_to_the_letter(begin, sandbox, platform):
    pending = begin(platform)
    assert pending.redirect_uri == PLATFORMS[platform].redirect_uri

    if pending.listener_error is None:
        visit(sandbox.browse(pending.authorization_url))
        assert pending.wait(10)
    else:  # another program of this machine has the port
        assert pending.complete(sandbox.browse(pending.authorization_url))


def test_a_taken_port_is_named_and_pasting_still_works(begin, sandbox):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        pending = begin(redirect_uri=f"http://127.0.0.1:{port}")

        assert str(port) in str(pending.listener_error)
        with pytest.raises(ConsentError, match=f"Port {port}"):
            pending.wait(30)
        assert pending.error is None
        assert pending.complete(sandbox.browse(pending.authorization_url))
        assert pending.wait(1)


def test_a_redirect_uri_elsewhere_opens_no_port(begin, fresh_sandbox):
    elsewhere = "https://app.example/callback"
    sandbox = fresh_sandbox(devices=3, redirect_uris=elsewhere)
    pending = begin("web", at=sandbox, redirect_uri=elsewhere)

    assert pending._listener is None
    assert pending.listener_error is None
    assert not pending.done
    assert pending.complete(sandbox.browse(pending.authorization_url))


def test_a_redirect_uri_that_is_not_registered_is_told_before_a_link_is_shown(begin):
    with pytest.raises(ClientAppError, match="not the registered one"):
        begin("web", redirect_uri=f"http://127.0.0.1:{free_port()}/")


def test_of_several_redirect_uris_the_first_with_a_free_port_is_used(begin, fresh_sandbox):
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"http://127.0.0.1:{other.getsockname()[1]}/"
        sandbox = fresh_sandbox(devices=3)
        sandbox.switch(redirect_uris=f"{taken} http://127.0.0.1:{port}/")
        pending = begin("web", at=sandbox, redirect_uri=f"{taken} http://127.0.0.1:{port}/")

        assert pending.redirect_uri == f"http://127.0.0.1:{port}/"
        assert pending.listener_error is None
        visit(sandbox.browse(pending.authorization_url))
        assert pending.wait(10)


@pytest.mark.parametrize(
    ("registered", "forwarded"),
    [
        ("https://hub.example/hub/user-redirect/proxy/{port}/", "/"),
        ("https://hub.example/user/alice/proxy/{port}/oauth/back", "/oauth/back"),
        (
            "https://hub.example/hub/user-redirect/proxy/absolute/{port}/back",
            "/user/alice/proxy/absolute/{port}/back",
        ),
    ],
)
def test_what_a_jupyter_server_proxies_arrives(begin, fresh_sandbox, registered, forwarded):
    port = free_port()
    registered, forwarded = registered.format(port=port), forwarded.format(port=port)
    sandbox = fresh_sandbox(devices=3)
    sandbox.switch(redirect_uris=registered)
    pending = begin("web", at=sandbox, redirect_uri=registered)
    back = sandbox.browse(pending.authorization_url)

    assert back.startswith(f"{registered}?")
    query = urlsplit(back).query
    assert visit(f"http://127.0.0.1:{port}/elsewhere{forwarded[1:]}x?{query}").status_code == 404
    assert "Connected to NinjaOne" in visit(f"http://127.0.0.1:{port}{forwarded}?{query}").text
    assert pending.wait(10)
