"""The report hardware_refresh: its KPIs a second time by SQL, its tables, actions and edges."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics import charts as kinds
from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.hardware.tables import GIB, quarters
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW, typed

SPEC = REPORTS["hardware_refresh"]
YEAR = pd.Timedelta(days=365.25)
DAY = pd.Timedelta(days=1)

# -- every KPI a second time, by SQL over the rows as NinjaOne sends them ------------------------

MACHINES = """
    with one as (
        select *, row_number() over (
            partition by id order by lastContact is null, lastContact desc) as place from devices),
    whole as (
        select *, row_number() over (partition by id order by rowid) as place
        from devices_detailed),
    told as (
        select *, row_number() over (partition by deviceId order by rowid) as place
        from computer_systems),
    machines as (
        select o.id, o.nodeClass like '%SERVER' as server,
            nullif(w."references.warranty.startDate", 0) as begins,
            nullif(w."references.warranty.endDate", 0) as ends, o.created,
            round(nullif(t.totalPhysicalMemory, 0) / 1073741824.0) as memory,
            coalesce(t.virtualMachine, 0) as virtual
        from one o left join whole w on w.id = o.id and w.place = 1
            left join told t on t.deviceId = o.id and t.place = 1
        where o.place = 1 and o.approvalStatus = 'APPROVED' and :now - o.lastContact <= 30 * 86400
        and o.nodeClass in ('WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION', 'WINDOWS_SERVER',
                            'LINUX_SERVER', 'MAC_SERVER')),
    physical as (
        select *, coalesce(begins, created) + (case when server then :servers else :workstations end)
            * 365.25 * 86400 <= :now as overdue
        from machines where not virtual)
    select {} from {}
