"""Device filters: what NinjaOne can be asked, in its own words, and what it cannot, refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from ninja_analytics.errors import FilterError
from ninja_analytics.filters import device

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
        (lambda: device.online | device.offline, "pd.concat"),
        (lambda: device.online and device.offline, "&"),
        (lambda: not device.online, "~"),
        (lambda: device.organization in [1, 2], "isin"),
        (lambda: ~(device.online & (device.id == 1)), "drop rows in pandas"),
        (lambda: device.organization == 7 & device.online, "parentheses"),
        (lambda: device.online & "org = 7", "parentheses"),
        (lambda: device.organization.isin([]), "at least one"),
        (lambda: device.organization.isin(7), r"isin\(\[7\]\)"),
        (lambda: device.approval_status.isin(None), "takes a list"),
        (lambda: device.organization == "Heron", "organizations"),
        (lambda: device.organization == True, "whole number"),  # noqa: E712
        (lambda: device.organization == 1.5, "whole number"),
        (lambda: device.organization == pd.NA, "whole number"),
        (lambda: device.node_class == "MAC AND online", "WINDOWS_SERVER"),
        (lambda: device.node_class == 7, "WINDOWS_SERVER"),
        (lambda: device.approval_status.isin(["PENDING", "APPROVED"]), "pd.concat"),
        (lambda: device.group != 12, "pandas"),
        (lambda: ~(device.group == 12), "pandas"),
        (lambda: device.created > "soon", "2026-01-31"),
        (lambda: device.created > pd.NaT, "2026-01-31"),
        (lambda: device.created > 20260101, "2026-01-31"),
        (lambda: device.created == "2026-01-31", "> and <"),
        (lambda: device.created != "2026-01-31", "> and <"),
    ],
)
def test_what_ninjaone_cannot_express_is_refused_with_the_way_round(make, advice):
    with pytest.raises(FilterError, match=advice):
        make()


def test_the_fields_complete_in_an_editor():
    fields = {
        "approval_status", "created", "group", "id", "location", "node_class", "offline",
        "online", "organization", "role",
    }  # fmt: skip

    assert fields <= set(dir(device))
    assert all(name in repr(device) for name in fields)
