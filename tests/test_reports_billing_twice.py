"""Every KPI of billing_reconciliation, computed a second time by SQL: over raw rows and made ones."""

from __future__ import annotations

import random
import sqlite3

import pandas as pd
import pytest

from ninja_analytics.reports import REPORTS
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW, typed
from tests.made_frames import fleet as made_fleet

SPEC = REPORTS["billing_reconciliation"]
GROUPS = {
    "WINDOWS_WORKSTATION": "workstations", "MAC": "workstations",
    "LINUX_WORKSTATION": "workstations", "WINDOWS_SERVER": "servers", "LINUX_SERVER": "servers",
    "MAC_SERVER": "servers", "VMWARE_VM_HOST": "virtual", "VMWARE_VM_GUEST": "virtual",
    "HYPERV_VMM_HOST": "virtual", "HYPERV_VMM_GUEST": "virtual", "ANDROID": "mobile",
    "APPLE_IOS": "mobile", "APPLE_IPADOS": "mobile", "CLOUD_MONITOR_TARGET": "cloud",
}  # fmt: skip
# over device(id, org, class, approval, created, contact), activity(device, at, code),
# organization(id, name) and contract(organization, class_group, contracted, price, currency, line)
BASE = """
    create table kind as select d.*, case when class like 'NMS_%' then 'network'
        else (select name from class_group where node_class = class) end as "group" from device d;
    create table bill as select *,
        approval is not null and approval <> 'APPROVED'
            or class is not null and "group" is null
            or :days is not null and contact < :now - 86400 * :days as apart,
        approval is null or class is null or :days is not null and contact is null as unsure
        from kind;
    create table billable as select * from bill where not coalesce(apart, 0) and not unsure;
    create table line as select c.*, o.id as org from contract c left join (
        select id, lower(name) as told from organization
        union all select id, cast(id as text) from organization
        union all select distinct org, cast(org as text) from device
            where org is not null and org not in (select id from organization)
    ) o on told = lower(c.organization);
    create table used as select * from line a where org is not null and not exists (
        select 1 from line b where b.org = a.org and b.line < a.line
        and (b.class_group in (a.class_group, 'all') or a.class_group = 'all'));
    create table held as select u.*, (select count(*) from billable b where b.org = u.org
        and u.class_group in (b."group", 'all')) - contracted as difference from used u;
    create table loose as select * from billable b where not exists (
        select 1 from used u where u.org = b.org and u.class_group in (b."group", 'all'));
    create table born as select device, max(at) as at from activity where code = 'NODE_CREATED'
        group by device;
    create table ended as select device, max(at) as at from activity where code = 'NODE_DELETED'
        group by device having device not in (select id from device);
    create table went as select e.device, coalesce(b.at >= :since, 0) as new
        from ended e left join born b using (device) where e.at >= :since and e.at < :now;
"""
NONE, ZERO = "select null", "select 0"
# key -> numerator, denominator, unknown, exceptions
SQL = {
    "billing_billable": (
        "select count(*) from billable", NONE,
        "select count(*) from bill where unsure and not coalesce(apart, 0)",
        "select count(*) from bill where apart",
    ),
    "billing_contracted": (
        "select coalesce(sum(contracted), 0) from used", NONE,
        "select coalesce(sum(contracted), 0) from line where org is null",
        """select coalesce(sum(contracted), 0) from line
           where org is not null and line not in (select line from used)""",
    ),
    "billing_matching": (
        "select count(*) from held where difference = 0", "select count(*) from held",
        """select count(*) from (select distinct coalesce(org, -1), "group" from loose)""",
        "select (select count(*) from contract) - (select count(*) from used)",
    ),
    "billing_over": (
        "select coalesce(sum(difference), 0) from held where difference > 0", NONE,
        "select count(*) from loose", ZERO,
    ),
    "billing_under": (
        "select coalesce(-sum(difference), 0) from held where difference < 0", NONE, ZERO, ZERO,
    ),
    "billing_amount": (
        "select count(price) from held where difference <> 0",
        "select count(*) from held where difference <> 0",
        "select count(*) from held where difference <> 0 and price is null", ZERO,
    ),
    "billing_without_contract": (
        """select count(distinct org) from billable
           where org is not null and org not in (select org from used)""",
        "select count(distinct org) from billable", ZERO, ZERO,
    ),
    "billing_without_organization": (
        "select count(distinct lower(organization)) from line where org is null",
        "select count(distinct lower(organization)) from contract", ZERO, ZERO,
    ),
    "billing_added": (
        "select count(*) from billable where created >= :since and created < :now",
        "select count(*) from billable",
        "select count(*) from billable where created is null", ZERO,
    ),
    "billing_removed": (
        "select count(*) from went where not new", NONE, ZERO,
        "select count(*) from went where new",
    ),
}  # fmt: skip
TWICE = set(SQL)
AMOUNT = """select case when count(distinct coalesce(currency, '')) = 1 then sum(difference * price)
    when not exists (select 1 from held where difference <> 0) then 0 end
    from held where difference <> 0 and price is not null"""


