"""patch_backlog at its edges: ages and their basis, what is overdue, what is stuck, what is missing."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS
from tests.made_frames import NOW, typed
from tests.patched_frames import patched

SPEC = REPORTS["patch_backlog"]
DAY = pd.Timedelta(1, "D")
OCTOBER, NOVEMBER = "2026-10 Cumulative Update", "2026-11 Cumulative Update"  # 41 and 13 days old


def built(frames, **asked):
    return SPEC.build(frames, now=asked.pop("now", NOW), **asked)


def made(devices=1, **tables):
    """Frames with so many devices and rows, those of device 1 unless said; other tables are empty."""
    usual = {"organization_id": 1, "node_class": "MAC", "approval_status": "APPROVED",
             "last_contact_at": NOW}  # fmt: skip
    people = [{"device_id": n, **usual} for n in range(1, devices + 1)]
    frames = {name: typed(name, []) for name in SPEC.tables} | {"devices": typed("devices", people)}
    for name, rows in tables.items():
        frames[name] = typed(name, [{"device_id": 1, "patch_id": "p", **row} for row in rows])
    return frames


def opened(*rows, **more):
    return made(os_patches=[{"status": "MANUAL", **row} for row in rows], **more)


def tried(*days, status="FAILED", **row):
    """Attempts so many days ago; None is one without a time."""
    at = [None if one is None else NOW - one * DAY for one in days]
    return [{"status": status, "kb_number": "KB1", "installed_at": one, **row} for one in at]


def counts(kpi):
    return kpi.numerator, kpi.denominator, kpi.unknown


def test_no_devices_give_no_patches_and_no_errors():
    report = built({name: typed(name, []) for name in SPEC.tables})

    assert [kpi.value for kpi in report.kpis] == [0, None, None, 0, 0, 0, 0]
    assert all(table.empty for table in report.tables.values())
    for chart in report.charts.values():
        chart.draw()


@pytest.mark.parametrize(
    ("name", "seen", "basis", "days"),
    [
        (OCTOBER, None, "release_inferred", 40.96),
        (OCTOBER, NOW - DAY, "release_inferred", 40.96),
        ("2026-12 out early", None, "release_inferred", 0),
        ("libc6", NOW - 2 * DAY, "first_seen", 2),
        ("libc6", None, "unknown", None),
    ],
)
def test_an_age_counts_from_the_month_in_the_name_else_from_when_it_was_first_seen(
    name, seen, basis, days
):
    frames = opened({"name": name, "collected_at": NOW - 300 * DAY})
    patches = frames["os_patches"]
    frames["os_patches"] = patches.assign(
        first_seen_at=pd.Series([seen], dtype="datetime64[us, UTC]")
    )

    report = built(frames)

    kpi = report.kpi("median_patch_age")
    assert kpi.amount == (days if days is None else pytest.approx(days, abs=0.01))
    assert counts(kpi) == ((0, 1, 1) if days is None else (1, 1, 0))
    told = {
        "release_inferred": "name (1 patches)",
        "first_seen": "saw it (1)",
        "unknown": "unknown (1)",
    }
    assert told[basis] in " ".join(report.notes)


@pytest.mark.parametrize(
    ("severity", "name", "in_time", "old"),
    [
        ("CRITICAL", NOVEMBER, "pass", "pass"),
        ("critical", OCTOBER, "fail", "fail"),
        ("Important", OCTOBER, "fail", "fail"),
        ("LOW", OCTOBER, "pass", "pass"),
        ("security", OCTOBER, "unknown", "unknown"),
        ("security", NOVEMBER, "pass", "pass"),
        ("CRITICAL", "libc6", "unknown", "unknown"),
        ("LOW", "libc6", "pass", "pass"),
        ("unknown", "libc6", "unknown", "unknown"),
    ],
)
def test_a_device_is_in_time_overdue_or_nobody_knows(severity, name, in_time, old):
    report = built(opened({"severity": severity, "name": name}))

    states = {"pass": (1, 1, 0), "fail": (0, 1, 0), "unknown": (0, 0, 1)}
    assert counts(report.kpi("patch_sla")) == states[in_time]
    states |= {"pass": states["fail"], "fail": states["pass"]}
    assert counts(report.kpi("devices_with_old_patches")) == states[old]


def test_the_days_that_are_allowed_can_be_chosen():
    frames = opened({"severity": "CRITICAL", "name": NOVEMBER})

    assert built(frames, critical_days=12).kpi("patch_sla").failed == 1
    assert built(frames, critical_days=13).kpi("patch_sla").failed == 0
    table = built(frames, critical_days=12).tables["backlog_by_organization"]
    assert table[["overdue_patches", "open_devices"]].to_numpy().tolist() == [[1, 1]]
    assert table["overdue_days"][0] == pytest.approx(0.96, abs=0.01)
    for name in ("critical_days", "important_days", "min_devices", "min_failure_share"):
        with pytest.raises(UsageError, match=rf"{name} is '5', but must be a number"):
            built(frames, **{name: "5"})


def test_a_device_of_which_nothing_speaks_is_unknown():
    frames = made(3, os_patch_installs=[{"device_id": 2, "installed_at": NOW - 35 * DAY, "status": "FAILED"},
                                        {"device_id": 3, "installed_at": NOW - 36 * DAY}])  # fmt: skip

    assert counts(built(frames).kpi("patch_sla")) == (1, 1, 2)


@pytest.mark.parametrize(
    ("installs", "stuck"),
    [
        (tried(1, 2, 3), (1, 1, 0)),
        (tried(1, 2), (0, 1, 0)),
        (tried(1, 1, 1), (0, 1, 0)),
        (tried(2, 3, 4) + tried(1, status="INSTALLED"), (0, 0, 0)),
        (tried(1, 2, 3) + tried(4, status="INSTALLED"), (1, 1, 0)),
        (tried(1, 2, 4, 5) + tried(3, status="INSTALLED"), (0, 1, 0)),
        (tried(1, 2, 3) + tried(3, status="INSTALLED"), (1, 1, 0)),  # not after it
        (tried(1, 2, 3) + tried(None, status="INSTALLED"), (0, 0, 1)),
        (tried(29, 31, 32), (0, 1, 0)),
        (tried(None, None, None), (0, 0, 0)),
    ],
)
def test_a_patch_is_stuck_that_failed_three_times_and_was_not_installed_since(installs, stuck):
    assert counts(built(made(os_patch_installs=installs)).kpi("stuck_patches")) == stuck


@pytest.mark.parametrize(
    ("row", "stuck"),
    [
        ({"name": OCTOBER}, (0, 1, 0)),
        ({"name": "2026-09 Cumulative Update"}, (1, 1, 0)),
        ({"name": "libc6"}, (0, 0, 1)),
        ({"name": "2026-09 Cumulative Update", "status": "REJECTED"}, (0, 0, 0)),
    ],
)
def test_a_patch_is_stuck_that_is_open_since_two_patch_tuesdays(row, stuck):
    assert counts(built(opened(row)).kpi("stuck_patches")) == stuck


def test_a_stuck_patch_is_named_with_its_device_and_the_reason():
    rows = [{"name": "2026-09 Cumulative Update", "kb_number": "KB1", "severity": "critical"}]
    report = built(opened(*rows, os_patch_installs=tried(1, 2, 3)))

    (row,) = report.tables["stuck_patches"].to_dict("records")
    assert row["why"] == "2026-09 Cumulative Update: failed 3 times; open for 2 Patch Tuesdays"
    assert (row["device"], row["failures"], row["still_open"]) == ("device 1", 3, True)
    assert report.actions[["bucket", "action", "device_id"]].to_numpy().tolist() == [
        ["fix now", "Approve the patch or decide against it", 1],
    ]


def test_devices_are_counted_and_not_their_failures():
    rows = [row | {"device_id": n} for n in range(1, 6) for row in tried(1, 2)]
    rows += tried(0.5, status="INSTALLED")
    ok = [{**row, "device_id": n} for n in range(6, 50) for row in tried(1, status="INSTALLED")]
    frames = made(60, os_patch_installs=rows + ok)

    report = built(frames)

    assert counts(report.kpi("patches_that_keep_failing")) == (1, 1, 0)
    row = report.tables["patches"].iloc[0]
    assert row[["tried_devices", "failed_devices", "still_failing"]].tolist() == [49, 5, 4]
    assert counts(built(frames, min_devices=6).kpi("patches_that_keep_failing")) == (0, 1, 0)
    assert counts(built(frames, min_failure_share=0.11).kpi("patches_that_keep_failing")) == (
        0,
        1,
        0,
    )
    told = report.actions[report.actions["bucket"] == "watch"]
    assert told["why"].tolist() == ["KB1 fails on 5 of 49 devices"]


def test_a_device_on_which_three_patches_failed_looks_broken():
    rows = [row for n in (1, 2, 3) for row in tried(n, 9, kb_number=f"KB{n}")]
    rows += [{**row, "device_id": 2} for row in rows[:4]]
    frames = made(3, os_patch_installs=rows)

    report = built(frames)

    assert counts(report.kpi("broken_agents")) == (1, 2, 1)
    (row,) = report.tables["broken_agents"].to_dict("records")
    assert (row["device_id"], row["why"]) == (1, "3 patches failed: KB1, KB2, KB3")
    assert report.actions["action"].tolist() == ["Repair the agent or Windows Update"]


def test_what_counts_can_be_chosen():
    frames = opened({"type": "DRIVER_UPDATES"}, {"patch_id": "q", "status": "HELD"})

    assert built(frames).kpi("open_patches").numerator == 0
    assert built(frames).kpi("open_patches").unknown == 1
    assert "HELD" in built(frames).quality.set_index("table").loc["os_patches", "unmatched"]
    every = built(frames, excluded_types=(), open_statuses=["manual", "held"])
    assert every.kpi("open_patches").numerator == 2
    rows = made(os_patch_installs=tried(40, 41, 42))
    assert built(rows, period="60d").kpi("stuck_patches").numerator == 1


@pytest.mark.parametrize("gone", SPEC.tables)
def test_each_table_may_be_missing_and_its_loss_is_told(gone):
    frames = {name: frame for name, frame in patched(40, 6).items() if name != gone}

    report = built(frames)

    assert any(warning.startswith(f"{gone} could not be read") for warning in report.warnings)
    assert {kpi.key for kpi in report.kpis if kpi.numerator is None} == {
        kpi.key for kpi in report.kpis if gone in kpi.definition.tables
    }
    for chart in report.charts.values():
        chart.draw()


def test_the_tables_add_up_to_the_kpis():
    report = built(patched(300, 9))
    tables, kpi = report.tables, {one.key: one for one in report.kpis}

    ageing = tables["ageing"].set_index("severity")
    count = kpi["open_patches"].numerator
    assert ageing.loc["all", "open_patches"] == ageing["open_patches"].iloc[:-1].sum() == count
    assert ageing.loc["all", "undated"] == kpi["median_patch_age"].unknown
    assert tables["devices"]["open_patches"].sum() == count
    organizations = tables["backlog_by_organization"]
    assert organizations["open_patches"].sum() == count
    assert organizations["pass"].sum() == kpi["patch_sla"].numerator
    assert organizations["unknown"].sum() == kpi["patch_sla"].unknown
    assert tables["patches"]["keeps_failing"].sum() == kpi["patches_that_keep_failing"].numerator
    assert len(tables["stuck_patches"]) == kpi["stuck_patches"].numerator
    assert len(tables["broken_agents"]) == kpi["broken_agents"].numerator


def test_every_overdue_device_is_in_one_bucket_of_the_actions():
    report = built(patched(300, 9))
    overdue = report.tables["devices"].query("overdue_patches > 0")["device_id"]
    by_bucket = report.actions.dropna(subset=["device_id"]).groupby("bucket")["device_id"].agg(set)

    assert set(overdue) <= by_bucket["fix now"] | by_bucket["plan"]
    assert not by_bucket["fix now"] & by_bucket["plan"]


def test_the_charts_draw_and_tell_their_numbers():
    report = built(patched(300, 30))

    assert set(report.charts) == {
        "ageing",
        "patches_by_organization",
        "failures",
        "failed_and_fixed",
    }
    assert f"{report.kpi('open_patches').numerator} open patches" in report.charts["ageing"].alt
    assert "other organizations, not drawn" in report.charts["patches_by_organization"].alt
    for chart in report.charts.values():
        chart.draw()


def test_only_what_the_numbers_need_is_asked_for():
    assert SPEC.about.reach(NOW, {"period": "7d"}) == NOW - 35 * DAY
    assert SPEC.about.reach(NOW, {"period": "2026-01"}) == pd.Timestamp("2026-01-01", tz="UTC")


def test_the_same_frames_in_another_order_give_the_same_report():
    frames = patched(200, 9)
    other = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in frames.items()}

    one, two = built(frames), built(other)

    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two.tables[name])
    pd.testing.assert_frame_equal(one.actions, two.actions)
