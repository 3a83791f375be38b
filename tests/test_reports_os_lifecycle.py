"""The report os_lifecycle: its KPIs a second time by SQL, its tables, actions and edges."""

from __future__ import annotations

import csv
from importlib.resources import files

import pandas as pd
import pytest

from ninja_analytics import charts as kinds
from ninja_analytics import lifecycle
from ninja_analytics.lifecycle.table import csv_bytes, texts
from ninja_analytics.reports import REPORTS, Settings, found_settings
from ninja_analytics.reports.population import population
from ninja_analytics.reports.support.charts import projected
from ninja_analytics.reports.support.tables import STATES, with_support
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW, typed

SPEC = REPORTS["os_lifecycle"]
FIELDS = Settings(custom_fields={"tpm": "tpmversion", "secure_boot": "secureBoot"})

# -- every KPI a second time, by SQL over the rows as NinjaOne sends them ------------------------

RELEASES = """
    one as (
        select *, row_number() over (
            partition by id order by lastContact is null, lastContact desc) as place from devices),
    computers as (
        select id, nodeClass from one
        where place = 1 and approvalStatus = 'APPROVED' and :now - lastContact <= 30 * 86400
        and nodeClass in ('WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION', 'WINDOWS_SERVER',
                          'LINUX_SERVER', 'MAC_SERVER')),
    told as (
        select *, row_number() over (partition by deviceId order by rowid) as place
        from operating_systems),
    words as (
        select c.id, nodeClass, name, architecture,
            replace(replace(coalesce(buildNumber, ''), '10.0.', ''), '6.1.', '') as build,
            coalesce(releaseId, '') as number,
            substr(releaseId, 1, instr(releaseId || '.', '.') - 1) as major,
            case when name like '%LTSC%' then 'LTSC' when name like '%Enterprise%' then 'E'
                 else 'W' end as edition
        from computers c left join told t on t.deviceId = c.id and t.place = 1),
    named as (
        select w.*, d.product, d.release, d.edition_group, nullif(d.eol_on, '') as eol,
            d.extended_until
        from words w left join dates d on case
            when w.name like '%Server%'
                then d.product = 'windows-server' and d.build = replace(w.build, '6.3.', '')
            when w.name like 'Windows%' then d.product = 'windows' and d.build = w.build
                and d.edition_group in ('', w.edition)
            when w.name like 'macOS%' then d.product = 'macos' and d.release = w.major
            when w.name like 'Ubuntu%' then d.product = 'ubuntu' and d.release = w.number
            when w.name like 'Debian%' then d.product = 'debian' and d.release = w.major
            when w.name like 'CentOS%' then d.product = 'centos' and d.release = w.major
            when w.name like 'Red Hat%' then d.product = 'rhel' and d.release = w.major
            end),
    judged as (
        select *, julianday(eol) - julianday(date(:now, 'unixepoch')) as days, case
            when product is null then 'unknown'
            when eol is null or eol >= date(:now, 'unixepoch') then 'supported'
            when extended_until >= date(:now, 'unixepoch') then 'extended' else 'ended' end as state
        from named)
"""
READY = """
    options as (
        select json_extract(o.value, '$.id') as id, json_extract(o.value, '$.name') as word
        from custom_field_definitions, json_each("content.values") o where name = 'secureBoot'),
    parts as (
        select j.id, j.architecture,
            (select max(totalPhysicalMemory) from computer_systems where deviceId = j.id) as memory,
            (select max(capacity) from volumes where deviceId = j.id and driveLetter = 'C:') as disk,
            (select name from processors where deviceId = j.id order by rowid limit 1) as cpu,
            (select "fields.tpmversion" from custom_fields where deviceId = j.id) as tpm,
            (select coalesce(word, "fields.secureBoot") from custom_fields f
                left join options o on o.id = f."fields.secureBoot" where deviceId = j.id) as boot
        from judged j where product = 'windows' and release not like '11%'
            and nodeClass = 'WINDOWS_WORKSTATION'),
    verdicts as (
        select *, case
            when memory < 3.5 * 1073741824 or disk < 63.5 * 1073741824 or architecture like '%32%'
                or cpu like '%i5-7500%' or cpu like '%Xeon% E5-%' or tpm < '2'
                or boot = 'Unsupported' then 'fails'
            when memory is null or disk is null or cpu is null or tpm is null
                or boot is null or boot not in ('On', 'Enabled') then 'cannot tell'
            else 'ready' end as verdict from parts)
"""
SOON = "state = 'supported' and days <= {}"
OPEN = "state = 'unknown' or (state = 'supported' and days is null)"
SQL = {
    "os_supported": ("state = 'supported'", "state in ('supported', 'ended')", "state = 'unknown'"),
    **{
        f"os_ending_{days}": (SOON.format(days), "state = 'supported' and days is not null", OPEN)
        for days in (90, 180, 365)
    },
}
TWICE = {*SQL, "windows_11_ready", "support_dates_age"}
TABLES = ("devices", "operating_systems")
OF_READINESS = ("computer_systems", "volumes", "processors", "custom_fields",
                "custom_field_definitions")  # fmt: skip


