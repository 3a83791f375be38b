"""Streams: the same rows as a table, batch by batch, also through a break and into a file."""

from __future__ import annotations

import threading
import warnings

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import ninja_analytics as na
from ninja_analytics import exports
from ninja_analytics.errors import (
    DriftWarning,
    FilterWarning,
    IncompleteError,
    NotAvailableError,
    UnknownNameError,
    UsageError,
)
from tests.commands import ninja_analytics as command
from tests.pulls import SOFTWARE, asked, connected, rows


@pytest.fixture
def tenant(fresh_sandbox):
    running = fresh_sandbox(devices=100, seed=7)
    running.switch(page_size=500)
    return running


@pytest.fixture
def conn(tenant):
    return connected(tenant)


@pytest.mark.parametrize("name", ["software", "devices", "volumes", "organizations", "activities"])
def test_a_stream_is_the_table_also_through_a_file(ninja, tmp_path, name):
    more = {"since": "3d"} if name == "activities" else {}
    table = ninja.table(name, **more)
    stream = ninja.stream(name, **more)
    path = exports.write_parquet(
        tmp_path / "x.parquet", stream.schema, stream, stream.about, stream.empty()
    )

    found = pd.read_parquet(path)

    others = found.pop("unknown_fields")
    assert others.isna().all()
    assert list(found) == list(table)
    flat = [one for one in table if not str(table[one].dtype).startswith("list")]
    assert list(map(str, found[flat].dtypes)) == list(map(str, table[flat].dtypes))
    assert rows(found[flat]) == rows(table[flat])
    assert stream.about["complete"] is True
    assert stream.rows == stream.about["rows"] == len(table)
    assert found.attrs["ninja"]["complete"] is True
    assert "complete" in repr(stream)


def test_all_batches_have_the_schema_and_unknown_fields_are_in_a_column(tenant, conn):
    tenant.fault("unknown-field", path=SOFTWARE, after=5, times=3)
    stream = conn.stream("software")

    with pytest.warns(DriftWarning, match="newlyInvented"):
        batches = list(stream)

    assert {batch.schema for batch in batches} == {stream.schema}
    texts = pa.Table.from_batches(batches)["unknown_fields"].drop_null().to_pylist()
    # a page without rows has no room for a field
    assert 1 <= len(texts) <= 3
    assert set(texts) == {'{"newlyInvented":{"answer":42}}'}
    assert sum(batch.num_rows for batch in batches) == len(tenant.truth("software"))
    assert stream.about["drift"]["unknown"] == {"newlyInvented": "unknown_fields"}


def names_of(batches):
    table = pa.Table.from_batches(batches).select(["device_id", "name", "version", "path"])
    return rows(table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))


@pytest.mark.parametrize("path", [SOFTWARE, "/v2/devices"])
def test_a_stream_that_breaks_goes_on_with_the_rest_and_no_row_comes_twice(tenant, conn, path):
    whole = names_of(list(conn.stream("software")))
    conn = connected(tenant)
    if path == SOFTWARE:
        tenant.fault("500", path=SOFTWARE, after=12, times=100)
    stream, got = conn.stream("software"), []

    def take(batch):
        got.append(batch)
        if path != SOFTWARE and len(got) == 1:
            conn._source.lookups.forget()
            tenant.fault("500", path=path, times=100)

    with pytest.raises(IncompleteError) as caught:
        list(map(take, stream))

    assert stream.about["complete"] is False
    tenant.switch(faults=[])
    got += list(caught.value.resume())
    assert names_of(got) == whole
    assert stream.about["complete"] is True
    assert stream.rows == sum(whole.values())


def test_filters_that_are_passed_over_are_noticed_before_a_row_is_handed_out(tenant, conn):
    tenant.switch(device_filter="ignore")

    batches = list(conn.stream("software"))

    assert sum(batch.num_rows for batch in batches) == len(tenant.truth("software"))


