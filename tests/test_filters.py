"""Device filters: what NinjaOne can be asked, in its own words, and what it cannot, refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from ninja_analytics.errors import FilterError
from ninja_analytics.filters import as_filter, device

MIDNIGHT = "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (device.organization == 7, "org = 7"),
        (device.organization != 7, "org != 7"),
        (device.organization.isin([1, 2, 1]), "org in (1, 2)"),
        (~device.organization.isin([1, 2]), "org notin (1, 2)"),
        (device.organization.isin([7]), "org = 7"),
        (device.organization == np.int64(7), "org = 7"),
        (device.organization.isin(pd.Series([1, 2], dtype="Int64")), "org in (1, 2)"),
        (device.location == 3, "loc = 3"),
        (device.role == 4, "role = 4"),
        (device.id == 5, "id = 5"),
        (device.node_class == "MAC", "class = MAC"),
        (device.node_class == "windows_server", "class = WINDOWS_SERVER"),
        (device.node_class.isin(["MAC", "LINUX_SERVER"]), "class in (MAC, LINUX_SERVER)"),
        (device.node_class.isin("MAC"), "class = MAC"),
        (device.approval_status == "PENDING", "status = PENDING"),
        (device.approval_status != "PENDING", "status != PENDING"),
        (device.group == 12, "group 12"),
        (device.online, "online"),
        (~device.online, "offline"),
        (~~device.offline, "offline"),
        (device.created > "2026-01-01", f"created > {MIDNIGHT}"),
        (device.created > date(2026, 1, 1), f"created > {MIDNIGHT}"),
        (device.created > datetime(2026, 1, 1, tzinfo=UTC), f"created > {MIDNIGHT}"),
        (device.created > pd.Timestamp("2026-01-01"), f"created > {MIDNIGHT}"),
        (device.created < "2026-01-01", f"created < {MIDNIGHT}"),
        (device.created >= "2026-01-01", "created > 2025-12-31T23:59:59.999Z"),
        (device.created <= "2026-01-01", "created < 2026-01-01T00:00:00.001Z"),
        (~(device.created > "2026-01-01"), "created < 2026-01-01T00:00:00.001Z"),
        (
            device.created > datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            f"created > {MIDNIGHT}",
        ),
    ],
)
def test_a_condition_becomes_the_text_that_ninjaone_takes(made, text):
    assert str(made) == text


def test_conditions_are_joined_by_and():
    both = device.offline & device.node_class.isin(["MAC"]) & (device.organization != 20)

    assert str(both) == "offline AND class = MAC AND org != 20"
    assert repr(both) == f"Filter({str(both)!r})"


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda: device.online and device.offline, "&"),
        (lambda: not device.online, "~"),
        (lambda: device.organization in [1, 2], "isin"),
        (lambda: device.organization == 7 & device.online, "parentheses"),
        (lambda: device.online & "org = 7", "parentheses"),
        (lambda: device.online | 7, r"== 7\) \| device"),
        (lambda: device.organization.isin([]), "at least one"),
        (lambda: device.organization.isin(7), r"isin\(\[7\]\)"),
        (lambda: device.approval_status.isin(None), "takes a list"),
        (lambda: device.organization == " ", "empty"),
        (lambda: device.organization == True, "whole number"),  # noqa: E712
        (lambda: device.organization == 1.5, "whole number"),
        (lambda: device.organization == pd.NA, "whole number"),
        (lambda: device.id == "QUAY-1", "devices"),
        (lambda: device.node_class == "MAC AND online", "WINDOWS_SERVER"),
        (lambda: device.node_class == 7, "WINDOWS_SERVER"),
        (lambda: device.created > "soon", "2026-01-31"),
        (lambda: device.created > pd.NaT, "2026-01-31"),
        (lambda: device.created > 20260101, "2026-01-31"),
        (lambda: device.created == "2026-01-31", "> and <"),
        (lambda: device.created != "2026-01-31", "> and <"),
        (lambda: as_filter(7), "where=7"),
        (lambda: ~as_filter("foo = 1"), "no opposite"),
    ],
)
def test_what_is_no_filter_is_refused_with_the_next_step(make, advice):
    with pytest.raises(FilterError, match=advice):
        make()


@pytest.mark.parametrize(
    ("made", "advice"),
    [
        (device.online | (device.id == 1), "'online OR id = 1': .*no OR.*in_pandas=True.*concat"),
        (~(device.online & (device.id == 1)), "'offline OR id != 1'"),
        (device.offline & (device.online | (device.id == 1)), "'online OR id = 1'"),
        (device.online | device.offline, "OR"),
        (device.approval_status.isin(["PENDING", "APPROVED"]), "one word only.*pd.concat"),
        (device.group != 12, "not for all others.*in pandas"),
        (device.group.isin([1, 2]), "one group at a time"),
        (
            as_filter("created = 2026-01-31") & ~as_filter("created = 2026-01-31"),
            "opposite of a day",
        ),
    ],
)
def test_what_ninjaone_cannot_be_asked_is_refused_when_it_is_sent_with_the_way_round(made, advice):
    assert repr(made)

    with pytest.raises(FilterError, match=advice):
        str(made)
    with pytest.raises(FilterError, match=advice):
        made.sendable()


def test_a_field_that_the_table_passes_over_is_refused_there_only():
    made = device.offline & (device.node_class == "MAC")

    assert made.sendable() is made
    with pytest.raises(FilterError, match="passes over the node class on this table"):
        made.sendable(ignores=("class",))
    assert [str(part) for part in made.split(("node_class",))] == ["offline", "class = MAC"]


def test_an_or_over_values_of_one_field_is_a_list():
    either = (
        (device.organization == 1) | device.organization.isin([2, 1]) | (device.organization == 3)
    )

    assert str(either) == "org in (1, 2, 3)"


def test_the_opposite_of_an_or_is_said_clause_by_clause():
    assert str(~(device.online | (device.id == 1))) == "offline AND id != 1"
    assert str(~~(device.online & (device.id == 1))) == "online AND id = 1"
    assert str(~device.approval_status.isin(["PENDING", "STAGED"])) == (
        "status != PENDING AND status != STAGED"
    )


def test_a_filter_knows_which_fields_it_asks_for():
    made = (device.offline | (device.organization == "Heron Ltd")) & (device.created > "2026-01-01")

    assert made.fields == {"offline", "organization", "created"}
    assert made.unresolved == {"organization"}


def test_the_fields_complete_in_an_editor():
    fields = {
        "approval_status", "created", "group", "id", "location", "node_class", "offline",
        "online", "organization", "role",
    }  # fmt: skip

    assert fields <= set(dir(device))
    assert all(name in repr(device) for name in fields)
