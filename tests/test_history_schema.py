"""A catalogue that changes over the years, and an API that sends what nobody knows: nothing is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import DriftWarning
from ninja_analytics.frames import batches
from ninja_analytics.history import keeping, snapshots
from tests.histories import NOW, assert_same, data_files, everything, log_files, rewritten

NAME = "user_roles"


def as_of_then(table) -> Callable[[pa.Table], pa.Table]:
    """What the store's own writer would have had of rows, if the catalogue had said *table*."""
    schema = batches.schema(table)

    def change(rows: pa.Table) -> pa.Table:
        made = {
            field.name: _as(rows[field.name], field.type) if field.name in rows.column_names
            else pa.array([f"old {place}" for place in range(rows.num_rows)]).cast(field.type)
            for field in schema
        }  # fmt: skip
        return pa.table(made, schema=schema)

    return change


def _as(column, kind):
    if column.type == kind:
        return column
    if pa.types.is_nested(column.type):
        inside = [one.name for one in kind.value_type]
        rows = [
            None if row is None else [{k: v for k, v in one.items() if k in inside} for one in row]
            for row in column.to_pylist()
        ]
        return pa.array(rows, kind)
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    return column.cast(kind)


def without(*names, table=TABLES[NAME]):
    return replace(table, columns=tuple(one for one in table.columns if one.name not in names))


def retyped(name, kind, table=TABLES[NAME]):
    columns = tuple(replace(one, kind=kind) if one.name == name else one for one in table.columns)
    return replace(table, columns=columns)


def with_column(name, kind, table=TABLES[NAME]):
    return replace(table, columns=(*table.columns, replace(table.columns[0], name=name, kind=kind)))


def with_fewer_members(table=TABLES[NAME]):
    columns = tuple(
        replace(one, columns=one.columns[:-1]) if one.kind == "rows" else one
        for one in table.columns
    )
    return replace(table, columns=columns)


@pytest.fixture
def two(recorder) -> object:
    """A connection with two snapshots, the first of which can be made another one."""
    recorder.record([NAME, "organizations"], now="2026-10-01", progress="none")
    recorder.record([NAME, "organizations"], now=NOW, progress="none")
    return recorder


def earlier(ninja, table):
    """Have the first snapshot as if the catalogue had said *table* then; answers its id."""
    first = snapshots.read(ninja.history.folder).snapshots[0]
    path = data_files(ninja, NAME)[0]
    kept = path.read_bytes()
    rewritten(ninja, first, NAME, as_of_then(table))
    # The second snapshot refers to the same file: it gets one of its own.
    second = snapshots.read(ninja.history.folder).snapshots[1]
    own = replace(
        second.tables[NAME].file, path=second.tables[NAME].file.path.replace(first.id, second.id)
    )
    ninja.history.folder.put(own.path, kept)
    tables = {**second.tables, NAME: replace(second.tables[NAME], file=own)}
    text = snapshots.text_of([replace(second, tables=tables)])
    ninja.history.folder.put(f"log/{second.id}.json", text)
    assert ninja.history.verify().empty
    return first.id


def copes(ninja, first):
    """The first snapshot's rows; every way to read goes, and says the same before and after a fold."""
    then = ninja.as_of(first).table(NAME)
    now = ninja.as_of().table(NAME)
    pd.testing.assert_series_equal(
        then.dtypes[now.columns].drop("members", errors="ignore"),
        now.dtypes.drop("members", errors="ignore"),
    )
    whole = ninja.history(NAME)
    assert len(whole) == len(then) + len(now) == 2 * len(now) > 0
    asked = f"select * from {NAME}_history order by all"
    told = ninja.sql(asked)
    assert len(told) == len(whole)
    before = everything(ninja)
    ninja.history.compact(now="2027-01-01")
    keeping.sweep(ninja.history.folder, now=time.time() + 2 * keeping.GRACE)
    assert len(log_files(ninja)) == 1
    assert_same(before, everything(ninja))
    pd.testing.assert_frame_equal(ninja.sql(asked), told)
    assert ninja.history.verify().empty
    return then, now, told


