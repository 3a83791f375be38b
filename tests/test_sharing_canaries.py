"""Nothing personal is in a shared frame: every table and list of the sandbox, held against its truth.

What is personal is told in NinjaOne's own field names, not by our table of columns, so that no
mistake there hides it from these tests.
"""

from __future__ import annotations

import functools
import json
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ninja_analytics.catalog import TABLES, Column, Table
from ninja_analytics.frames import lists_of
from ninja_analytics.sharing import shared
from ninja_analytics.sharing.about import FREE_TEXT, PLAIN
from ninja_analytics.sharing.fates import MEASURED, fate
from tests.sandbox_client import parts_of, truth_of

KEY = "a key for the tests"
ROWS = 1000
LEAST = 5  # shorter texts are met by chance
LEAST_ID = 100_000  # so are smaller numbers
CASES = [
    (name, part) for name, table in TABLES.items() for part in (None, *lists_of(table))
]  # fmt: skip

# Fields whose texts may stand nowhere in a shared frame, not even within another text.
NOWHERE = re.compile(
    r"(system|dns|netbios|first|last|user|fullVm)Name|lastLoggedInUser|dnsHostName|\w*[eE]mails?"
    r"|phone|\w*[sS]erialNumber|serviceTag|(ip|mac)Address(es)?|publicIP|address|defaultGateway"
    r"|dnsServers|target|sender|recipient|domain|\w*(uid|Uid|UID|uuid)s?|createdBy|lastUpdatedBy"
)
# The same of "name" and "displayName" of what these tables hold: they are harmless words elsewhere.
NAMES_NOWHERE = {
    "organizations", "locations", "computer_systems", "members", "documents", "contacts",
    "ticketing_contacts", "global_articles", "organization_articles", "billing_accounts",
    "billing_agreements", "billing_invoices", "software_license_assignments",
}  # fmt: skip
# Fields whose texts may be no whole cell: the tenant's own names and what anybody has written.
NO_CELL = re.compile(
    r"\w*[dD]escription\w*|message|subject|body|html\w*|text|notes?|label|path|location|tooltipText"
    r"|(field|source|policy|plan|script|organization|location|template)Name|value|tags|reason\w*"
    r"|scriptParam\w*|defaultValue|fileName|\w*Header"
)
OWN_NAMES = {
    "roles", "user_roles", "policies", "groups", "tasks", "automation_scripts", "scripts",
    "credentials", "categories", "device_scripting_options",
    "notification_channels", "ticket_attributes", "ticket_boards", "ticket_forms", "checklists",
    "checklist_templates", "document_templates", "article_folders", "asset_relations", "tags",
    "global_tabs", "organization_tabs", "role_tabs", "custom_tabs", "software_licenses",
    "custom_field_definitions", "vulnerability_scan_groups", "billing_products",
    "policy_windows_event_conditions", "policy_custom_field_conditions", "ticket_statuses",
}  # fmt: skip
# Fields of NinjaOne's and the vendors' words, which stay: what somebody wrote may be one of them.
WORDS = re.compile(
    r"\w*([sS]tatus|[sS]everity|[pP]riority|[tT]ype|[cC]ategory|[mM]anufacturer|[pP]ublisher|[lL]ocation"
    r"|[oO]ption|[pP]ermission|vendorName|operatingSystems|activityResult|statusCode|icon)"
)
NAMES = {"name", "displayName"}
IS_ID = re.compile(r"id|\w*[a-z]Ids?")
NO_ID = {"releaseId", "driveId", "guestOsId"}  # of an operating system, within a controller


@pytest.fixture(scope="module")
def truth(sandbox) -> dict[str, list[dict[str, Any]]]:
    return {name: truth_of(sandbox, table) for name, table in TABLES.items()}


