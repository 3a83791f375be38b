"""The Connect panel holds no secret, follows its consent, and has a floor where no widget draws."""

from __future__ import annotations

import gc
import json
import textwrap
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nbclient
import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from ninja_analytics import consent
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store
from ninja_analytics.consent.desk import Desk
from ninja_analytics.consent.panel import ConsentPanel
from ninja_analytics.errors import ConsentDeniedError

STATE_ALLOWED = {
    "seen",  # ours
    # anywidget's and ipywidgets'
    "_anywidget_id", "_css", "_esm", "_dom_classes", "_model_module", "_model_module_version",
    "_model_name", "_view_count", "_view_module", "_view_module_version", "_view_name", "layout",
    "tabbable", "tooltip",
}  # fmt: skip


def begin(sandbox) -> PendingConsent[TokenKeeper]:
    client_id = sandbox.clients["native"].client_id
    who = resolve("sandbox", base_url=sandbox.base_url, client_id=client_id)
    return PendingConsent.begin(who, open_store("memory"), on_connected=lambda keeper: keeper)


@pytest.fixture
def pending(sandbox) -> Iterator[PendingConsent[TokenKeeper]]:
    under_way = begin(sandbox)
    yield under_way
    under_way.cancel()


def secrets_of(pending: PendingConsent[TokenKeeper], answer: str = "") -> list[str]:
    """What may be seen nowhere: state, challenge, code and tokens of a consent."""
    asked = parse_qs(urlsplit(pending.authorization_url).query)
    told = parse_qs(urlsplit(answer).query)
    token = pending.token
    tokens = [token.access_token, token.refresh_token] if token else []
    found = [*asked["state"], *asked["code_challenge"], *told.get("code", []), *tokens]
    return [one for one in found if one]


def everything_shown(panel: ConsentPanel) -> str:
    return json.dumps([panel.get_state(), panel._repr_mimebundle_(), repr(panel), str(panel)])


def eventually(claim: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.01)
    return claim()


def panel_of(pending: PendingConsent[TokenKeeper]) -> ConsentPanel:
    return ConsentPanel(Desk.of_consent(pending))


def test_the_state_that_notebooks_save_is_an_allow_list_in_every_state(sandbox, pending):
    panel = panel_of(pending)
    desk = panel._desk
    states = [(panel.get_state(), desk.seen())]
    for act in (
        lambda: desk.answer("http://127.0.0.1/?code=x&state=y"),
        desk.cancel,
        desk.connect,
        lambda: desk.answer(sandbox.browse(desk.link()[0])),
        desk.refresh,
        desk.disconnect,
    ):
        act()
        states.append((panel.get_state(), desk.seen()))
    form = ConsentPanel(Desk.of_form("acme", {}, "There is none.", lambda _: None))
    states.append((form.get_state(), form._desk.seen()))

    assert {state["seen"]["status"] for state, _ in states} == {
        "waiting", "failed", "connected", "signed-out", "form"
    }  # fmt: skip
    for state, seen in states:
        assert set(state) == STATE_ALLOWED
        assert state["seen"] == seen


def test_the_panel_says_who_where_and_for_what(sandbox, pending):
    seen = panel_of(pending).seen

    assert (seen["status"], seen["profile"], seen["platform"]) == ("waiting", "sandbox", "Native")
    assert seen["instance"] == urlsplit(sandbox.base_url).netloc
    assert seen["client_id"] == sandbox.clients["native"].client_id
    assert seen["meanings"]["monitoring"] == "read monitoring data; cannot change anything"


def test_a_waiting_panel_shows_no_secret(pending):
    shown = everything_shown(panel_of(pending))

    assert not [secret for secret in secrets_of(pending) if secret in shown]


def test_the_panel_follows_a_consent_that_is_completed_elsewhere(sandbox, pending):
    panel = panel_of(pending)

    answer = sandbox.browse(pending.authorization_url)
    pending.complete(answer)

    assert eventually(lambda: panel.seen["status"] == "connected")
    assert panel.seen["scope"] == ["monitoring", "offline_access"]
    assert panel.seen["refreshes"]
    assert 0 < panel.seen["expires_at"] - time.time() <= 3600
    secrets = secrets_of(pending, answer)
    assert len(secrets) == 5
    assert not [secret for secret in secrets if secret in everything_shown(panel)]


