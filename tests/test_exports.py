from __future__ import annotations

import io
import json
import stat
import zipfile

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from ninja_analytics import exports
from ninja_analytics.errors import ExportError, UsageError
from ninja_analytics.exports.cells import FORMULA_STARTS, neutral
from tests.made_frames import NOW, fleet, typed
from tests.written import rows, sheet


@pytest.fixture
def frame():
    told = typed(
        "devices",
        [
            {"device_id": 1, "system_name": "=1+1", "offline": True, "created_at": NOW,
             "tags": ["a", "b"], "node_class": "MAC"},
            {"device_id": 123_456_789_012_345_678, "system_name": "Büro", "offline": None},
        ],
        parameters={"expand": "warranty"},
    )  # fmt: skip
    return told[["device_id", "system_name", "offline", "created_at", "tags", "node_class"]]


def test_the_suffix_picks_the_format(frame, tmp_path):
    for suffix, start in {
        "csv": b"\xef\xbb\xbf",
        "xlsx": b"PK",
        "parquet": b"PAR1",
        "html": b"<!DOCTYPE",
    }.items():
        path = exports.export(frame, tmp_path / "deep" / f"devices.{suffix}")
        assert path.read_bytes().startswith(start)


def test_another_suffix_is_refused_with_the_known_ones(frame, tmp_path):
    with pytest.raises(UsageError, match=r"\.csv, \.xlsx, \.parquet, \.html"):
        exports.export(frame, tmp_path / "devices.pdf")
    with pytest.raises(UsageError, match="devices"):
        exports.writer("devices")


def test_csv_has_utc_times_exact_ids_and_neutral_texts(frame, tmp_path):
    head, first, second = rows(exports.export(frame, tmp_path / "d.csv"))
    assert head == ["device_id", "system_name", "offline", "created_at", "tags", "node_class"]
    assert first == ["1", "'=1+1", "True", "2026-11-23T16:00:00Z", "a, b", "MAC"]
    assert second == ["123456789012345678", "Büro", "", "", "", ""]


def test_csv_can_be_read_back_by_pandas(tmp_path):
    frame = fleet(200, 9)["devices"]
    back = pd.read_csv(exports.export(frame, tmp_path / "d.csv"), parse_dates=["last_contact_at"])
    assert (back["device_id"] == frame["device_id"].astype("int64")).all()
    apart = (back["last_contact_at"] - frame["last_contact_at"]).abs().max()
    assert apart < pd.Timedelta("1s")


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_text_begins_like_a_formula(start, tmp_path):
    frame = pd.DataFrame({"name": [f"{start}1"], f"{start}head": ["x"]})
    [head, cells] = rows(exports.export(frame, tmp_path / "x.csv"))
    assert head[1].startswith("'")
    assert cells[0].startswith("'")
    [head, cells] = sheet(exports.export(frame, tmp_path / "x.xlsx"), "Data").iter_rows()
    assert str(head[1].value).startswith("'")
    assert str(cells[0].value).startswith("'")


def test_neutralizing_can_be_switched_off_and_still_makes_no_formula(tmp_path):
    frame = pd.DataFrame({"name": ["=1+1"]})
    path = exports.export(frame, tmp_path / "x.csv", neutralize=False)
    assert rows(path)[1] == ["=1+1"]
    path = exports.export(frame, tmp_path / "x.xlsx", neutralize=False)
    assert sheet(path, "Data")["A2"].value == "=1+1"
    with zipfile.ZipFile(path) as book:
        assert b"<f>" not in b"".join(book.read(name) for name in book.namelist())


def test_numbers_are_never_neutralized(tmp_path):
    frame = pd.DataFrame({"change": [-5, 3], "mixed": pd.Series([-1, "-1"], dtype="object")})
    assert rows(exports.export(frame, tmp_path / "x.csv"))[1:] == [["-5", "-1"], ["3", "'-1"]]
    cells = sheet(exports.export(frame, tmp_path / "x.xlsx"), "Data")
    assert [cells["A2"].value, cells["B2"].value, cells["B3"].value] == [-5, -1, "'-1"]


def test_a_category_of_hostile_words_is_neutralized_too(tmp_path):
    frame = pd.DataFrame({"c": pd.Series(["=1", None], dtype="category")})
    assert rows(exports.export(frame, tmp_path / "x.csv"))[1:] == [["'=1"], [""]]


def test_ordinary_texts_stay_as_they_are():
    assert neutral("a=b") == "a=b"
    assert neutral("") == ""


def test_a_workbook_has_real_types_a_frozen_header_and_a_filter(frame, tmp_path):
    cells = sheet(exports.export(frame, tmp_path / "d.xlsx"), "Data")
    assert cells["A2"].value == 1
    assert cells["A3"].value == "123456789012345678"  # Excel would lose its last digits
    assert cells["C2"].value is True
    assert cells["D2"].value == NOW.tz_localize(None).to_pydatetime()
    assert cells["D2"].number_format == "yyyy-mm-dd hh:mm"
    assert cells["E2"].value == "a, b"
    assert cells["B3"].value == "Büro"
    assert cells.freeze_panes == "A2"
    assert cells.auto_filter.ref == "A1:F3"
    assert cells.column_dimensions["D"].width >= 16


