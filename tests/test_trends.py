"""Trends: KPIs over all snapshots, the same by pandas, DuckDB and Dask, and as counted by hand."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ninja_analytics.errors import HistoryError, UnknownNameError, UsageError
from ninja_analytics.history import History
from ninja_analytics.history.engines import results
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.reading import pieces
from ninja_analytics.history.trends import TRENDS, trend
from tests import kpis_by_hand
from tests.made_history import at, commit, snapshot
from tests.workers import workers


@pytest.fixture(scope="module")
def client():
    with workers() as client:
        yield client


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


# what is drawn: few words and ids, so that rows meet, and everything may be missing


def some(*values):
    return st.sampled_from([*values, None])


IDS = some(1, 2, 3, 4)


def rows(**columns):
    return st.lists(st.fixed_dictionaries(columns), max_size=12)


def mostly(value, other):
    """*value* three times of four, so that a rule with several conditions is met at all."""
    return st.integers(0, 3).flatmap(lambda n: other if n == 0 else st.just(value))


def moments(first, last):
    """Times in half days from the first snapshot on, missing ones too."""
    halves = st.integers(first * 2, last * 2).map(lambda n: at(n / 2))
    return st.one_of(st.none(), halves)


SOFTWARE = rows(
    device_id=IDS, name=some("Firefox", "firefox", "Tor", ""), version=some("1.0", "1.10", "")
)
DEVICES = rows(
    device_id=IDS,
    organization_id=some(7, 8),
    node_class=mostly("MAC", some("WINDOWS_SERVER", "NMS_SWITCH")),
    approval_status=mostly("APPROVED", some("PENDING")),
    last_contact_at=mostly(at(-1), moments(-40, 3)),
)
PATCHES = rows(
    device_id=IDS,
    kb_number=mostly("KB1", some("KB2267602")),
    severity=some("critical", "IMPORTANT", "Low", "optional", "security"),
    status=some("APPROVED", "failed", "REJECTED", "Delayed", "new word"),
    type=mostly("SECURITY_UPDATES", some("DRIVER_UPDATES", "feature_updates")),
)
TRIED = rows(device_id=IDS, installed_at=moments(-50, 3))
LOGGED = rows(
    device_id=IDS,
    activity_at=moments(-50, 3),
    status_code=some("PATCH_MANAGEMENT_SCAN_COMPLETED", "TRIGGERED"),
)
VOLUMES = rows(
    device_id=IDS,
    name=some("C", "D", ""),
    drive_letter=some("C:"),
    capacity_bytes=some(0, 100, 2**53 + 1),
    free_bytes=some(0, 10, 30),
    collected_at=moments(-3, 3),
)


@st.composite
def histories(draw, **tables):
    """A few snapshots, of which some lack tables and some columns; two may be of one day."""
    days = draw(st.lists(st.sampled_from([0, 0.25, 1, 2]), unique=True, max_size=3))
    made = []
    for day in sorted(days):
        there = {name: draw(one) for name, one in tables.items() if draw(st.integers(0, 5))}
        made.append((at(day), there, draw(st.sampled_from([(), (), ("severity", "version")]))))
    return made


def recorded(folder, made):
    return [snapshot(folder, when, there, without=old) for when, there, old in made if there]


def values(frame):
    """The rows of a frame as tuples of plain values, missing ones as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [tuple(row) for row in plain.itertuples(index=False)]


# the engines are compared with each other and with the count by hand


EXAMPLES = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def by_all(folder, name, made, client, **parameters):
    """The trend, after it was found to be the same by each engine."""
    taken = recorded(folder, made)
    found = {
        engine: trend(folder, taken, name, engine=engine, **parameters)
        for engine in ("pandas", "duckdb")
    }
    found["dask"] = trend(folder, taken, name, engine="dask", client=client, **parameters)
    assert_frame_equal(found["pandas"], found["duckdb"])
    assert_frame_equal(found["pandas"], found["dask"])
    assert found["pandas"].dtypes.astype("str").to_dict() == TRENDS[name].columns
    assert not found["pandas"].duplicated(list(TRENDS[name].key)).any()
    return found["pandas"]