def test_a_panel_for_a_finished_consent_is_connected_at_once(sandbox, pending):
    pending.complete(sandbox.browse(pending.authorization_url))

    assert panel_of(pending).seen["status"] == "connected"


def test_a_denied_consent_is_shown_as_failed_with_the_reason(sandbox, pending):
    panel = panel_of(pending)

    answer = sandbox.browse(pending.authorization_url, decision="deny")
    with pytest.raises(ConsentDeniedError) as caught:
        pending.complete(answer)

    assert eventually(lambda: panel.seen["status"] == "failed")
    assert panel.seen["message"] == str(caught.value)


def test_the_floor_of_every_state_says_how_it_stands(sandbox, pending):
    panel = panel_of(pending)
    desk, floors = panel._desk, {}
    for act in (
        lambda: None,
        desk.cancel,
        desk.connect,
        lambda: desk.answer(sandbox.browse(desk.link()[0])),
        desk.disconnect,
    ):
        act()
        data, _ = panel._repr_mimebundle_()
        floors[panel.seen["status"]] = data["text/html"] + data["text/plain"]
    form = ConsentPanel(Desk.of_form("ac me", {}, "", lambda _: None))
    floors["form"] = form._repr_mimebundle_()[0]["text/plain"]

    assert "Waiting for consent: sandbox at" in floors["waiting"]
    assert "Not connected: sandbox at" in floors["failed"]
    assert "Connected: sandbox at" in floors["connected"]
    assert "Signed out: sandbox at" in floors["signed-out"]
    assert "ninja-analytics connect --profile 'ac me'" in floors["form"]
    assert "<a " not in "".join(floors.values())


def test_without_a_notebook_and_without_a_person_nothing_is_shown(pending, capfd):
    given: dict[str, str] = {}

    assert consent.show(pending) is None
    assert consent.show_connected(pending.keeper) is None
    assert consent.show_form("x", given, problem="", on_connected=lambda _: None) is None
    assert capfd.readouterr() == ("", "")


CELL = """
from ninja_analytics import consent
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store
who = resolve("sandbox", base_url={base_url!r}, client_id={client_id!r})
pending = PendingConsent.begin(who, open_store("memory"), on_connected=lambda keeper: keeper)
panel = consent.show(pending)
"""
# Plays the browser in the kernel, and lets the secrets out by a file only.
ANSWER = """
import json
from pathlib import Path
from ninja_analytics.sandbox.person import browse
answer = browse(pending.authorization_url, username={username!r}, password={password!r})
pending.complete(answer)
token = pending.token
secrets = [pending.authorization_url, answer, token.access_token, token.refresh_token]
Path({path!r}).write_text(json.dumps(secrets))
"""


def cell_for(sandbox) -> str:
    return CELL.format(base_url=sandbox.base_url, client_id=sandbox.clients["native"].client_id)


def canaries(values: list[str]) -> list[str]:
    """The values, and the secrets in the queries of those that are addresses."""
    found = list(values)
    for value in values:
        query = parse_qs(urlsplit(value).query)
        found += [
            secret for name in ("code", "state", "code_challenge") for secret in query.get(name, [])
        ]
    return found


