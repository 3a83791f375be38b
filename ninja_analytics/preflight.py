"""Says whether tonight's run of a notebook or report will authenticate and pull, by trying it.

Nobody is asked anything, and nothing of the notebook is executed.
"""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

from ninja_analytics import pages, schedule
from ninja_analytics.auth import profiles, refusals
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.store import TokenStore, open_store
from ninja_analytics.auth.tokens import Token
from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import (
    ConsentRequiredError,
    ExportError,
    NinjaError,
    NotAvailableError,
    ScopeError,
    UnknownNameError,
)
from ninja_analytics.pulls import Pull, named
from ninja_analytics.reports import REPORTS
from ninja_analytics.session import Session
from ninja_analytics.usage import Budget, ledger_of, limits

_LEAST_SPACE = 200_000_000
_LONGEST_WAIT = 30.0
_PAGES, _PAGES_OF_DEVICES = 2, 10
_NOT_CHECKED = "Not checked, because what it needs has failed."

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer: yes, no, or None where it could not be asked.

    `says` is the answer in a sentence, `error` what a run would end with.
    """

    name: str
    ok: bool | None
    says: str
    error: NinjaError | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was checked, in order, and how many requests the pull needs (None: not known)."""

    checks: tuple[Check, ...]
    requests: int | None

    @property
    def ok(self) -> bool:
        """Whether every check was made and is good."""
        return all(check.ok for check in self.checks)

    @property
    def error(self) -> NinjaError | None:
        """What the first failing check would end a run with; None if all is well."""
        return next((check.error for check in self.checks if check.error), None)


def preflight(notebook: str | Path, profile: str, out: str | Path = "out") -> Preflight:
    """Whether *notebook*, or a report of that name, can be run for *profile* into *out*.

    A check that fails ends nothing: what does not depend on it is checked all the same. NinjaOne
    is asked for a new token and for some pages; no file is left behind.
    """
    checks: list[Check] = []
    pulls = _made(checks, "notebook", lambda: _read(notebook))
    found = _made(checks, "profile", lambda: _keeper(profile))
    token = _made(checks, "token", partial(_usable, *found) if found else None)
    keeper = found[0] if found and token else None
    _made(checks, "refresh", partial(_renewing, keeper, token) if keeper and token else None)
    _made(checks, "scopes", partial(_enough, keeper) if keeper else None)
    get = _get(keeper) if keeper else None
    readable = _readable(checks, pulls, get)
    ask = None if get is None or pulls is None else partial(_requests, get, pulls, readable)
    if not readable and any(pull.name for pull in pulls or ()):
        ask = None  # "at least 0" says nothing
    requests = _made(checks, "requests", ask)
    _made(checks, "disk", partial(_space, Path(out)))
    return Preflight(tuple(checks), requests)


def _get(keeper: TokenKeeper) -> pages.Get:
    budget = Budget(ledger_of(keeper.profile), limits(), longest_wait=_LONGEST_WAIT)
    session = Session(keeper.profile.base_url, keeper, budget=budget, longest_wait=_LONGEST_WAIT)
    return session.get


def _made(checks: list[Check], name: str, ask: Callable[[], tuple[T, str]] | None) -> T | None:
    """What *ask* finds, after its sentence or its failure is added to *checks*."""
    if ask is None:
        checks.append(Check(name, None, _NOT_CHECKED))
        return None
    try:
        value, says = ask()
    except NinjaError as error:
        checks.append(Check(name, False, " ".join(str(error).split()), error))
        return None
    checks.append(Check(name, True, says))
    return value


def _read(asked: str | Path) -> tuple[list[Pull], str]:
    """What the code of a notebook pulls, after making sure that a profile can be handed to it."""
    source = schedule.source_of(asked)
    schedule.parameters_of(source)
    cells = enumerate(schedule.book_of(source, set()).cells, start=1)
    code = {number: cell.source for number, cell in cells if cell.cell_type == "code"}
    pulls = [one for pull in named(code) for one in (pull, *_joined(pull))]
    if source.report:
        return pulls, f"The report {source.report} is there."
    return pulls, f"{source.title} is there, and its {len(code)} code cells are valid Python."


