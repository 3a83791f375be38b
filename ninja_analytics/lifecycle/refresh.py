"""The user's own copy of the table: made of a file or an address that the user names, or dropped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import requests
from requests.auth import AuthBase

from ninja_analytics import whole
from ninja_analytics.auth.profiles import is_loopback
from ninja_analytics.errors import (
    AnswerError,
    ExportError,
    UnknownNameError,
    UnreachableError,
    UsageError,
)
from ninja_analytics.lifecycle import cycles, table
from ninja_analytics.lifecycle.reading import packaged, read_table

LARGEST = 5_000_000
"""Bytes that a source may have; the packaged table has about 15,000."""
_TIMEOUT = (10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh wrote: the file, its rows, and how many of them changed or are new.

    `left` names the releases of the source that could not be taken over, and why.
    """

    path: Path
    rows: int
    changed: int
    left: tuple[str, ...] = ()


def refresh(source: str, *, into: Path, now: pd.Timestamp, product: str | None = None) -> Refreshed:
    """Write the table that *source* holds to *into*, over the old one, if it is a good one.

    *source* is the path of a file or an http(s) address: a table in our own CSV form, which takes
    the place of the whole table, or endoflife.date's JSON form, `[{"cycle": …, "eol": …}, …]`, whose
    dates take the place of those of one *product* (a name of `PRODUCTS`). Nothing else is asked of
    any network, and a redirect is not followed. Raises UsageError for a source that holds neither,
    UnreachableError or AnswerError for an address that does not answer with one, ExportError when
    the file cannot be written; then the old table is as it was.
    """
    if product is not None and product not in table.PRODUCTS:
        raise UnknownNameError.among("product", product, table.PRODUCTS)
    before = table.texts(_before(into))
    data = _bytes(source)
    named = _named(source)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
        if product is None:
            msg = (
                f"{named} is in the form of endoflife.date, which does not name its product: add "
                "--product, e.g. --product windows-server."
            )
            raise UsageError(msg)
        after, left = cycles.taken_over(data, before, product=product, now=now, named=named)
    elif product is not None:
        msg = f"{named} is a whole table in CSV, with products of its own: leave --product out."
        raise UsageError(msg)
    else:
        after, left = table.texts(table.parsed(data, named=named)), ()
    _check_time(after, now, named)
    table.check(after, named=named)
    _put(into, table.csv_bytes(after))
    return Refreshed(into, len(after), sum(row not in before for row in after), left)


def reset(path: Path) -> bool:
    """Drop the user's own copy at *path*; whether there was one. Raises ExportError."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ExportError(f"{path} cannot be removed: remove it by hand.") from error
    return True


def _before(into: Path) -> pd.DataFrame:
    """The table as it is; the packaged one where there is none at *into*, or a spoiled one."""
    try:
        return read_table(into)
    except UsageError:
        return packaged()


def _check_time(rows: list[dict[str, str]], now: pd.Timestamp, named: str) -> None:
    today = now.tz_convert("UTC").strftime("%Y-%m-%d")
    for number, row in enumerate(rows, 2):
        if row["checked_on"] > today:
            msg = f"Row {number} of {named} was checked on {row['checked_on']}, which is to come: "
            raise UsageError(f"{msg}correct the day, or the clock of this machine.")


def _put(path: Path, data: bytes) -> None:
    try:
        whole.make_private(path.parent)
        whole.put(path, data)
    except OSError as error:
        msg = f"{path} cannot be written: make room or give yourself the right, or set NINJA_HOME."
        raise ExportError(msg) from error


def _bytes(source: str) -> bytes:
    """The bytes of the file or address, of which no more than `LARGEST` are read."""
    scheme = source.split("://", 1)[0].lower() if "://" in source else ""
    if scheme:
        return _fetched(source, scheme)
    try:
        with Path(source).expanduser().open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        msg = f"{source} cannot be read: give the path of a file, or an http(s) address."
        raise UsageError(msg) from error
    return _bounded(data, source)


def _bounded(data: bytes, named: str) -> bytes:
    if len(data) > LARGEST:
        msg = f"{named} is larger than {LARGEST:,} bytes, so it is no table of support dates."
        raise UsageError(f"{msg} Name another one.")
    return data


class _Nobody(AuthBase):
    """Sends no user and no password, also where a .netrc has one for the host."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _fetched(url: str, scheme: str) -> bytes:
    """What the address answers; a proxy of the environment is asked unless it is this machine."""
    _check_url(url, scheme)
    named = _named(url)
    with requests.Session() as session:
        session.trust_env = not is_loopback(url)
        try:
            with session.get(
                url, auth=_Nobody(), timeout=_TIMEOUT, allow_redirects=False, stream=True
            ) as answer:
                _check_status(answer, named)
                data = b""
                for part in answer.iter_content(65_536):
                    data += part
                    if len(data) > LARGEST:
                        break
        except (requests.RequestException, UnicodeError) as error:
            # Not chained: the text of the error may hold the query of the address.
            name = type(error).__name__
            msg = f"{named} does not answer ({name}): check the address and the network."
            raise UnreachableError(msg) from None
    return _bounded(data, named)


def _check_url(url: str, scheme: str) -> None:
    if scheme not in ("http", "https"):
        raise UsageError(f"{scheme}:// is no source: give the path of a file, or https://….")
    try:
        parts = urlsplit(url)
        wrong = not parts.hostname or (parts.port == 0)
    except ValueError:
        wrong, parts = True, urlsplit("")
    if wrong:
        raise UsageError(
            "That is no address, its host or port is wrong: give it as https://host/…."
        )
    if parts.username or parts.password:
        msg = "The address holds a user name or password: give one that asks for neither."
        raise UsageError(msg)


def _check_status(answer: requests.Response, named: str) -> None:
    if answer.is_redirect:
        msg = f"{named} points to another address, which is not followed: name that one."
        raise AnswerError(msg)
    if answer.status_code != 200:
        msg = f"{named} answers with status {answer.status_code}: check the address, or try later."
        raise AnswerError(msg)


def _named(source: str) -> str:
    """How messages call the source: without the query of an address, which may hold a key."""
    return source.split("?", 1)[0].split("#", 1)[0] if "://" in source else source
