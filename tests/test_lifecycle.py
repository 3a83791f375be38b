"""The table of support dates: what the packaged one holds, and what a file of one's own must hold."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pandas as pd
import pytest

from ninja_analytics import lifecycle
from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.lifecycle import reading, table
from tests.conftest import ROOT

TABLE = lifecycle.packaged()
HEADER = ",".join(table.COLUMNS)
ROW = {
    "product": "ubuntu", "release": "30.04", "build": "", "edition_group": "",
    "released_on": "2030-04-25", "mainstream_until": "", "eol_on": "2035-04-30",
    "eol_kind": "vendor", "extended_until": "2040-04-30", "extended_kind": "ESM",
    "source_url": "https://vendor.example/ubuntu", "checked_on": "2026-11-23",
}  # fmt: skip


def written(folder, *rows, header=HEADER):
    """A file of these rows; a row is text as it stands, or the fields that differ from ROW."""
    lines = [row if isinstance(row, str) else ",".join((ROW | row).values()) for row in rows]
    path = folder / "dates.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def test_every_release_and_every_build_is_there_once():
    builds = TABLE[TABLE["build"] != ""]

    assert not TABLE.duplicated(list(table.KEY)).any()
    assert not builds.duplicated(["product", "build", "edition_group"]).any()
    assert set(TABLE["product"]) == set(lifecycle.PRODUCTS)


def test_a_build_belongs_to_one_release_and_every_windows_has_one():
    windows = TABLE[TABLE["product"].str.startswith("windows")]

    assert (windows["build"] != "").all()
    assert (windows.groupby(["product", "build"])["release"].nunique() == 1).all()
    assert (TABLE.loc[~TABLE.index.isin(windows.index), "build"] == "").all()


@pytest.mark.parametrize("windows", ["10 ", "11 "])
def test_a_later_build_of_windows_is_not_supported_for_a_shorter_time(windows):
    ours = TABLE["release"].str.startswith(windows) & TABLE["edition_group"].isin(["W", ""])
    clients = TABLE[(TABLE["product"] == "windows") & ours]

    by_build = clients.assign(build=clients["build"].astype(int)).sort_values("build")

    assert len(by_build) > 5
    assert by_build["eol_on"].is_monotonic_increasing


def test_enterprise_is_supported_for_no_shorter_time_than_home():
    clients = TABLE[TABLE["product"] == "windows"]
    dates = clients.pivot_table(
        index="release", columns="edition_group", values="eol_on", aggfunc="min"
    )
    both = dates.dropna(subset=["W", "E"])

    assert len(both) > 5
    assert (both["W"] <= both["E"]).all()
    assert (dates["LTSC"].dropna() > dates["E"].fillna(dates[""])[dates["LTSC"].notna()]).all()


def test_only_apple_gives_no_dates_so_only_those_are_inferred():
    assert set(TABLE.loc[TABLE["eol_kind"] == "inferred", "product"]) == {"macos"}
    assert set(TABLE.loc[TABLE["eol_on"].isna(), "product"]) == {"macos"}


def test_some_dates_are_as_their_vendors_give_them():
    dates = TABLE.set_index(list(table.KEY))["eol_on"].dt.strftime("%Y-%m-%d")

    assert dates["windows", "11 24H2", "W"] == "2026-10-13"
    assert dates["windows", "11 23H2", "E"] == "2026-11-10"
    assert dates["windows", "11 24H2", "IoT LTSC"] == "2034-10-10"
    assert dates["windows", "10 22H2", ""] == "2025-10-14"
    assert dates["windows-server", "2016", ""] == "2027-01-12"
    assert dates["windows-server", "2012 R2", ""] == "2023-10-10"
    assert dates["macos", "13", ""] == "2025-09-15"
    assert dates["ubuntu", "24.04", ""] == "2029-05-31"
    assert dates["debian", "12", ""] == "2026-07-11"
    assert dates["rhel", "8", ""] == "2029-05-31"


def test_every_row_says_where_its_date_comes_from_and_when_it_was_checked():
    assert TABLE["source_url"].str.match(r"https://[\w.]+/\S+$").all()
    assert TABLE["checked_on"].notna().all()


def test_the_table_comes_with_the_package():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8")

    assert (files("ninja_analytics.lifecycle") / "os_lifecycle.csv").is_file()
    assert "ninja_analytics" in wheel["build"]["targets"]["wheel"]["only-include"]
    assert "exclude" not in wheel["build"]["targets"]["wheel"]
    assert ".csv" not in ignored  # what git ignores stays out of a wheel


def test_a_table_is_written_as_it_was_read():
    packaged = (files("ninja_analytics.lifecycle") / "os_lifecycle.csv").read_bytes()

    assert table.csv_bytes(table.texts(TABLE)) == packaged


def test_without_a_copy_of_ones_own_the_packaged_table_counts(home):
    pd.testing.assert_frame_equal(lifecycle.read_table(), TABLE)

    home.mkdir()
    written(home, {}).rename(lifecycle.own_copy())

    assert list(lifecycle.read_table()["release"]) == ["30.04"]


def test_a_table_is_read_from_a_file_that_is_named(tmp_path):
    path = written(tmp_path, {}, "", {"release": "32.04", "eol_on": "", "extended_until": "",
                                      "extended_kind": ""})  # fmt: skip

    found = lifecycle.read_table(path)

    assert list(found["release"]) == ["30.04", "32.04"]
    assert found["eol_on"].dtype == "datetime64[us, UTC]"
    assert found["eol_on"].isna().tolist() == [False, True]


def test_the_order_of_the_columns_is_free(tmp_path):
    row = dict(reversed(ROW.items()))
    path = written(tmp_path, ",".join(row.values()), header="\ufeff" + ",".join(row))

    assert lifecycle.read_table(path)["release"].tolist() == ["30.04"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"eol_on": "2035-02-30"}, "has '2035-02-30' as eol_on"),
        ({"eol_on": "30.04.2035"}, "has '30.04.2035' as eol_on"),
        ({"checked_on": "2026-W47-1"}, "has '2026-W47-1' as checked_on"),
        ({"checked_on": ""}, "does not say when it was checked"),
        ({"eol_on": "2029-04-30"}, "has eol_on before released_on"),
        ({"extended_until": "2031-01-01"}, "has extended_until before eol_on"),
        ({"mainstream_until": "2036-01-01"}, "has eol_on before mainstream_until"),
        ({"eol_on": ""}, "has extended_until without eol_on"),
        ({"extended_kind": ""}, "has one of extended_until and extended_kind"),
        ({"release": ""}, "has no release"),
        ({"build": "10.0.19045"}, "has the build '10.0.19045'"),
        ({"source_url": "somewhere"}, "does not say its source"),
    ],
)
def test_a_wrong_row_is_told_with_its_number(tmp_path, fields, told):
    path = written(tmp_path, {"release": "28.04"}, fields)

    with pytest.raises(UsageError, match=rf"^Row 3 of .*dates\.csv {told}"):
        lifecycle.read_table(path)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"product": "ubunto"}, r"product \(row 3 of .*'ubunto'. Did you mean 'ubuntu'"),
        ({"edition_group": "Pro"}, r"edition_group \(row 3 of .*'Pro'"),
        ({"eol_kind": "guessed"}, r"eol_kind \(row 3 of .*'guessed'"),
    ],
)
def test_a_word_that_is_unknown_is_told_with_those_that_are_known(tmp_path, fields, told):
    path = written(tmp_path, {"release": "28.04"}, fields)

    with pytest.raises(UnknownNameError, match=told):
        lifecycle.read_table(path)


def test_a_release_or_a_build_that_comes_twice_is_told_with_both_rows(tmp_path):
    with pytest.raises(UsageError, match=r"Row 4 of .* repeats the release of row 2"):
        lifecycle.read_table(written(tmp_path, {}, {"release": "28.04"}, {}))

    builds = [{"product": "windows", "release": name, "build": "30000"} for name in ("A", "B")]
    with pytest.raises(UsageError, match=r"Row 3 of .* repeats the build of row 2"):
        lifecycle.read_table(written(tmp_path, *builds))


def test_a_file_that_is_no_table_is_told_in_one_sentence(tmp_path):
    path = tmp_path / "dates.csv"
    for data, told in (
        (b"\xff\xfe\x00", "is no CSV file in UTF-8"),
        (b"product,release\nubuntu,30.04\n", "has no column build"),
        (f"{HEADER},eol_on\n".encode(), "has a column too many"),
        (f"{HEADER}\nubuntu,30.04\n".encode(), "has 2 cells, the header 12"),
        (f"{HEADER}\n\n".encode(), "holds no row"),
        (b"", "has no column product"),
    ):
        path.write_bytes(data)
        with pytest.raises(UsageError, match=told) as caught:
            lifecycle.read_table(path)
        assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told_with_what_else_to_do(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: name another file, or leave it out"):
        lifecycle.read_table(tmp_path / "none.csv")


def test_a_spoiled_copy_of_ones_own_is_told_with_the_command_that_drops_it(home):
    home.mkdir()
    lifecycle.own_copy().write_text("spoiled", encoding="utf-8")

    with pytest.raises(UsageError, match=r"drop it with: ninja-analytics lifecycle reset\.$"):
        lifecycle.read_table()


@pytest.mark.parametrize(("days", "warned"), [(0, False), (180, False), (181, True), (900, True)])
def test_a_table_that_nobody_checked_for_half_a_year_is_told(days, warned):
    now = reading.checked_on(TABLE) + pd.Timedelta(days=days)

    told = lifecycle.stale_warning(TABLE, now)

    assert bool(told) == warned
    if warned:
        assert f"{days} days ago" in told
        assert told.endswith("ninja-analytics lifecycle refresh FILE|URL")


def test_one_row_that_was_checked_since_makes_the_table_young_and_no_clock_makes_it_negative():
    now = pd.Timestamp("2028-01-01", tz="UTC")
    fresh = TABLE.copy()
    fresh.loc[3, "checked_on"] = now - pd.Timedelta(days=10)

    assert lifecycle.stale_warning(TABLE, now)
    assert not lifecycle.stale_warning(fresh, now)
    assert lifecycle.age_days(TABLE, pd.Timestamp("2020-01-01", tz="UTC")) == 0
