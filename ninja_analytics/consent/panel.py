"""The Connect panel: a consent under way as a live widget.

Notebooks save the state of widgets, so no secret is ever part of it. The authorization URL and
the pasted address travel by custom messages, which nothing saves.
"""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display

from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.catalog import PLATFORMS, SCOPES
from ninja_analytics.consent import plain
from ninja_analytics.errors import NinjaError
from ninja_analytics.place import somebody_there

# While a cell runs, a front end may be unable to say that it has drawn the panel: then the link
# is sent again and again, until it answers or the consent ends.
_RESEND_SECONDS = 1.0
_HERE = Path(__file__).parent


class ConsentPanel(anywidget.AnyWidget):
    """The live panel over one `PendingConsent`; follows it from any thread, also in a busy cell."""

    _esm = _HERE / "panel.js"
    _css = _HERE / "panel.css"

    status = traitlets.Enum(["waiting", "checking", "connected", "failed"], "waiting").tag(
        sync=True
    )
    profile = traitlets.Unicode().tag(sync=True)
    instance = traitlets.Unicode().tag(sync=True)
    platform = traitlets.Unicode().tag(sync=True)
    scope = traitlets.List(traitlets.Unicode()).tag(sync=True)
    meanings = traitlets.Dict().tag(sync=True)
    expires_at = traitlets.Float(0.0).tag(sync=True)
    refreshes = traitlets.Bool(False).tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)

    def __init__(self, pending: PendingConsent[Any]) -> None:
        who = pending.profile
        super().__init__(
            profile=who.name,
            instance=plain.instance_title(who),
            platform=PLATFORMS[who.platform].title,
            scope=list(who.scope),
            meanings={word: SCOPES.get(word, "") for word in who.scope},
            message=str(pending.listener_error or ""),
        )
        self._pending = pending
        self._display_id = ""
        self._link_drawn = threading.Event()
        self._changing = threading.RLock()
        _hear_while_a_cell_runs(self.comm)
        self.on_msg(self._on_message)
        pending.on_change(self._follow)

    def show(self) -> None:
        """Draw the panel under the running cell, with plain HTML and text beneath it."""
        with self._changing:  # so that the form without the link can only come after this one
            self._display_id = uuid.uuid4().hex
            self._publish(link=somebody_there())
        if not self._pending.done:
            threading.Thread(target=self._resend_link, name="consent-link", daemon=True).start()

    def __repr__(self) -> str:
        return f"<ConsentPanel {self.profile!r} at {self.instance}: {self.status}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._bundle(link=False)

    def _bundle(self, *, link: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_() or ({}, {})
        data["text/html"] = plain.html(self._pending, link=link)
        data["text/plain"] = plain.text(self._pending, link=link)
        return data, metadata

    def _publish(self, *, link: bool, update: bool = False) -> None:
        data, metadata = self._bundle(link=link)
        display(  # type: ignore[no-untyped-call]
            data, raw=True, metadata=metadata, display_id=self._display_id, update=update
        )

    def _on_message(self, _: object, content: dict[str, Any], __: object) -> None:
        kind = content.get("type")
        if kind == "ready":
            self._link_drawn.set()
            self._send_link()
        elif kind == "answer":
            self.send({"type": "received"})
            # The exchange of the code asks the network: the kernel must not stand still for it.
            answer = str(content.get("text", ""))
            threading.Thread(target=self._complete, args=(answer,), daemon=True).start()
        elif kind == "cancel":
            self.send({"type": "received"})
            self._pending.cancel()

    def _send_link(self) -> None:
        if not self._pending.done:
            self.send(
                {
                    "type": "link",
                    "url": self._pending.authorization_url,
                    "returns_to": self._pending.redirect_uri,
                }
            )

    def _resend_link(self) -> None:
        while not self._pending.done and not self._link_drawn.wait(_RESEND_SECONDS):
            self._send_link()

    def _complete(self, answer: str) -> None:
        with self._changing:
            if self._pending.done:
                return
            self.status, self.message = "checking", ""
        try:
            self._pending.complete(answer)
        except NinjaError as error:
            with self._changing:
                if not self._pending.done:
                    self.status, self.message = "waiting", str(error)

    def _follow(self) -> None:
        """Bring the panel up to date with its consent; called from whichever thread ends it."""
        with self._changing:
            if not self._pending.done or self.status in ("connected", "failed"):
                return
            self._link_drawn.set()
            if self._pending.error is None:
                self._tell_connected()
            else:
                self.message, self.status = str(self._pending.error), "failed"
            if self._display_id:
                self._publish(link=False, update=True)

    def _tell_connected(self) -> None:
        token = self._pending.token
        if token is not None:
            self.scope = list(token.scope)
            self.expires_at = token.expires_at
            self.refreshes = token.refresh_token is not None
        self.message, self.status = "", "connected"


def _hear_while_a_cell_runs(comm: Any) -> None:
    """Let the front end choose the subshell on which the kernel hears the messages of *comm*.

    JupyterLab sends widget messages to a subshell, which is free while a cell runs. ipykernel 7.4
    overrules it and sends them to the shell that opened the comm, where they wait for the cell to
    end. Nothing waits in our panel, so the front end's choice is right. Elsewhere this attribute
    is not looked at, and a front end without subshells is heard when the cell has ended.
    """
    if comm is not None:
        comm._reply_subshell_for = lambda _data, chosen: chosen