def contract(names: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Lines for most organizations, by name or id, and lines for nobody and for one again."""
    chance = random.Random(seed)
    rows = []
    for number, name in names.itertuples(index=False):
        if chance.random() < 0.2:
            continue
        told = chance.choice([name.upper(), str(number), name])
        groups = chance.choice([["all"], ["workstations", "servers"], ["workstations", "network"]])
        rows += [[told, group, chance.choice([0, 1, 2, 2, 4, 9]), chance.choice([None, 2.5, 8])]
                 for group in groups]  # fmt: skip
    number, name = names.iloc[0]
    rows += [[name, "all", 3, 1], [str(number), "servers", 2, 1], ["Nobody & Sons", "all", 7, 2]]
    kept = []
    for row in rows:  # the same spelling twice is refused when the contract is read
        before = [one[1] for one in kept if one[0].lower() == row[0].lower()]
        if row[1] not in before and "all" not in [*before, row[1]] * bool(before):
            kept.append(row)
    table = pd.DataFrame(kept, columns=["organization", "class_group", "contracted", "price"])
    return table.assign(currency="EUR")


def agree(report, base, *, now, days=None):
    """Every number of every KPI is what SQL says."""
    base.create_function("lower", 1, str.casefold)  # SQLite knows the case of ASCII only
    base.execute("create table class_group (node_class, name)")
    base.executemany("insert into class_group values (?, ?)", GROUPS.items())
    values = {"now": now.timestamp(), "since": now.timestamp() - 30 * 86400, "days": days}
    for statement in BASE.split(";"):
        needed = {name: told for name, told in values.items() if f":{name}" in statement}
        base.execute(_inlined(statement, needed))
    assert {kpi.key for kpi in report.kpis} == set(SQL)
    for kpi in report.kpis:
        expected = [base.execute(question, values).fetchone()[0] for question in SQL[kpi.key]]
        found = [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions]
        assert found == expected, kpi.key
    amount = base.execute(AMOUNT).fetchone()[0]
    assert report.kpi("billing_amount").amount == (
        amount if amount is None else pytest.approx(amount)
    )


def _inlined(statement: str, values: dict) -> str:
    """SQLite takes no parameters where it creates a table."""
    for name, told in values.items():
        statement = statement.replace(f":{name}", "null" if told is None else repr(told))
    return statement


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kpi_is_what_sql_over_the_raw_rows_says(seed):
    told = fleet(seed)
    names = told.of(SPEC.name)["organizations"][["organization_id", "organization_name"]]
    given = contract(names, seed)
    report = told.report(SPEC.name, contract=given)

    base = sqlite3.connect(":memory:")
    for name, columns, query in (
        ("device", "id, org, class, approval, created, contact",
         "select id, organizationId, nodeClass, approvalStatus, created, lastContact from devices"),
        ("activity", "device, at, code",
         "select deviceId, activityTime, statusCode from activities where statusCode like 'NODE_%'"),
        ("organization", "id, name", "select id, name from organizations"),
    ):  # fmt: skip
        rows = told.sql(query, "devices", "activities", "organizations")
        base.execute(f"create table {name} ({columns})")
        base.executemany(
            f"insert into {name} values ({', '.join('?' * (columns.count(',') + 1))})", rows
        )
    given.assign(line=range(1, len(given) + 1)).to_sql("contract", base, index=False)
    agree(report, base, now=told.now)
    assert report.kpi("billing_added").numerator > 0
    base.close()


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("devices", "organizations", "days"), [(0, 1, None), (1, 1, None), (60, 6, None), (400, 40, 20)]
)
def test_every_kpi_is_what_sql_over_made_rows_says(seed, devices, organizations, days):
    frames = made_fleet(devices, organizations, seed)
    frames["devices"] = frames["devices"].drop_duplicates("device_id", ignore_index=True)
    rows, at = frames["devices"], frames["devices"].index
    kind = rows["node_class"].astype("str").mask(at % 13 == 7).mask(at % 17 == 3, "MANAGED_DEVICE")
    rows["created_at"] = rows["created_at"].mask(at % 11 == 5)
    rows["node_class"] = kind
    frames["activities"] = typed("activities", activities(seed))
    given = contract(frames["organizations"][["organization_id", "organization_name"]], seed)
    report = SPEC.build(frames, now=NOW, contract=given, billable_days=days)

    base = sqlite3.connect(":memory:")
    seconds = {name: (frames["devices"][name] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
               for name in ("created_at", "last_contact_at")}  # fmt: skip
    plain = frames["devices"].assign(**seconds)
    plain = plain[["device_id", "organization_id", "node_class", "approval_status", *seconds]]
    plain.columns = ["id", "org", "class", "approval", "created", "contact"]
    plain.astype(object).where(plain.notna(), None).to_sql("device", base, index=False)
    log = frames["activities"]
    at = (log["activity_at"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    pd.DataFrame({"device": log["device_id"], "at": at, "code": log["status_code"].astype("str")}
                 ).to_sql("activity", base, index=False)  # fmt: skip
    names = frames["organizations"][["organization_id", "organization_name"]]
    names.set_axis(["id", "name"], axis=1).to_sql("organization", base, index=False)
    given.assign(line=range(1, len(given) + 1)).to_sql("contract", base, index=False)
    agree(report, base, now=NOW, days=days)
    base.close()


def activities(seed: int) -> list[dict[str, object]]:
    """Devices that came and went, some of them within the period, some still there."""
    chance = random.Random(seed)
    rows: list[dict[str, object]] = []
    for number in range(300, 360):
        born = NOW - pd.Timedelta(days=chance.uniform(1, 80))
        if chance.random() < 0.7:
            rows.append({"device_id": number, "activity_at": born, "status_code": "NODE_CREATED"})
        if chance.random() < 0.6:
            died = born + pd.Timedelta(days=chance.uniform(0, 30))
            rows.append({"device_id": number, "activity_at": died, "status_code": "NODE_DELETED"})
    return rows
