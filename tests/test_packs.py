"""Packs: a folder per customer that holds nothing of any other, an index, and honest ends."""

from __future__ import annotations

import json
from html import unescape

import pandas as pd
import pyarrow.parquet as pq
import pytest

from ninja_analytics import packs
from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.packs.apart import Apart
from ninja_analytics.sharing.mentions import mentions
from tests.fleets import fleet
from tests.foreign_names import foreign, owners_of, texts
from tests.made_frames import typed

FORMATS = ("html", "xlsx", "csv", "parquet", "svg")


@pytest.fixture(scope="module")
def tenant():
    return fleet(9, 24, organizations=7)


@pytest.fixture(scope="module")
def packed(tenant, tmp_path_factory):
    out = tmp_path_factory.mktemp("packs")
    return packs.pack(tenant.ninja, "qbr", out=out, formats=FORMATS, now=tenant.now)


@pytest.fixture(scope="module")
def owners(tenant):
    return owners_of(tenant.ninja)


def test_every_customer_with_a_device_has_a_folder_of_files_and_a_line_in_the_index(packed, tenant):
    devices = tenant.ninja.table("devices")
    assert {one.organization_id for one in packed.customers} == set(
        devices["organization_id"].dropna()
    )
    assert packed.failed == ()
    index = packed.index.read_text("utf-8")
    for one in packed.customers:
        assert {file.suffix for file in one.files} >= {".html", ".xlsx", ".csv", ".json"}
        assert all(file.is_file() and file.parent == one.folder for file in one.files)
        page = next(file for file in one.files if file.suffix == ".html")
        assert f"{one.folder.name}/{page.name}" in unescape(index)


def test_no_file_of_a_customer_holds_a_name_of_another(packed, owners):
    looked = 0
    for one in packed.customers:
        for file in one.files:
            assert foreign(texts(file), owners, one.organization_id) == [], file.name
            looked += 1
    assert looked > 5 * len(packed.customers)


def test_the_search_for_names_finds_one_that_is_there(packed, owners):
    one, other = packed.customers[:2]
    told = f"Moved here from {other.organization}, yesterday"
    assert foreign(told, owners, one.organization_id) == [other.organization.lower()]


def test_no_file_of_a_customer_holds_an_id_of_another(packed, tenant):
    devices = tenant.ninja.table("devices").set_index("device_id")["organization_id"]
    seen = set()
    for one in packed.customers:
        for file in one.files:
            if file.suffix != ".parquet":
                continue
            frame = pq.read_table(file).to_pandas()
            if "organization_id" in frame:
                assert set(frame["organization_id"].dropna()) <= {one.organization_id}
            if "device_id" in frame:
                ids = set(frame["device_id"].dropna().astype(int))
                assert ids <= set(devices[devices == one.organization_id].index), file.name
                seen |= ids
    assert len(seen) > 10


def test_a_customer_stands_among_others_as_quantiles_of_five_or_more(packed):
    tables = [one.report.tables["peers"] for one in packed.customers if one.report]
    assert all((table["others"] >= 5).all() for table in tables)
    assert any(len(table) for table in tables)
    quarters = ["lower_quarter_share", "median_share", "upper_quarter_share"]
    for table in tables:
        whole = table[quarters].astype(float) * 100
        assert (whole - whole.round()).abs().to_numpy().max(initial=0) < 1e-9
        assert whole.apply(lambda row: row.is_monotonic_increasing, axis=1).all()


def test_where_fewer_than_five_others_have_a_value_nothing_is_told(tmp_path):
    small = fleet(5, 6, organizations=3)
    made = packs.pack(small.ninja, "qbr", out=tmp_path, formats=["html"], now=small.now)
    assert len(made.customers) <= 5
    assert all("peers" not in one.report.tables for one in made.customers)


def test_a_second_pack_of_the_day_overwrites_nothing(tmp_path):
    small = fleet(5, 6, organizations=3)
    first, second = (
        packs.pack(small.ninja, out=tmp_path, sections="fleet_overview", now=small.now)
        for _ in range(2)
    )
    assert first.folder != second.folder
    assert second.folder.name == f"{first.folder.name}-2"
    assert first.index.is_file()
    (files, *_) = (one.files for one in first.customers)
    assert {file.suffix for file in files} == {".html", ".xlsx", ".csv", ".json"}


def test_shared_packs_have_the_same_aliases_every_time_and_no_name(tmp_path):
    small = fleet(5, 6, organizations=3)
    frames = {name: small.ninja.table(name) for name in ("organizations", "devices")}
    names = [*frames["organizations"]["organization_name"], *frames["devices"]["system_name"]]
    made = [
        packs.pack(
            small.ninja, out=tmp_path, formats=["html", "csv"], share=True, now=small.now, **more
        )
        for more in ({}, {"sections": "fleet_overview"})
    ]
    assert [c.folder.name for c in made[0].customers] == [c.folder.name for c in made[1].customers]
    for one in made[0].customers:
        assert one.folder.name.startswith("Organization_")
        for file in one.files:
            told = texts(file).lower()
            assert [name for name in names if isinstance(name, str) and name.lower() in told] == []


