"""The Connect panel and its front end: what goes between them, and what never does."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jupyter_client.manager import start_new_kernel

from tests.consent_cells import ANSWER, canaries, cell_for
from tests.front_end import FrontEnd, is_display, is_stream, is_update


@pytest.fixture
def front_end() -> Iterator[FrontEnd]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield FrontEnd(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def test_the_panel_goes_from_link_to_paste_to_connected_by_messages(sandbox, front_end):
    front_end.run(cell_for(sandbox))
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]

    front_end.say(comm_id, {"type": "ready"})
    url = front_end.hear_custom("link")["url"]
    assert url.startswith(sandbox.base_url)
    assert parse_qs(urlsplit(url).query)["state"][0] in shown["text/html"]
    assert url in shown["text/plain"]

    front_end.say(comm_id, {"type": "answer", "text": "http://127.0.0.1/?code=x&state=forged"})
    front_end.hear_custom("received")
    front_end.hear_state(status="checking")
    assert front_end.hear_state(status="waiting")

    front_end.say(comm_id, {"type": "answer", "text": sandbox.browse(url)})
    front_end.hear_state(status="connected")
    floor = front_end.hear(
        lambda kind, told: is_update(kind, told) and "Connected" in told["data"]["text/html"]
    )["data"]
    assert "Connected: sandbox at" in floor["text/html"]
    assert not [secret for secret in canaries([url]) if secret in json.dumps(floor)]


def test_the_link_leaves_the_html_once_the_panel_is_drawn(sandbox, front_end):
    front_end.run(cell_for(sandbox))
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "<a " in shown["text/html"]

    front_end.say(comm_id, {"type": "ready"})
    url = front_end.hear_custom("link")["url"]
    floor = front_end.hear(is_update)["data"]

    assert "Waiting for consent: sandbox at" in floor["text/html"]
    assert not [secret for secret in (url, *canaries([url])) if secret in json.dumps(floor)]


def test_the_link_comes_by_itself_while_a_cell_runs(sandbox, front_end):
    front_end.run(cell_for(sandbox) + "pending.wait(30)")

    url = front_end.hear_custom("link")["url"]

    assert url.startswith(sandbox.base_url)
    pending_redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
    assert urlsplit(pending_redirect).hostname == "127.0.0.1"


def test_the_panel_is_heard_on_a_subshell_while_a_cell_runs(sandbox, front_end):
    front_end.run(cell_for(sandbox) + "pending.wait(30); print('the cell has ended')")
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    url = front_end.hear_custom("link")["url"]

    answer = {"type": "answer", "text": sandbox.browse(url)}
    front_end.say(comm_id, answer, subshell_id=front_end.open_subshell())

    front_end.hear_state(status="connected")
    assert front_end.hear(is_stream)["text"].rstrip() == "the cell has ended"


def test_an_answer_that_a_busy_kernel_cannot_hear_is_taken_when_the_cell_is_stopped(
    sandbox, front_end
):
    front_end.run(cell_for(sandbox) + "pending.wait(30)")
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    url = front_end.hear_custom("link")["url"]

    front_end.say(comm_id, {"type": "answer", "text": sandbox.browse(url)})
    front_end.interrupt()

    front_end.hear_state(status="connected")


def test_cancel_ends_the_consent_and_clears_the_link(sandbox, front_end):
    front_end.run(cell_for(sandbox))
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]

    front_end.say(comm_id, {"type": "cancel"})

    front_end.hear_state(status="failed")
    assert "Not connected" in front_end.hear(is_update)["data"]["text/html"]


LOGGED = """
import logging
for name in ("Comm", "IPKernelApp"):
    logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger(name).addHandler(logging.FileHandler({path!r}))