def test_a_column_that_is_new_is_missing_before(two):
    name = TABLES[NAME].columns[1].name

    then, now, told = copes(two, earlier(two, without(name)))

    assert then[name].isna().all()
    assert now[name].notna().any()
    assert told.loc[told["snapshot_at"] < "2026-11-01", name].isna().all()


def test_a_column_that_is_no_more_is_among_the_unknown_fields(two):
    then, now, told = copes(two, earlier(two, with_column("shoe_size", "text")))

    assert then["shoe_size"].tolist() == [f"old {place}" for place in range(len(then))]
    assert "shoe_size" not in now
    old = told.loc[told["snapshot_at"] < "2026-11-01", "unknown_fields"]
    assert {json.loads(one)["shoe_size"] for one in old} == set(then["shoe_size"])


def test_numbers_that_were_texts_are_numbers_where_that_is_certain(two):
    name = TABLES[NAME].columns[0].name

    then, now, _ = copes(two, earlier(two, retyped(name, "text")))

    pd.testing.assert_series_equal(then[name], now[name])


def test_words_that_were_texts_are_words(two):
    table = TABLES["organizations"]
    name = next(one.name for one in table.columns if one.kind == "category")
    first = snapshots.read(two.history.folder).snapshots[0]
    rewritten(two, first, "organizations", as_of_then(retyped(name, "text", table)))
    log_files(two)[1].unlink()

    then = two.as_of(first.id).table("organizations")

    assert then[name].dtype == "category"
    assert then[name].notna().any()


def test_a_value_that_cannot_be_what_it_is_today_is_kept_as_unknown(two):
    name = TABLES[NAME].columns[0].name

    def words(rows):
        rows = as_of_then(retyped(name, "text"))(rows)
        texts = pc.binary_join_element_wise(rows[name], "x", "-")
        return rows.set_column(0, rows.schema.field(0), texts)

    first = snapshots.read(two.history.folder).snapshots[0]
    rewritten(two, first, NAME, words)
    log_files(two)[1].unlink()
    two.record([NAME], now=NOW, progress="none")

    then, now, told = copes(two, first.id)

    assert then[name].isna().all()
    unknown = [one for one in then if one not in now]
    assert unknown == [f"{name}_"]
    assert set(then[unknown[0]].str.removesuffix("-x").astype(int)) == set(now[name])
    assert told.loc[told["snapshot_at"] < "2026-11-01", name].isna().all()


def test_a_list_whose_members_have_more_today_has_them_as_missing(two):
    then, now, _ = copes(two, earlier(two, with_fewer_members()))

    lists = next(one for one in TABLES[NAME].columns if one.kind == "rows")
    assert then[lists.name].dtype == now[lists.name].dtype
    assert [len(one) for one in then[lists.name].dropna()] == [
        len(one) for one in now[lists.name].dropna()
    ]
    last = lists.columns[-1].name
    assert all(member[last] is None for row in then[lists.name].dropna() for member in row)


def test_fields_that_the_api_sends_and_nobody_knows_are_there_as_pulled(recorder):
    recorder.record(["organizations"], now="2026-10-01", progress="none")
    recorder.sandbox.fault("unknown-field", path="/v2/organizations")
    with pytest.warns(DriftWarning):
        pulled = recorder.table("organizations", progress="none")
    recorder.sandbox.fault("unknown-field", path="/v2/organizations")
    with pytest.warns(DriftWarning):
        last = recorder.record(["organizations"], now=NOW, progress="none")
    recorder.record(["organizations"], now="2026-11-21", progress="none")

    then = recorder.as_of(last.id).table("organizations")

    pd.testing.assert_frame_equal(then, pulled)
    assert then["newly_invented"].iloc[0] == '{"answer":42}'
    assert "newly_invented" not in recorder.as_of("2026-10-01").table("organizations")
    whole = recorder.history("organizations")
    assert whole["newly_invented"].notna().sum() == 1
    found = recorder.sql(
        "select unknown_fields->>'$.newlyInvented.answer' as a from organizations_history where a is not null"
    )
    assert found["a"].tolist() == ["42"]
    before = everything(recorder)
    recorder.history.compact(now="2027-01-01")
    assert_same(before, everything(recorder))