def with_dates(found):
    """The fleet with the packaged table as it stands in its file."""
    text = (files("ninja_analytics.lifecycle") / "os_lifecycle.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found.base.execute("drop table if exists dates")
    found.base.execute(f"create table dates ({', '.join(rows[0])})")
    marks = ", ".join("?" * len(rows[0]))
    found.base.executemany(f"insert into dates values ({marks})", [list(r.values()) for r in rows])
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kpi_of_support_is_what_sql_over_the_rows_says(seed):
    found = with_dates(fleet(seed))
    report = found.report("os_lifecycle", settings=FIELDS)

    for key, conditions in SQL.items():
        query = f"with {RELEASES} select " + ", ".join(f"sum({one})" for one in conditions)
        kpi = report.kpi(key)
        expected = found.sql(f"{query} from judged", *TABLES)[0]
        assert (kpi.numerator, kpi.denominator, kpi.unknown) == expected, key
    bought = f"with {RELEASES} select count(*) from judged where state = 'extended'"
    assert report.kpi("os_supported").exceptions == found.count(bought)
    age = found.count(
        "select cast(julianday(:now, 'unixepoch') - julianday(max(checked_on)) as int) from dates"
    )
    assert report.kpi("support_dates_age").amount == age


@pytest.mark.parametrize("seed", SEEDS)
def test_readiness_for_windows_11_is_what_sql_over_the_rows_says(seed):
    found = with_dates(fleet(seed))
    kpi = found.report("os_lifecycle", settings=FIELDS).kpi("windows_11_ready")

    query = f"with {RELEASES}, {READY} select verdict, count(*) from verdicts group by 1"
    counts = dict(found.sql(query, *TABLES, *OF_READINESS))
    ready, fails = counts.get("ready", 0), counts.get("fails", 0)

    assert (kpi.numerator, kpi.denominator) == (ready, ready + fails)
    assert kpi.unknown == counts.get("cannot tell", 0)


# -- the edges -----------------------------------------------------------------------------------


def frames(*systems, **devices):
    """Eligible Windows workstations with these systems: a name and a build, or None for no row."""
    whole = {"approval_status": "APPROVED", "node_class": "WINDOWS_WORKSTATION",
             "last_contact_at": NOW, "organization_id": 1, **devices}  # fmt: skip
    ids = range(1, len(systems) + 1)
    rows = [{"device_id": at, **whole} for at in ids]
    told = [
        {"device_id": at, "name": one[0], "build_number": one[1]}
        for at, one in zip(ids, systems, strict=True)
        if one
    ]
    made = {name: typed(name, []) for name in SPEC.tables}
    return made | {"devices": typed("devices", rows),
                   "operating_systems": typed("operating_systems", told)}  # fmt: skip


def made(found, **more):
    return SPEC.build(found, now=NOW, **more)


def numbers(report, key):
    kpi = report.kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions


PRO_24H2, PRO_25H2 = ("Windows 11 Pro", "26100"), ("Windows 11 Pro", "26200")
WINDOWS_10, ODD = ("Windows 10 Pro", "19045"), ("Windows 11 Pro", "99999")


def test_no_devices_give_no_shares_no_actions_and_no_errors():
    report = made(frames())

    assert [kpi.value for kpi in report.kpis] == [None, 0, 0, 0, None, 0.0]
    assert all(table.empty for table in report.tables.values())
    assert report.actions.empty
    for chart in report.charts.values():
        assert kinds.svg(chart.draw, salt=chart.title)


@pytest.mark.parametrize(
    ("systems", "expected"),
    [
        ([PRO_25H2], (1, 1, 0, 0)),
        ([PRO_24H2], (0, 1, 0, 0)),
        ([WINDOWS_10], (0, 0, 0, 1)),
        ([ODD, None], (0, 0, 2, 0)),
        ([PRO_25H2, PRO_24H2, WINDOWS_10, ODD, None], (1, 2, 2, 1)),
    ],
)
def test_a_computer_is_supported_unsupported_extended_or_unknown(systems, expected):
    assert numbers(made(frames(*systems)), "os_supported") == expected


@pytest.mark.parametrize(
    "devices",
    [
        {"last_contact_at": NOW - pd.Timedelta(days=31)},
        {"approval_status": "PENDING"},
        {"node_class": "NMS_SWITCH"},
    ],
)
def test_the_stale_the_unapproved_and_what_is_no_computer_are_not_counted(devices):
    report = made(frames(PRO_24H2, PRO_25H2, **devices))

    assert numbers(report, "os_supported") == (0, 0, 0, 0)
    assert report.actions.empty


def test_repeated_rows_count_once_and_rows_without_a_device_not_at_all():
    found = frames(PRO_25H2, PRO_24H2)
    for name in ("devices", "operating_systems"):
        found[name] = pd.concat([found[name], found[name]], ignore_index=True)
    orphan = typed(
        "operating_systems", [{"device_id": 99, "name": "Windows 7", "build_number": ""}]
    )
    found["operating_systems"] = pd.concat([found["operating_systems"], orphan], ignore_index=True)

    report = made(found)

    assert numbers(report, "os_supported") == (1, 2, 0, 0)
    assert len(report.tables["device_support"]) == 2


@pytest.mark.parametrize(
    ("now", "state", "left"),
    [
        ("2027-10-12T23:59Z", "ends_soon", 0),
        ("2027-10-13T00:00Z", "ended", -1),
        ("2027-04-15T12:00Z", "ends_soon", 180),
        ("2027-04-14T12:00Z", "supported", 181),
    ],
)
def test_a_computer_is_supported_up_to_the_last_day(now, state, left):
    found = frames(PRO_25H2, last_contact_at=pd.Timestamp(now))

    row = SPEC.build(found, now=now).tables["device_support"].iloc[0]

    assert (row["state"], row["days_left"]) == (state, left)


def test_what_loses_support_is_counted_by_how_soon():
    found = frames(PRO_25H2, PRO_25H2, last_contact_at=pd.Timestamp("2027-05-01", tz="UTC"))

    report = SPEC.build(found, now="2027-05-01T12:00Z")

    assert [report.kpi(f"os_ending_{days}").numerator for days in (90, 180, 365)] == [0, 2, 2]


def test_a_mac_without_a_date_is_supported_and_nobody_knows_for_how_long():
    report = made(frames(("macOS Tahoe 26.1", ""), node_class="MAC"))

    assert numbers(report, "os_supported") == (1, 1, 0, 0)
    assert numbers(report, "os_ending_365") == (0, 0, 1, 0)


def test_what_must_be_done_is_told_by_when_it_ends():
    found = frames(PRO_24H2, WINDOWS_10, ("Windows Server 2016 Standard", "14393"), PRO_25H2, ODD)

    told = made(found).actions
    later = SPEC.build(found, now="2026-10-20T00:00Z", active_days=60).actions

    assert list(zip(told["bucket"], told["device_id"], strict=True)) == [
        ("fix now", 1), ("fix now", 2), ("plan", 3), ("watch", 4),
    ]  # fmt: skip
    assert list(told["why"]) == [
        "Windows 11 24H2: support ended 2026-10-13",
        "Windows 10 22H2: support ended 2025-10-14, extended until 2028-10-10",
        "Windows Server 2016: support ends 2027-01-12",
        "Windows 11 25H2: support ends 2027-10-12",
    ]
    assert len(later) == 4


def test_the_tables_add_up_to_the_kpis():
    report = fleet(7).report("os_lifecycle")
    devices, releases = report.tables["device_support"], report.tables["support_by_release"]
    organizations = report.tables["support_by_organization"]
    kpi = report.kpi("os_supported")

    counts = devices["state"].value_counts()
    assert organizations[list(STATES)].sum().to_dict() == {s: counts.get(s, 0) for s in STATES}
    assert counts.get("ended", 0) == kpi.denominator - kpi.numerator
    assert releases["devices"].sum() == len(devices) - kpi.unknown
    assert report.tables["unmatched_systems"]["devices"].sum() == kpi.unknown
    assert len(report.actions) == (devices["days_left"] <= 365).sum()
    assert set(report.actions["device_id"]) <= set(devices["device_id"])


def test_what_fits_no_release_is_told_in_the_panel_and_in_a_table():
    report = made(frames(ODD, ODD, ("TempleOS", ""), None))
    panel = report.quality.set_index("table")["unmatched"]

    assert panel["operating_systems"] == "TempleOS; Windows 11 Pro (99999)"
    assert report.tables["unmatched_systems"]["devices"].tolist() == [2, 1, 1]


def test_the_projection_begins_with_today_and_rises_at_the_day_after_each_end():
    found = frames(PRO_24H2, PRO_25H2, PRO_25H2, ("macOS 26", ""), ODD)
    devices = population(found, now=NOW).devices
    data = projected(with_support(devices, found, lifecycle.packaged(), NOW), NOW)

    assert data["workstations"].tolist() == [1, 3, 3]
    assert [f"{at:%Y-%m-%d}" for at in data.index] == ["2026-11-23", "2027-10-13", "2030-11-23"]


def test_the_table_of_dates_that_settings_give_is_the_one_that_counts():
    dates = lifecycle.packaged()
    dates.loc[dates["release"] == "11 25H2", "eol_on"] = pd.Timestamp("2026-01-01", tz="UTC")

    report = made(frames(PRO_25H2), settings=Settings(support_dates=lambda: dates))

    assert numbers(report, "os_supported") == (0, 1, 0, 0)


def test_a_table_of_ones_own_is_in_the_settings_that_are_found(home):
    assert found_settings().support_dates is lifecycle.packaged
    home.mkdir()
    rows = [row for row in texts(lifecycle.packaged()) if row["release"] != "11 24H2"]
    lifecycle.own_copy().write_bytes(csv_bytes(rows))

    report = made(frames(PRO_25H2, PRO_24H2), settings=found_settings())

    assert numbers(report, "os_supported") == (1, 1, 1, 0)


def test_a_table_of_dates_that_is_old_is_told_with_how_to_refresh_it():
    assert not any("lifecycle refresh" in note for note in made(frames()).notes)
    report = SPEC.build(frames(), now="2028-01-01")

    assert any("ninja-analytics lifecycle refresh" in note for note in report.notes)
    assert report.kpi("support_dates_age").state == "act"


def test_editions_that_are_not_told_and_dates_that_are_inferred_are_noted():
    notes = made(frames(("Windows 11", "26100"), ("macOS 13", ""))).notes

    assert any("judged by the earlier date: 1" in note for note in notes)
    assert any("judged by inferred ones: 1" in note for note in notes)


@pytest.mark.parametrize("lost", SPEC.tables)
def test_a_table_that_could_not_be_read_is_told_and_the_rest_stands(lost):
    found = fleet(7).of("os_lifecycle")

    report = SPEC.build({k: v for k, v in found.items() if k != lost}, now=fleet(7).now)

    assert any(warning.startswith(lost) for warning in report.warnings)
    needed = lost in ("devices", "operating_systems")
    assert (report.kpi("os_supported").value is None) == needed


def test_only_the_organizations_asked_for_are_counted():
    found = fleet(7)
    name = found.report("os_lifecycle").tables["support_by_organization"]["organization"][0]

    report = found.report("os_lifecycle", organizations=name)

    assert report.tables["support_by_organization"]["organization"].tolist() == [name]
    assert set(report.tables["device_support"]["organization"]) == {name}


def test_the_charts_say_what_they_show():
    report = fleet(7).report("os_lifecycle")
    kpi = report.kpi("os_supported")
    over = kpi.denominator - kpi.numerator + kpi.exceptions

    assert f"Over for {over:,} devices" in report.charts["support_ends"].alt
    assert f"{over:,} today" in report.charts["unsupported_ahead"].alt
    for chart in report.charts.values():
        assert kinds.svg(chart.draw, salt=chart.title)
