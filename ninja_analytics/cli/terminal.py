"""What the command line shows and asks: the consent, states of profiles, the head of a table.

In a consent the loopback listener and the prompt for the address are open together; the first
answer wins.
"""

from __future__ import annotations

import getpass
import json
import shutil
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ninja_analytics.auth import profiles
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import TokenStore, open_store
from ninja_analytics.catalog import PLATFORMS, SANDBOX_URL, TABLES
from ninja_analytics.errors import (
    ConsentRequiredError,
    IncompleteError,
    NinjaError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.exports.cells import plain
from ninja_analytics.ninja import Ninja

if TYPE_CHECKING:
    from ninja_analytics.sandbox import Sandbox


def among(what: str, name: str, known: Iterable[str]) -> None:
    """Raise UnknownNameError for a *name* that is none of the *known* ones."""
    known = list(known)
    if name not in known:
        raise UnknownNameError.among(what, name, known)


def resolved(profile: str | None, given: Mapping[str, str | None]) -> Profile:
    """Who is meant by *profile* and the fields *given*; for a new name, what it takes to make it."""
    try:
        return profiles.resolve(profile, **given)
    except UnknownNameError as error:
        if any(given.values()):
            raise
        msg = f"{error} To make a new one, add --instance and --client-id."
        raise UnknownNameError(msg) from error


def connect(
    who: Profile, store: TokenStore, *, again: bool, timeout: float, say: Callable[[str], None]
) -> Ninja:
    """A connection for *who*: by what is stored, or by asking; a typed client secret is stored."""
    secret, typed = client_secret(who, store)
    keeper = TokenKeeper(who, store, client_secret=secret)
    ninja = None if again and _asks(who) else _stored(keeper)
    if ninja is None:
        pending = PendingConsent.begin(
            who, store, client_secret=secret, on_connected=Ninja, timeout=timeout
        )
        ninja = ask(pending, timeout=timeout, say=say)
    if secret and typed:
        store.save_secret(who.key, secret)
    return ninja


def _asks(who: Profile) -> bool:
    return PLATFORMS[who.platform].grant == "authorization_code"


def _stored(keeper: TokenKeeper) -> Ninja | None:
    """A connection without asking anybody; None where consent is needed."""
    try:
        keeper.access_token()
    except ConsentRequiredError:
        if not _asks(keeper.profile):
            raise
        return None
    return Ninja(keeper)


def ask(pending: PendingConsent[Ninja], *, timeout: float, say: Callable[[str], None]) -> Ninja:
    """What *pending* yields once the person has answered, in the browser or at the prompt."""
    who = pending.profile
    say(f"Profile {who.name!r} at {who.base_url} asks to read monitoring data; it changes nothing.")
    say(f"Open this link in a browser and allow access:\n\n  {pending.authorization_url}\n")
    with _echo_restored():
        if _tty():
            say("If the browser ends on a page that does not load, paste its whole address here.")
            threading.Thread(target=_take_paste, args=(pending, say), daemon=True).start()
        try:
            return _answer(pending, timeout, say)
        finally:
            pending.cancel()


def _answer(pending: PendingConsent[Ninja], timeout: float, say: Callable[[str], None]) -> Ninja:
    """What *pending* yields; where the browser cannot come back by itself, by pasting alone."""
    if pending.listener_error is not None and _tty():
        say(str(pending.listener_error))
        over = threading.Event()
        pending.on_change(over.set)
        over.wait(timeout)
    return pending.wait(timeout if pending.listener_error is None else 0)


def client_secret(who: Profile, store: TokenStore) -> tuple[str | None, bool]:
    """The client secret of *who*, and whether it was typed just now (and is not yet stored).

    It comes from NINJA_CLIENT_SECRET, the store or a prompt that does not echo; never from an
    option, which other users of the machine could read in the list of processes.
    """
    if not PLATFORMS[who.platform].has_secret:
        return None, False
    secret = profiles.secret_of_environment(who) or store.load_secret(who.key)
    if secret:
        return secret, False
    if not _tty():
        raise ConsentRequiredError(
            f"Profile {who.name!r} needs its client secret, and nobody is there to type it. "
            "Set NINJA_CLIENT_SECRET, or run this in a terminal."
        )
    return getpass.getpass(f"Client secret of {who.name} (not shown): ").strip(), True


def _take_paste(pending: PendingConsent[Any], say: Callable[[str], None]) -> None:
    """Take addresses from the prompt until one is the answer or another way was faster."""
    while not pending.done:
        try:
            pasted = getpass.getpass("Address (not shown): ")
            if pasted.strip() and not pending.done:
                pending.complete(pasted)
        except EOFError:
            return
        except NinjaError as error:
            if not pending.done:
                say(str(error))


def _tty() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


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


def states(profile: str | None) -> list[dict[str, Any]]:
    """How each profile stands, or only *profile*, without secrets: see `TokenKeeper.state`."""
    store = open_store()
    if profile:
        return [TokenKeeper(profiles.resolve(profile), store).state()]
    known = {"sandbox": profiles.resolve("sandbox")} | profiles.load_all()
    with suppress(UsageError):  # one that the environment describes
        who = profiles.resolve()
        known[who.name] = who
    return [TokenKeeper(who, store).state() for who in known.values()]


def show_states(states: Iterable[Mapping[str, Any]], *, now: float) -> None:
    """Print how profiles stand, as a table; *now* is the time in epoch seconds."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for title in ("Profile", "NinjaOne", "Platform", "State", "Access token"):
        table.add_column(title, overflow="fold")
    for one in states:
        dies = "-" if one["expires_at"] is None else _until(one["expires_at"] - now)
        renews = ", renews itself" if one["refreshes"] and one["status"] == "connected" else ""
        where = one["base_url"].removeprefix("https://")
        table.add_row(one["profile"], where, one["platform"], one["status"], dies + renews)
    Console().print(table)


def _until(seconds: float) -> str:
    minutes, rest = divmod(int(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    span = f"{hours} h {minutes:02d} min" if hours else f"{minutes}:{rest:02d} min"
    return f"good for {span}" if seconds > 0 else f"died {span} ago"


def tables() -> str:
    """The tables and what they hold, a line each."""
    return "\n".join(f"{table.name:<20} {table.holds}" for table in TABLES.values())


def columns(name: str) -> str:
    """What table *name* holds, its columns and its parameters; UnknownNameError if there is none."""
    among("table", name, TABLES)
    table = TABLES[name]
    lines = [f"{table.name}: {table.holds}", "", "Columns"]
    lines += [f"  {one.name:<32} {one.kind:<9} {one.meaning}" for one in table.columns]
    lines += ["", "Parameters (-p NAME=VALUE)" if table.parameters else "No parameters"]
    lines += [f"  {one.name:<32} {one.kind:<9} {one.meaning}" for one in table.parameters]
    return "\n".join(lines)


CELL = 40
"""Letters of a cell on the screen."""


def head(frame: pd.DataFrame, rows: int) -> str:
    """The first *rows* of a frame, in the columns that fit, and where the rows came from."""
    some = frame.head(rows).dropna(axis="columns", how="all")
    shown = pd.DataFrame({name: _on_screen(some[name]) for name in some.columns})
    widths = [max([len(name), *shown[name].str.len()]) + 1 for name in shown.columns]
    fitting = max(int((np.cumsum(widths) <= shutil.get_terminal_size().columns).sum()), 1)
    parts = [shown.iloc[:, :fitting].to_string(index=False) if len(some) else "No rows."]
    if left := [str(name) for name in shown.columns[fitting:]]:
        columns = "column" if len(left) == 1 else "columns"
        more = f"{len(left)} more {columns}, in full with -o FILE: {', '.join(left)}"
        parts.append(textwrap.fill(more, shutil.get_terminal_size().columns))
    return "\n\n".join([*parts, _origin(frame, empty=len(frame.columns) - len(some.columns))])


def _on_screen(column: pd.Series[Any]) -> pd.Series[str]:
    """The cells of a column as short texts: times to the minute, nothing as ""."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.strftime("%Y-%m-%d %H:%M")
    texts = column.map(plain).astype("str")
    return texts.mask(texts.str.len() > CELL, texts.str.slice(stop=CELL - 1) + "…")


def _origin(frame: pd.DataFrame, *, empty: int) -> str:
    """How many rows there are, whether they are all, and where they came from."""
    told = frame.attrs.get("ninja", {})
    whole = "complete" if told.get("complete") else "INCOMPLETE"
    without = f" ({empty} of them empty here)" if empty and len(frame) else ""
    requests = told.get("requests")
    return (
        f"{len(frame):,} rows, {whole}, {len(frame.columns)} columns{without}; "
        f"{requests} request{'' if requests == 1 else 's'} to {told.get('instance')} "
        f"at {str(told.get('pulled_at'))[:16].replace('T', ' ')} UTC"
    )


def export_partial(error: IncompleteError, output: Path) -> IncompleteError:
    """*error*, after what had arrived is written beside *output*: never in its place."""
    from ninja_analytics.exports import export

    if error.partial is None:
        return error
    beside = export(error.partial, output.with_stem(f"{output.stem}.partial"))
    return IncompleteError(f"{error} It is written to {beside}.", partial=error.partial)


def values(given: Iterable[str] | None) -> dict[str, Any]:
    """NAME=VALUE texts as parameters; a value that is JSON is taken as such, else as text."""
    found: dict[str, Any] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier()):
            raise UsageError(f"{name!r} is no parameter. Write -p NAME=VALUE, e.g. -p days=30.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def welcome(sandbox: Sandbox) -> str:
    """How to reach the running *sandbox*: address, login, client apps, and what to type."""
    usual = sandbox.base_url == SANDBOX_URL
    elsewhere = "" if usual else f" --base-url {sandbox.base_url}"
    in_python = "" if usual else f', base_url="{sandbox.base_url}"'
    clients = "\n".join(
        f"  {platform:<13} {client.client_id:<24} {client.client_secret or ''}".rstrip()
        for platform, client in sandbox.clients.items()
    )
    return (
        f"A NinjaOne with an invented fleet answers at {sandbox.base_url}, until Ctrl-C.\n\n"
        f"Log in as {sandbox.username} with the password {sandbox.password}\n\n"
        f"Client apps: platform, client ID, and the invented secret where there is one\n{clients}\n\n"
        f"Connect with: ninja-analytics connect --profile sandbox{elsewhere}\n"
        f'or in Python: na.connect("sandbox"{in_python})'
    )
