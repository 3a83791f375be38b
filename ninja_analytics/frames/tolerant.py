"""The tolerant path: one page of JSON, value by value, for pages that Arrow's reader refuses.

A value of a wrong type is mended where its meaning is certain ("12" for a number, 1 for true) and
missing where it is not; either way it is counted under its field. Ids never pass through a float.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from ninja_analytics.catalog import Kind
from ninja_analytics.errors import AnswerError
from ninja_analytics.frames.kinds import LIFTED, READ, FieldPath, Retyped, seconds

_WHOLE = re.compile(r"[+-]?\d{1,19}")
_INT64 = range(-(2**63), 2**63)
_Members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def columns(
    page: bytes, fields: Mapping[FieldPath, Kind], rows_in: str
) -> tuple[int, dict[FieldPath, pa.Array], Retyped]:
    """The rows of *page*: how many, a column per field as `kinds.READ` types it, and what was odd.

    Fields that are not in *fields* come as columns of JSON text, after the others.
    """
    retyped: Retyped = Counter()
    text = page.decode(errors="replace").encode()
    if text != page:
        retyped["(page)", "bytes that are not UTF-8"] += 1
    parents = frozenset(path[:end] for path in fields for end in range(1, len(path)))
    rows = [dict(_walk(row, (), parents, retyped)) for row in _rows(text, rows_in)]
    met = dict.fromkeys(path for row in rows for path in row)
    unknown: dict[FieldPath, Kind] = {path: "json" for path in met if path not in fields}
    arrays = {
        path: pa.array([_value(row.get(path), path, kind, retyped) for row in rows], READ[kind])
        for path, kind in {**fields, **unknown}.items()
    }
    return len(rows), arrays, retyped


def _rows(page: bytes, rows_in: str) -> list[msgspec.Raw]:
    """The rows of *page* as JSON texts; what only a lenient parser reads is written anew first."""
    try:
        return _split(page, rows_in)
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:
        plain = json.loads(page, strict=False, parse_constant=_nothing)
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        return _split(
            text.encode(errors="replace"), rows_in
        )  # lone surrogates have no place in UTF-8
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        msg = f"A page of {len(page)} bytes is not readable JSON. Pull again."
        raise AnswerError(msg) from error


def _nothing(_: str) -> None:
    """NaN and Infinity, which are no JSON, are missing values."""


def _split(page: bytes, rows_in: str) -> list[msgspec.Raw]:
    if page.lstrip()[:1] != b"[":
        page = bytes(_Members.decode(page).get(rows_in, b"null"))
    return msgspec.json.decode(page, type=list[msgspec.Raw] | None) or []


def _walk(
    row: msgspec.Raw, path: FieldPath, parents: frozenset[FieldPath], retyped: Retyped
) -> Iterator[tuple[FieldPath, bytes]]:
    """The fields of a *row* with their JSON texts, descending where the catalogue does."""
    try:
        members = _Members.decode(row)
    except msgspec.MsgspecError:
        if bytes(row) != b"null":
            retyped[".".join(path) or "(row)", _met(bytes(row))] += 1
        return
    for key, raw in members.items():
        field = (*path, key)
        if field in parents:
            yield from _walk(raw, field, parents, retyped)
        else:
            yield field, bytes(raw)


def members(text: str) -> dict[str, str]:
    """The JSON text of each member of the object that *text* is; none for anything else."""
    try:
        return {name: bytes(raw).decode() for name, raw in _Members.decode(text).items()}
    except msgspec.MsgspecError:
        return {}


def _met(raw: bytes) -> str:
    """What a JSON text is, in a word."""
    words = {b'"': "text", b"{": "object", b"[": "list", b"t": "boolean", b"f": "boolean"}
    return words.get(raw[:1], "number")


def _value(raw: bytes | None, path: FieldPath, kind: Kind, retyped: Retyped) -> Any:
    if raw is None or raw == b"null":
        return None
    if kind in LIFTED:
        return raw.decode(errors="replace")
    value, clean = _READERS[kind](_parsed(raw), raw)
    if not clean:
        retyped[".".join(path), _met(raw)] += 1
    return value


def _parsed(raw: bytes) -> Any:
    """The value of a JSON text; numbers with a point or an exponent stay exact."""
    try:
        value = json.loads(raw.decode(errors="replace"), parse_float=Decimal, strict=False)
    except (ValueError, ArithmeticError, RecursionError):
        return None  # e.g. a number of more than 4300 digits, or an exponent of twenty
    return _well_formed(value) if isinstance(value, str) else value


def _well_formed(text: str) -> str:
    """*text* without lone surrogates, which no file and no column can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _integer(value: Any, _raw: bytes) -> tuple[int | None, bool]:
    clean = type(value) is int
    if (isinstance(value, str) and _WHOLE.fullmatch(value.strip())) or (
        isinstance(value, Decimal) and abs(value) < 2**63 and value == value.to_integral_value()
    ):
        value = int(value)
    if type(value) is not int or value not in _INT64:
        return None, False
    return value, clean


def _number(value: Any, _raw: bytes) -> tuple[float | None, bool]:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None, False
    try:
        return float(str(value)), not isinstance(value, str)
    except ValueError:
        return None, False


def _boolean(value: Any, _raw: bytes) -> tuple[bool | None, bool]:
    if isinstance(value, bool):
        return value, True
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower()), False


def _text(value: Any, raw: bytes) -> tuple[str | None, bool]:
    if isinstance(value, str):
        return value, True
    return raw.decode(errors="replace"), False


def _texts(value: Any, raw: bytes) -> tuple[list[str | None] | None, bool]:
    if not isinstance(value, list):
        text, _ = _text(value, raw)
        return [text], False
    clean = all(item is None or isinstance(item, str) for item in value)
    return [item if item is None else _well_formed(_plain(item)) for item in value], clean


def _ids(value: Any, raw: bytes) -> tuple[list[int | None] | None, bool]:
    found = [_integer(item, raw) for item in (value if isinstance(value, list) else [value])]
    clean = isinstance(value, list) and all(fine for _, fine in found)
    return [number for number, _ in found], clean


def _plain(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item, default=float)


def _time(value: Any, raw: bytes) -> tuple[float | None, bool]:
    number, clean = _number(value, raw)
    if number is None and isinstance(value, str):
        number = _epoch(value)
    return number, clean


def _epoch(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _date(value: Any, raw: bytes) -> tuple[str | None, bool]:
    if isinstance(value, str):
        return value, True
    number, _ = _number(value, raw)
    try:
        epoch = float(seconds(np.array([number or 0.0]))[0])
        return datetime.fromtimestamp(epoch, UTC).date().isoformat(), False
    except (ValueError, OverflowError, OSError):
        return None, False


_READERS: Mapping[str, Callable[[Any, bytes], tuple[Any, bool]]] = {
    "id": _integer,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "text": _text,
    "category": _text,
    "texts": _texts,
    "ids": _ids,
    "time": _time,
    "date": _date,
}