"""
VIRTUAL = "select sum(virtual) from machines"
SQL = {
    "warranty_covered": (
        "sum(ends >= :now)", "count(ends)", "sum(ends is null)", "physical"),
    "warranty_expiring": (
        "sum(ends >= :now and ends <= :now + 90 * 86400)", "sum(ends >= :now)", "sum(ends is null)",
        "physical"),
    "hardware_past_refresh": (
        "sum(overdue)", "sum(begins is not null or overdue)", "sum(begins is null and not overdue)",
        "physical"),
    "memory_weak": (
        "sum(memory < :least)", "count(memory)", "sum(memory is null)",
        "physical where not server"),
}  # fmt: skip
TWICE = set(SQL)
TABLES = ("devices", "devices_detailed", "computer_systems")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("years", "least"), [((4, 5), 8), ((2, 3.5), 16.5)])
def test_every_kpi_is_what_sql_over_the_rows_says(seed, years, least):
    found = fleet(seed)
    report = found.report("hardware_refresh", refresh_years=years, min_ram=least)
    given = {"workstations": years[0], "servers": years[1], "least": least}

    assert {kpi.key for kpi in report.kpis} == set(SQL)
    for key, (*numbers, people) in SQL.items():
        query = MACHINES.format(", ".join(numbers), people)
        expected = tuple(one or 0 for one in found.sql(query, *TABLES, **given)[0])
        kpi = report.kpi(key)
        assert (kpi.numerator, kpi.denominator, kpi.unknown) == expected, key
    virtual = found.count(MACHINES.format("sum(virtual)", "machines"), *TABLES, **given)
    assert report.kpi("warranty_covered").exceptions == virtual


# -- the edges -----------------------------------------------------------------------------------


def frames(*machines):
    """Eligible workstations that are physical, a year old and under warranty but for what is given."""
    good = {
        "approval_status": "APPROVED", "node_class": "WINDOWS_WORKSTATION", "last_contact_at": NOW,
        "organization_id": 1, "created_at": NOW - YEAR, "warranty_start_at": NOW - YEAR,
        "warranty_end_at": NOW + 2 * YEAR, "memory_bytes": 16 * GIB, "virtual_machine": False,
        "manufacturer": "Alder", "model": "A-100",
    }  # fmt: skip
    rows = [{"device_id": at, **good, **one} for at, one in enumerate(machines, 1)]
    made = {name: typed(name, []) for name in SPEC.tables}
    return made | {name: typed(name, rows) for name in TABLES}


def made(found, **more):
    return SPEC.build(found, now=NOW, **more)


def numbers(report, key):
    kpi = report.kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions


def test_no_devices_give_no_shares_no_actions_and_no_errors():
    report = made(frames())

    assert [kpi.value for kpi in report.kpis] == [None, 0, 0, None]
    assert report.actions.empty
    assert report.tables["refresh_plan"].empty
    for chart in report.charts.values():
        assert kinds.svg(chart.draw, salt=chart.title)


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (NOW + 91 * DAY, "valid"),
        (NOW + 90 * DAY, "expiring"),
        (NOW, "expiring"),
        (NOW - pd.Timedelta(seconds=1), "expired"),
        (None, "unknown"),
    ],
)
def test_a_warranty_is_valid_expiring_expired_or_unknown(end, state):
    report = made(frames({"warranty_end_at": end}))

    assert report.tables["device_hardware"]["warranty"].tolist() == [state]
    covered = int(state in ("valid", "expiring"))
    known = int(state != "unknown")
    assert numbers(report, "warranty_covered") == (covered, known, 1 - known, 0)


def test_a_virtual_machine_has_no_warranty_no_age_and_no_part_in_the_plan():
    old = {"warranty_end_at": NOW - YEAR, "warranty_start_at": NOW - 9 * YEAR}
    report = made(frames(
        {"virtual_machine": True, **old, "memory_bytes": GIB},
        {"virtual_machine": None, "model": "VMware7,1", **old},
        {"virtual_machine": None, "model": "Virtual Machine", **old},
    ))  # fmt: skip

    assert numbers(report, "warranty_covered") == (0, 0, 0, 3)
    assert numbers(report, "hardware_past_refresh") == (0, 0, 0, 3)
    assert report.actions.empty
    assert report.tables["models"].empty
    assert set(report.tables["device_hardware"]["warranty"]) == {"virtual"}


def test_the_age_is_by_warranty_or_at_least_since_enrollment():
    unknown = {"warranty_start_at": None, "warranty_end_at": None}
    report = made(frames(
        {"warranty_start_at": NOW - 3 * YEAR},
        {**unknown, "created_at": NOW - 3 * YEAR},
        {**unknown, "created_at": NOW - 4.5 * YEAR},
        {**unknown, "created_at": None},
    ))  # fmt: skip

    devices = report.tables["device_hardware"].set_index("device_id")
    assert devices.loc[1, ["age_years", "age_by"]].tolist() == [3.0, "warranty"]
    assert devices.loc[2, ["age_years", "age_by"]].tolist() == [3.0, "enrollment"]
    assert devices.loc[4, ["age_years", "age_by"]].isna().all()
    # That the third is past its age is sure; of the second nobody knows, nor of the fourth.
    assert numbers(report, "hardware_past_refresh") == (1, 2, 2, 0)
    assert report.kpi("hardware_past_refresh").note.startswith("1 by the day of enrollment")


def test_workstations_and_servers_have_ages_of_their_own():
    found = frames({"warranty_start_at": NOW - 4.5 * YEAR},
                   {"warranty_start_at": NOW - 4.5 * YEAR, "node_class": "WINDOWS_SERVER"})  # fmt: skip

    assert made(found).kpi("hardware_past_refresh").numerator == 1
    assert made(found, refresh_years=[5, 4]).kpi("hardware_past_refresh").numerator == 1
    assert made(found, refresh_years=(4, 4)).kpi("hardware_past_refresh").numerator == 2


def test_memory_is_rounded_and_judged_of_workstations_alone():
    sizes = (7.6, 7.4, 0, None)
    machines = [{"memory_bytes": None if size is None else int(size * GIB)} for size in sizes]
    server = {"memory_bytes": 2 * GIB, "node_class": "LINUX_SERVER"}

    report = made(frames(*machines, server))

    assert numbers(report, "memory_weak") == (1, 2, 2, 0)
    assert made(frames(*machines, server), min_ram=0).kpi("memory_weak").numerator == 0


def test_what_must_be_done_is_told_once_per_device():
    old, ended = {"warranty_start_at": NOW - 5 * YEAR}, {"warranty_end_at": NOW - YEAR}
    report = made(frames(
        old | ended,
        old,
        {"warranty_start_at": NOW - 4 * YEAR + 100 * DAY},
        {"memory_bytes": 4 * GIB},
        {"warranty_end_at": NOW + 30 * DAY},
        ended,
        {},
    ))  # fmt: skip

    told = report.actions
    assert list(zip(told["bucket"], told["device_id"], strict=True)) == [
        ("fix now", 1), ("plan", 2), ("plan", 3), ("plan", 4), ("watch", 5),
    ]  # fmt: skip
    assert told["why"][0] == "5.0 years old, warranty ended 2025-11-23"
    assert told["why"][3] == "4 GiB of memory, less than 8"


def test_a_time_falls_into_its_quarter():
    now = pd.Timestamp("2026-11-23", tz="UTC")
    times = pd.Series(
        pd.to_datetime(
            ["2026-11-22", "2026-12-31", "2027-01-01", "2028-09-30", "2028-10-01", None], utc=True
        )
    )

    found = quarters(times, now, "overdue")

    assert list(found) == ["overdue", "2026 Q4", "2027 Q1", "2028 Q3", "later", "unknown"]
    assert len(found.categories) == 8 + 3


def test_the_tables_add_up_to_the_kpis():
    report = fleet(7).report("hardware_refresh")
    plan, by_quarter = report.tables["refresh_plan"], report.tables["refresh_by_quarter"]
    organizations = report.tables["warranty_by_organization"]
    units = by_quarter.set_index("quarter")["units"]
    covered = report.kpi("warranty_covered")

    assert (by_quarter["workstations"] + by_quarter["servers"]).tolist() == by_quarter[
        "units"
    ].tolist()
    assert len(plan) == units.drop(["later", "unknown"]).sum()
    assert plan["quarter"].value_counts().to_dict() == {
        quarter: count for quarter, count in units.drop(["later", "unknown"]).items() if count
    }
    assert units["overdue"] == report.kpi("hardware_past_refresh").numerator
    assert organizations["expired"].sum() == covered.denominator - covered.numerator
    assert organizations["virtual"].sum() == covered.exceptions
    assert report.tables["models"]["devices"].sum() == units.sum()
    ends = report.tables["warranty_by_quarter"].set_index("quarter")["units"]
    assert ends["expired"] == covered.denominator - covered.numerator
    assert ends["unknown"] == covered.unknown


def test_an_instance_that_sends_no_warranty_is_told():
    found = frames({}, {})
    found["devices_detailed"] = found["devices_detailed"].drop(
        columns=["warranty_start_at", "warranty_end_at"]
    )

    report = made(found)

    assert numbers(report, "warranty_covered") == (0, 0, 2, 0)
    assert any("sent no warranty of any device" in note for note in report.notes)
    assert not any("sent no warranty" in note for note in made(frames({})).notes)


@pytest.mark.parametrize("lost", SPEC.tables)
def test_a_table_that_could_not_be_read_is_told_and_the_rest_stands(lost):
    report = made({name: frame for name, frame in frames({}, {}).items() if name != lost})

    assert any(warning.startswith(lost) for warning in report.warnings)
    needed = lost in ("devices", "devices_detailed")
    assert (report.kpi("warranty_covered").value is None) == needed


def test_a_snapshot_keeps_the_warranty_for_reports_of_the_past(recorder):
    recorder.record(SPEC.tables)

    past = recorder.as_of().report("hardware_refresh")

    assert not past.partial
    assert past.kpi("warranty_covered").denominator > 0


def test_repeated_rows_count_once_and_orphans_not_at_all():
    found = frames({}, {})
    orphan = typed("computer_systems", [{"device_id": 99, "memory_bytes": GIB}])
    found = {k: pd.concat([v, v], ignore_index=True) for k, v in found.items()}
    found["computer_systems"] = pd.concat([found["computer_systems"], orphan], ignore_index=True)

    report = made(found)

    assert numbers(report, "warranty_covered") == (2, 2, 0, 0)
    assert numbers(report, "memory_weak") == (0, 2, 0, 0)


def test_the_stale_are_not_counted():
    report = made(frames({"last_contact_at": NOW - 31 * DAY, "warranty_end_at": NOW - DAY}))

    assert numbers(report, "warranty_covered") == (0, 0, 0, 0)


@pytest.mark.parametrize("years", [4, (4,), (4, 5, 6), (4, 0), (4, "5"), "45", (True, 5), None])
def test_the_ages_of_refresh_must_be_two_numbers(years):
    with pytest.raises(UsageError, match="must be two numbers of years"):
        made(frames(), refresh_years=years)


@pytest.mark.parametrize("memory", [-1, "8", None, True])
def test_the_least_memory_must_be_a_number(memory):
    with pytest.raises(UsageError, match="must be a number of GiB"):
        made(frames(), min_ram=memory)


def test_the_charts_say_what_they_show():
    report = fleet(7).report("hardware_refresh")
    kpi = report.kpi("hardware_past_refresh")

    assert f"{kpi.numerator:,} are past it" in report.charts["refresh_by_quarter"].alt
    for chart in report.charts.values():
        assert kinds.svg(chart.draw, salt=chart.title)
