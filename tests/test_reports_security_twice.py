"""The KPIs of security_posture a second time: by SQL over the rows that NinjaOne sends."""

from __future__ import annotations

import json
from functools import cache

import pytest

from ninja_analytics.reports import Settings
from ninja_analytics.reports.security.controls import CONTROLS
from ninja_analytics.sandbox.definitions import BY_NAME, option_uid
from tests.fleets import SEEDS, fleet

TWICE = {*CONTROLS, "antivirus_conflicts", "technicians_mfa"}
SETTINGS = Settings(
    custom_fields={
        "local_admins": "localAdministrators",
        "tpm": "tpmPresent",
        "secure_boot": "Secure Boot",
        "filevault": "filevaultstatus",
    },
    allowed_admins=("Administrator", "*\\Domain Admins"),
)
PEOPLE = """
    with computers as (
        select d.id, nodeClass, nodeRoleId from devices d
        where approvalStatus = 'APPROVED' and :now - lastContact <= 30 * 86400 and nodeClass in
            ('WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION', 'WINDOWS_SERVER', 'LINUX_SERVER',
             'MAC_SERVER')),
    windows as (select id from computers where nodeClass = 'WINDOWS_WORKSTATION'),
    guarded as (
        select c.id, count(a.deviceId) as products, coalesce(sum(productState = 'ON'), 0) as is_on,
               coalesce(sum(productState not in ('ON', 'OFF', 'SNOOZED', 'EXPIRED')), 0) as is_open,
               coalesce(sum(productState = 'ON' and definitionStatus = 'Up-to-Date'), 0) as fresh,
               coalesce(sum(productState = 'ON' and definitionStatus = 'Out-of-Date'), 0) as old,
               nodeClass = 'WINDOWS_WORKSTATION'
                   and exists (select 1 from volumes v where v.deviceId = c.id) as heard
        from computers c left join antivirus_status a on a.deviceId = c.id group by c.id),
    judged as (
        select *, case when is_on then 'pass' when products = 0 and heard then 'fail'
                       when products > 0 and not is_open then 'fail' else 'unknown' end as outcome
        from guarded),
    disks as (
        select v.deviceId as id, driveLetter as letter,
               case when "bitLockerStatus.conversionStatus" = 'FULLY_ENCRYPTED' then
                       case "bitLockerStatus.protectionStatus" when 'PROTECTED' then 'pass'
                            when 'UNPROTECTED' then 'fail' else 'unknown' end
                    when "bitLockerStatus.conversionStatus" like '%CRYPT%' then 'fail'
                    else 'unknown' end as outcome
        from volumes v join windows w on w.id = v.deviceId
        where driveLetter is not null and deviceType = 'Local Disk'),
    threatened as (
        select c.id, h.activeThreatsCount as counted,
               (select count(*) from antivirus_threats t
                where t.deviceId = c.id and upper(status) = 'ACTIVE') as listed
        from computers c left join device_health h on h.deviceId = c.id)
"""
TABLES = ("devices", "antivirus_status", "volumes", "device_health", "antivirus_threats")
# key -> numerator, denominator, unknown
SQL = {
    "antivirus_protected": (
        "select sum(outcome = 'pass') from judged",
        "select sum(outcome <> 'unknown') from judged",
        "select sum(outcome = 'unknown') from judged",
    ),
    "antivirus_current": (
        "select count(*) from judged where fresh",
        "select count(*) from judged where fresh or old",
        "select count(*) from judged where is_on and not fresh and not old",
    ),
    "antivirus_conflicts": (
        "select count(*) from judged where is_on > 1",
        "select count(*) from judged where is_on",
        "select count(*) from judged where outcome = 'unknown'",
    ),
    "os_volume_encrypted": (
        "select count(*) from disks where letter = 'C:' and outcome = 'pass'",
        "select count(*) from disks where letter = 'C:' and outcome <> 'unknown'",
        (
            "select count(*) from windows where id not in "
            "(select id from disks where letter = 'C:' and outcome <> 'unknown')"
        ),
    ),
    "fixed_volumes_encrypted": (
        (
            "select count(*) from windows where id in (select id from disks) "
            "and id not in (select id from disks where outcome <> 'pass')"
        ),
        (
            "select count(*) from windows where id in (select id from disks where outcome = 'fail') "
            "or id in (select id from disks group by id having min(outcome) = 'pass' "
            "and max(outcome) = 'pass')"
        ),
        (
            "select count(*) from windows where id not in (select id from disks where outcome = 'fail') "
            "and id not in (select id from disks group by id having max(outcome) = 'pass')"
        ),
    ),
    "active_threats": (
        "select count(*) from threatened where counted > 0 or listed",
        "select count(*) from threatened where counted is not null or listed",
        "select count(*) from threatened where counted is null and not listed",
    ),
}


