"""The tables of patch_backlog: ages, patches, what is stuck, and the devices with what is overdue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.reports.making import Asked
from ninja_analytics.reports.patching import patches
from ninja_analytics.reports.patching.failures import why_stuck
from ninja_analytics.reports.patching.patches import SEVERITIES
from ninja_analytics.reports.patching.states import by_group
from ninja_analytics.reports.population import read

if TYPE_CHECKING:
    from ninja_analytics.reports.patching.backlog import Backlog

# The last day of each bucket; what has no age is undated.
BUCKETS = {"days_0_7": 7.0, "days_8_30": 30.0, "days_31_90": 90.0, "days_over_90": np.inf}
GRAVE = ("critical", "important")
OLD_DAYS = 30.0
"""Days after which a critical or important patch is called old; PCI DSS 6.3.3 gives as many."""


def captions(due: Mapping[str, float], period: str, many: Mapping[str, float]) -> dict[str, str]:
    """What each table holds, in a sentence."""
    beyond = (
        f"critical ones after {due['critical']:g} days, important ones after {due['important']:g}"
    )
    return {
        "ageing": "Open patches, each on each device, by severity and age.",
        "backlog_by_organization": f"Open and overdue patches: {beyond}. Pass: no patch is overdue; "
        "overdue days: the days beyond, summed up. The lowest share in fair order is first.",
        "patches": f"Each patch by devices; tried and failed: {period}. Keeps failing: on "
        f"{many['min_devices']:g} devices or more, and on more than {many['min_share']:.0%} of them.",
        "stuck_patches": f"Patches that failed three times without an installation after it ({period}), "
        "or that are open since two Patch Tuesdays or more.",
        "broken_agents": f"Devices on which three different patches or more failed ({period}).",
        "devices": f"Devices with an open patch, and their oldest one. Overdue: {beyond}.",
    }


def tables(found: Backlog) -> dict[str, pd.DataFrame]:
    """The tables of the report."""
    return {
        "ageing": ageing(found.opened),
        "backlog_by_organization": by_organization(found.devices),
        "patches": by_patch(found.by_patch),
        "stuck_patches": stuck_patches(found.pairs, found.devices),
        "broken_agents": broken_agents(found.devices, found.failed),
        "devices": devices(found.devices),
    }


def with_backlog(
    computers: pd.DataFrame, opened: pd.DataFrame, ask: Asked, due: Mapping[str, float]
) -> pd.DataFrame:
    """The computers with their open patches, and whether one is overdue or old (pass, fail, unknown).

    A device is unknown where no overdue patch is known and one might be, since its age or severity
    is not, or where neither a patch nor an installation speaks of the device.
    """
    ids, age = computers["device_id"], opened["age_days"]
    late = age - opened["severity"].map(dict(due)).astype("Float64")
    overdue = opened.assign(late=late)[(late > 0).fillna(False)]
    oldest = opened.sort_values(["device_id", "age_days", "name"], ascending=[True, False, True])
    first = oldest.drop_duplicates("device_id").set_index("device_id")
    grave = patches.graveness(opened["severity"]).groupby(opened["device_id"]).min()
    counts = {
        "open_patches": opened,
        "overdue_patches": overdue,
        "undated_patches": opened[age.isna()],
    }
    number = {name: patches.how_many(ids, rows) for name, rows in counts.items()}
    days = overdue.groupby("device_id")["late"].sum()
    old = dict.fromkeys(GRAVE, OLD_DAYS)
    known = _spoken_of(ids, ask)
    return computers.assign(
        **number,
        overdue_days=patches.of_each(ids, days, "Float64").fillna(0.0),
        oldest_days=patches.of_each(ids, first["age_days"], "Float64"),
        oldest_patch=patches.of_each(ids, first["name"], "str"),
        worst_severity=patches.of_each(ids, patches.severity_named(grave), "str"),
        due_state=_state(ids, opened, due, known),
        old_state=_state(ids, opened, old, known),
    )


def _spoken_of(ids: pd.Series, ask: Asked) -> pd.Series:
    """Whether any patch or any installation of late speaks of each device."""
    if not ask.has("os_patches"):
        return pd.Series(False, index=ids.index)
    listed = read(ask.frames, "os_patches", {"device_id": "Int64"})["device_id"].dropna()
    heard = patches.heard_of(ask.frames, ask.now, installs="os_patch_installs")
    return ids.isin(listed) | ids.isin(heard)


def _state(
    ids: pd.Series, opened: pd.DataFrame, due: Mapping[str, float], known: pd.Series
) -> pd.Series:
    """Whether an open patch of each device is older than is due for its severity."""
    age, severity = opened["age_days"], opened["severity"]
    allowed = severity.map(dict(due)).astype("Float64")
    late = (age > allowed).fillna(False).astype(bool)
    # One of unknown severity may be of the gravest kind.
    doubted = allowed.mask(severity == "unknown", min(due.values()))
    doubt = doubted.notna() & (
        age.isna() | opened["at_least"] | (severity.eq("unknown") & (age > doubted).fillna(False))
    )
    failed, doubtful = (ids.isin(opened.loc[one, "device_id"]) for one in (late, doubt))
    state = np.select([failed, doubtful | ~known], ["fail", "unknown"], "pass")
    return pd.Series(state, index=ids.index, dtype="str")


def ageing(opened: pd.DataFrame) -> pd.DataFrame:
    """Open patches by severity (rows, and all) and age (columns)."""
    age = opened["age_days"]
    ends = [-np.inf, *BUCKETS.values()]
    bucket = pd.cut(age.to_numpy(dtype=float, na_value=np.nan), ends, labels=list(BUCKETS))
    named = pd.Series(bucket, index=opened.index).astype("str").fillna("undated")
    columns = [*BUCKETS, "undated"]
    counts = pd.crosstab(opened["severity"], named)
    counts = counts.reindex(index=list(SEVERITIES), columns=columns, fill_value=0)
    held = opened.groupby("severity")["device_id"].nunique()
    counts.insert(0, "devices", held.reindex(counts.index).fillna(0))
    counts.insert(0, "open_patches", counts[columns].sum(axis=1))
    counts = counts.astype("int64")
    total = counts.sum().to_frame("all").T
    total["devices"] = opened["device_id"].nunique()
    table = pd.concat([counts, total]) if len(opened) else counts.iloc[:0]
    return table.astype("int64").rename_axis("severity").rename_axis(columns=None).reset_index()


def by_organization(devices: pd.DataFrame) -> pd.DataFrame:
    """The backlog of each organization, the lowest share in fair order first."""
    keys = ["organization", "organization_id"]
    states = by_group(devices.assign(state=devices["due_state"]), keys)
    summed = ["open_patches", "overdue_patches", "overdue_days", "undated_patches"]
    counts = devices.assign(open_devices=(devices["open_patches"] > 0).astype("int64"))
    counts = counts.groupby(keys, dropna=False)[["open_devices", *summed]].sum().reset_index()
    table = states.merge(counts, how="left", on=keys)
    shown = ["organization", "eligible", "open_devices", *summed, "pass", "fail", "unknown"]
    table = table.rename(columns={"compliant_share": "in_time_share"})
    more = ["in_time_share", "low", "high", "shrunken_share", "beyond_chance", "organization_id"]
    return table[[*shown, *more]]


def by_patch(table: pd.DataFrame) -> pd.DataFrame:
    """Each patch by devices, what keeps failing first, then the most frequent."""
    table = table.assign(grave=patches.graveness(table["severity"]))
    table = table.sort_values(
        ["keeps_failing", "failed_devices", "open_devices", "grave", "item"],
        ascending=[False, False, False, True, True],
        kind="stable",
        ignore_index=True,
    )
    columns = ["kb_number", "name", "severity", "open_devices", "oldest_days", "tried_devices"]
    return table[[*columns, "failed_devices", "failure_share", "still_failing", "keeps_failing"]]


_PLACE = ["device_id", "device", "organization", "location", "organization_id"]


def stuck_patches(pairs: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Each stuck patch on its device, the gravest and oldest first."""
    found = pairs[pairs["stuck"]].merge(devices[_PLACE], how="left", on="device_id")
    found = found.assign(grave=patches.graveness(found["severity"]), why=why_stuck(found))
    found = found.sort_values(
        ["grave", "failures", "age_days", "organization", "device", "device_id", "item"],
        ascending=[True, False, False, True, True, True, True],
        kind="stable",
        ignore_index=True,
    ).rename(columns={"name": "patch_name"})
    columns = ["device", "organization", "location", "patch_name", "kb_number", "severity"]
    more = ["status", "still_open", "failures", "last_failed_at", "age_days", "basis", "why"]
    return found[[*columns, *more, "device_id", "organization_id"]]


