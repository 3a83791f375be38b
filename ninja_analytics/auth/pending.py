"""A consent under way: the link to open, and the first answer that comes back, wherever it comes in.

Two doors are open together, so nobody has to guess whether the browser is on this machine: the
loopback listener, and `complete` for the address that a person pastes.
"""

from __future__ import annotations

import hmac
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

from ninja_analytics.auth import grants, refusals
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.listener import Listener, Reply
from ninja_analytics.auth.profiles import Profile, is_loopback
from ninja_analytics.auth.store import TokenStore
from ninja_analytics.auth.tokens import Token
from ninja_analytics.catalog import PLATFORMS, SANDBOX_URL
from ninja_analytics.errors import (
    AuthorizationResponseError,
    ConsentError,
    ConsentTimeoutError,
    ProfileError,
    UnreachableError,
)

log = logging.getLogger(__name__)

# From opening the link to the answer; long enough for a password and a second factor.
_CONSENT_SECONDS = 300.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    result: T | None = None
    error: Exception | None = None


class PendingConsent(Generic[T]):
    """A consent that a person has yet to give; made by `begin`, ended by its first answer.

    Open `authorization_url` in a browser. `wait` returns when the browser comes back to
    `redirect_uri` on this machine; `complete` takes the address it ended on, pasted. Both return
    the same connected object. `done` says that it is over, `error` why without success (else
    None), `listener_error` why only pasting works (else None). Safe to share among threads.
    """

    authorization_url: str
    redirect_uri: str

    def __init__(
        self,
        profile: Profile,
        keeper: TokenKeeper,
        client_secret: str | None,
        on_connected: Callable[[TokenKeeper], T],
    ) -> None:
        self.profile = profile
        self.listener_error: ConsentError | None = None
        self._keeper = keeper
        self._client_secret = client_secret
        self._on_connected = on_connected
        self._lock = threading.Lock()
        self._claimed = False
        self._outcome: _Outcome[T] | None = None
        self._over = threading.Event()
        self._callbacks: list[Callable[[], None]] = []
        self._listener: Listener | None = None
        self._state = self._code_verifier = ""
        self._deadline = 0.0

    @classmethod
    def begin(
        cls,
        profile: Profile,
        store: TokenStore,
        client_secret: str | None = None,
        *,
        on_connected: Callable[[TokenKeeper], T],
        timeout: float = _CONSENT_SECONDS,
    ) -> PendingConsent[T]:
        """A consent for *profile*, open for *timeout* seconds; its token will live in *store*.

        *on_connected* makes the connected object out of the keeper of the new token; it is called
        once. A loopback port that is taken is no failure: see `listener_error`. Raises
        ProfileError where consent makes no sense or the client secret is missing, and
        UnreachableError for a sandbox that does not run.
        """
        platform = PLATFORMS[profile.platform]
        if platform.grant != "authorization_code":
            msg = f"Profile {profile.name!r} uses client credentials, which need no consent: use connect()."
            raise ProfileError(msg)
        secret = client_secret or (store.load_secret(profile.key) if platform.has_secret else None)
        if platform.has_secret and not secret:
            msg = (
                f"Platform {profile.platform!r} needs the client secret of profile "
                f"{profile.name!r}: set NINJA_CLIENT_SECRET, or pass client_secret."
            )
            raise ProfileError(msg)
        _refuse_a_dead_link(profile)
        pending = cls(profile, TokenKeeper(profile, store, secret), secret, on_connected)
        pending._open(timeout)
        return pending

    @property
    def done(self) -> bool:
        """Whether it is over, with success or without."""
        return self._outcome is not None

    @property
    def error(self) -> Exception | None:
        """Why it ended without success; None while it is open and after success."""
        return self._outcome.error if self._outcome else None

    @property
    def token(self) -> Token | None:
        """The token that consent has brought, or None."""
        return self._keeper.token() if self.done and self.error is None else None

    def complete(self, authorization_response: str) -> T:
        """The connected object, by the address that the browser ended on after the consent page.

        Takes the whole address or its part after the question mark. If the listener was quicker,
        its result is returned. Raises AuthorizationResponseError for what is not the answer to
        this consent, which then stays open; ConsentDeniedError, ClientAppError, ScopeError and
        the errors of a network for what ends it.
        """
        if not self.done:
            answer = self._checked(_parameters(authorization_response), pasted=True)
            if self._claim():
                self._finish(self._outcome_of(answer))
            self._over.wait()
        if isinstance(self.error, ConsentTimeoutError):
            msg = "This consent was open for too long and has ended: begin again, with a new link."
            raise AuthorizationResponseError(msg) from self.error
        return self._result()

    def wait(self, timeout: float | None = _CONSENT_SECONDS) -> T:
        """The connected object, once the browser has come back or the address was pasted.

        After *timeout* seconds (None: when the consent itself ends) it raises
        ConsentTimeoutError; a longer *timeout* keeps the consent open for as long. Raises
        ConsentError at once if the port is taken, and what `complete` raises.
        """
        if self.listener_error and not self.done:
            raise self.listener_error
        if timeout is not None:
            self._deadline = max(self._deadline, time.monotonic() + timeout)
        if not self.done and not self._over.wait(timeout):
            msg = (
                f"Nobody has answered the consent page for profile {self.profile.name!r} within "
                f"{timeout:.0f} seconds. Paste the address with complete(), or begin again."
            )
            raise ConsentTimeoutError(msg)
        return self._result()

    def cancel(self) -> None:
        """End it without an answer, and free the port; nothing happens if it is over."""
        if self._claim():
            msg = f"The consent for profile {self.profile.name!r} was canceled: begin again."
            self._finish(_Outcome(error=ConsentError(msg)))

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call *callback* when this is over, from whichever thread ends it; at once if it is."""
        with self._lock:
            if self._outcome is None:
                self._callbacks.append(callback)
                return
        callback()

    def __repr__(self) -> str:
        how = "open" if not self.done else "failed" if self.error else "connected"
        return f"<PendingConsent for profile {self.profile.name!r}: {how}>"

    def _open(self, timeout: float) -> None:
        self.redirect_uri = (
            self.profile.redirect_uri or PLATFORMS[self.profile.platform].redirect_uri
        )
        self._listen()
        self.authorization_url, self._state, self._code_verifier = grants.authorization_request(
            self.profile, self.redirect_uri
        )
        self._deadline = time.monotonic() + timeout
        if self._listener:
            self._listener.start()
        threading.Thread(target=self._watch, name="consent-deadline", daemon=True).start()

    def _listen(self) -> None:
        """Take the port of the redirect URI if it is on this machine; any free one if it names none.

        Only the Native platform lets the port vary; elsewhere no port means port 80.
        """
        parts = urlsplit(self.redirect_uri)
        if parts.scheme != "http" or not is_loopback(self.redirect_uri):
            return
        port = parts.port or (0 if self.profile.platform == "native" else 80)
        try:
            self._listener = Listener(parts.hostname or "", port, parts.path or "/", self._respond)
        except OSError as error:
            self.listener_error = ConsentError(
                f"Port {port} of this machine is taken or forbidden, so the browser cannot come "
                "back by itself: end the other program (an earlier consent, perhaps), or paste "
                "the address that the browser ends on."
            )
            self.listener_error.__cause__ = error
            return
        if not port:
            host = f"{parts.scheme}://{parts.netloc}:{self._listener.port}"
            self.redirect_uri = host + self.redirect_uri.removeprefix(
                f"{parts.scheme}://{parts.netloc}"
            )

    def _watch(self) -> None:
        """End it at the deadline, which `wait` may move."""
        while not self._over.wait(max(0.0, self._deadline - time.monotonic())):
            if time.monotonic() >= self._deadline and self._claim():
                msg = (
                    f"Nobody has answered the consent page for profile {self.profile.name!r} in "
                    "time: begin again, with a new link."
                )
                self._finish(_Outcome(error=ConsentTimeoutError(msg)))

    def _respond(self, query: str) -> Reply:
        """What the browser is shown that came to the listener with *query*."""
        try:
            answer = self._checked(_parameters(query), pasted=False)
        except AuthorizationResponseError as error:
            return Reply(400, "Not connected", str(error))
        if not self._claim():
            self._over.wait()
            return _page(self._outcome or _Outcome())
        outcome = self._outcome_of(answer)
        return _page(outcome, afterwards=lambda: self._finish(outcome))

    def _checked(self, answer: Mapping[str, str], *, pasted: bool) -> Mapping[str, str]:
        """*answer*, if it belongs to this consent.

        Some servers leave the state out of a refusal. A person who pastes that means it; at the
        listener it may be anybody.
        """
        if pasted and "error" in answer and "state" not in answer:
            return answer
        ours = self._state.encode()
        if not hmac.compare_digest(answer.get("state", "").encode(), ours) or not ours:
            msg = (
                "That address is not the answer to this consent, but to an earlier one or to "
                "another program's: open the link of this one, and use where it leads."
            )
            raise AuthorizationResponseError(msg)
        return answer

    def _claim(self) -> bool:
        """Whether the caller is the first with an answer, and has to finish this."""
        with self._lock:
            first, self._claimed = not self._claimed, True
        return first

    def _outcome_of(self, answer: Mapping[str, str]) -> _Outcome[T]:
        """What the *answer* leads to: a token and the connected object, or an error."""
        if "error" in answer:
            return _Outcome(error=refusals.of_word(self.profile, answer["error"]))
        try:
            token = grants.exchange_code(
                self.profile,
                answer["code"],
                self._code_verifier,
                self.redirect_uri,
                self._client_secret,
            )
            self._keeper.accept(token)
            return _Outcome(self._on_connected(self._keeper))
        except Exception as error:  # noqa: BLE001 - on the listener's thread; `wait` raises it
            return _Outcome(error=error)

    def _finish(self, outcome: _Outcome[T]) -> None:
        """Make *outcome* known, drop what was secret and free the port."""
        with self._lock:
            self._outcome = outcome
            callbacks, self._callbacks = self._callbacks, []
        self._state, self._code_verifier, self._client_secret = "", "", None
        if self._listener:
            self._listener.close()
        # Before `wait` returns: what a callback draws still belongs to the cell that waits.
        for callback in callbacks:
            try:
                callback()
            except Exception:
                log.exception("A listener to the consent has failed.")
        self._over.set()

    def _result(self) -> T:
        if self.error is not None:
            raise self.error
        return self._outcome.result  # type: ignore[union-attr,return-value]


def _page(outcome: _Outcome[Any], afterwards: Callable[[], None] | None = None) -> Reply:
    if outcome.error is None:
        text = "You can close this tab and go back to your notebook."
        return Reply(200, "Connected to NinjaOne", text, afterwards)
    return Reply(200, "Not connected to NinjaOne", str(outcome.error), afterwards)


def _parameters(response: str) -> dict[str, str]:
    """The parameters of an authorization response: an address, or its query alone.

    Copied addresses come with line breaks, quotes and `&amp;`; an unknown parameter, such as the
    issuer of RFC 9207, is let through.
    """
    text = "".join(response.split()).strip("<>\"'`").replace("&amp;", "&")
    if not text:
        msg = "Nothing was pasted: copy the whole address of the page that the browser ended on."
        raise AuthorizationResponseError(msg)
    query = (text.partition("?")[2] if "?" in text else text).partition("#")[0]
    pairs = parse_qsl(query, keep_blank_values=True)
    found = dict(pairs)
    if "response_type" in found:
        msg = (
            "That is the link to the consent page: open it, allow access, and paste where it leads."
        )
        raise AuthorizationResponseError(msg)
    named = [name for name, _ in pairs if name in ("code", "state", "error")]
    if len(named) != len(set(named)) or not (found.get("code") or found.get("error")):
        msg = (
            "That is not the address of a finished consent: copy the whole address, from http to "
            "the end; it holds code= and state=."
        )
        raise AuthorizationResponseError(msg)
    return found


def _refuse_a_dead_link(profile: Profile) -> None:
    """Raise UnreachableError where the consent page would be on this machine and nobody serves it."""
    if not is_loopback(profile.base_url):
        return
    here = urlsplit(profile.base_url)
    try:
        socket.create_connection((here.hostname or "", here.port or 80), timeout=2).close()
    except OSError as error:
        usual = profile.base_url == SANDBOX_URL
        start = "ninja-analytics sandbox" + ("" if usual else f" --port {here.port}")
        msg = f"Nothing answers at {profile.base_url}. Start it: {start}"
        raise UnreachableError(msg) from error