@EXAMPLES
@given(made=histories(software=SOFTWARE))
def test_installs_are_those_counted_by_hand_whichever_engine_counts(made, client, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("installs"))

    found = by_all(folder, "installs", made, client)

    assert {row[:3]: row[3:] for row in values(found)} == kpis_by_hand.installs(made)


@EXAMPLES
@given(
    made=histories(devices=DEVICES, os_patches=PATCHES, os_patch_installs=TRIED, activities=LOGGED)
)
def test_compliance_is_that_counted_by_hand_whichever_engine_counts(made, client, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("compliance"))

    found = by_all(folder, "compliance", made, client)

    states = ("passed", "failed", "exceptions", "unknown")
    by_hand = {
        key: tuple(counts[state] for state in states)
        for key, counts in kpis_by_hand.compliance(made).items()
    }
    told = found.assign(day=found["day"].dt.date)
    assert {
        row[:2]: row[2:] for row in values(told[["day", "organization_id", *states]])
    } == by_hand
    assert (found[list(states)].sum(axis=1) == found["eligible"]).all()
    for row in found.itertuples():
        judged = row.passed + row.failed
        assert pd.isna(row.share) if not judged else row.share == row.passed / judged


@EXAMPLES
@given(made=histories(volumes=VOLUMES))
def test_free_space_is_that_found_by_hand_whichever_engine_looks(made, client, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("free_space"))

    found = by_all(folder, "free_space", made, client)

    told = found.assign(day=found["day"].dt.date).drop(columns="free_share")
    assert {row[:4]: row[4:] for row in values(told)} == kpis_by_hand.free_space(made)
    for row in found.itertuples():
        if pd.notna(row.free_share):
            assert row.free_share == row.free_bytes / row.capacity_bytes
        else:
            assert pd.isna(row.free_bytes) or pd.isna(row.capacity_bytes) or row.capacity_bytes == 0


@EXAMPLES
@given(
    made=histories(
        software=SOFTWARE, volumes=VOLUMES, devices=DEVICES, os_patches=PATCHES,
        os_patch_installs=TRIED, activities=LOGGED,
    )
)  # fmt: skip
@pytest.mark.parametrize("name", ["installs", "compliance"])
def test_a_formula_gives_of_all_snapshots_at_once_what_it_gives_of_each(
    name, made, tmp_path_factory
):
    folder = Folder(tmp_path_factory.mktemp("formulas"))
    asked = TRENDS[name]
    columns = {**asked.tables, **asked.evidence}
    taken = recorded(folder, made)
    whole = [one for one in taken if asked.tables.keys() <= one.tables.keys()]
    single = [
        {table: pieces([one], table) for table in asked.tables}
        | {table: pieces(taken[: taken.index(one) + 1], table) for table in asked.evidence}
        for one in whole
    ]
    at_once = {table: pieces(whole if table in asked.tables else taken, table) for table in columns}

    parts = results("duckdb", folder, asked.compute, columns, single)
    (found,) = results("duckdb", folder, asked.compute, columns, [at_once])

    told = [tuple(row.values()) for part in parts for row in part.to_pylist()]
    assert sorted(told, key=str) == sorted(
        (tuple(row.values()) for row in found.to_pylist()), key=str
    )


def test_only_the_snapshots_of_the_window_count(folder):
    rows = [{"device_id": 1, "name": "Tor", "version": "1"}]
    taken = [snapshot(folder, at(day), {"software": rows}) for day in range(4)]

    found = trend(folder, taken, "installs", since=at(1), until=at(3))

    assert found["snapshot_at"].tolist() == [at(1), at(2)]


