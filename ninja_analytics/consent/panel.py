"""The Connect panel: the desk of one connection as a live widget.

Notebooks save the state of widgets, so no secret is ever part of it. The authorization URL, the
pasted address and the client secret travel by custom messages, which nothing saves.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from ninja_analytics.consent import plain
from ninja_analytics.consent.desk import Desk
from ninja_analytics.place import place

# While a cell runs, a front end may be unable to say that it has drawn the panel: then the link
# is sent again and again, until it answers or the consent ends.
_RESEND_SECONDS = 1.0
_HERE = Path(__file__).parent


class ConsentPanel(anywidget.AnyWidget):
    """The live panel over one `Desk`; follows it from any thread, also in a busy cell.

    `seen` is what the desk tells, and all that is ever saved.
    """

    # As texts: anywidget would follow a path, and with it keep every panel for ever.
    _esm = (_HERE / "panel.js").read_text(encoding="utf-8")
    _css = (_HERE / "panel.css").read_text(encoding="utf-8")

    seen = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Desk) -> None:
        super().__init__(seen=desk.seen())
        self._desk = desk
        self._display_id = ""
        self._sent = desk.link()
        self._floor_link = ""
        self._drawn = threading.Event()
        self._changing = threading.RLock()
        _hear_while_a_cell_runs(self.comm)
        self.on_msg(self._on_message)
        desk.on_change(self._follow)
        self._follow()  # what has changed since the desk was first asked

    def show(self) -> None:
        """Draw the panel under the running cell, with plain HTML and text beneath it."""
        with self._changing:  # so that the form without the link can only come after this one
            self._display_id = uuid.uuid4().hex
            # Voila always draws widgets, and does not replace what was displayed.
            link = self._desk.link()
            self._floor_link = link[0] if link and place() == "notebook" else ""
            self._publish()
        if self._desk.link():
            threading.Thread(target=self._resend_link, name="consent-link", daemon=True).start()

    def close(self) -> None:
        """Take it off every page, and let go of the connection."""
        self._desk.close()
        super().close()

    def __repr__(self) -> str:
        return f"<ConsentPanel {plain.outcome(self.seen)!r}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._bundle("")

    def _bundle(self, link: str) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_() or ({}, {})
        data["text/html"] = plain.html(self.seen, link)
        data["text/plain"] = plain.text(self.seen, link)
        return data, metadata

    def _publish(self, *, update: bool = False) -> None:
        data, metadata = self._bundle(self._floor_link)
        display(  # type: ignore[no-untyped-call]
            data, raw=True, metadata=metadata, display_id=self._display_id, update=update
        )

    def _on_message(self, _: object, content: dict[str, Any], __: object) -> None:
        kind = content.get("type")
        if kind == "ready":
            self._drawn.set()
            self.send({"type": "clock", "now": time.time()})
            self._send_link()
            self._on_thread(lambda: self._is_drawn(str(content.get("server", ""))))
            return
        action = self._action(kind, content)
        if action:
            self.send({"type": "received"})
            self._on_thread(action)

    def _is_drawn(self, server: str) -> None:
        """Know where, and take the link out of the HTML, which the notebook would save with it."""
        self._desk.at(server)
        self._follow()

    def _action(self, kind: object, content: dict[str, Any]) -> Callable[[], None] | None:
        """What the message *content* asks the desk to do."""
        desk = self._desk
        if kind == "answer":
            return lambda: desk.answer(str(content.get("text", "")))
        if kind == "form":
            typed = {str(name): str(value) for name, value in dict(content["fields"]).items()}
            return lambda: desk.submit(typed, str(content.get("client_secret", "")))
        plain_ones = {
            "connect": desk.connect,
            "cancel": desk.cancel,
            "refresh": desk.refresh,
            "disconnect": desk.disconnect,
            "edit": desk.edit,
            "look": desk.look,
        }
        return plain_ones.get(str(kind))

    def _on_thread(self, action: Callable[[], None]) -> None:
        """Run *action* where the network may be waited for: the kernel must not stand still."""
        threading.Thread(target=action, name="consent-panel", daemon=True).start()

    def _send_link(self) -> None:
        link = self._desk.link()
        if link:
            self.send({"type": "link", "url": link[0], "returns_to": link[1]})

    def _resend_link(self) -> None:
        while self._desk.link() and not self._drawn.wait(_RESEND_SECONDS):
            self._send_link()

    def _follow(self) -> None:
        """Bring the panel up to date with its desk; called from whichever thread changes it."""
        with self._changing:
            before = plain.html(self.seen, self._floor_link)
            self.seen, link = self._desk.seen(), self._desk.link()
            if link and link != self._sent:
                self._send_link()
            self._sent = link
            if self._drawn.is_set() or link is None or link[0] != self._floor_link:
                self._floor_link = ""  # it is in the panel, or of a consent that is over
            if self._display_id and plain.html(self.seen, self._floor_link) != before:
                self._publish(update=True)


def _hear_while_a_cell_runs(comm: Any) -> None:
    """Let the front end choose the subshell on which the kernel hears the messages of *comm*.

    JupyterLab sends widget messages to a subshell, which is free while a cell runs. ipykernel 7.4
    overrules it and sends them to the shell that opened the comm, where they wait for the cell to
    end. Nothing waits in our panel, so the front end's choice is right. Elsewhere this attribute
    is not looked at, and a front end without subshells is heard when the cell has ended.
    """
    if comm is not None:
        comm._reply_subshell_for = lambda _data, chosen: chosen