def broken_agents(devices: pd.DataFrame, failed: pd.DataFrame) -> pd.DataFrame:
    """The devices on which so many patches failed that the agent or Windows Update is the cause."""
    found = devices[devices["broken"]].sort_values(
        ["failed_patches", "organization", "device", "device_id"],
        ascending=[False, True, True, True],
        kind="stable",
        ignore_index=True,
    )
    named = failed[failed["device_id"].isin(found["device_id"])].sort_values(["device_id", "item"])
    items = named.groupby("device_id")["item"].agg(_first_items)
    told = patches.of_each(found["device_id"], items, "str")
    count = found["failed_patches"].astype("str")
    columns = ["device", "organization", "location", "node_class", "failed_patches"]
    more = ["fixed_patches", "last_failed_at", "why", "device_id", "organization_id"]
    return found.assign(why=count + " patches failed: " + told)[[*columns, *more]]


def _first_items(items: pd.Series) -> str:
    return ", ".join(items.iloc[:5])


def devices(found: pd.DataFrame) -> pd.DataFrame:
    """The devices with an open patch, the longest overdue first, each with its oldest patch."""
    found = found[found["open_patches"] > 0].sort_values(
        ["overdue_days", "oldest_days", "open_patches", "organization", "device", "device_id"],
        ascending=[False, False, False, True, True, True],
        kind="stable",
        ignore_index=True,
    )
    days = np.floor(found["oldest_days"]).astype("Int64").astype("str")
    age = ("oldest, " + days + " days: ").fillna("of unknown age: ")
    late = found["overdue_patches"].astype("str") + " overdue; "
    why = late.where(found["overdue_patches"] > 0, "") + age
    columns = ["device", "organization", "location", "node_class", "open_patches"]
    more = ["overdue_patches", "overdue_days", "undated_patches", "worst_severity", "oldest_days"]
    named = found.assign(why=why + found["oldest_patch"].fillna("without a name"))
    last = ["oldest_patch", "due_state", "why", "device_id", "organization_id"]
    return named[[*columns, *more, *last]]