@pytest.fixture(scope="module")
def nowhere(truth) -> set[str]:
    """What must be in no cell of a shared frame: names, hosts, users, addresses, serials."""
    found = {
        text.casefold()
        for owner, field, value in _leaves(truth)
        if NOWHERE.fullmatch(field) or (field in NAMES and owner in NAMES_NOWHERE)
        if isinstance(value, str)
        for text in (value, *re.split(r"[\\,]", value))
        if len(text) >= LEAST
    }
    products = "\n".join(str(row["name"]).casefold() for row in truth["software"])
    shared_by_chance = {text for text in found if text in products}
    assert len(found) > 1000
    assert len(shared_by_chance) < 3  # somebody is called like a program, or part of one
    return found - shared_by_chance


@pytest.fixture(scope="module")
def no_cell(truth) -> set[str]:
    """What must be no cell of a shared frame: the tenant's own names, what was written, ids."""
    found = set()
    words = {"false"} | {column.name for table in TABLES.values() for column in table.columns}
    for owner, field, value in _leaves(truth):
        if isinstance(value, int):
            found |= {str(value)} if IS_ID.fullmatch(field) and value >= LEAST_ID else set()
        elif WORDS.fullmatch(field):
            words.add(value.casefold())
        elif len(value) >= LEAST and (
            NO_CELL.fullmatch(field) or owner == "fields" or (field in NAMES and owner in OWN_NAMES)
        ):
            found.add(value.strip().casefold())
    assert len(found - words) > 1000
    return found - words


def _leaves(truth: dict[str, list[Any]]) -> Iterator[tuple[str, str, str | int]]:
    """Each text and whole number in the rows, with the field in which it stands and whose that is.

    That is the table, or for what is in an object within a row the field of the object.
    """
    for table, rows in truth.items():
        for owner, field, value in _within(rows, table, table):
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield owner, field, value