@pytest.mark.parametrize("engine", ["pandas", "duckdb", "dask"])
@pytest.mark.parametrize("name", TRENDS)
def test_without_snapshots_a_trend_is_empty_and_typed(folder, name, engine):
    found = trend(folder, [], name, engine=engine)

    assert len(found) == 0
    assert found.dtypes.astype("str").to_dict() == TRENDS[name].columns


def test_a_snapshot_that_lacks_a_table_has_no_part_in_the_trend(folder):
    taken = [snapshot(folder, at(0), {"devices": [{"device_id": 1}]})]

    assert len(trend(folder, taken, "compliance")) == 0


def spoiled(folder, path):
    data = bytearray(folder.read(path))
    data[len(data) // 8] ^= 255
    folder.put(path, bytes(data))


@pytest.mark.parametrize("engine", ["pandas", "duckdb", "dask"])
@pytest.mark.parametrize(
    ("harm", "told"), [(Folder.remove, "is missing from"), (spoiled, "is damaged in")]
)
def test_a_file_that_is_missing_or_damaged_is_named(folder, engine, harm, told):
    rows = [{"device_id": n, "name": f"Program {n}", "version": "1"} for n in range(100)]
    taken = [snapshot(folder, at(day), {"software": rows}) for day in range(2)]
    path = taken[1].tables["software"].file.path
    harm(folder, path)

    with pytest.raises(HistoryError, match=f"{path} {told}"):
        trend(folder, taken, "installs", engine=engine)


def test_a_column_that_was_of_another_kind_is_missing_by_each_engine(folder, client):
    rows = [{"device_id": 1, "name": "Tor", "version": "1"}]
    old = [{"device_id": 1, "name": "Tor", "version": 1}]
    taken = [
        snapshot(folder, at(0), {"software": old}, other={"version": pa.int64()}),
        snapshot(folder, at(1), {"software": rows}),
    ]

    found = [
        trend(folder, taken, "installs", engine=engine, client=client if engine == "dask" else None)
        for engine in ("pandas", "duckdb", "dask")
    ]

    assert values(found[0])[1] == (at(1), "Tor", "1", 1, 1)
    assert values(found[0])[0][3:] == (1, 1)
    assert_frame_equal(found[0], found[1])
    assert_frame_equal(found[0], found[2])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"name": "instals"}, "no trend named 'instals'. Did you mean 'installs'"),
        ({"name": "installs", "engine": "panda"}, "no engine named 'panda'. Did you mean 'pandas'"),
        ({"name": "compliance", "severty": "LOW"}, "Did you mean 'severity'"),
        ({"name": "compliance", "severity": "critcal"}, "Did you mean 'critical'"),
    ],
)
def test_a_name_that_nobody_knows_gets_the_nearest_one(folder, arguments, told):
    tables = {"devices": [], "os_patches": []}
    taken = [snapshot(folder, at(0), tables)]
    name, more = arguments["name"], {key: arguments[key] for key in arguments if key != "name"}

    with pytest.raises(UnknownNameError, match=told):
        trend(folder, taken, name, **more)


def test_a_client_needs_the_engine_that_has_use_for_it(folder, client):
    with pytest.raises(UsageError, match='engine="dask"'):
        trend(folder, [], "installs", client=client)


def test_the_trends_are_listed_with_what_they_mean(folder):
    found = History(folder, profile="made", instance="https://example.com").trends

    assert list(found) == list(TRENDS)
    assert "On how many devices" in repr(found)
    assert list(found.compliance.parameters) == ["severity", "active_days"]
    assert all(one.question and one.formula and one.source for one in found.values())


def test_a_history_gives_the_trend_over_what_is_committed_in_it(folder):
    rows = [{"device_id": 1, "name": "Tor", "version": "1"}]
    taken = [snapshot(folder, at(day), {"software": rows}) for day in range(3)]
    commit(folder, taken[:2])
    history = History(folder, profile="made", instance="https://example.com")

    found = history.trend("installs", since="2026-03-02", engine="pandas")

    assert values(found) == [(at(1), "Tor", "1", 1, 1)]