def test_one_customer_that_fails_costs_the_others_nothing(tenant, tmp_path, monkeypatch):
    whole = Apart.of
    customers = Apart(tenant.of("fleet_overview")).organizations()
    bad = customers[1][0]

    def broken(self, organization_id):
        if organization_id == bad:
            raise ValueError("no such thing")
        return whole(self, organization_id)

    monkeypatch.setattr(Apart, "of", broken)
    made = packs.pack(
        tenant.ninja, out=tmp_path, organizations=[one for one, _ in customers[:3]],
        formats="html", sections="fleet_overview", now=tenant.now,
    )  # fmt: skip
    assert all("peers" not in one.report.tables for one in made.customers if one.report)
    assert [one.organization_id for one in made.failed] == [bad]
    assert "a defect of ours (ValueError)" in made.failed[0].problem
    assert sum(one.outcome == "ok" for one in made.customers) == 2
    assert "a defect of ours" in made.index.read_text("utf-8")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"name": "qbrs"}, UnknownNameError, "'qbr'"),
        ({"by": "location"}, UnknownNameError, "organization"),
        ({"organizations": ["Nobody & Sons"]}, UnknownNameError, "organization with a device"),
        ({"sections": ["fleet_overvew"]}, UnknownNameError, "'fleet_overview'"),
        ({"nothing": 1}, UnknownNameError, "parameter of the report qbr_pack"),
    ],
)
def test_a_wrong_name_ends_before_anything_is_written(tenant, tmp_path, asked, error, said):
    given = dict(asked)
    name = given.pop("name", "qbr")
    made = None
    if "sections" in given:  # the customers fail, each with the sentence
        made = packs.pack(tenant.ninja, name, out=tmp_path, now=tenant.now, **given)
        assert all(said in one.problem for one in made.customers)
        return
    with pytest.raises(error) as told:
        packs.pack(tenant.ninja, name, out=tmp_path, now=tenant.now, **given)
    assert said in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_a_tenant_without_devices_is_told(tmp_path):
    class Nothing:
        def frames_for(self, *_):
            return {"devices": typed("devices", [])}

    with pytest.raises(UsageError, match="no organization with a device"):
        packs.pack(Nothing(), out=tmp_path)


# -- names in free text ------------------------------------------------------------------------


def told(*rows):
    organizations = typed(
        "organizations",
        [{"organization_id": 1, "organization_name": "Oakline Architects"},
         {"organization_id": 2, "organization_name": "Quillon Press"}],
    )  # fmt: skip
    devices = typed(
        "devices",
        [{"device_id": at, "organization_id": owner, "system_name": name}
         for at, (owner, name) in enumerate(rows, 1)],
    )  # fmt: skip
    return {"organizations": organizations, "devices": devices}


@pytest.mark.parametrize(
    ("text", "seen_by_one"),
    [
        ("Moved from Quillon Press to Oakline Architects", "Moved from (another organization) to Oakline Architects"),
        ("QP-SRV01.quillon.test is down", "(another device).quillon.test is down"),
        ("qp-srv01 and QP-SRV012", "(another device) and QP-SRV012"),
        ("Front desk restarted", "Front desk restarted"),
        ("OA-WS01 restarted", "OA-WS01 restarted"),
        ("ẞ QP-SRV01 İ QP-SRV01", "ẞ (another device) İ (another device)"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_name_of_another_is_replaced_in_free_text_and_an_own_one_stays(text, seen_by_one):
    frames = told((1, "OA-WS01"), (2, "QP-SRV01"), (1, "Front desk"), (2, "Front desk"))
    found = mentions(frames).without_others(pd.Series([text, None], dtype="str"), 1)
    assert found.iloc[0] == seen_by_one
    assert pd.isna(found.iloc[1])


def test_rows_without_an_owner_are_in_no_pack():
    frames = told((1, "OA-WS01"), (2, "QP-SRV01"))
    frames["activities"] = typed(
        "activities",
        [{"activity_id": 1, "device_id": 1}, {"activity_id": 2, "device_id": 2},
         {"activity_id": 3, "message": "Nightly job"}],
    )  # fmt: skip
    apart = Apart(frames)
    assert [list(apart.of(one)["activities"]["activity_id"]) for one in (1, 2)] == [[1], [2]]


def test_the_manifest_of_a_customer_names_its_files(packed):
    one = packed.customers[0]
    manifest = next(file for file in one.files if file.name.endswith("_manifest.json"))
    named = {file["name"] for file in json.loads(manifest.read_text("utf-8"))["files"]}
    assert named == {file.name for file in one.files} - {manifest.name}