def _within(value: object, owner: str, field: str) -> Iterator[tuple[str, str, object]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _within(one, field, name)
    elif isinstance(value, list):
        for one in value:
            yield from _within(one, owner, field)
    else:
        yield owner, field, value


@pytest.fixture(scope="module")
def pulled(sandbox, ninja):
    """A table, or a list of one, as it is, with all names joined."""

    @functools.cache
    def pull(name: str, part: str | None = None, **more: Any) -> pd.DataFrame:
        table = TABLES[name]
        asked = {one.name: True for one in table.parameters if one.name == "include_roles"}
        asked |= parts_of(sandbox, table) | more
        frame = ninja.table(name, part=part, progress="none", **asked)
        return frame.head(ROWS).ninja.with_names()

    return pull


@pytest.fixture(scope="module")
def found_in(nowhere, no_cell, pulled):
    """Those of the canaries that are in cells, whatever their capitals."""

    def find(cells: set[str]) -> set[str]:
        cells = {cell.strip().casefold() for cell in cells}
        text = "\n".join(cells)
        return {canary for canary in nowhere if canary in text} | (cells & no_cell)

    for name in ("organizations", "devices_detailed", "activities", "end_users", "tickets"):
        assert len(find(cells_of(pulled(name)))) > 3, name  # what is looked for would be seen
    return find


def cells_of(frame: pd.DataFrame) -> set[str]:
    """Every cell, member of a list in a cell, and column of the frame, as text."""
    found = set(map(str, frame.columns))
    for name in frame:
        for cell in frame[name]:
            found.update(str(one) for *_, one in _within(_plain(cell), "", ""))
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            found.update(map(str, frame[name].cat.categories))
    return found


def _plain(cell: object) -> object:
    return cell.tolist() if hasattr(cell, "tolist") else cell


@pytest.mark.parametrize(("table", "part"), CASES)
def test_nothing_personal_is_in_a_shared_table(table, part, pulled, found_in):
    answer = pulled(table, part).ninja.share(key=KEY)

    assert found_in(cells_of(answer)) == set()
    assert found_in({json.dumps(answer.attrs), repr(answer.ninja.source)}) == set()


@pytest.mark.filterwarnings("ignore::ninja_analytics.errors.DriftWarning")
@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize("table", ["custom_fields", "scoped_custom_fields_detailed"])
def test_nothing_personal_is_in_shared_custom_fields(table, shape, pulled, found_in):
    frame = pulled(table, shape=shape)
    answer = frame.ninja.share(key=KEY)

    assert len(found_in(cells_of(frame))) > 10
    assert len(answer) == len(frame) > 0
    assert found_in(cells_of(answer)) == set()
    assert found_in({json.dumps(answer.attrs)}) == set()


@pytest.mark.parametrize(("table", "part"), CASES)
def test_no_id_is_in_a_shared_table_but_another_for_each(table, part, pulled):
    frame = pulled(table, part)
    answer = shared(frame, key=KEY)

    for column in columns_of(TABLES[table], part):
        if column.name in answer and is_id(column):
            before, after = _ids(frame[column.name]), _ids(answer[column.name])
            assert len(after) == len(before), column.name
            assert len(set(after)) == len(set(before)), column.name
            assert all(isinstance(one, str) or one >= 10**14 for one in after), column.name
            assert not set(before) & set(after), column.name


def columns_of(table: Table, part: str | None) -> tuple[Column, ...]:
    return table.columns + (table.column(part).columns if part else ())


def is_id(column: Column) -> bool:
    """Whether NinjaOne calls it an id, or we asked by it."""
    field = column.field.rpartition(".")[2].lstrip("@")
    return bool(IS_ID.fullmatch(field) or field.endswith("_id")) and field not in NO_ID


def _ids(column: pd.Series) -> list[object]:
    return [
        one for cell in column for *_, one in _within(_plain(cell), "", "") if not pd.isna(one)
    ]  # fmt: skip


@pytest.mark.parametrize(("table", "part"), CASES)
def test_what_stays_keeps_its_dtype_rows_and_order(table, part, pulled):
    frame = pulled(table, part)
    answer = shared(frame, key=KEY)
    of = f"{table}.{part}" if part else table

    assert len(answer) == len(frame)
    for name in answer.columns:
        assert answer[name].isna().tolist() == frame[name].isna().tolist(), name
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            assert isinstance(answer[name].dtype, pd.CategoricalDtype)
        else:
            assert answer[name].dtype == frame[name].dtype, name
        if fate(of, name) in (PLAIN, MEASURED):
            assert cells_of(answer[[name]]) == cells_of(frame[[name]]) - _unused(frame[name]), name
    dropped = [name for name in frame.columns if name not in answer]
    unknown = set(frame.attrs["ninja"]["drift"]["unknown"].values())
    assert answer.ninja.source["dropped"] == [name for name in dropped if name not in unknown]
    assert answer.ninja.source["dropped_unknown"] == len(unknown)
    assert {fate(of, name) for name in set(dropped) - unknown} <= {FREE_TEXT}
    assert {"table", "rows", "pulled_at", "complete"} <= set(answer.ninja.source)
    assert not {"instance", "connection", "where", "parameters"} & set(answer.ninja.source)


def _unused(column: pd.Series) -> set[str]:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return set()
    return set(map(str, column.cat.categories)) - set(map(str, column.dropna()))


@pytest.mark.parametrize("table", ["devices_detailed", "users", "tickets", "activities", "volumes"])
@pytest.mark.parametrize("suffix", ["csv", "html", "parquet", "xlsx"])
def test_nothing_personal_is_in_a_file_of_a_shared_table(table, suffix, pulled, found_in, tmp_path):
    answer = pulled(table).head(50).ninja.share(key=KEY)

    answer.ninja.export(tmp_path / f"shared.{suffix}")

    for file in tmp_path.iterdir():
        assert found_in(set(_lines(file))) == set(), file.name


def _lines(file: Path) -> Iterator[str]:
    """What is in a file, as texts."""
    if file.suffix == ".parquet":
        frame = pd.read_parquet(file)
        yield from (*cells_of(frame), json.dumps(frame.attrs))
    elif file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            for name in book.namelist():
                yield from re.split(r"<[^>]*>", book.read(name).decode("utf-8"))
    elif file.suffix == ".html":
        page = re.sub(r"(?s)<style.*?</style>|<wbr>", "", file.read_text(encoding="utf-8"))
        yield from map(unescape, re.split(r"<[^>]*>", page))
    else:
        yield from re.split(r"[\n,]", file.read_text(encoding="utf-8"))
