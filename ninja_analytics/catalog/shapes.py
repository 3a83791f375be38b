"""The shapes in which the catalogue states its facts: instances, platforms, tables and columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "id", "integer", "number", "text", "category", "boolean", "time", "date", "texts", "ids",
    "rows", "json",
]  # fmt: skip
Grant = Literal["authorization_code", "client_credentials", "implicit"]
Paging = Literal["after", "cursor", "older_than", "anchor", "cursor_name", "none"]
Answer = Literal["rows", "row", "fields", "values"]
Certainty = Literal["seen", "documented", "unknown"]
Reason = Literal[
    "single object", "same rows", "search", "download", "signed URL", "link", "not a GET",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Instance:
    """One of NinjaOne's regions: its short name, base URL and what people call it."""

    name: str
    base_url: str
    title: str


@dataclass(frozen=True, slots=True)
class Platform:
    """A kind of client app, as NinjaOne's Apps > API form offers it.

    `grant` is how it usually connects, `grants` are all the ways that a profile may choose, `ticks`
    is what to tick in the form, in the words of the form.
    """

    name: str
    title: str
    grant: Grant
    grants: tuple[Grant, ...]
    ticks: tuple[str, ...]
    has_secret: bool
    refreshes: bool
    redirect_uri: str
    advice: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter of a table: our name, NinjaOne's name, its kind and its bounds."""

    name: str
    api: str
    kind: Literal["text", "integer", "time", "iso_time", "boolean", "texts", "integers"]
    meaning: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame: its name, the field of the JSON row (dots descend), kind and meaning.

    A field that begins with `@` is not in the row: it is the part of the path by which the row was
    asked for. `columns` are those of the objects in a column of kind "rows".
    """

    name: str
    field: str
    kind: Kind
    meaning: str
    unit: str = ""
    columns: tuple[Column, ...] = ()


C = Column  # short, because it opens every line of the catalogue's files


@dataclass(frozen=True, slots=True)
class Window:
    """How a table is bounded in time: its two parameters, and the column that they bound."""

    since: str
    until: str
    column: str


@dataclass(frozen=True, slots=True)
class Table:
    """A collection that can be pulled: where it is, how it pages and what its columns are.

    `row_key` names the columns that together identify a row; treat it as soft, NinjaOne repeats rows.
    `page_size` is what we ask for, `page_size_range` what the documentation states (None: nothing);
    `page_counts` is what it says that the size counts, and so perhaps the offset of a cursor.
    `per` names the parts of the path, as in /v2/device/{device_id}/disks: such a table is asked by
    one id or by a list of them. `answer` is what comes: "rows", one "row" as a bare object, an object
    of custom "fields" by name, or bare "values" that stand for the row key's last column.

    `filter_ignores` are the fields of the device filter that NinjaOne passes over here.
    `fails_if_unset` says that NinjaOne answers 500 of an id for which the feature is not set up.
    `rows_per_device` is about how many rows a device has (0: they do not belong to devices).
    `scope` and `licence` are what the table needs, and `known` how sure that is. `shape_known` is
    False where the documentation does not say what is in a row: then no field of it is drift.
    """

    name: str
    path: str
    paging: Paging
    holds: str
    row_key: tuple[str, ...]
    columns: tuple[Column, ...] = field(repr=False)
    parameters: tuple[Parameter, ...] = field(default=(), repr=False)
    device_filter: bool = False
    page_size: int = 1000
    page_size_range: tuple[int, int] | None = None
    page_counts: Literal["rows", "devices"] = "rows"
    rows_in: str | None = None
    per: tuple[str, ...] = ()
    answer: Answer = "rows"
    anchor: tuple[str, str] | None = None
    window: Window | None = None
    filter_ignores: tuple[str, ...] = ()
    fails_if_unset: bool = False
    rows_per_device: float = 0.0
    scope: str = "monitoring"
    licence: str = ""
    known: Certainty = "documented"
    shape_known: bool = True

    def column(self, name: str) -> Column:
        """The column named *name*."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path of NinjaOne's that is no table, as its documentation writes it, and the reason.

    `table` is the one that has the same, if one does; `why` says what the reason does not.
    """

    path: str
    reason: Reason
    table: str = ""
    why: str = ""
