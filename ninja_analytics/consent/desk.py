"""The desk of one connection: what a person sees of it and can do about it, without any widget.

Every method may be called from any thread. Those that ask NinjaOne return when it has answered, so
a kernel that must not stand still calls them on a thread of their own; how they ended is in `seen`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ninja_analytics.auth import profiles
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile, secret_of_environment
from ninja_analytics.auth.store import open_store
from ninja_analytics.catalog import PLATFORMS, SCOPES
from ninja_analytics.consent import hints, plain, setup
from ninja_analytics.errors import NinjaError, TokenStoreError, UsageError
from ninja_analytics.place import surroundings

log = logging.getLogger(__name__)

# What is being done, and what is said of it meanwhile.
_DOING = {
    "connect": "Asking NinjaOne about this client app…",
    "answer": "",
    "refresh": "Refreshing…",
    "disconnect": "Signing out…",
    "cancel": "",
}
_BY_KEEPER = {"connected": "connected", "signed out": "signed-out", "expired": "failed"}
_FORGOTTEN = "Type the client secret once more: it is not kept here."
_NEEDED = "Paste the client secret, which NinjaOne shows once."
_ENDED = "This session has ended: connect again."


class Desk:
    """One connection: first perhaps a form, then a consent under way, then a keeper of its token."""

    def __init__(
        self, known: Mapping[str, str], on_connected: Callable[[TokenKeeper], Any] = lambda _: None
    ) -> None:
        self._known = known  # of the profile, before or beside what is typed
        self._on_connected = on_connected
        self._lock = threading.RLock()
        self._callbacks: list[Callable[[], None]] = []
        self._status = "form"
        self._busy = self._message = self._said = self._note = ""
        self._typed: Mapping[str, str] | None = None  # None: this desk has no form
        self._wrong: list[str] = []
        self._secret = ("", "")  # of a form: a client ID and its secret, until connected
        self._server = ""
        self._profile: Profile | None = None
        self._pending: PendingConsent[Any] | None = None
        self._keeper: TokenKeeper | None = None
        self._facts: dict[str, Any] = {}
        self._unwatch: Callable[[], None] = lambda: None

    @classmethod
    def of_consent(cls, pending: PendingConsent[Any]) -> Desk:
        """The desk of a consent under way."""
        desk = cls(setup.known_of(pending.profile))
        desk._follow(pending)
        return desk

    @classmethod
    def of_keeper(cls, keeper: TokenKeeper) -> Desk:
        """The desk of a connection that stands."""
        desk = cls(setup.known_of(keeper.profile))
        desk._profile = keeper.profile
        desk._connected(keeper)
        return desk

    @classmethod
    def of_form(
        cls,
        name: str | None,
        given: Mapping[str, str],
        problem: str,
        on_connected: Callable[[TokenKeeper], Any],
    ) -> Desk:
        """The desk of a profile that does not exist yet or lacks something."""
        desk = cls(setup.known(name, given), on_connected)
        desk._typed, desk._note = setup.fields(desk._known), _without_command(problem)
        return desk

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call *callback* after every change, from whichever thread makes it."""
        self._callbacks.append(callback)

    def seen(self) -> dict[str, Any]:
        """What a person sees, as JSON without secrets: it may be saved by anyone."""
        with self._lock:
            who, facts, status = self._profile, self._facts, self._status
            connected = status == "connected"
            scope = list(facts.get("scope", ()) if connected else who.scope if who else ())
            return {
                "status": "checking" if self._busy == "answer" else status,
                "busy": self._busy,
                "profile": who.name if who else self._known["name"],
                "client_id": who.client_id if who else "",
                "instance": plain.instance_title(who) if who else "",
                "platform": PLATFORMS[who.platform].title if who else "",
                "scope": scope,
                "meanings": {word: SCOPES.get(word, "") for word in scope},
                "expires_at": facts.get("expires_at") if connected else None,
                "refreshes": connected and facts["refreshes"],
                "refresh_token_at": facts.get("refresh_token_at") if connected else None,
                "message": self._message,
                "note": self._noted(),
                "said": self._said,
                "hints": self._hints(),
                "form": self._form() if status == "form" else None,
                "editable": self._typed is not None and status in ("waiting", "failed"),
            }

    def link(self) -> tuple[str, str] | None:
        """The link to open and the address that it returns to, while a consent is under way."""
        pending = self._pending
        if pending is None or pending.done:
            return None
        return pending.authorization_url, pending.redirect_uri

    def at(self, server: str) -> None:
        """Know the address of the Jupyter *server* as the browser sees it."""
        with suppress(UsageError):
            Profile("x", server, "x")  # an address of that kind, and none that holds a password
            self._server = server.partition("?")[0].partition("#")[0]
            self._tell()

    def submit(self, typed: Mapping[str, str], client_secret: str = "") -> None:
        """Connect as the form says; it stays open if something in it is wrong."""
        if self._status == "form":
            self._do("connect", lambda: self._submit(typed, client_secret.strip()))

    def connect(self) -> None:
        """Begin again with the same client app, after signing out or a failure."""
        if self._status in ("signed-out", "failed"):
            self._do("connect", self._connect_again)

    def answer(self, address: str) -> None:
        """Take the pasted *address* for the answer to the consent under way."""
        pending = self._pending
        if pending is not None and not pending.done:
            self._do("answer", lambda: pending.complete(address))

    def cancel(self) -> None:
        """End the consent under way."""
        pending = self._pending
        if pending is not None:
            self._do("cancel", pending.cancel)

    def refresh(self) -> None:
        """Get a new access token now."""
        keeper = self._keeper
        if keeper is not None and self._status == "connected":
            self._do("refresh", keeper.refresh_now, said="Refreshed.")

    def disconnect(self) -> None:
        """Revoke the token at NinjaOne and forget it here."""
        keeper = self._keeper
        if keeper is not None and self._status == "connected":
            self._do("disconnect", keeper.disconnect)

    def edit(self) -> None:
        """Back to the form, to change what was typed."""
        with self._lock:
            if self._typed is None or self._busy or self._status not in ("waiting", "failed"):
                return
            pending, self._pending = self._pending, None
            self._status, self._message, self._note = "form", "", ""
        if pending:
            pending.cancel()
        self._tell()

    def close(self) -> None:
        """Tell nobody any more, and follow the connection no longer."""
        self._unwatch()
        self._callbacks.clear()

    def look(self) -> None:
        """See how the token stands by now: its time may be over, or another process renewed it."""
        self._take_stock()
        self._tell()

    def __repr__(self) -> str:
        return f"<Desk of profile {self._known['name']!r}: {self._status}>"

    def _do(self, what: str, work: Callable[[], object], said: str = "") -> None:
        """Do *work*, unless something is being done already, and let everybody see how it ends."""
        with self._lock:
            if self._busy:
                return
            self._busy, self._said, self._message = what, _DOING[what], ""
        self._tell()
        message = ""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - on a thread that nobody waits for
            message, said = _in_words(error), ""
        with self._lock:
            if self._said == _DOING[what]:  # else it has been said how it ended
                self._said = said
            self._busy, self._message = "", message or self._message
        self._tell()

    def _submit(self, typed: Mapping[str, str], client_secret: str) -> None:
        who, wrong = setup.checked(typed, self._known)
        platform = PLATFORMS.get(typed.get("platform", ""))
        with self._lock:
            self._typed = {name: str(typed.get(name, "")) for name in setup.fields(self._known)}
            if client_secret:
                self._secret = typed.get("client_id", "").strip(), client_secret
        if (
            platform
            and platform.has_secret
            and not (client_secret or (who and self._secret_of(who)))
        ):
            wrong["client_secret"] = _NEEDED
        with self._lock:
            self._wrong = list(wrong)
        if who is None or wrong:
            raise UsageError(" ".join(wrong.values()))
        self._begin(who)

    def _connect_again(self) -> None:
        who = self._profile
        if who is None:
            return
        if PLATFORMS[who.platform].has_secret and not self._secret_of(who):
            with self._lock:
                self._known = setup.known_of(who)
                self._typed, self._wrong = setup.fields(self._known), ["client_secret"]
                self._status, self._note = "form", _FORGOTTEN
            return
        self._begin(who)

    def _begin(self, who: Profile) -> None:
        """Open a consent for *who*, or fetch the token of a client app that needs none.

        The keeper of an earlier connection takes the new token, so what uses it lives again.
        """
        store, secret = open_store(), self._secret_of(who)
        earlier = self._keeper_of(who)
        if who.flow != "client_credentials":
            self._follow(
                PendingConsent.begin(
                    who, store, secret, on_connected=self._on_connected, keeper=earlier
                )
            )
            return
        keeper = TokenKeeper(who, store, secret)
        keeper.access_token()
        for one in (keeper, earlier):
            if one and (token := keeper.token()):
                one.accept(token, secret)  # with the secret, if one was typed
        self._profile = who
        self._connected(earlier or keeper)
        self._on_connected(earlier or keeper)

    def _keeper_of(self, who: Profile) -> TokenKeeper | None:
        """The keeper so far, if it is one for *who*; where the browser returns to may have changed."""
        mine = self._keeper
        same = mine and replace(mine.profile, redirect_uri=who.redirect_uri) == who
        return mine if same else None

    def _follow(self, pending: PendingConsent[Any]) -> None:
        with self._lock:
            self._pending, self._profile, self._status = pending, pending.profile, "waiting"
            self._message, self._note = str(pending.listener_error or ""), ""
        self._watch(pending.keeper)
        pending.on_change(lambda: self._over(pending))

    def _over(self, pending: PendingConsent[Any]) -> None:
        """Take note that *pending* has ended, unless another one has come into its place."""
        if self._pending is not pending:
            return
        if pending.error is None:
            self._connected(pending.keeper)
        else:
            with self._lock:
                self._status, self._message = "failed", _in_words(pending.error)
        self._tell()

    def _connected(self, keeper: TokenKeeper) -> None:
        """Take note that *keeper* has a token; save the profile of a finished form."""
        with self._lock:
            self._status, self._message, self._secret = "connected", "", ("", "")
        self._watch(keeper)
        self._take_stock()
        if self._typed is not None:
            self._save(keeper.profile)

    def _save(self, who: Profile) -> None:
        self._known, self._typed = setup.known_of(who), None
        try:
            profiles.save(who)
            self._said = f'Saved: na.connect("{who.name}") connects by itself from now on.'
        except NinjaError as error:
            self._message = str(error)

    def _watch(self, keeper: TokenKeeper) -> None:
        if keeper is not self._keeper:
            self._unwatch()
            self._keeper, self._unwatch = keeper, keeper.on_change(self.look)

    def _take_stock(self) -> None:
        """Bring what is known of the token up to date."""
        if self._keeper is None:
            return
        try:
            facts = self._keeper.state()
        except TokenStoreError as error:
            self._message = str(error)
            return
        with self._lock:
            self._facts, now = facts, _BY_KEEPER[facts["status"]]
            if self._status == "connected" and now != "connected":
                ended = _without_command(facts["error"] or _ENDED)
                self._status, self._message = now, ended if now == "failed" else ""
            elif self._status in ("signed-out", "failed") and now == "connected":
                self._status, self._message = now, ""

    def _secret_of(self, who: Profile) -> str | None:
        """The client secret for *who*: as typed, from the environment or as kept."""
        if not PLATFORMS[who.platform].has_secret:
            return None
        client_id, typed = self._secret
        return (
            (client_id == who.client_id and typed)
            or secret_of_environment(who)
            or open_store().load_secret(who.key)
        )

    def _form(self) -> dict[str, Any]:
        return {
            "fields": dict(self._typed or {}),
            "wrong": list(self._wrong),
            **setup.offer(self._known, self._server),
        }

    def _noted(self) -> str:
        if self._status != "connected":
            return self._note
        troubles = "" if self._message else self._facts.get("error")  # of a refresh by others
        return str(troubles or self._facts.get("note") or "")

    def _hints(self) -> list[str]:
        pending = self._pending if self._status == "waiting" else None
        return list(hints.ordered(pending.redirect_uri, surroundings())) if pending else []

    def _tell(self) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback()
            except Exception:
                log.exception("A listener to the desk has failed.")


def _in_words(error: BaseException) -> str:
    """*error* for the panel; what is none of ours is only named, it may hold anything."""
    if isinstance(error, NinjaError):
        return _without_command(str(error))
    return f"It broke off unexpectedly ({type(error).__name__}): connect again."


def _without_command(text: str) -> str:
    """*text* without the command that it ends on, for the panel itself does what it would."""
    return text.partition(" Run: ")[0]
