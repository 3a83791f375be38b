"""What a row of a patch says: its severity in two vocabularies, its month, its cycle."""

from __future__ import annotations

import calendar
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports.patching import patches
from ninja_analytics.reports.patching.patches import (
    SEVERITIES,
    cycle_of,
    monthly,
    released_at,
    severity_of,
)
from tests.made_frames import NOW, typed
from tests.patch_sql import cycles as counted_cycles


def at(text):
    return pd.Timestamp(text, tz="UTC")


RULES = patches.Rules()


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", "critical"), ("critical", "critical"), ("Important", "important"),
        ("MODERATE", "moderate"), ("low", "low"), ("OPTIONAL", "optional"), ("NONE", "optional"),
        ("recommended", "optional"), ("security", "unknown"), ("UNSPECIFIED", "unknown"),
        ("", "unknown"), ("ghastly", "unknown"), (None, "unknown"),
    ],
)  # fmt: skip
def test_a_severity_is_one_of_six_whatever_word_and_case_it_comes_in(word, severity):
    assert severity_of(pd.Series([word], dtype="str")).tolist() == [severity]


NAMES = st.one_of(
    st.text(max_size=30),
    st.builds("{}{}-{:02}{}".format, st.sampled_from(["", "KB1 ", "x", "v1."]),
              st.integers(1990, 2105), st.integers(0, 13), st.sampled_from(["", " Cumulative", "7", "-05"])),
)  # fmt: skip


def month_of(name):
    """The second Tuesday of the month that the name of a patch tells, by the calendar."""
    for year, month in re.findall(r"(?<!\w)(20\d\d)-(\d\d)(?!\w)", name or ""):
        if 1 <= int(month) <= 12:
            weeks = calendar.Calendar().monthdatescalendar(int(year), int(month))
            tuesdays = [week[1] for week in weeks if week[1].month == int(month)]
            return at(tuesdays[1]) + pd.Timedelta(hours=17)
    return None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | NAMES, max_size=5))
def test_a_patch_came_out_on_the_second_tuesday_of_the_month_in_its_name(names):
    found = released_at(pd.Series(names, dtype="str"))

    assert [None if pd.isna(one) else one for one in found] == [month_of(name) for name in names]


def test_every_month_in_a_name_is_its_second_tuesday():
    names = [f"{year}-{month:02d} Cumulative Update for Windows 11 (KB5031356)"
             for year in (2024, 2025, 2026) for month in range(1, 13)]  # fmt: skip

    assert released_at(pd.Series(names)).tolist() == [month_of(name) for name in names]


@pytest.mark.parametrize("name", [None, "", "KB2026-11", "2026-13 Update", "Intel 4.10"])
def test_a_name_without_a_month_tells_no_release(name):
    assert released_at(pd.Series([name], dtype="str")).isna().all()


@pytest.mark.parametrize(
    ("now", "month", "began"),
    [
        ("2026-11-10T16:59:59", "2026-10", "2026-10-13T17:00"),
        ("2026-11-10T17:00:00", "2026-11", "2026-11-10T17:00"),
        ("2027-01-12T16:00:00", "2026-12", "2026-12-08T17:00"),
        ("2026-12-01T00:00:00", "2026-11", "2026-11-10T17:00"),
    ],
)
def test_a_cycle_begins_with_patch_tuesday(now, month, began):
    assert cycle_of(at(now)) == (month, at(began))


@settings(max_examples=25, deadline=None)
@given(st.datetimes(pd.Timestamp("2019-01-01"), pd.Timestamp("2027-01-01")))
def test_cycles_are_the_patch_tuesdays_since_then(since):
    rows = pd.DataFrame({"name": ["no month"], "first_seen_at": [pd.Timestamp(since, tz="UTC")]})
    rows = rows.astype({"name": "str", "first_seen_at": "datetime64[us, UTC]"})

    found = patches.aged(rows, NOW)

    assert found["cycles"].tolist() == [
        counted_cycles(rows["first_seen_at"][0].timestamp(), NOW.timestamp())
    ]
    assert found["basis"].tolist() == ["first_seen"]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("2026-11 Cumulative Update for Windows 11 Version 24H2 (KB1)", True),
        ("2026-11 Cumulative Update Preview for Windows 11 (KB2)", True),
        ("2026-11 Security Update (KB5068861) (26200.7171)", True),
        ("2026-11 Cumulative Update for .NET Framework 3.5 and 4.8.1 (KB3)", False),
        ("2026-11 .NET Framework 4.8.1 Cumulative Update for Windows 11 (KB3)", False),
        ("2026-10 Cumulative Update for Windows 11 (KB4)", False),
        ("2026-11 Update for Windows 11 (KB5)", False),
        ("Cumulative Update 2026-11", False),
        (None, False),
    ],
)
def test_the_months_update_is_told_by_its_name(name, is_one):
    assert monthly(pd.Series([name], dtype="str"), "2026-11").tolist() == [is_one]


def listed(*rows, rules=RULES):
    frames = {"os_patches": typed("os_patches", [{"device_id": 1, **row} for row in rows])}
    return patches.listed(frames, "os_patches", pd.Series([1], dtype="Int64"), rules)


def test_a_patch_with_several_rows_counts_once_as_it_stands_worst():
    found = listed(
        {"patch_id": "a", "status": "REJECTED"},
        {"patch_id": "a", "status": "manual"},
        {"patch_id": "b", "status": None},
        {"patch_id": "c", "status": "INSTALLED"},
        {"kb_number": "KB1", "status": "DELAYED"},
        {"kb_number": "KB1", "status": "DELAYED"},
        {"patch_id": "d", "status": "MANUAL", "kb_number": patches.DEFENDER},
    )

    assert dict(zip(found["patch"], found["stands"], strict=True)) == {
        "a": "open", "b": "unclear", "c": "installed", "KB1": "exception",
    }  # fmt: skip


@pytest.mark.parametrize("least", SEVERITIES[:-1])
def test_milder_patches_do_not_count_and_those_of_unknown_severity_do(least):
    rules = patches.rules_of(
        excluded_types=None,
        min_severity=least.upper(),
        open_statuses="MANUAL",
        excepted_statuses=(),
    )
    found = listed(*({"patch_id": one, "severity": one, "status": "MANUAL"} for one in SEVERITIES),
                   rules=rules)  # fmt: skip

    kept = SEVERITIES[: SEVERITIES.index(least) + 1]
    assert set(found["severity"]) == {*kept, "unknown"}


def test_rules_that_cannot_be_are_refused():
    asked = {"excluded_types": None, "open_statuses": "MANUAL", "excepted_statuses": "held"}

    with pytest.raises(UnknownNameError, match="critical"):
        patches.rules_of(min_severity="criticl", **asked)
    with pytest.raises(UsageError, match="MANUAL is in open_statuses and in excepted_statuses"):
        patches.rules_of(min_severity=None, **{**asked, "excepted_statuses": ["manual"]})


def test_words_that_nobody_knows_are_named():
    rows = [{"status": "HELD", "severity": "ghastly"}, {"status": None, "severity": "security"}]
    frames = {
        "os_patches": typed("os_patches", rows),
        "software_patches": typed("software_patches", []),
    }

    found = patches.unheard_of(frames, ("os_patches", "software_patches", "gone"), RULES)

    assert found == {
        "os_patches": ["status HELD", "no status", "severity GHASTLY"],
        "software_patches": [],
        "gone": [],
    }
