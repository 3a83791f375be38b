"""The action list: three buckets in their order, and a row for each device that has something to do."""

from __future__ import annotations

import pandas as pd

from ninja_analytics.reports.actions import actions, grouped, to_do
from ninja_analytics.reports.page import to_do as shown

ROWS = pd.DataFrame({"device": ["A", "B", "C"], "organization": "Oakline", "device_id": [1, 2, 3]})
WHY = pd.Series(["hot", "cold", "old"], dtype="str")


def test_what_is_to_be_fixed_now_comes_first_and_the_order_within_stays():
    told = actions(
        to_do("watch", "Look", ROWS[:1], why="so"),
        to_do("fix now", "Repair", ROWS[1:], why=WHY),
        to_do("plan", "Replace", ROWS[:1], why="old"),
    )
    assert list(told["bucket"]) == ["fix now", "fix now", "plan", "watch"]
    assert list(told["device"]) == ["B", "C", "A", "A"]
    assert list(told["why"]) == ["cold", "old", "old", "so"]
    assert told["organization_id"].isna().all()


def test_of_no_rows_there_is_no_action_whatever_the_reasons_are():
    assert to_do("fix now", "Repair", ROWS[:0], why=WHY).empty
    assert actions(to_do("fix now", "Repair", ROWS[:0], why=WHY)).dtypes["device_id"] == "Int64"


def test_counts_in_words_have_their_thousands_apart_also_where_there_are_none():
    counts = pd.Series([1, 14582], dtype="Int64")
    assert list(grouped(counts) + " installs") == ["1 installs", "14,582 installs"]
    assert list("on " + grouped(counts[:0])) == []


def test_a_bucket_without_reasons_has_no_column_for_them():
    told = actions(
        to_do("fix now", "Repair", ROWS[1:], why=WHY), to_do("watch", "Look", ROWS[:1], why="")
    )
    first, last = (part["html"] for part in shown(told))
    assert "why" in first
    assert "why" not in last
