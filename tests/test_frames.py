"""From pages to frames: the promised dtypes always, no row lost, and every surprise told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import AnswerError
from ninja_analytics.frames import Drift, assemble, frame
from ninja_analytics.frames.decode import Decoder
from tests import made_frames
from tests.made_frames import EVERYTHING, body


def one(name: str, value: Any) -> tuple[Any, Drift]:
    """What becomes of *value* in the field of kind *name*, and what is told about it."""
    data, drift = frame(EVERYTHING, [body({name: value})])
    assert len(data) == 1
    return data[f"the_{name}"].iloc[0], drift


def utc(*parts: int) -> pd.Timestamp:
    return pd.Timestamp(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type]


def dtypes(data: pd.DataFrame) -> list[str]:
    return [str(dtype) for dtype in data.dtypes]


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_answer_has_the_columns_and_dtypes_of_the_catalogue(name):
    data, drift = frame(TABLES[name], [])

    assert list(data.columns) == [column.name for column in TABLES[name].columns]
    assert dtypes(data) == [str(made_frames.dtype_of(column)) for column in TABLES[name].columns]
    assert not drift
    assert len(data) == 0


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("row", [{}, {"deviceId": None, "id": None, "os": None}])
def test_rows_without_any_value_have_the_same_dtypes_as_an_empty_answer(name, row):
    page = json.dumps([row, row]).encode()

    data, drift = frame(TABLES[name], [page])

    assert dtypes(data) == [str(made_frames.dtype_of(column)) for column in TABLES[name].columns]
    assert data.isna().all(axis=None)
    assert (len(data), bool(drift)) == (2, False)


def test_values_of_every_kind_arrive():
    row = {
        "id": 2**53 + 1, "integer": 5, "number": 1.5, "text": "Ä", "category": "ON",
        "boolean": True, "time": 1697827578.905000000, "date": "2026-01-31",
        "texts": ["a", None], "json": {"b": [1, 2]},
        "os": {"name": "Windows 11", "boot": {"time": 1697827578}, "parts": [{"n": 1}]},
    }  # fmt: skip

    data, drift = frame(EVERYTHING, [body(row)])
    got = data.iloc[0]

    assert not drift
    assert got["the_id"] == 2**53 + 1
    assert (got["the_integer"], got["the_number"], got["the_text"]) == (5, 1.5, "Ä")
    assert (got["the_category"], got["the_boolean"]) == ("ON", True)
    assert got["the_time"] == pd.Timestamp("2023-10-20 18:46:18.905", tz="UTC")
    assert got["the_date"] == utc(2026, 1, 31)
    assert list(got["the_texts"]) == ["a", None]
    assert got["the_json"] == '{"b": [1, 2]}'
    assert (got["os_name"], got["os_parts"]) == ("Windows 11", '[{"n": 1}]')
    assert got["os_booted_at"] == utc(2023, 10, 20, 18, 46, 18)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rows: json.dumps(rows).encode(),
        lambda rows: json.dumps({"results": rows}, indent=2).encode(),
        lambda rows: b"\r\n " + json.dumps({"results": rows}).encode() + b"\n",
        lambda rows: json.dumps({"results": rows}, ensure_ascii=False).encode(),
    ],
    ids=["bare", "indented", "surrounded by white space", "not ASCII"],
)
def test_the_form_of_the_page_does_not_matter(wrap):
    rows = [{"id": n, "text": "Größe", "json": {"a": n}} for n in range(3)]

    data, drift = frame(EVERYTHING, [wrap(rows)])

    assert data["the_id"].tolist() == [0, 1, 2]
    assert data["the_text"].tolist() == ["Größe"] * 3
    assert not drift


def test_pages_keep_their_order_through_many_batches(monkeypatch):
    monkeypatch.setattr(assemble, "_BATCH_BYTES", 500)
    pages = [body(*({"id": 10 * n + i} for i in range(10))) for n in range(60)]

    data, _ = frame(EVERYTHING, pages)

    assert data["the_id"].tolist() == list(range(600))


def test_pages_are_fetched_while_earlier_ones_are_decoded(monkeypatch):
    monkeypatch.setattr(assemble, "_BATCH_BYTES", 1)
    decoded = []
    real = Decoder.decode
    monkeypatch.setattr(
        Decoder, "decode", lambda self, *args: decoded.append(len(args[0])) or real(self, *args)
    )

    def pages():
        for n in range(20):
            yield body({"id": n})
        assert decoded, "all pages were fetched before the first was decoded"

    assert len(frame(EVERYTHING, pages())[0]) == 20


@pytest.mark.parametrize(
    ("name", "value", "expected", "met"),
    [
        ("id", "123", 123, "text"),
        ("id", "9007199254740993", 2**53 + 1, "text"),
        ("id", 9007199254740993.0, 2**53, "number"),
        ("id", 2**70, pd.NA, "number"),
        ("id", "uuid-1", pd.NA, "text"),
        ("id", True, pd.NA, "boolean"),
        ("integer", 5.0, 5, "number"),
        ("integer", 5.5, pd.NA, "number"),
        ("number", "1.5", 1.5, "text"),
        ("number", "n/a", pd.NA, "text"),
        ("text", 7, "7", "number"),
        ("text", True, "true", "boolean"),
        ("text", {"a": 1}, '{"a": 1}', "object"),
        ("category", 3, "3", "number"),
        ("boolean", "True", True, "text"),
        ("boolean", 0, False, "number"),
        ("boolean", "perhaps", pd.NA, "text"),
        ("time", "1697827578", utc(2023, 10, 20, 18, 46, 18), "text"),
        ("time", "2026-01-31T08:00:00Z", utc(2026, 1, 31, 8), "text"),
        ("time", "never", pd.NaT, "text"),
        ("date", 1697827578, utc(2023, 10, 20), "number"),
        ("date", "yesterday", pd.NaT, "text that is no date"),
        ("date", "0001-01-01T00:00:00+14:00", pd.NaT, "text that is no date"),
        ("texts", "one", ["one"], "text"),
        ("texts", ["a", 1], ["a", "1"], "list"),
    ],
)
def test_a_value_of_another_type_is_mended_or_missing_and_told(name, value, expected, met):
    got, drift = one(name, value)

    if name == "texts":
        assert list(got) == expected
    else:
        assert got is expected or got == expected
    assert drift.retyped == {name: {met: 1}}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("time", 1697827578905, pd.Timestamp("2023-10-20 18:46:18.905", tz="UTC")),
        ("time", 1697827578905123, pd.Timestamp("2023-10-20 18:46:18.905123", tz="UTC")),
        ("time", 0, pd.NaT),
        ("time", 0.0, pd.NaT),
        ("date", "2026-01-31T23:30:00-05:00", utc(2026, 2, 1)),
        ("date", "20260131", utc(2026, 1, 31)),
        ("date", "", pd.NaT),
        ("date", "1970-01-01", pd.NaT),
        ("json", "text", '"text"'),
        ("json", 5, "5"),
    ],
)
def test_the_known_ways_of_writing_a_value_are_no_surprise(name, value, expected):
    got, drift = one(name, value)

    assert got is expected or got == expected
    assert not drift


@pytest.mark.parametrize("epoch", [1, -5, 7.3e9, 9e10, 1e300])
def test_an_absurd_time_is_missing_and_told(epoch):
    got, drift = one("time", epoch)

    assert got is pd.NaT
    assert drift.retyped == {"time": {"a time out of range": 1}}


def test_one_bad_value_costs_no_other_value_and_only_its_page():
    good = [{"id": n, "text": f"t{n}"} for n in range(50)]
    bad = [{**row, "integer": "many"} if row["id"] == 7 else row for row in good]

    data, drift = frame(EVERYTHING, [body(*good), body(*bad), body(*good)])

    assert data["the_id"].tolist() == [*range(50)] * 3
    assert data["the_text"].notna().all()
    assert drift.retyped == {"integer": {"text": 1}}


def test_unknown_fields_come_after_the_known_ones_typed_by_their_values():
    rows = [
        {"id": 1, "newId": 2**53 + 1, "flag": True, "note": "x", "mix": 1, "os": {"name": "a"}},
        {"id": 2, "share": 0.5, "free": {"a": 1}, "mix": "1", "os": {"edition": "Pro"}},
    ]

    data, drift = frame(EVERYTHING, [body(rows[0]), body(rows[1]), body({"id": 3})])
    new = data.iloc[:, len(EVERYTHING.columns) :]

    assert {column: str(dtype) for column, dtype in new.dtypes.items()} == {
        "flag": "boolean", "free": "str", "mix": "str", "new_id": "Int64", "note": "str",
        "os_edition": "str", "share": "Float64",
    }  # fmt: skip
    assert new["new_id"].iloc[0] == 2**53 + 1
    assert new["mix"].tolist()[:2] == ["1", '"1"']
    assert new["free"].iloc[1] == '{"a": 1}'
    assert drift.unknown["newId"] == "new_id"
    assert drift.unknown["os.edition"] == "os_edition"
    assert dtypes(data)[: len(EVERYTHING.columns)] == dtypes(frame(EVERYTHING, [])[0])


def test_long_ids_beside_floats_in_an_unknown_field_stay_exact():
    data, _ = frame(EVERYTHING, [body({"new": 2**53 + 1}, {"new": 1.5}, {})])

    assert data["new"].tolist()[:2] == ["9007199254740993", "1.5"]


def test_an_unknown_field_never_takes_the_name_of_a_known_column():
    data, drift = frame(TABLES["os_patches"], [body({"id": "p-1", "patchId": 5})])

    assert data["patch_id"].tolist() == ["p-1"]
    assert data[drift.unknown["patchId"]].tolist() == [5]


def test_unknown_fields_are_found_in_tables_without_free_objects_too():
    page = body({"deviceId": 1, "isNew": True}, {"deviceId": 2})

    data, drift = frame(TABLES["software"], [page, page])

    assert drift.unknown == {"isNew": "is_new"}
    assert data["is_new"].tolist() == [True, pd.NA, True, pd.NA]


def test_a_field_that_is_never_more_than_null_is_no_news():
    data, drift = frame(EVERYTHING, [body({"id": 1, "later": None})])

    assert list(data.columns)[-1] == "os_parts"
    assert not drift


def test_repeated_rows_stay():
    data, _ = frame(EVERYTHING, [body({"id": 1}, {"id": 1}), body({"id": 1})])

    assert data["the_id"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("row", [None, "oops", 5])
def test_a_row_that_is_no_object_keeps_its_place(row):
    data, drift = frame(EVERYTHING, [body({"id": 1}, row, {"id": 3})])

    assert data["the_id"].tolist() == [1, pd.NA, 3]
    assert bool(drift) is (row is not None)


@pytest.mark.parametrize(
    "page",
    [
        b'[{"id": 1, "text": "a\tb"}]',
        b'[{"id": 1, "text": "a\\ud83db"}]',
        b'[{"id": 1, "text": "a\xffb"}]',
        b'[{"id": 1, "text": "x", "text": "a-b"}]',
        b'[{"id": 1, "text": "a b", "number": NaN}]',
    ],
    ids=["control character", "lone surrogate", "not UTF-8", "key twice", "NaN"],
)
def test_text_that_is_not_quite_json_is_read_all_the_same(page):
    data, _ = frame(EVERYTHING, [page])

    assert data["the_id"].tolist() == [1]
    assert data["the_text"].iloc[0].startswith("a")
    assert data["the_text"].iloc[0].endswith("b")
    data["the_text"].str.encode("utf-8")


def test_bytes_that_are_not_utf8_are_told_wherever_they_stand():
    data, drift = frame(EVERYTHING, [b'[{"id": 1, "te\xffxt": 5}, {"id": 2, "text": "a\xff"}]'])

    assert data["the_id"].tolist() == [1, 2]
    assert drift.retyped == {"(page)": {"bytes that are not UTF-8": 1}}


def test_a_number_beyond_all_bounds_is_missing_and_told():
    data, drift = frame(EVERYTHING, [b'[{"id": 1e9999999999999999999, "text": "a"}]'])

    assert data["the_id"].isna().all()
    assert data["the_text"].tolist() == ["a"]
    assert drift.retyped == {"id": {"number": 1}}


def test_a_page_that_nobody_can_read_is_an_error():
    deep = b'[{"json": ' + b"[" * 5000 + b"]" * 5000 + b"}]"

    for page in (b'[{"id": 1', b"<html>", deep):
        with pytest.raises(AnswerError, match="not readable"):
            frame(EVERYTHING, [body({"id": 1}), page])


def test_categories_stand_in_alphabetical_order_and_take_new_words():
    data, _ = frame(EVERYTHING, [body({"category": "b"}), body({"category": "a"}, {}), body()])

    assert data["the_category"].cat.categories.tolist() == ["a", "b"]
    assert data["the_category"].tolist()[:2] == ["b", "a"]
    assert data["the_category"].isna().tolist() == [False, False, True]
    assert str(data["the_category"].cat.categories.dtype) == "str"


def test_frames_merge_on_ids():
    left, _ = frame(TABLES["devices"], [b'[{"id": 1, "organizationId": 7}]'])
    right, _ = frame(TABLES["organizations"], [b'[{"id": 7, "name": "Heron"}]'])

    assert left.merge(right, on="organization_id")["organization_name"].tolist() == ["Heron"]


SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**66), 2**66) | st.floats(allow_nan=False)
    | st.text(max_size=8) | st.sampled_from(["1", "true", "2026-01-31", "1697827578"])
    | st.sampled_from([0, 1697827578, 1697827578905, 1697827578.5])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)
FIELDS = st.sampled_from([*made_frames.DTYPES, "rows", "os", "strange", "newField"])
ROWS = st.lists(st.dictionaries(FIELDS, VALUES, max_size=6), max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=4))
def test_any_mix_of_values_gives_the_declared_dtypes_and_every_row(pages):
    data, _ = frame(EVERYTHING, [json.dumps(rows).encode() for rows in pages])

    assert len(data) == sum(map(len, pages))
    assert dtypes(data)[: len(EVERYTHING.columns)] == dtypes(frame(EVERYTHING, [])[0])


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_the_fast_and_the_tolerant_path_agree(rows):
    page = json.dumps(rows).encode()
    tolerant = Decoder(EVERYTHING)
    slow, fast = tolerant._tolerant(page, {}), Decoder(EVERYTHING).decode([page])[0]

    assert slow.rows == fast.rows == len(rows)
    for column, one_way, other_way in zip(EVERYTHING.columns, slow.known, fast.known, strict=True):
        assert one_way.to_pylist() == other_way.to_pylist(), column.name
    assert {k: v.to_pylist() for k, v in slow.unknown.items() if v.null_count < len(v)} == {
        k: v.to_pylist() for k, v in fast.unknown.items() if v.null_count < len(v)
    }
