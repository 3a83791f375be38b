"""SQL over a history: the answers that pandas gives, in its dtypes, and nothing but answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import DriftWarning, HistoryError, UnknownNameError, UsageError
from ninja_analytics.history import History
from tests.histories import NOW, connected, data_files

TIMES = ("2026-09-01", "2026-10-01", NOW)
NAMES = ["organizations", "devices", "software", "activities", "devices_detailed", "roles"]


@pytest.fixture(scope="module")
def ninja(tmp_path_factory):
    """A connection with three snapshots, between which activities came."""
    from ninja_analytics.sandbox import Sandbox

    with pytest.MonkeyPatch.context() as patch, Sandbox(devices=8, now=NOW.isoformat()) as sandbox:
        for name in ("NINJA_HOME", "NINJA_HISTORY"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        ninja = connected(sandbox)
        for late, when in zip((60, 30, 0), TIMES, strict=True):
            sandbox.switch(late_activities=late)
            ninja.record(NAMES, now=when, since="2026-08-20", progress="none")
        yield ninja


def test_a_count_is_what_pandas_counts(ninja):
    told = ninja.sql(
        "select snapshot_at, name, count(*) as n from software_history group by all order by all"
    )

    expected = (
        ninja.history("software").groupby(["snapshot_at", "name"]).size().rename("n").reset_index()
    )  # fmt: skip
    expected = expected.astype({"n": "Int64", "name": "str"})
    pd.testing.assert_frame_equal(told, expected)


@pytest.mark.parametrize("name", NAMES)
def test_all_of_a_table_is_all_of_its_history_in_its_dtypes(ninja, name):
    told = ninja.sql(f"select * exclude (snapshot, unknown_fields) from {name}_history")

    expected = ninja.history(name)
    assert len(told) == len(expected) > 0
    key = ["snapshot_at", *TABLES[name].row_key]
    told, expected = (one.sort_values(key, ignore_index=True) for one in (told, expected))
    for column in expected:
        kind = expected[column].dtype
        if kind == "category":
            kind = "str"
            expected[column] = expected[column].astype("str")
        if not str(kind).startswith("list"):
            assert told[column].dtype == kind, column
        assert (
            told[column].astype("object").map(repr).tolist()
            == expected[column].astype("object").map(repr).tolist()
        )


def test_history_and_now_can_be_joined(ninja):
    told = ninja.sql("""
        select d.organization_id, count(*) as n from software_history h join devices d using (device_id)
        where h.snapshot_at = (select max(snapshot_at) from software_history) group by all order by all
    """)

    both = ninja.table("software", progress="none").merge(
        ninja.table("devices", progress="none"), on="device_id"
    )
    expected = (
        both.groupby("organization_id").size().rename("n").reset_index().astype({"n": "Int64"})
    )
    pd.testing.assert_frame_equal(told, expected)


@pytest.mark.parametrize(
    "query",
    [
        "with a as (select * from roles_history) select count(*) as n from a",
        "with A as (select * from roles_history) select count(*) as n from a",
        "select count(*) as n from (select * from roles_history)",
        "select (select count(*) from roles_history) as n",
        "select count(*) as n from (select role_id from roles_history union all select role_id from roles_history where false)",
        'select count(*) as n from "roles_history"',
        "SELECT COUNT(*) AS N FROM ROLES_HISTORY",
        "select count(*) as n from Roles_History r where exists (select 1 from roles_history s where s.role_id = r.role_id)",
        "from roles_history select count(*) as n",
        "select count(*) as n from main.roles_history",
        "select count(*) as n from roles_history;",
    ],
)  # fmt: skip
def test_every_way_to_name_a_table_goes(ninja, query):
    assert ninja.sql(query).iloc[0, 0] == len(ninja.history("roles"))


@pytest.mark.parametrize(
    "spelled", ["activities_history", "ACTIVITIES_history", "activities_HISTORY"]
)
def test_events_come_once_however_they_are_named(ninja, spelled):
    told = ninja.sql(
        f"select a.activity_id from {spelled} a join Activities_History b using (activity_id)"
    )

    assert len(told) == told["activity_id"].nunique() == len(ninja.history("activities"))


def test_types_are_those_of_every_frame(ninja):
    told = ninja.sql("""
        select 1::tinyint a, 2::ubigint b, 3.5::decimal(10, 2) c, sum(7::bigint) d, date '2026-01-31' e,
            timestamptz '2026-01-31 12:00:00+02' f, timestamp '2026-01-31 12:00:00' g, interval 36 hour h,
            'x' i, true j, null::bigint k, [1, 2] l, null::varchar m, 2::hugeint * 100000000000000000000 n,
            interval 2 month o
    """)

    kinds = {name: str(kind) for name, kind in told.dtypes.items()}
    assert kinds == {
        "a": "Int64", "b": "UInt64", "c": "Float64", "d": "Int64", "e": "datetime64[us, UTC]",
        "f": "datetime64[us, UTC]", "g": "datetime64[us]", "h": "timedelta64[us]", "i": "str",
        "j": "boolean", "k": "Int64", "l": "list<l: int32>[pyarrow]", "m": "str", "n": "Float64",
        "o": "object",
    }  # fmt: skip
    row = told.iloc[0]
    assert (row["b"], row["c"], row["d"], row["h"]) == (2, 3.5, 7, pd.Timedelta("36h"))
    assert row["f"] == pd.Timestamp("2026-01-31T10:00Z")
    assert np.isclose(row["n"], 2e20)


def test_two_columns_of_one_name_are_both_there(ninja):
    told = ninja.sql("select 1 as a, 2 as a, 3 as a")

    assert told.iloc[0].tolist() == [1, 2, 3]
    assert told.columns.is_unique


@pytest.mark.parametrize(
    "query",
    [
        "copy roles_history to '{tmp}/out.csv'", "copy (select 1) to '{tmp}/out.csv'",
        "attach '{tmp}/out.db'", "create table x as select 1", "create view x as select 1",
        "insert into roles_history select * from roles_history", "delete from roles_history",
        "update roles_history set role_id = 1", "drop view roles_history", "pragma database_list",
        "pragma enable_external_access = true", "set enable_external_access = true", "install httpfs",
        "load httpfs", "export database '{tmp}/out'", "call pragma_version()", "explain select 1",
        "select * from read_csv('{tmp}/there.csv')", "select * from read_parquet('{data}')",
        "select * from parquet_scan('{data}')", "select * from parquet_metadata('{data}')",
        "select * from glob('{tmp}/*')", "select * from read_text('{tmp}/there.csv')",
        "select * from read_blob('{tmp}/there.csv')", "select * from read_json('{tmp}/there.csv')",
        "select * from sniff_csv('{tmp}/there.csv')", "select * from '{tmp}/there.csv'",
        "select * from '{data}'", "select * from '/etc/passwd'", "select * from 'https://127.0.0.1:9/x.csv'",
        "select * from query('copy (select 1) to ''{tmp}/out.csv''')",
        "select * from query_table('{tmp}/there.csv')", "select * from query_table('pd')",
        "select * from information_schema.tables", "select * from engine", "select * from folder",
        "select 1; select 2", "select 1; drop view roles_history", "", ";", "selekt 1", "select",
        "select nothing from roles_history", "select 1 +", "select * from roles_history where role_id = 'x'",
        "select error('a' || chr(10) || 'b')", "select getenv('HOME')",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_in_one_sentence_and_writes_nothing(ninja, query, tmp_path):
    (tmp_path / "there.csv").write_text("secret\n42\n")
    before = sorted(tmp_path.rglob("*"))
    data = data_files(ninja, "roles")[0]

    with pytest.raises(UsageError) as caught:
        ninja.sql(query.format(tmp=tmp_path, data=data))

    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("out.csv").exists()
    assert len(ninja.sql("select * from roles_history")) > 0


@pytest.mark.parametrize("query", [None, 1, ["select 1"], b"select 1"], ids=str)
def test_a_query_is_a_text(ninja, query):
    with pytest.raises(UsageError, match="a text"):
        ninja.sql(query)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("sofware_history", "software_history"), ("software_histroy", "software_history"), ("devics", "devices")],
)  # fmt: skip
def test_a_wrong_name_gets_the_nearest_one(ninja, name, meant):
    with pytest.raises(UnknownNameError, match=f"Did you mean '{meant}'"):
        ninja.sql(f"select * from {name}")


def test_without_a_connection_there_is_no_now(ninja):
    alone = History(ninja.history.folder, profile="default", instance="")

    assert len(alone.sql("select * from roles_history")) > 0
    with pytest.raises(UnknownNameError, match="roles_history"):
        alone.sql("select * from roles")


def test_a_bound_on_the_time_of_snapshots_leaves_other_files_unread(recorder):
    recorder.record(["software"], now="2026-09-01", progress="none")
    recorder.sandbox.fault("unknown-field", path="/v2/queries/software")
    with pytest.warns(DriftWarning):
        recorder.record(["software"], now="2026-10-01", progress="none")
    first, _ = data_files(recorder, "software")
    first.write_bytes(b"damaged")

    for bound in (
        "snapshot_at > '2026-09-15'",
        "snapshot_at >= timestamptz '2026-10-01'",
        "snapshot_at = '2026-10-01'",
    ):
        assert len(recorder.sql(f"select * from software_history where {bound}")) > 0
    with pytest.raises(HistoryError, match="is damaged"):
        recorder.sql("select * from software_history where snapshot_at < '2026-09-15'")