@cache
def report(seed, **parameters):
    return fleet(seed).report("security_posture", settings=SETTINGS, **parameters)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("key", SQL)
def test_a_control_is_what_sql_over_the_rows_says(seed, key):
    people = fleet(seed)
    kpi = report(seed).kpi(key)
    expected = [people.count(PEOPLE + question, *TABLES) or 0 for question in SQL[key]]
    assert [kpi.numerator, kpi.denominator, kpi.unknown] == expected
    assert kpi.exceptions == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_laptops_are_those_that_sql_finds_by_their_role(seed):
    people = fleet(seed)
    laptops = (
        " and id in (select c.id from computers c join roles r on r.id = nodeRoleId "
        "where chassisType = 'LAPTOP')"
    )
    expected = [
        people.count(PEOPLE + question + laptops, *TABLES, "roles")
        for question in SQL["os_volume_encrypted"]
    ]
    kpi = report(seed, laptops_only=True).kpi("os_volume_encrypted")
    assert [kpi.numerator, kpi.denominator, kpi.unknown] == expected
    assert kpi.denominator < report(seed).kpi(kpi.key).denominator


def held(people, field):
    """By device id: the class and the value that the rows carry of a field, among the computers."""
    rows = people.sql(
        PEOPLE + f'select c.id, nodeClass, f."fields.{field}" from computers c '
        "left join custom_fields f on f.deviceId = c.id",
        *TABLES,
        "custom_fields",
    )
    return {device: (kind, value) for device, kind, value in rows}


def counted(states):
    return [states.count("pass"), states.count("pass") + states.count("fail"), states.count("?")]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("key", "field", "kind"),
    [
        ("filevault_on", "filevaultstatus", "MAC"),
        ("secure_boot_on", "secureBoot", "WINDOWS_WORKSTATION"),
        ("tpm_ready", "tpmPresent", "WINDOWS_WORKSTATION"),
    ],
)
def test_what_a_field_says_is_what_its_raw_values_say(seed, key, field, kind):
    people = fleet(seed)
    known = {option_uid(BY_NAME[field], one): one for one in BY_NAME[field].options}
    word = {"On": "pass", "Enabled": "pass", "enabled": "pass", "True": "pass", "true": "pass",
            "Off": "fail", "Unsupported": "fail", "Encrypting": "fail", "False": "fail", "no": "fail",
            "None": "?"}  # fmt: skip
    words = {1: "True", 0: "False"}
    states = [
        word[str(known.get(value, words.get(value, value)))]
        for of, value in held(people, field).values()
        if of == kind
    ]
    kpi = report(seed).kpi(key)
    assert [kpi.numerator, kpi.denominator, kpi.unknown] == counted(states)
    assert kpi.denominator > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_administrators_are_those_that_the_raw_lines_name(seed):
    people = fleet(seed)
    bad = good = nobody = 0
    for _, value in held(people, "localAdministrators").values():
        if value is None:
            nobody += 1
            continue
        names = json.loads(value) if value.startswith("[") else value.replace(",", "\n").split("\n")
        alone = {name.strip().split("\\")[-1].lower() for name in names if name.strip()}
        bad += bool(alone - {"administrator", "domain admins"})
        good += not alone - {"administrator", "domain admins"}
    kpi = report(seed).kpi("unauthorized_admins")
    assert [kpi.numerator, kpi.denominator, kpi.unknown] == [bad, good + bad, nobody]
    assert bad


@pytest.mark.parametrize("seed", SEEDS)
def test_technicians_with_a_second_factor_are_those_that_sql_counts(seed):
    people = fleet(seed)
    there = "select count(*) from technicians where enabled and "
    kpi = report(seed).kpi("technicians_mfa")
    assert [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions] == [
        people.count(there + one, "technicians")
        for one in (
            "mfaConfigured",
            "(mfaConfigured or authType <> 'SSO')",
            "mfaConfigured is null",
            "not mfaConfigured and authType = 'SSO'",
        )
    ]
    assert kpi.exceptions == 1