def test_rows_that_do_not_fit_the_filter_are_left_out_of_a_stream(tenant, conn):
    home = tenant.truth("organizations")[0]["id"]
    tenant.switch(device_filter="ignore")

    with pytest.warns(FilterWarning, match="did not keep to the filter"):
        batches = list(conn.stream("volumes", where=na.device.organization == home))
    with pytest.warns(FilterWarning):
        table = conn.table("volumes", where=na.device.organization == home)

    came = sum(batch.num_rows for batch in batches)
    assert 0 < came == len(table) < len(tenant.truth("volumes"))


def test_closing_a_stream_early_stops_its_workers(tenant, conn):
    tenant.switch(latency=0.02)
    stream = conn.stream("software")
    batches = iter(stream)
    next(batches)

    batches.close()

    before = len(asked(tenant, SOFTWARE))
    running = [one.name for one in threading.enumerate() if one.name.startswith(("pull", "decode"))]
    assert running == []
    assert len(asked(tenant, SOFTWARE)) == before
    with pytest.raises(UsageError, match="start another one"):
        next(iter(stream))
    assert sum(batch.num_rows for batch in conn.stream("software")) == len(tenant.truth("software"))


def test_what_cannot_be_streamed_is_refused_before_anything_is_asked(conn, tenant):
    tenant.forget_requests()
    with pytest.raises(UnknownNameError, match="software"):
        conn.stream("sofware")
    with pytest.raises(UnknownNameError, match="parameter of software"):
        conn.stream("software", colour="red")
    assert not tenant.requests()
    tenant.fault("403", path=SOFTWARE, times=30)
    with pytest.raises(NotAvailableError):
        list(conn.stream("software"))


# --- ninja-analytics table NAME -o FILE


@pytest.fixture
def profile(machine, tenant):
    return machine(tenant)


def test_the_command_writes_a_whole_parquet_file(tenant, profile, tmp_path):
    path = tmp_path / "x.parquet"

    done = command("table", "software", "--profile", profile, "-o", path)

    assert done.exit_code == 0, done.output
    assert parquet.read_metadata(path).num_rows == len(tenant.truth("software"))
    assert pd.read_parquet(path).attrs["ninja"]["complete"] is True
    assert [one.name for one in tmp_path.glob("*.parquet*")] == ["x.parquet"]


def test_the_command_leaves_what_came_of_a_broken_pull_beside_and_says_so(
    tenant, profile, tmp_path
):
    tenant.fault("500", path=SOFTWARE, after=20, times=100)
    path = tmp_path / "x.parquet"

    done = command("table", "software", "--profile", profile, "-o", path)

    assert done.exit_code == 5
    assert not path.exists()
    partial = pd.read_parquet(tmp_path / "x.partial.parquet")
    assert 0 < len(partial) < len(tenant.truth("software"))
    assert partial.attrs["ninja"]["complete"] is False
    assert "x.partial.parquet" in done.output


def test_the_command_leaves_no_file_of_what_is_not_there(tenant, profile, tmp_path):
    tenant.fault("403", path=SOFTWARE, times=100)

    done = command("table", "software", "--profile", profile, "-o", tmp_path / "x.parquet")

    assert done.exit_code not in (0, 5)
    assert not list(tmp_path.glob("*parquet*"))


@pytest.mark.parametrize("suffix", ["parquet", "csv", "xlsx"])
def test_the_command_joins_names_in_every_kind_of_file(tenant, profile, tmp_path, suffix):
    path = tmp_path / f"x.{suffix}"
    home = tenant.truth("organizations")[0]["id"]

    done = command(
        "table", "volumes", "--profile", profile, "--names", "organization",
        "--where", f"org = {home}", "-p", 'include="bl"', "-o", path,
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    read = {"parquet": pd.read_parquet, "csv": pd.read_csv, "xlsx": pd.read_excel}[suffix]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = read(path)
    assert frame["organization_name"].notna().all()
    assert len(frame) == len(tenant.truth("volumes", df=f"org = {home}"))
