"""The star schema of a report: dimensions that every fact can be joined to, in CSV and in Parquet."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.files import sheets
from ninja_analytics.reports.star import star
from tests.drifts import drift
from tests.fleets import SEEDS
from tests.fleets import fleet as people_of
from tests.made_frames import NOW, fleet
from tests.moved_frames import two_snapshots

DIMENSIONS = {"organization_id": "dim_organization", "device_id": "dim_device", "kpi": "dim_kpi"}


def made(name):
    """The report on a sandbox's fleet; one that compares, against the fleet itself."""
    people, spec = people_of(SEEDS[0]), REPORTS[name]
    frames = people.of(name)
    opening = {"opening": frames, "opening_at": people.now} if spec.compares != "no" else {}
    return spec.build(frames, now=people.now, **opening)


def overview():
    return REPORTS["fleet_overview"].build(fleet(200, 9), now=NOW)


def drifted():
    return drift(*two_snapshots())


@pytest.fixture(scope="module", params=[overview, drifted], ids=["fleet_overview", "fleet_drift"])
def report(request):
    return request.param()


@pytest.fixture(scope="module")
def tables(report):
    return star(report)


def test_every_id_of_a_fact_is_in_its_dimension(tables):
    joined = 0
    for name, frame in tables.items():
        for key, dimension in DIMENSIONS.items():
            if key in frame and name != dimension:
                ids = frame[key].dropna()
                joined += len(ids)
                assert set(ids) <= set(tables[dimension][key]), f"{key} of {name}"
    assert joined > 100


@pytest.mark.parametrize("name", REPORTS)
def test_the_star_of_every_report_can_be_joined_and_written(name, tmp_path):
    report = made(name)
    tables = star(report)
    for fact in (frame for one, frame in tables.items() if one.startswith("fact_")):
        for key, dimension in DIMENSIONS.items():
            if key in fact:
                assert set(fact[key].dropna()) <= set(tables[dimension][key])
    assert len(tables["dim_device"]) > 3
    assert len(report.save(tmp_path, "parquet")["parquet"]) == len(tables)
    # Its tables stand beside ours in files and sheets.
    assert not {"kpi", "action", "parameter", *sheets(replace(report, tables={}))} & set(
        report.tables
    )


def test_a_dimension_has_every_key_once_and_never_nothing(tables):
    for key, dimension in DIMENSIONS.items():
        assert tables[dimension][key].is_unique
        assert tables[dimension][key].notna().all()
        assert len(tables[dimension]) > 3


def test_every_fact_begins_with_the_report_and_its_time(report, tables):
    facts = {name: frame for name, frame in tables.items() if name.startswith("fact_")}
    assert {"fact_kpi", "fact_action", "fact_data_quality", "fact_parameter"} <= set(facts)
    assert {f"fact_{name}" for name in report.tables} <= set(facts)
    assert set(tables) - set(facts) == set(DIMENSIONS.values())
    for frame in facts.values():
        assert list(frame.columns[:2]) == ["report", "as_of_at"]
        assert set(frame["report"]) <= {report.name}
        assert set(frame["as_of_at"]) <= {report.created_at}


def test_ids_are_whole_numbers_and_times_are_utc(tables):
    for name, frame in tables.items():
        for column, kind in frame.dtypes.items():
            if str(column).endswith("_id"):
                assert str(kind) in ("Int64", "str"), f"{column} of {name}"
            elif str(column).endswith("_at"):
                assert str(kind) == "datetime64[us, UTC]", f"{column} of {name}"
            assert str(kind) != "object", f"{column} of {name}"


def test_a_device_that_only_a_fact_names_is_in_the_dimension_with_its_name():
    stray = pd.DataFrame(
        {
            "device_id": pd.array([70_001, 70_001, None], dtype="Int64"),
            "device": ["GONE-1", "GONE-1", "nobody"],
            "organization_id": pd.array([80_001, 80_001, 80_002], dtype="Int64"),
            "organization": [None, None, "Left Ltd"],
        }
    )
    base = overview()
    tables = star(replace(base, tables={**base.tables, "stray": stray}))
    devices = tables["dim_device"].set_index("device_id")
    names = tables["dim_organization"].set_index("organization_id")["organization"]
    assert devices.loc[70_001, "device"] == "GONE-1"
    assert devices.loc[70_001, "organization_id"] == 80_001
    assert pd.isna(devices.loc[70_001, "active"])
    assert names[80_002] == "Left Ltd"
    assert pd.isna(names[80_001])


def test_a_report_without_dimensions_takes_them_from_its_facts():
    tables = star(replace(overview(), dimensions={}))
    assert set(tables["fact_problem_devices"]["device_id"]) <= set(
        tables["dim_device"]["device_id"]
    )
    assert tables["dim_device"]["device"].notna().all()
    assert list(tables["dim_organization"].columns) == ["organization_id", "organization"]


def test_cells_that_hold_several_values_become_one_text():
    odd = pd.DataFrame({"tags": [["a", "b"], None], "mixed": [1, "x"]}, dtype="object")
    base = overview()
    fact = star(replace(base, tables={"odd": odd}))["fact_odd"]
    assert fact["tags"].iloc[0] == "a, b"
    assert pd.isna(fact["tags"].iloc[1])
    assert fact["mixed"].to_list() == ["1", "x"]


def test_csv_and_parquet_hold_the_same_tables_columns_and_rows(report, tables, tmp_path):
    saved = report.save(tmp_path, ["csv", "parquet"])
    assert [path.stem for path in saved["csv"]] == [path.stem for path in saved["parquet"]]
    assert [path.stem for path in saved["csv"]] == [f"{report.stem}_{name}" for name in tables]
    for text, binary in zip(saved["csv"], saved["parquet"], strict=True):
        read = pd.read_parquet(binary)
        told = pd.read_csv(text, encoding="utf-8-sig", dtype="str", keep_default_na=False)
        assert list(told.columns) == list(read.columns)
        assert len(told) == len(read)
        assert (read.dtypes == tables[binary.stem.split("Z_", 1)[1]].dtypes).all()
        if "as_of_at" in told and len(told):
            assert set(told["as_of_at"]) == {f"{report.created_at:%Y-%m-%dT%H:%M:%SZ}"}


def test_a_parquet_file_says_whether_the_report_is_whole(tmp_path):
    frames = fleet(40, 6)
    del frames["alerts"]
    for known, whole in ((fleet(40, 6), True), (frames, False)):
        made = REPORTS["fleet_overview"].build(known, now=NOW)
        [first, *_] = made.save(tmp_path, "parquet")["parquet"]
        assert pd.read_parquet(first).attrs["ninja"]["complete"] is whole


def test_the_thresholds_of_a_kpi_are_numbers_in_its_dimension(tables, report):
    rows = tables["dim_kpi"].set_index("kpi")
    for one in report.definitions:
        good = rows.loc[one.key, "good"]
        assert pd.isna(good) if one.good is None else good == one.good
    values = tables["fact_kpi"].set_index("kpi")["value"]
    assert values.to_dict() == {kpi.key: kpi.value for kpi in report.kpis}