"""


def test_a_kernel_that_logs_everything_logs_no_pasted_address(sandbox, front_end, tmp_path):
    path = tmp_path / "kernel.log"
    front_end.run(cell_for(sandbox) + LOGGED.format(path=str(path)))
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    front_end.say(comm_id, {"type": "ready"})
    answer = sandbox.browse(front_end.hear_custom("link")["url"])

    front_end.say(comm_id, {"type": "answer", "text": answer})
    front_end.hear_state(status="connected")

    logged = path.read_text()
    assert logged.count("redirect") + logged.count("[hidden]") >= 2
    assert not [secret for secret in canaries([answer])[1:] if secret in logged]


def test_the_lines_to_type_where_no_widget_draws_lead_to_a_connection(sandbox, front_end):
    given = f"base_url={sandbox.base_url!r}, client_id={sandbox.clients['native'].client_id!r}"
    front_end.run(cell_for(sandbox))
    floor = front_end.hear(is_display)["data"]["text/plain"]
    lines = textwrap.dedent("  import getpass" + floor.partition("  import getpass")[2])

    front_end.run("import ninja_analytics as na\n" + lines.replace("...", given))
    shown = front_end.hear(is_display)["data"]["text/plain"]
    url = next(word for word in shown.split() if word.startswith(sandbox.base_url))
    assert front_end.client.get_stdin_msg(timeout=20)["content"]["password"]
    front_end.client.input(sandbox.browse(url))

    update = front_end.hear(is_update)["data"]
    assert "Connected: default at" in update["text/plain"]
    assert not [secret for secret in canaries([url]) if secret in json.dumps(update)]


FORM = """
from ninja_analytics import consent
panel = consent.show_form("fresh", {given!r}, problem="There is none.", on_connected=print)
"""


def test_a_form_becomes_a_connection_by_messages_and_the_secret_stays_in_its_own(
    sandbox, front_end, home
):
    client = sandbox.clients["web"]
    front_end.run(FORM.format(given={"platform": "web", "base_url": sandbox.base_url}))
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "ninja-analytics connect --profile fresh" in shown["text/plain"]

    fields = {
        "name": "fresh",
        "instance": "other",
        "host": sandbox.base_url,
        "client_id": client.client_id,
        "platform": "web",
        "redirect_uri": "http://localhost:8725/",
    }
    form = {"type": "form", "fields": fields, "client_secret": client.client_secret}
    front_end.say(comm_id, form)
    url = front_end.hear_custom("link")["url"]
    answer = sandbox.browse(url)
    front_end.say(comm_id, {"type": "answer", "text": answer})
    front_end.hear_state(status="connected")

    def is_link(content: dict[str, Any]) -> bool:
        return content.get("data", {}).get("content", {}).get("type") == "link"

    found = [client.client_secret, *canaries([url, answer])]
    others = json.dumps([one for one in front_end.heard if not is_link(one)])
    assert len(found) == 7  # also two addresses, with state twice
    assert "connects by itself from now on" in others
    assert not [secret for secret in found if secret in others]


def test_the_buttons_of_a_connection_refresh_and_sign_out_by_messages(sandbox, front_end, tmp_path):
    path = tmp_path / "secrets.json"
    answer = ANSWER.format(username=sandbox.username, password=sandbox.password, path=str(path))
    front_end.run(cell_for(sandbox).replace("panel = consent.show(pending)", answer))
    front_end.run("consent.show_connected(pending.keeper)")
    shown = front_end.hear(is_display)["data"]
    comm_id = shown["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "Connected: sandbox at" in shown["text/html"]

    front_end.say(comm_id, {"type": "refresh"})
    front_end.hear_state(status="connected", said="Refreshed.")
    front_end.say(comm_id, {"type": "disconnect"})
    front_end.hear_state(status="signed-out")
    assert "Signed out: sandbox at" in front_end.hear(is_update)["data"]["text/html"]
    front_end.hear_state(status="signed-out", busy="")  # till then the buttons are dead
    front_end.say(comm_id, {"type": "connect"})
    front_end.hear_state(status="waiting", busy="")
    front_end.say(comm_id, {"type": "cancel"})
    front_end.hear_state(status="failed")

    found = canaries(json.loads(path.read_text()))
    assert not [secret for secret in found if secret in json.dumps(front_end.heard)]
