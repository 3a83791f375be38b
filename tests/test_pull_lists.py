"""Lists within rows as rows of their own, for every list of every table."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from dataclasses import replace

import pytest

import ninja_analytics as na
from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import DriftWarning, UnknownNameError, UsageError
from ninja_analytics.frames import frame, lists_of, part_of
from tests.pulls import rows
from tests.sandbox_client import parts_of, truth_of

LISTS = [(table.name, name) for table in TABLES.values() for name in lists_of(table)]


def truth_rows(sandbox, table):
    """The rows of a table; one row, if that is what it answers."""
    found = truth_of(sandbox, table)
    return found if isinstance(found, list) else [found]


def field_of(row, path):
    for key in path.split("."):
        row = row.get(key) if isinstance(row, dict) else None
    return row


def members(table, column, truth, given):
    """The members of the lists in *truth* with the keys of their owners, as the catalogue types them."""
    flat = part_of(table, column.name)
    keys = [one for one in flat.columns if any(one is own for own in table.columns)]
    inner = flat.columns[len(keys) :]
    found = []
    for row in truth:
        own = {f"key{n}": _key(row, key, given) for n, key in enumerate(keys)}
        for member in field_of(row, column.field) or ():
            values = member if column.kind == "rows" else {"member": member}
            found.append({**values, **own})
    columns = [
        *(na.catalog.Column(key.name, f"key{n}", key.kind, "") for n, key in enumerate(keys)),
        *(inner if column.kind == "rows" else (replace(inner[0], field="member"),)),
    ]
    typed = Table("flat", "", "none", "", (), tuple(columns))
    return frame(typed, [json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()])[0]


def _key(row, key, given):
    return given[key.field[1:]] if key.field.startswith("@") else field_of(row, key.field)


@pytest.mark.parametrize(("name", "part"), LISTS, ids=lambda one: str(one))
def test_a_list_as_a_table_has_its_members_and_whose_they_are(ninja, sandbox, name, part):
    table = TABLES[name]
    given = parts_of(sandbox, table)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriftWarning)
        found = ninja.table(name, part=part, **given)
        expected = members(table, table.column(part), truth_rows(sandbox, table), given)

    assert list(found)[: len(part_of(table, part).columns)] == [
        column.name for column in part_of(table, part).columns
    ]
    assert rows(found[list(part_of(table, part).row_key)]) == rows(
        expected[list(part_of(table, part).row_key)]
    )
    known = [column.name for column in part_of(table, part).columns]
    assert rows(found[known]) == rows(expected[known])
    assert [str(found[one].dtype) for one in known] == [str(expected[one].dtype) for one in known]
    assert found.attrs["ninja"]["part"] == part


def test_many_lists_have_members_in_the_sandbox(ninja, sandbox):
    """What has none would pass the test above whatever it did."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriftWarning)
        empty = [
            (name, part)
            for name, part in LISTS
            if not len(ninja.table(name, part=part, **parts_of(sandbox, TABLES[name])))
        ]

    assert len(empty) <= len(LISTS) // 2, empty


def test_a_part_takes_filter_names_and_zone(ninja, sandbox):
    home = sandbox.truth("organizations")[0]

    found = ninja.table(
        "devices_detailed", part="volumes", where=na.device.organization == home["id"],
        names=["organization", "device", "role"], tz="Asia/Tokyo",
    )  # fmt: skip

    truth = [
        row for row in sandbox.truth("devices_detailed") if row["organizationId"] == home["id"]
    ]
    assert Counter(found["device_id"]) == Counter(
        row["id"] for row in truth for _ in row.get("volumes", ())
    )
    assert set(found["organization_name"]) == {home["name"]}
    assert found["device_name"].notna().all()
    assert found["role_name"].notna().all()


def test_a_part_without_members_has_its_columns_and_dtypes(ninja):
    whole = ninja.table("devices_detailed", part="volumes")

    none = ninja.table("devices_detailed", part="volumes", where="created after 2099-01-01")

    assert len(none) == 0
    assert list(none) == list(whole)
    assert list(map(str, none.dtypes)) == list(map(str, whole.dtypes))


def test_what_is_no_part_is_refused_in_a_sentence(ninja):
    with pytest.raises(UnknownNameError, match="Did you mean 'volumes'"):
        ninja.table("devices_detailed", part="volume")
    with pytest.raises(UsageError, match="no column of lists"):
        ninja.table("volumes", part="name")
    with pytest.raises(UsageError, match="exclude each other"):
        ninja.table("custom_fields_detailed", part="fields", shape="wide")
    with pytest.raises(UsageError, match="belong to no policy"):
        ninja.table("organizations_detailed", part="locations", names=["policy"])