def _joined(pull: Pull) -> Iterator[Pull]:
    """The tables that a pull of a table looks names up in, as `tables.fetch` does."""
    table = TABLES.get(pull.name or "")
    columns = {column.name for column in table.columns} if table else set()
    known = [name for name in pull.names if name in ("organization", "location", "device")]
    if pull.filtered and "device_id" in columns and "system_name" not in columns:
        yield Pull("table", "devices", pull.cell, narrowed=True, repeated=pull.repeated)
    names = [name for name in known if columns and f"{name}_name" not in columns]
    places = [name for name in names if name != "device"]
    by_device = len(places) < len(names) or any(f"{name}_id" not in columns for name in places)
    if by_device and "system_name" not in columns:
        places.append("device")
    for name in places:
        yield Pull("table", f"{name}s", pull.cell, repeated=pull.repeated)


def _keeper(profile: str) -> tuple[tuple[TokenKeeper, TokenStore], str]:
    who, store = profiles.resolve(profile), open_store()
    keeper = TokenKeeper(who, store, client_secret=profiles.secret_of_environment(who))
    return (keeper, store), f"{who.name!r} is {who.client_id} at {who.base_url} ({who.platform})."


def _usable(keeper: TokenKeeper, store: TokenStore) -> tuple[Token, str]:
    """The token, after making sure that it is good now and that another process will find it."""
    keeper.access_token()
    schedule.refuse_what_dies(keeper.profile, store)
    token = keeper.token()
    if token is None:  # signed out by another process in this very moment
        raise refusals.sign_in_again(keeper.profile, "The token is gone.")
    minutes, seconds = divmod(max(0, int(token.expires_at - time.time())), 60)
    return token, f"An access token is there, good for {minutes}:{seconds:02d} min."


def _renewing(keeper: TokenKeeper, token: Token) -> tuple[None, str]:
    who = keeper.profile
    if who.flow != "client_credentials" and token.refresh_token is None:
        end = datetime.fromtimestamp(token.expires_at, UTC)
        why = refusals.no_refresh(who, token) or "Connect again with the scope offline_access."
        raise ConsentRequiredError(
            f"The token has no refresh token and dies at {end:%Y-%m-%d %H:%M} UTC: a run after that "
            f"fails. {why}"
        )
    keeper.refresh_now()
    how = "client credentials" if who.flow == "client_credentials" else "the refresh token"
    return None, f"A new access token came by {how}."


def _enough(keeper: TokenKeeper) -> tuple[None, str]:
    token, who = keeper.token(), keeper.profile
    granted = token.scope if token else ()
    if "monitoring" not in granted:
        raise ScopeError(
            f"Profile {who.name!r} was granted {' '.join(granted) or 'nothing'}, and tables need "
            "monitoring: tick it in NinjaOne under Administration > Apps > API and connect again."
        )
    return None, f"Granted: {', '.join(granted)}."


