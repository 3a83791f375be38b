"""What the command line shows of tables and the sandbox, and the parameters that it takes."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ninja_analytics import listing
from ninja_analytics.catalog import SANDBOX_URL, TABLES
from ninja_analytics.errors import IncompleteError, UnknownNameError, UsageError
from ninja_analytics.exports.cells import plain

if TYPE_CHECKING:
    from ninja_analytics.sandbox import Sandbox


def among(what: str, name: str, known: Iterable[str]) -> None:
    """Raise UnknownNameError for a *name* that is none of the *known* ones."""
    known = list(known)
    if name not in known:
        raise UnknownNameError.among(what, name, known)


def tables(name: str | None = None) -> str:
    """All tables by subject, or all about table *name*; UnknownNameError if there is none."""
    width = min(shutil.get_terminal_size().columns, 100)
    if name is None:
        return listing.tables(width)
    among("table", name, TABLES)
    table = TABLES[name]
    given = [f"-p {part}=…" for part in table.per] + ["-p NAME=VALUE"] * bool(table.parameters)
    pull = " ".join(["Pull it with: ninja-analytics table", name, *given])
    return f"{listing.one_table(table, width)}\n\n{pull}"


def reports(name: str | None = None) -> str:
    """All reports with their questions, or all about report *name*; UnknownNameError if there is none."""
    from ninja_analytics.listing import of_reports  # imports all reports, which takes a while

    width = min(shutil.get_terminal_size().columns, 100)
    if name is None:
        return of_reports.reports(width)
    among("report", name, of_reports.SHOWN)
    since = " --since 30d" if of_reports.SHOWN[name].compares == "must" else ""
    make = f"Make it with: ninja-analytics report {name}{since} -p NAME=VALUE"
    return f"{of_reports.one_report(of_reports.SHOWN[name], width)}\n\n{make}"


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
    told = frame.attrs.get("ninja")
    columns = f"{len(frame.columns)} column{'' if len(frame.columns) == 1 else 's'}"
    if told is None:
        return f"{len(frame):,} row{'' if len(frame) == 1 else 's'}, {columns}"
    whole = "complete" if told.get("complete") else "INCOMPLETE"
    without = f" ({empty} of them empty here)" if empty and len(frame) else ""
    if "snapshot_at" in told:
        taken = str(told["snapshot_at"])[:16].replace("T", " ")
        return f"{len(frame):,} rows, {whole}, {columns}{without}; recorded {taken} UTC"
    requests = told.get("requests")
    return (
        f"{len(frame):,} rows, {whole}, {columns}{without}; "
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