def test_a_workbook_keeps_what_excel_cannot_hold_as_text(tmp_path):
    frame = pd.DataFrame(
        {
            "text": ["x" * 40_000],
            "old": pd.to_datetime(["1601-01-01"], utc=True),
            "endless": [float("inf")],
        }
    )
    cells = sheet(exports.export(frame, tmp_path / "x.xlsx"), "Data")
    assert len(cells["A2"].value) == 32_767
    assert cells["B2"].value == "1601-01-01T00:00:00Z"
    assert cells["C2"].value == "inf"


def test_sheet_names_are_made_to_fit():
    many = {"a/b*c" * 20: pd.DataFrame({"x": [1]}), "A-B-C" * 20: pd.DataFrame({"x": [2]})}
    data = exports.workbook_bytes(many, title="t", created=NOW)
    names = openpyxl.load_workbook(io.BytesIO(data)).sheetnames
    assert len({name.lower() for name in names}) == 2
    assert all(len(name) <= 31 for name in names)


def test_more_rows_than_excel_holds_are_refused_with_a_way_out():
    long = pd.DataFrame({"x": range(1_048_576)})
    with pytest.raises(ExportError, match="parquet"):
        exports.workbook_bytes({"long": long}, title="t", created=NOW)


def test_parquet_keeps_dtypes_and_provenance(frame, tmp_path):
    path = exports.export(frame, tmp_path / "d.parquet")
    back = pd.read_parquet(path)
    assert back["device_id"].tolist() == [1, 123_456_789_012_345_678]
    kinds = frame.dtypes.drop("tags")
    assert (back.dtypes.drop("tags").astype(str) == kinds.astype(str)).all()
    assert list(back["tags"].iloc[0]) == ["a", "b"]
    told = json.loads(pq.read_schema(path).metadata[b"PANDAS_ATTRS"])
    assert told["ninja"]["instance"] == "http://127.0.0.1:8724"
    assert pd.read_parquet(path).attrs["ninja"]["complete"] is True


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "html"])
def test_an_incomplete_frame_says_so_in_its_file(frame, tmp_path, suffix):
    frame.attrs["ninja"]["complete"] = False
    path = exports.export(frame, tmp_path / f"d.{suffix}")
    if suffix == "csv":
        assert rows(path)[0][0].startswith("# INCOMPLETE")
        assert len(pd.read_csv(path, comment="#", encoding="utf-8-sig")) == 2
    elif suffix == "xlsx":
        assert openpyxl.load_workbook(path).sheetnames[0] == "INCOMPLETE"
    elif suffix == "parquet":
        assert pd.read_parquet(path).attrs["ninja"]["complete"] is False
    else:
        assert "INCOMPLETE" in path.read_text()


def test_where_a_csv_came_from_lies_beside_it(frame, tmp_path):
    exports.export(frame, tmp_path / "d.csv")
    told = json.loads((tmp_path / "d.csv-metadata.json").read_text())
    assert told["parameters"] == {"expand": "warranty"}


def test_a_frame_without_provenance_is_written_all_the_same(tmp_path):
    frame = pd.DataFrame({"a": [1], "when": pd.to_datetime(["2026-01-01"])})
    for suffix in ("csv", "xlsx", "parquet", "html"):
        assert exports.export(frame, tmp_path / f"d.{suffix}").stat().st_size
    assert not (tmp_path / "d.csv-metadata.json").exists()


def test_a_frame_without_rows_or_columns_is_written_all_the_same(tmp_path):
    for frame in (pd.DataFrame(), typed("devices", [])):
        for suffix in ("csv", "xlsx", "html"):
            assert exports.export(frame, tmp_path / f"d.{suffix}").exists()


def test_a_place_that_cannot_be_written_is_told_with_the_next_step(frame, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="choose a folder"):
        exports.export(frame, tmp_path / "file" / "d.csv")


def test_a_file_in_the_way_of_a_folder_is_told_as_that(frame, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(ExportError, match="out is a file, not a folder"):
        exports.export(frame, tmp_path / "out" / "d.csv")


def test_sentences_of_a_workbook_wrap_and_long_lists_keep_one_height(tmp_path):
    told = pd.DataFrame({"meaning": ["word " * 40] * 3, "name": ["short"] * 3})
    log = pd.concat([told] * 100, ignore_index=True)
    for name, frame, wraps in (("few", told, True), ("many", log, False)):
        book = openpyxl.load_workbook(exports.export(frame, tmp_path / f"{name}.xlsx"))
        columns = book["Data"].column_dimensions
        assert columns["A"].width > 59
        assert bool(book["Data"]["A2"].alignment.wrap_text) is wraps
        assert not book["Data"]["B2"].alignment.wrap_text


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "d.csv"
    target.mkdir()
    with pytest.raises(ExportError):
        exports.write_file(target, b"new")
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_has_the_mode_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_text("")
    path = exports.write_file(tmp_path / "d.csv", b"x")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