def run_headless(*cells: str) -> str:
    """The text of a notebook of these cells, run with nobody there and saved with widget state."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        book, timeout=60, kernel_name="python3", store_widget_state=True
    ).execute()
    return nbformat.writes(book)


WITH_A_PERSON = "get_ipython().kernel._allow_stdin = True\n"


def test_a_saved_notebook_of_a_finished_consent_holds_no_secret(sandbox, tmp_path):
    path = tmp_path / "secrets.json"
    answer = ANSWER.format(username=sandbox.username, password=sandbox.password, path=str(path))

    saved = run_headless(WITH_A_PERSON + cell_for(sandbox), answer)

    found = canaries(json.loads(path.read_text()))
    assert len(found) == 8
    assert "Connected: sandbox at" in saved
    assert '"status": "connected"' in saved
    assert not [secret for secret in found if secret in saved]


def test_a_notebook_that_runs_with_nobody_there_shows_nothing_live(sandbox, tmp_path):
    path = tmp_path / "url.json"
    keep = f"import json; json.dump([pending.authorization_url], open({str(path)!r}, 'w'))"
    more = (
        "assert consent.show(pending, insist=True) is None\n"
        "assert consent.show_connected(pending.keeper) is None\n"
        "assert consent.show_form('x', {}, problem='', on_connected=print) is None"
    )

    saved = run_headless(cell_for(sandbox) + "assert panel is None", keep, more)

    found = canaries(json.loads(path.read_text()))
    assert len(found) == 3
    assert "application/vnd.jupyter.widget" not in saved
    assert not [secret for secret in found if secret in saved]


@dataclass
class FrontEnd:
    """A front end without a screen: it runs cells, and hears and says what a widget's view does."""

    client: BlockingKernelClient
    heard: list[dict[str, Any]] = field(default_factory=list)

    def run(self, code: str) -> str:
        return self.client.execute(code, allow_stdin=True)

    def hear(self, wanted: Callable[[str, dict[str, Any]], bool]) -> dict[str, Any]:
        """The content of the next message that is wanted."""
        while True:
            message = self.client.get_iopub_msg(timeout=20)
            self.heard.append(message["content"])
            if wanted(message["msg_type"], message["content"]):
                return message["content"]

    def hear_custom(self, kind: str) -> dict[str, Any]:
        """The next custom message of this type from the widget."""

        def is_it(_: str, content: dict[str, Any]) -> bool:
            data = content.get("data", {})
            return data.get("method") == "custom" and data["content"].get("type") == kind

        return self.hear(is_it)["data"]["content"]

    def hear_state(self, **values: object) -> dict[str, Any]:
        """The next update of the widget's state that has these values."""

        def is_it(_: str, content: dict[str, Any]) -> bool:
            data = content.get("data", {})
            seen = data.get("state", {}).get("seen", {})
            return data.get("method") == "update" and values.items() <= seen.items()

        return self.hear(is_it)["data"]["state"]["seen"]

    def say(self, comm_id: str, content: dict[str, Any], *, subshell_id: str = "") -> None:
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        if subshell_id:
            message["header"]["subshell_id"] = subshell_id
        self.client.shell_channel.send(message)

    def open_subshell(self) -> str:
        """A thread of the kernel that is free while a cell runs; JupyterLab opens one, too."""
        self.client.control_channel.send(self.client.session.msg("create_subshell_request"))
        return self.client.get_control_msg(timeout=20)["content"]["subshell_id"]

    def interrupt(self) -> None:
        self.client.control_channel.send(self.client.session.msg("interrupt_request"))


@pytest.fixture
def front_end() -> Iterator[FrontEnd]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield FrontEnd(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def is_display(msg_type: str, _: dict[str, Any]) -> bool:
    return msg_type == "display_data"


def is_update(msg_type: str, _: dict[str, Any]) -> bool:
    return msg_type == "update_display_data"


def is_stream(msg_type: str, _: dict[str, Any]) -> bool:
    return msg_type == "stream"


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


def test_a_panel_that_is_closed_is_let_go(sandbox, pending):
    keeper = pending.complete(sandbox.browse(pending.authorization_url))
    followers = len(keeper._callbacks)
    panels = [ConsentPanel(Desk.of_keeper(keeper)) for _ in range(3)]
    gone = [weakref.ref(one) for one in (*panels, *(panel._desk for panel in panels))]
    assert len(keeper._callbacks) == followers + 3

    while panels:
        panels.pop().close()
    gc.collect()

    assert len(keeper._callbacks) == followers
    assert [one() for one in gone] == [None] * 6


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


def test_who_insists_is_shown_the_link_where_there_is_no_terminal(pending, capfd):
    assert consent.show(pending, insist=True) is None

    shown = capfd.readouterr()
    assert shown.out == ""
    assert pending.authorization_url in shown.err


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


def test_a_message_that_asks_for_nothing_known_does_nothing(pending):
    panel = panel_of(pending)
    before = panel.seen

    for content in ({}, {"type": "format-disk"}, {"type": ["answer"]}):
        panel._on_message(None, content, None)

    assert panel.seen == before
