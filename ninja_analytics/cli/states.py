"""How profiles stand: connected or not, for how long, and where their tokens are kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from ninja_analytics.auth import profiles
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import Profile, home
from ninja_analytics.auth.store import MemoryStore, TokenStore, open_store
from ninja_analytics.errors import TokenStoreError, UsageError

_WIDTH = 100

State = Mapping[str, Any]


def states(profile: str | None) -> list[State]:
    """How each profile stands, or only *profile*, without secrets: see `TokenKeeper.state`."""
    store = open_store()
    if profile:
        return [state(profiles.resolve(profile), store)]
    known = {"sandbox": profiles.resolve("sandbox")} | profiles.load_all()
    with suppress(UsageError):  # one that the environment describes
        who = profiles.resolve()
        known[who.name] = who
    return [state(who, store) for who in known.values()]


def state(who: Profile, store: TokenStore) -> State:
    """How *who* stands; "unreadable", with the error, where the store cannot be read."""
    try:
        return TokenKeeper(who, store).state()
    except TokenStoreError as error:
        nothing = TokenKeeper(who, MemoryStore()).state()
        return nothing | {"status": "unreadable", "store": store.kind, "error": str(error)}


def lasts(one: State) -> str:
    """For how long a profile stays connected, and where its token is kept, in sentences."""
    if one["note"]:
        how_long = str(one["note"])
    elif one["refreshes"]:
        how_long = "It refreshes by itself."
    else:
        how_long = (
            f"This session ends at {datetime.fromtimestamp(one['expires_at'], UTC):%H:%M} UTC."
        )
    return f"{how_long} The token is kept in {_places()[one['store']]}."


def _places() -> dict[str, str]:
    return {
        "keyring": "the keyring of your system",
        "file": f"a file that only you can read, under {home()}",
        "memory": "the memory of this process",
    }


def show(some: Iterable[State], *, now: float) -> None:
    """Print how profiles stand, as a table, then what there is to say; *now* is in epoch seconds."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("Profile", "NinjaOne", "Platform", "State", "Token", "Refresh token", "Kept in"):
        table.add_column(title, overflow="fold")
    some = list(some)
    for one in some:
        table.add_row(
            one["profile"],
            one["base_url"].removeprefix("https://"),
            one["platform"],
            one["status"],
            _token(one, now),
            _age(one["refresh_token_age"]),
            one["store"],
        )
    width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH)
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    console.print(table)
    for one in some:
        for told in filter(None, (one["note"], one["error"])):
            console.print(f"{one['profile']}: {told}")


def _token(one: State, now: float) -> str:
    """When the access token dies."""
    if one["expires_at"] is None:
        return "-"
    left = one["expires_at"] - now
    renews = one["refreshes"] and one["status"] == "connected"
    told = f"good for {_span(left)}" if left > 0 else f"died {_span(-left)} ago"
    return f"{told}, renews itself" if renews else told


def _age(seconds: float | None) -> str:
    return "-" if seconds is None else f"{_span(seconds)} old"


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{int(seconds)} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes}:{rest:02d} min"
