"""The browser comes back through jupyter-server-proxy, as it does on a JupyterHub."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.person import (
    ROWS,
    Canaries,
    allow,
    connect,
    expect_connected,
    leave_client_secret,
)
from tests.browser.servers import free_port

BACK_BY = {
    "own-server": "/user/alice/proxy/{port}/",
    "own-server-absolute": "/user/alice/proxy/absolute/{port}/oauth/back",
    "one-address-for-all-users": "/hub/user-redirect/proxy/{port}/",
}


@pytest.fixture(params=BACK_BY.values(), ids=BACK_BY)
def redirect_uri(request, jupyter) -> str:
    """An address of the Jupyter server that leads to a free port of the kernel's machine."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(jupyter.url))
    return origin + request.param.format(port=free_port())


@pytest.mark.parametrize("grant", ["authorization_code", "implicit"])
def test_the_answer_comes_back_through_the_jupyter_server(lab, tenant, redirect_uri, grant):
    tenant.switch(implicit=True, redirect_uris=redirect_uri)
    leave_client_secret(lab, tenant)
    notebook = lab.open(connect(tenant, "web", redirect_uri=redirect_uri, grant=grant), ROWS)
    canaries = Canaries(lab, tenant.clients["web"].client_secret)

    notebook.run(0)
    tab = allow(notebook.panel())
    expect(tab.get_by_role("heading")).to_have_text("Connected to NinjaOne")
    expect_connected(notebook.panel())
    notebook.run(1)
    expect(notebook.output(1).locator("table")).to_be_visible()
    canaries.expect_none_in(notebook, at_least=3)
