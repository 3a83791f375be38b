"""The tables of hardware_refresh: warranty, age and memory of each computer, and what to replace when."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ninja_analytics.reports.population import COMPUTERS, read

SOON = 90
"""Days ahead in which the end of a warranty is told as near; a convention."""
QUARTERS = 8
"""Quarters of a year that are told one by one, from the present one on."""
WARRANTY = ("valid", "expiring", "expired", "unknown")
VIRTUAL = "virtual"
GIB = 1024**3
_YEAR = 365.25
_OLDEST = 8
AGES = (*(f"{age} to {age + 1}" for age in range(_OLDEST)), f"over {_OLDEST}")

_DETAILED = {
    "device_id": "Int64",
    "warranty_start_at": "datetime64[us, UTC]",
    "warranty_end_at": "datetime64[us, UTC]",
}
_MACHINES = {
    "device_id": "Int64",
    "manufacturer": "str",
    "model": "str",
    "serial_number": "str",
    "memory_bytes": "Int64",
    "virtual_machine": "boolean",
}
# Names of models that only hypervisors give, for agents that do not say that it is a virtual machine.
_VIRTUAL_MODEL = r"(?i)\b(?:virtual machine|vmware|virtualbox|kvm|hvm domu|qemu|parallels)"

CAPTIONS = {
    "warranty_by_organization": "Eligible computers of each organization by warranty, the most "
    f"expired first. Expiring: in {SOON} days. Virtual machines have none.",
    "warranty_by_quarter": "Physical eligible computers by the quarter in which their warranty ends.",
    "refresh_by_quarter": "Physical eligible computers by the quarter in which they reach the age of "
    "refresh, in units: no price is known.",
    "refresh_plan": "The computers behind these numbers. Where no warranty tells the age, the day of "
    "enrollment does: the machine is at least that old, so it is due by then at the latest.",
    "models": "Models of physical eligible computers, the most frequent first. Ages are by warranty.",
    "device_hardware": "Eligible computers with warranty, age and memory, what is to be replaced "
    "first on top.",
}


def with_hardware(
    devices: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp,
    refresh_years: tuple[float, float],
    min_ram: float,
) -> pd.DataFrame:
    """The eligible computers with warranty, age, when they are due for refresh, and their memory.

    warranty            a word of WARRANTY, or "virtual"
    age_years, age_by   by "warranty", or at least so much by "enrollment"; missing if virtual
    due_at              when the age of refresh is reached, by enrollment at the latest
    overdue             that is past; weak: less memory than *min_ram* GiB, of workstations alone
    """
    computers = devices[devices["active"] & devices["class_group"].isin(COMPUTERS)]
    found = computers.merge(
        _once(frames, "devices_detailed", _DETAILED), how="left", on="device_id"
    )
    found = found.merge(_once(frames, "computer_systems", _MACHINES), how="left", on="device_id")
    named = found["model"].str.contains(_VIRTUAL_MODEL).fillna(False).astype(bool)
    virtual = found["virtual_machine"].fillna(False).astype(bool) | named
    found["virtual"] = virtual
    found["warranty"] = _warranty(found["warranty_end_at"], now).mask(virtual, VIRTUAL)
    begun = found["warranty_start_at"].where(found["warranty_start_at"] <= now)
    since = begun.fillna(found["created_at"].where(found["created_at"] <= now)).mask(virtual)
    by = pd.Series("enrollment", index=found.index, dtype="str").mask(begun.notna(), "warranty")
    found["age_by"] = by.where(since.notna())
    found["age_years"] = ((now - since).dt.total_seconds() / 86_400 / _YEAR).round(2)
    years = found["class_group"].map(dict(zip(COMPUTERS, refresh_years, strict=True))).astype(float)
    found["due_at"] = since + pd.to_timedelta(years * _YEAR, unit="D").dt.round("s")
    found["overdue"] = (found["due_at"] <= now).fillna(False).astype(bool)
    memory = found["memory_bytes"].astype("Float64")
    found["memory_gib"] = (memory.where(memory > 0) / GIB).round().astype("Int64")
    less = (found["memory_gib"] < min_ram).fillna(False).astype(bool)
    found["weak"] = less & ~virtual & (found["class_group"] == "workstations")
    return found


def _once(
    frames: Mapping[str, pd.DataFrame], name: str, columns: Mapping[str, str]
) -> pd.DataFrame:
    return read(frames, name, columns).dropna(subset=["device_id"]).drop_duplicates("device_id")


def _warranty(end: pd.Series, now: pd.Timestamp) -> pd.Series:
    """The state of each warranty by its last moment."""
    state = pd.Series("valid", index=end.index, dtype="str")
    state = state.mask(end <= now + pd.Timedelta(days=SOON), "expiring")
    return state.mask(end < now, "expired").mask(end.isna(), "unknown")


def tables(devices: pd.DataFrame, now: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """The tables of the report, from what `with_hardware` gives."""
    physical = devices[~devices["virtual"]]
    return {
        "warranty_by_organization": by_organization(devices),
        "warranty_by_quarter": by_quarter(physical, physical["warranty_end_at"], now, "expired"),
        "refresh_by_quarter": by_quarter(physical, physical["due_at"], now, "overdue"),
        "refresh_plan": plan(physical, now),
        "models": models(physical),
        "device_hardware": of_devices(devices),
    }


def by_organization(devices: pd.DataFrame) -> pd.DataFrame:
    """The eligible computers of each organization by warranty, the most expired first."""
    states = [*WARRANTY, VIRTUAL]
    keys = ["organization_id", "organization", "warranty"]
    counts = devices.groupby(keys, dropna=False, observed=True).size().unstack(fill_value=0)
    table = counts.reindex(columns=states, fill_value=0).rename_axis(columns=None).reset_index()
    table = table.astype(dict.fromkeys(states, "int64"))
    table["computers"] = table[states].sum(axis=1).astype("int64")
    covered = table["valid"] + table["expiring"]
    known = covered + table["expired"]
    table["covered_share"] = (covered / known.where(known > 0)).astype("Float64")
    shown = ["organization", "computers", *states, "covered_share", "organization_id"]
    return table.sort_values(
        ["expired", "computers", "organization"], ascending=[False, False, True], ignore_index=True
    )[shown]


def quarters(at: pd.Series, now: pd.Timestamp, past: str) -> pd.Categorical:
    """The quarter of each time: *past*, one of the next ones, "later" or "unknown"."""
    number = at.dt.year * 4 + at.dt.quarter - 1
    first = now.year * 4 + now.quarter - 1
    names = [f"{(first + n) // 4} Q{(first + n) % 4 + 1}" for n in range(QUARTERS)]
    place = number - first
    told = place.map(dict(enumerate(names))).astype("str")
    told = told.mask(place >= QUARTERS, "later").mask(at < now, past).mask(at.isna(), "unknown")
    return pd.Categorical(told, categories=[past, *names, "later", "unknown"], ordered=True)


def by_quarter(physical: pd.DataFrame, at: pd.Series, now: pd.Timestamp, past: str) -> pd.DataFrame:
    """Physical computers by the quarter of a time and by class group, in units."""
    groups = pd.Categorical(physical["class_group"], categories=list(COMPUTERS))
    told = quarters(at, now, past)
    counts = pd.crosstab(told, groups, dropna=False)
    counts = counts.reindex(index=told.categories, columns=list(COMPUTERS), fill_value=0)
    table = counts.rename_axis(index="quarter", columns=None).reset_index()
    table["quarter"] = table["quarter"].astype("str")
    table[list(COMPUTERS)] = table[list(COMPUTERS)].astype("int64")
    return table.assign(units=table[list(COMPUTERS)].sum(axis=1).astype("int64"))


def plan(physical: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """The computers that reach the age of refresh within the quarters that are told, by quarter."""
    told = quarters(physical["due_at"], now, "overdue")
    due = physical.assign(quarter=told)[~told.isin(["later", "unknown"])]
    shown = ["quarter", "organization", "device", "class_group", "manufacturer", "model"]
    shown += ["serial_number", "age_years", "age_by", "due_at", "warranty", "warranty_end_at"]
    shown += ["organization_id", "device_id"]
    due = due.sort_values(["due_at", "organization", "device", "device_id"], ignore_index=True)
    return due.assign(quarter=due["quarter"].astype("str"))[shown]


def models(physical: pd.DataFrame) -> pd.DataFrame:
    """Every model with its devices, their ages, and what stands against them."""
    told = physical.assign(
        manufacturer=physical["manufacturer"].fillna("not reported"),
        model=physical["model"].fillna("not reported"),
        known=physical["age_years"].where(physical["age_by"] == "warranty"),
        expired=physical["warranty"] == "expired",
    )
    keys = ["manufacturer", "model", "class_group"]
    table = told.groupby(keys, as_index=False, observed=True).agg(
        devices=("device_id", "size"),
        median_age_years=("known", "median"),
        oldest_years=("known", "max"),
        out_of_warranty=("expired", "sum"),
        past_refresh=("overdue", "sum"),
        weak_memory=("weak", "sum"),
    )
    return table.sort_values(["devices", *keys], ascending=[False, True, True, True],
                             ignore_index=True)  # fmt: skip


def of_devices(devices: pd.DataFrame) -> pd.DataFrame:
    """Every eligible computer with its warranty, age and memory."""
    shown = ["organization", "device", "location", "node_class", "manufacturer", "model"]
    shown += ["serial_number", "warranty", "warranty_start_at", "warranty_end_at", "age_years"]
    shown += ["age_by", "due_at", "overdue", "memory_gib", "weak", "organization_id", "device_id"]
    order = ["due_at", "organization", "device", "device_id"]
    return devices.sort_values(order, ignore_index=True)[shown]


def ages(physical: pd.DataFrame) -> pd.DataFrame:
    """Physical computers by full years of age and class group; the age by enrollment is unknown."""
    known = physical["age_years"].where(physical["age_by"] == "warranty").astype("float64")
    place = known.floordiv(1).clip(upper=_OLDEST)
    named = place.map(dict(enumerate(AGES))).fillna("unknown")
    at = pd.Categorical(named, categories=[*AGES, "unknown"])
    groups = pd.Categorical(physical["class_group"], categories=list(COMPUTERS))
    counts = pd.crosstab(at, groups, dropna=False)
    return counts.reindex(index=at.categories, columns=list(COMPUTERS), fill_value=0)
