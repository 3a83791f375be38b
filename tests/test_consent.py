"""The Connect panel holds no secret, follows its consent, and has a floor where no widget draws."""

from __future__ import annotations

import gc
import json
import time
import weakref
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import nbclient
import nbformat
import pytest

from ninja_analytics import consent
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store
from ninja_analytics.consent.desk import Desk
from ninja_analytics.consent.panel import ConsentPanel
from ninja_analytics.errors import ConsentDeniedError
from tests.consent_cells import ANSWER, WITH_A_PERSON, canaries, cell_for

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


def run_headless(*cells: str) -> str:
    """The text of a notebook of these cells, run with nobody there and saved with widget state."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        book, timeout=60, kernel_name="python3", store_widget_state=True
    ).execute()
    return nbformat.writes(book)


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


def test_who_insists_is_shown_the_link_where_there_is_no_terminal(pending, capfd):
    assert consent.show(pending, insist=True) is None

    shown = capfd.readouterr()
    assert shown.out == ""
    assert pending.authorization_url in shown.err


def test_a_message_that_asks_for_nothing_known_does_nothing(pending):
    panel = panel_of(pending)
    before = panel.seen

    for content in ({}, {"type": "format-disk"}, {"type": ["answer"]}):
        panel._on_message(None, content, None)

    assert panel.seen == before
