"""The numbers of fleet_drift a second time, by SQL over the rows of two snapshots."""

from __future__ import annotations

import sqlite3
from typing import Any

import pandas as pd

from tests.plain_names import place, product

PLACEHOLDERS = {"", "DEFAULT STRING", "TO BE FILLED BY O.E.M.", "00000000"}


def serial(*told: str | None) -> str | None:
    return next(
        (t.strip().upper() for t in told if t and t.strip().upper() not in PLACEHOLDERS), None
    )


BASE = """
    create view b as select * from (
        select *, row_number() over (partition by device_id
            order by last_contact_at is null, last_contact_at desc, rowid) as place
        from before_devices_detailed where device_id is not null) where place = 1;
    create view a as select * from (
        select *, row_number() over (partition by device_id
            order by last_contact_at is null, last_contact_at desc, rowid) as place
        from after_devices_detailed where device_id is not null) where place = 1;
    create view sb as select serial(serial_number, bios_serial_number) as sn, device_id from b;
    create view sa as select serial(serial_number, bios_serial_number) as sn, device_id from a;
    create view renewed as
        select sb.device_id as old, sa.device_id as new from sb join sa using (sn)
        where sb.device_id not in (select device_id from a)
          and sa.device_id not in (select device_id from b)
          and sn in (select sn from sb group by sn having count(*) = 1)
          and sn in (select sn from sa group by sn having count(*) = 1);
    create table pair as
        select bid, aid, kept from (
            select b.device_id as bid, a.device_id as aid, 1 as kept from b join a using (device_id)
            union all select old, new, 0 from renewed)
        where bid in (select device_id from b where asked(organization_id))
           or aid in (select device_id from a where asked(organization_id));
    create view both_sides as
        select bid, aid, kept,
            b.organization_id as b_org, a.organization_id as a_org,
            b.location_id as b_loc, a.location_id as a_loc,
            b.system_name as b_name, a.system_name as a_name,
            b.display_name as b_shown, a.display_name as a_shown,
            b.policy_id as b_policy, a.policy_id as a_policy,
            b.memory_bytes as b_memory, a.memory_bytes as a_memory,
            b.last_update_at as b_seen, a.last_update_at as a_seen,
            replace(b.os_name, 'Microsoft ', '') || '' as b_os,
            replace(a.os_name, 'Microsoft ', '') || '' as a_os,
            b.os_release_id as b_release, a.os_release_id as a_release,
            replace(b.os_build_number, '10.0.', '') as b_build,
            replace(a.os_build_number, '10.0.', '') as a_build
        from pair join b on b.device_id = bid join a on a.device_id = aid;
    create view b_disk as select device_id, sum(capacity_bytes) as bytes from (
        select *, row_number() over (partition by device_id, name, drive_letter order by rowid) as nth
        from before_volumes where device_type = 'Local Disk') where nth = 1 group by device_id
        having count(capacity_bytes) = count(*);
    create view a_disk as select device_id, sum(capacity_bytes) as bytes from (
        select *, row_number() over (partition by device_id, name, drive_letter order by rowid) as nth
        from after_volumes where device_type = 'Local Disk') where nth = 1 group by device_id
        having count(capacity_bytes) = count(*);
    create view av as select bid, aid, kept,
        bid in (select device_id from before_antivirus_status where product_state = 'ON') as was,
        aid in (select device_id from after_antivirus_status where product_state = 'ON') as now,
        aid in (select device_id from after_antivirus_status
            where product_state is null or product_state = 'UNKNOWN') as unsure from pair;
    create view bl as select bid, aid, kept, v.name,
        (select bitlocker_protection_status from after_volumes w
            where w.device_id = aid and w.name = v.name) as now
        from pair join before_volumes v on v.device_id = bid
        where bitlocker_protection_status = 'PROTECTED';
    create view control as select bid, aid,
        was and not now and not unsure
            or aid in (select aid from bl where now not in ('PROTECTED', 'UNKNOWN')) as lost,
        was and not now and unsure
            or aid in (select aid from bl where now is null or now = 'UNKNOWN') as unsure,
        was or aid in (select aid from bl) as had from av;
    create table programs as
        select 'b' as side, device_id, product(name) as product, place(version) as at
        from before_software where device_id in (select device_id from b where asked(organization_id))
        union all
        select 'a', device_id, product(name), place(version)
        from after_software where device_id in (select device_id from a where asked(organization_id));
    create view spread as select product,
        count(distinct case side when 'b' then device_id end) as b_devices,
        count(distinct case side when 'a' then device_id end) as a_devices,
        max(case side when 'b' then at end) as b_newest,
        max(case side when 'a' then at end) as a_newest
        from programs group by product;
    create view usual as select side, product, at from (
        select side, product, at, row_number() over (
            partition by side, product order by count(distinct device_id) desc, at desc) as place
        from programs where at is not null group by side, product, at) where place = 1;
"""
KINDS = {
    "added": """select device_id from a where asked(organization_id)
        and device_id not in (select device_id from b)
        and device_id not in (select new from renewed)""",
    "removed": """select device_id from b where asked(organization_id)
        and device_id not in (select device_id from a)
        and device_id not in (select old from renewed)""",
    "reenrolled": "select aid from pair where not kept",
    "moved": "select aid from both_sides where b_org <> a_org or b_loc <> a_loc",
    "renamed": """select aid from both_sides
        where b_name <> a_name or coalesce(b_shown, '') <> coalesce(a_shown, '')""",
    "system_changed": """select aid from both_sides
        where b_os <> a_os or b_release <> a_release or b_build <> a_build""",
    "memory_changed": "select aid from both_sides where abs(a_memory - b_memory) >= 268435456",
    "disk_changed": """select aid from pair join b_disk on b_disk.device_id = bid
        join a_disk on a_disk.device_id = aid where abs(a_disk.bytes - b_disk.bytes) >= 1073741824""",
    "antivirus_lost": "select aid from av where was and not now and not unsure",
    "encryption_suspended": "select distinct aid from bl where now not in ('PROTECTED', 'UNKNOWN')",
    "policy_override_added": """select aid from both_sides
        where a_policy is not null and a_policy is not b_policy""",
    "software_new": "select product from spread where b_devices = 0 and a_devices >= 3",
    "software_gone": "select product from spread where a_devices = 0 and b_devices >= 3",
    "software_upgraded": """select product from spread where a_devices >= 3 and b_devices > 0 and (
        a_newest > b_newest or (select at from usual where side = 'a' and product = spread.product)
                             > (select at from usual where side = 'b' and product = spread.product))""",
}
OF_KEPT = [name for name in KINDS if name not in ("added", "removed", "reenrolled")
            and not name.startswith("software")]  # fmt: skip
