"""A consent under way: the link to open, and the first answer that comes back, wherever it comes in.

Two doors are open together, so nobody has to guess whether the browser is on this machine: the
loopback listener, and `complete` for the address that a person pastes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from ninja_analytics.auth import grants, redirects, refusals, responses
from ninja_analytics.auth.keeper import TokenKeeper, to_its_end
from ninja_analytics.auth.listener import Listener, Reply
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import TokenStore
from ninja_analytics.auth.tokens import Token
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    AuthorizationResponseError,
    ConsentError,
    ConsentTimeoutError,
    ProfileError,
)

log = logging.getLogger(__name__)

# From opening the link to the answer; long enough for a password and a second factor.
_CONSENT_SECONDS = 300.0

# The newest consent for each key of a profile; who has its turn may put another in its place.
_newest: WeakValueDictionary[str, PendingConsent[Any]] = WeakValueDictionary()
_turns: dict[str, threading.Lock] = {}

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
    None), `listener_error` why only pasting works (else None), and `keeper` keeps the token then.
    Safe to share among threads.
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
        self.keeper = keeper
        self.listener_error: ConsentError | None = None
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
        keeper: TokenKeeper | None = None,
    ) -> PendingConsent[T]:
        """A consent for *profile*, open for *timeout* seconds; its token will live in *store*.

        *on_connected* makes the connected object out of the keeper of the new token; it is called
        once. With *keeper* it is that one, so what was connected by it lives again, by the newest
        client secret. An older consent for the same profile that is still open in this process
        ends, once NinjaOne was found to take the new one. A loopback port that is taken is no
        failure: see `listener_error`.

        Raises ProfileError where consent makes no sense or the client secret is missing, and what
        NinjaOne refuses before anybody signs in: ClientAppError, ScopeError or UnreachableError;
        ConsentError for the implicit grant if the port is taken.
        """
        secret = _needed_secret(profile, store, client_secret)
        keeper = keeper or TokenKeeper(profile, store, secret)
        pending = cls(profile, keeper, secret, on_connected)
        with _turns.setdefault(profile.key, threading.Lock()):
            try:
                older = pending._take_its_turn()
            except BaseException:
                pending.cancel()
                raise
        if older is not None:
            older._end("was replaced by a newer link: use the newest panel.")
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
        return self.keeper.token() if self.done and self.error is None else None

    @property
    def note(self) -> str | None:
        """Why the token that consent has brought does not renew itself, or None."""
        token = self.token
        return refusals.no_refresh(self.profile, token) if token else None

    def complete(self, authorization_response: str) -> T:
        """The connected object, by the address that the browser ended on after the consent page.

        Takes the whole address, or its end from the question mark on (implicit grant: from the #
        on). If the listener was quicker, its result is returned. Raises
        AuthorizationResponseError for what is not the answer to this consent, which then stays
        open; ConsentDeniedError, ClientAppError, ScopeError and the errors of a network for what
        ends it.
        """
        if not self.done:
            answer = self._checked(authorization_response, pasted=True)
            if self._claim():
                to_its_end(lambda: self._finish(self._outcome_of(answer)))
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
        self._end("was canceled: begin again.")

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

    def _take_a_port(self) -> None:
        way = redirects.first_free(self.profile, self._respond)
        self.redirect_uri, self._listener, self.listener_error = way

    def _take_its_turn(self) -> PendingConsent[Any] | None:
        """The older consent that this one replaces, once NinjaOne was asked about it."""
        self._take_a_port()
        grants.probe(self.profile, self.redirect_uri)
        older = _newest.get(self.profile.key)
        if older is not None and self._listener is None:
            older._free_the_port()
            self._take_a_port()
        if self.listener_error and self.profile.flow == "implicit":
            raise self.listener_error  # whoever has the port would get the token itself
        _newest[self.profile.key] = self
        return older

    def _open(self, timeout: float) -> None:
        """Make the link, and wait for what comes back."""
        request = grants.authorization_request(self.profile, self.redirect_uri)
        with self._lock:
            self.authorization_url = request[0]
            if self._outcome is None:  # else replaced meanwhile
                _, self._state, self._code_verifier = request
        self._deadline = time.monotonic() + timeout
        if self._listener:
            self._listener.start()
        threading.Thread(target=self._watch, name="consent-deadline", daemon=True).start()

    def _watch(self) -> None:
        """End it at the deadline, which `wait` may move."""
        while not self._over.wait(max(0.0, self._deadline - time.monotonic())):
            if time.monotonic() < self._deadline:
                continue
            if self._claim():
                msg = (
                    f"Nobody has answered the consent page for profile {self.profile.name!r} in "
                    "time: begin again, with a new link."
                )
                self._finish(_Outcome(error=ConsentTimeoutError(msg)))
            return  # else an answer is being checked, which will end it

    def _respond(self, response: str) -> Reply:
        """What the browser is shown that came to the listener with *response*."""
        on_its_way = responses.forwarding(response, self.profile.flow)
        if on_its_way:
            return on_its_way
        try:
            answer = self._checked(response, pasted=False)
        except AuthorizationResponseError as error:
            return Reply(400, "Not connected", str(error))
        if not self._claim():
            self._over.wait()
            return responses.page(self.error)
        outcome = self._outcome_of(answer)
        return responses.page(outcome.error, afterwards=lambda: self._finish(outcome))

    def _checked(self, response: str, *, pasted: bool) -> Mapping[str, str]:
        """What *response* says, if it belongs to this consent."""
        answer = responses.parameters(response, self.profile.flow)
        return responses.belonging(answer, self._state, pasted=pasted)

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
            token = self._token_of(answer)
            self.keeper.accept(token, self._client_secret)
            return _Outcome(self._on_connected(self.keeper))
        except Exception as error:  # noqa: BLE001 - on the listener's thread; `wait` raises it
            return _Outcome(error=error)

    def _token_of(self, answer: Mapping[str, str]) -> Token:
        if self.profile.flow == "implicit":
            return grants.token_of_fragment(self.profile, answer)
        return grants.exchange_code(
            self.profile,
            answer["code"],
            self._code_verifier,
            self.redirect_uri,
            self._client_secret,
        )

    def _end(self, how: str) -> None:
        """End it without an answer, unless it has one already."""
        if self._claim():
            msg = f"The consent for profile {self.profile.name!r} {how}"
            self._finish(_Outcome(error=ConsentError(msg)))

    def _free_the_port(self) -> None:
        if self._listener:
            self._listener.close()

    def _finish(self, outcome: _Outcome[T]) -> None:
        """Make *outcome* known, drop what was secret and free the port."""
        with self._lock:
            self._outcome = outcome
            callbacks, self._callbacks = self._callbacks, []
            self._state, self._code_verifier, self._client_secret = "", "", None
        self._free_the_port()
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


def _needed_secret(profile: Profile, store: TokenStore, given: str | None) -> str | None:
    """The client secret to connect *profile* with; ProfileError if that needs no consent, or it."""
    if profile.flow == "client_credentials":
        msg = f"Profile {profile.name!r} uses client credentials, which need no consent: use connect()."
        raise ProfileError(msg)
    if not PLATFORMS[profile.platform].has_secret:
        return given
    secret = given or store.load_secret(profile.key)
    if not secret and profile.flow != "implicit":
        msg = (
            f"Platform {profile.platform!r} needs the client secret of profile "
            f"{profile.name!r}: set NINJA_CLIENT_SECRET, or pass client_secret."
        )
        raise ProfileError(msg)
    return secret
