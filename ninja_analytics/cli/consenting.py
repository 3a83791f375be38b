"""The consent in a terminal: the link to open, and a prompt for the address that it leads to.

The loopback listener and the prompt are open together; the first answer wins.
"""

from __future__ import annotations

import getpass
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ninja_analytics.auth import profiles
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import TokenStore
from ninja_analytics.catalog import SCOPES
from ninja_analytics.cli import asking
from ninja_analytics.consent import hints
from ninja_analytics.errors import ConsentRequiredError, ConsentTimeoutError, NinjaError
from ninja_analytics.ninja import Ninja
from ninja_analytics.place import surroundings


def connect(
    who: Profile, store: TokenStore, *, again: bool, timeout: float, say: Callable[[str], None]
) -> Ninja:
    """A connection for *who*: by what is stored, or by asking; a typed client secret is stored."""
    asks = who.flow != "client_credentials"
    if asks or not profiles.secret_of_environment(who):
        asking.refuse_to_forget(store)
    secret, typed = asking.client_secret(who, store)
    keeper = TokenKeeper(who, store, client_secret=secret)
    if not (again and asks) and _is_connected(keeper):
        ninja = Ninja(keeper)
    else:
        pending = PendingConsent.begin(
            who, store, client_secret=secret, on_connected=Ninja, timeout=timeout
        )
        ninja = ask(pending, timeout=timeout, say=say)
    if secret and typed:
        store.save_secret(who.key, secret)
    return ninja


def _is_connected(keeper: TokenKeeper) -> bool:
    """Whether *keeper* has a usable token without asking anybody."""
    try:
        keeper.access_token()
    except ConsentRequiredError:
        if keeper.profile.flow == "client_credentials":
            raise
        return False
    return True


def ask(pending: PendingConsent[Ninja], *, timeout: float, say: Callable[[str], None]) -> Ninja:
    """What *pending* yields once the person has answered, in the browser or at the prompt."""
    who = pending.profile
    say(f"Profile {who.name!r} at {who.base_url} asks for")
    for word in who.scope:
        if word == "offline_access" and not who.refreshes:
            continue  # is not asked for
        say(f"  {word:<15} {SCOPES[word]}")
    say(f"Open this link in a browser and allow access:\n\n  {pending.authorization_url}\n")
    prompted = threading.Event()
    with _echo_restored():
        if asking.somebody_types():
            for hint in hints.ordered(pending.redirect_uri, surroundings()):
                say(hint)
            say("If the browser ends on a page that does not load, paste its whole address here.")
            threading.Thread(target=_take_paste, args=(pending, say, prompted), daemon=True).start()
        try:
            return _answer(pending, timeout, say)
        finally:
            pending.cancel()
            if prompted.is_set():  # what comes next does not belong behind the open prompt
                say("")


def _answer(pending: PendingConsent[Ninja], timeout: float, say: Callable[[str], None]) -> Ninja:
    """What *pending* yields; where the browser cannot come back by itself, by pasting alone."""
    if pending.listener_error is not None and asking.somebody_types():
        say(str(pending.listener_error))
        over = threading.Event()
        pending.on_change(over.set)
        over.wait(timeout)
    try:
        return pending.wait(timeout if pending.listener_error is None else 0)
    except ConsentTimeoutError as error:
        raise ConsentTimeoutError(
            f"Nobody has answered the consent page for profile {pending.profile.name!r} within "
            f"{timeout:.0f} seconds. Run this again for a new link."
        ) from error


def _take_paste(
    pending: PendingConsent[Any], say: Callable[[str], None], prompted: threading.Event
) -> None:
    """Take addresses from the prompt until one is the answer or another way was faster."""
    while not pending.done:
        try:
            prompted.set()
            pasted = getpass.getpass("Address (not shown): ")
            prompted.clear()
            if pasted.strip() and not pending.done:
                pending.complete(pasted)
        except EOFError:
            return
        except NinjaError as error:
            if not pending.done:
                say(str(error))


@contextmanager
def _echo_restored() -> Iterator[None]:
    """Give the terminal back as it was: a prompt left open would leave it without echo."""
    try:
        import termios
    except ImportError:  # Windows, whose prompt changes no setting
        yield
        return
    before = None
    with suppress(termios.error, OSError, ValueError):
        before = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    finally:
        if before is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
