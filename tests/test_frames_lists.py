"""Lists within rows: typed list columns, and tables of their own; and ids that no row carries."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.catalog import Column
from ninja_analytics.frames import assembled, frame
from ninja_analytics.frames.decode import Decoder
from tests import made_frames
from tests.made_frames import EVERYTHING, THINGS, body
from tests.test_frames import VALUES, dtypes

MEMBERS = st.dictionaries(
    st.sampled_from(["name", "state", "size", "seen", "extra", "other"]), VALUES, max_size=4
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(MEMBERS | VALUES, max_size=3) | VALUES, min_size=1, max_size=5))
def test_any_list_of_objects_keeps_its_members_and_the_declared_dtype(lists):
    pages = [body(*({"rows": one} for one in lists))]

    data, _ = frame(EVERYTHING, pages)

    assert data["the_rows"].dtype == made_frames.dtype_of(EVERYTHING.column("the_rows"))
    for found, sent in zip(data["the_rows"], lists, strict=True):
        if isinstance(sent, list):
            assert len(found) == len(sent)
        else:
            assert found is pd.NA


ROWS_OF = [
    {"id": 1, "rows": [{"name": "C:", "size": 5, "state": "ON", "extra": {"a": [1]}}, {}]},
    {"id": 2, "texts": ["x"]},
    {"id": 3, "rows": []},
    {"id": 4, "rows": [{"name": "D:", "size": "7", "seen": 1697827578, "invented": True}]},
]


def test_a_list_of_objects_is_a_typed_list_column():
    data, drift = frame(EVERYTHING, [body(*ROWS_OF[:2])])

    (first, second), other = data["the_rows"]
    assert first == {
        "name": "C:", "state": "ON", "size_bytes": 5, "seen_at": None, "extra": '{"a": [1]}',
    }  # fmt: skip
    assert set(second.values()) == {None}
    assert other is pd.NA
    assert not drift


def test_what_is_odd_within_a_list_is_mended_and_told():
    data, drift = frame(EVERYTHING, [body(*ROWS_OF), body({"rows": {"name": "C:"}})])

    assert data["the_rows"].iloc[3][0]["size_bytes"] == 7
    assert drift.inside == ("the_rows[].invented",)
    assert drift.retyped == {
        "rows": {"no list of objects": 1},
        "the_rows[].size": {"text": 1},
    }


def test_a_list_of_objects_becomes_a_table_of_its_own():
    decoder = Decoder(THINGS)
    data, drift = assembled(THINGS, decoder.decode([body(*ROWS_OF)]), decoder, part="the_rows")

    assert dict(data.dtypes.astype(str)) == {
        "the_id": "Int64", "name": "str", "state": "category", "size_bytes": "Int64",
        "seen_at": "datetime64[us, UTC]", "extra": "str", "invented": "boolean",
    }  # fmt: skip
    assert data["the_id"].tolist() == [1, 1, 4]
    assert data["name"].tolist()[::2] == ["C:", "D:"]
    assert drift.unknown == {"invented": "invented"}


def test_a_list_of_texts_becomes_a_table_of_its_own():
    decoder = Decoder(THINGS)
    pages = [
        body({"id": 1, "texts": ["a", None]}),
        body({"id": 2}),
        body({"id": 3, "texts": ["b"]}),
    ]
    data, _ = assembled(THINGS, decoder.decode(pages), decoder, part="the_texts")

    assert data.fillna("-").values.tolist() == [[1, "a"], [1, "-"], [3, "b"]]


def test_a_list_that_is_a_table_of_its_own_keeps_its_dtypes_when_there_is_none():
    decoder = Decoder(THINGS)
    full, _ = assembled(THINGS, decoder.decode([body(*ROWS_OF[:3])]), decoder, part="the_rows")
    for pages in ([], [body({"id": 1})]):
        data, _ = assembled(THINGS, decoder.decode(pages), decoder, part="the_rows")

        assert dtypes(data) == dtypes(full)
        assert len(data) == 0


def test_what_no_row_carries_is_filled_with_what_was_asked_for():
    asked = Column("device_id", "@device_id", "id", ""), Column("of", "@of", "category", "")
    table = replace(EVERYTHING, columns=(*asked, *EVERYTHING.columns))
    decoder = Decoder(table)
    parts = decoder.decode([body({"id": 1}, {"id": "2"})], {"device_id": 9, "of": "NODE"})

    data, _ = assembled(table, parts, decoder)

    assert data["device_id"].tolist() == [9, 9]
    assert str(data["device_id"].dtype) == "Int64"
    assert data["of"].tolist() == ["NODE", "NODE"]
    assert str(data["of"].dtype) == "category"
