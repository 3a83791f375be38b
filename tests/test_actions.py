"""The action list: three buckets in their order, and a row for each device that has something to do."""

from __future__ import annotations

import pandas as pd

from ninja_analytics.reports.actions import actions, to_do

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