_ANY = " union ".join(KINDS[name] for name in OF_KEPT)
_SAME = "from both_sides where kept and aid not in (select aid from changed)"
_UNSEEN = f"select count(*) {_SAME} and (b_seen = a_seen or b_seen is null or a_seen is null)"
_NO_SERIAL = f"""
    select (select count(*) from sa where sn is null and device_id in ({KINDS["added"]}))
         + (select count(*) from sb where sn is null and device_id in ({KINDS["removed"]}))"""
_BEFORE = "select count(*) from b where asked(organization_id)"
_AFTER = "select count(*) from a where asked(organization_id)"
# key -> numerator, denominator, unknown
KPIS = {
    "drift_opening": (_BEFORE, None, "select 0"),
    "drift_added": (f"select count(*) from ({KINDS['added']})", _AFTER, "select 0"),
    "drift_removed": (f"select count(*) from ({KINDS['removed']})", _BEFORE, "select 0"),
    "drift_reenrolled": ("select count(*) from pair where not kept", _AFTER, _NO_SERIAL),
    "drift_closing": (_AFTER, None, "select 0"),
    "drift_changed": (
        "select count(*) from pair where kept and aid in (select aid from changed)",
        f"select count(*) - ({_UNSEEN}) from pair where kept",
        _UNSEEN,
    ),
    "drift_not_observed": (
        f"select count(*) {_SAME} and b_seen = a_seen",
        f"""select count(*) - (select count(*) {_SAME} and (b_seen is null or a_seen is null))
            from pair where kept""",
        f"select count(*) {_SAME} and (b_seen is null or a_seen is null)",
    ),
    "drift_controls_lost": (
        "select count(*) from control where lost",
        "select count(*) from control where had and (lost or not unsure)",
        "select count(*) from control where unsure and not lost",
    ),
}


def database(opening: Any, closing: Any, organizations: Any = None) -> sqlite3.Connection:
    """The rows of both in SQLite: times as epoch seconds, missing as null."""
    base = sqlite3.connect(":memory:")
    wanted = organizations
    base.create_function("asked", 1, lambda one: wanted is None or one in wanted)
    base.create_function("serial", 2, serial)
    base.create_function("product", 1, product)
    base.create_function("place", 1, place)
    for when, frames in (("before", opening), ("after", closing)):
        for name, frame in frames.items():
            plain = pd.DataFrame({column: _plain(frame[column]) for column in frame.columns})
            plain.to_sql(f"{when}_{name}", base, index=False)
    base.executescript(BASE)
    base.execute(f"create table changed as {_ANY}")
    return base


def _plain(column: pd.Series) -> pd.Series:
    """A column as SQLite takes it; lists, which nothing here asks for, as text."""
    if str(column.dtype).startswith("datetime64"):
        return (column - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    if "list" in str(column.dtype):
        return column.astype(str)
    return column.astype(object).where(column.notna(), None)


def number(base: sqlite3.Connection, question: str | None) -> Any:
    """The one number that a question has for an answer."""
    return None if question is None else base.execute(question).fetchone()[0]