def _space(out: Path) -> tuple[None, str]:
    """Whether the folder can be made and written, and holds what a run leaves."""
    folder = next(one for one in (out.absolute(), *out.absolute().parents) if one.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ExportError(f"{out} cannot be written: {why}. Choose another --out.") from error
    if free < _LEAST_SPACE:
        raise ExportError(
            f"Only {free // 1_000_000} MB are free at {out}, and {_LEAST_SPACE // 1_000_000} MB is "
            "the least for a run: make room, or choose another --out."
        )
    return None, f"{free / 1e9:,.1f} GB are free at {out}."


def _readable(checks: list[Check], pulls: Sequence[Pull] | None, get: pages.Get | None) -> set[str]:
    """The tables and paths among *pulls* that can be read, after a check for every name."""
    if not pulls:
        none = (None, _NOT_CHECKED) if pulls is None else (True, "The notebook names no table.")
        checks.append(Check("tables", *none))
        return set()
    for pull in pulls:
        if pull.name is None:
            says = f"Cell {pull.cell} makes a name while it runs: what it pulls cannot be seen."
            checks.append(Check(f"{pull.verb} ?", True, says))
    first = {(pull.verb, pull.name): pull for pull in reversed(pulls) if pull.name}
    return {
        name
        for (verb, name), pull in reversed(first.items())
        if _made(checks, f"{verb} {name}", _look(pull, get)) and name
    }


def _look(pull: Pull, get: pages.Get | None) -> Callable[[], tuple[str, str]] | None:
    """What tells whether one name can be read; None where that cannot be asked."""
    name = pull.name or ""
    known: Iterable[str] = {"table": TABLES, "report": REPORTS}.get(pull.verb, {name})
    if name not in known:
        return partial(_refuse, pull, known)
    return get and partial(_look_up, name, get)


def _refuse(pull: Pull, known: Iterable[str]) -> tuple[str, str]:
    error = UnknownNameError.among(pull.verb, pull.name, known)
    raise UnknownNameError(f"{error} It stands in cell {pull.cell}.")


def _look_up(name: str, get: pages.Get) -> tuple[str, str]:
    """The *name* of a table or path, after one small request for it."""
    table = TABLES.get(name)
    if table is None:
        get(name, {})
        return name, f"{name} can be read."
    if table.per:
        return name, f"{name} is asked by id: whether it can be read shows when it is."
    smallest = (table.page_size_range or (1,))[0]
    body = get(table.path, {"pageSize": smallest} if table.paging != "none" else {})
    some = pages.read(body, table.rows_in, path=table.path).rows
    return name, f"{table.path} can be read{'' if some else ', and is empty'}."


@dataclass(frozen=True, slots=True)
class _Sample:
    """The first pages of a table: the requests they took, and whether they are the whole of it."""

    requests: int
    pages: int
    rows: int
    devices: int
    whole: bool


_EXACT, _ABOUT, _AT_LEAST = range(3)
_SAID = (
    "The pull needs {} requests as things are now.",
    "The pull needs about {} requests: an estimate from the first pages, without regard to filters.",
    "The pull needs at least {} requests: how many more cannot be known before it runs.",
)


def _requests(get: pages.Get, pulls: Sequence[Pull], readable: set[str]) -> tuple[int, str]:
    """How many requests *pulls* need, and how far that can be known.

    A cursor's `count` is no help: nobody says what it counts.
    """
    sample = cache(partial(_sample, get))
    seen = [pull for pull in pulls if pull.name in readable]
    blind = len(seen) < len(pulls) or any(pull.repeated for pull in seen)
    total, how = 0, _AT_LEAST if blind else _EXACT
    for pull in seen:
        needs = _need(pull, sample) if pull.name in TABLES else (1, _EXACT)
        total, how = total + needs[0], max(how, needs[1])
    return total, _SAID[how].format(f"{total:,}").replace(" 1 requests", " 1 request")


def _need(pull: Pull, sample: Callable[[str], _Sample]) -> tuple[int, int]:
    """The requests that one pull of a table needs, and how far that can be known.

    Where the first pages are not the whole table, they say how many rows a device has.
    """
    if TABLES[pull.name or ""].per:
        return 1, _AT_LEAST
    first = sample(pull.name or "")
    if first.whole:
        return first.requests, _ABOUT if pull.narrowed else _EXACT
    if pull.name == "devices" or not first.devices:
        return (1 if pull.narrowed else first.requests + 1), _AT_LEAST
    try:
        fleet = sample("devices")
    except NotAvailableError:
        return (1 if pull.narrowed else first.requests + 1), _AT_LEAST
    expected = ceil(first.pages * max(1.0, fleet.rows / first.devices)) + 1
    return expected, _ABOUT if fleet.whole else _AT_LEAST


def _sample(get: pages.Get, name: str) -> _Sample:
    table, sent = TABLES[name], itertools.count()

    def counted(path: str, params: Mapping[str, object]) -> bytes:
        next(sent)
        return get(path, params)

    most = _PAGES_OF_DEVICES if name == "devices" else _PAGES
    walk = pages.pages(
        counted,
        table.path,
        {},
        paging=table.paging,
        page_size=table.page_size,
        rows_in=table.rows_in,
        answer=table.answer,
        anchor=table.anchor,
    )
    some = list(islice(walk, most))
    devices = {device for page in some for device in _devices(table, page.body)}
    rows = sum(page.rows for page in some)
    return _Sample(next(sent), len(some), rows, len(devices), len(some) < most)


def _devices(table: Table, body: bytes) -> Iterator[Any]:
    """The device of each row of a page, for tables of which every device has its share."""
    field = {column.name: column.field for column in table.columns}.get("device_id")
    if field is None or table.paging == "older_than":
        return
    answer = json.loads(body)
    rows = answer if isinstance(answer, list) else answer[table.rows_in]
    yield from (row[field] for row in rows if isinstance(row, dict) and row.get(field))
