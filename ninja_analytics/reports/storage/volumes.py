"""How full each volume is by the rule of two conditions, and which disks say that they fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.population import read

Frames = Mapping[str, pd.DataFrame]
GIB = 1024**3
SMALLEST = 2 * GIB
"""What is smaller is for recovery or starting up, and full by design."""
STATES = ("critical", "low", "enough", "unknown")
_FIXED = ("LOCAL DISK", "FIXED", "LOCAL FIXED DISK")
_OTHER = (
    "COMPACT DISC", "CD-ROM", "REMOVABLE DISK", "REMOVABLE", "NETWORK DRIVE", "NETWORK", "RAM DISK",
    "NO ROOT DIRECTORY", "FLOPPY",
)  # fmt: skip
# Volumes of Macs and Linux that are full by design or part of another.
_BY_DESIGN = r"/(?:boot|snap|efi|dev|run|proc|sys)(?:/.*)?|/System/Volumes/(?!Data).*"

# What drives and controllers say of themselves; anything else is unknown, and told.
GOOD = frozenset(
    ("OK", "ONLINE", "OPTIMAL", "HOT SPARE", "SPARE", "GOOD", "HEALTHY", "NORMAL", "READY", "PASSED",
     "UNCONFIGURED GOOD", "JBOD")
)  # fmt: skip
BAD = frozenset(
    ("PRED FAIL", "PREDICTIVE FAILURE", "FAILED", "FAILURE", "FAIL", "ERROR", "DEGRADED", "CRITICAL",
     "NEEDS ATTENTION", "NONRECOVER", "NO CONTACT", "LOST COMM", "STRESSED", "OFFLINE", "MISSING",
     "UNCONFIGURED BAD", "REBUILD", "REBUILDING", "NON-CRITICAL", "WARNING")
)  # fmt: skip
_SILENT = ("", "UNKNOWN", "UNSPECIFIED", "NONE", "STARTING", "STOPPING", "SERVICE")


@dataclass(frozen=True, slots=True)
class Rule:
    """When a volume is low: below a share and below a size; and critical: below either."""

    low_share: float = 0.10
    low_bytes: float = 20 * GIB
    server_low_share: float = 0.15
    server_low_bytes: float = 50 * GIB
    critical_share: float = 0.05
    critical_bytes: float = 5 * GIB

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
                raise UsageError(f"{name} is {value!r}, but must be a number from 0 on.")
            if name.endswith("share") and value > 1:
                raise UsageError(f"{name} is {value!r}, but shares are from 0 to 1: 10 % is 0.1.")

    def critical_below(self, capacity: pd.Series | np.ndarray) -> np.ndarray:
        """The free bytes below which a volume of this capacity is critical."""
        sizes = np.asarray(capacity, dtype=float)
        return np.maximum(sizes * self.critical_share, self.critical_bytes)

    def low_below(self, capacity: pd.Series | np.ndarray, *, server: bool) -> np.ndarray:
        """The free bytes below which a volume of this capacity is low."""
        share, size = (
            (self.server_low_share, self.server_low_bytes)
            if server
            else (self.low_share, self.low_bytes)
        )
        return np.minimum(np.asarray(capacity, dtype=float) * share, size)


def volumes(frames: Frames, computers: pd.DataFrame, rule: Rule) -> tuple[pd.DataFrame, list[str]]:
    """The volumes of *computers* that can run full, with `state`; and the kinds that nobody knows.

    Columns of the devices, and volume, file_system, capacity_bytes, free_bytes, free_share, state
    (of STATES), collected_at.
    """
    texts = dict.fromkeys(("name", "drive_letter", "label", "device_type", "file_system"), "str")
    sizes = dict.fromkeys(("capacity_bytes", "free_bytes"), "Int64")
    times = {"collected_at": "datetime64[us, UTC]"}
    rows = read(frames, "volumes", {"device_id": "Int64", **texts, **sizes, **times})
    rows = computers.merge(rows.dropna(subset=["device_id"]), on="device_id")
    kind = rows["device_type"].fillna("").str.strip().str.upper()
    odd = sorted(set(kind) - {*_FIXED, *_OTHER, "", "UNKNOWN"})
    windows = rows["node_class"].str.startswith("WINDOWS").fillna(False).astype(bool)
    small = rows["capacity_bytes"].lt(SMALLEST).fillna(False).astype(bool)
    hidden = windows & rows["drive_letter"].isna()
    design = ~windows & rows["name"].str.fullmatch(_BY_DESIGN).fillna(False).astype(bool)
    rows = rows[~(kind.isin(_OTHER) | small | hidden | design)]
    return _judged(_containers_once(rows), rule), odd


def _containers_once(rows: pd.DataFrame) -> pd.DataFrame:
    """APFS volumes share one container: those of the same size and free space are one."""
    apfs = rows["file_system"].str.upper().eq("APFS").fillna(False).astype(bool)
    same = rows.duplicated(["device_id", "capacity_bytes", "free_bytes"])
    volume = rows["drive_letter"].fillna(rows["name"]).fillna("a volume")
    rows = rows.assign(volume=volume)[~(apfs & same)]
    # Of a volume that is told twice the latest counts.
    latest = rows.sort_values(
        ["device_id", "volume", "collected_at"], kind="stable", na_position="first"
    )
    return latest.drop_duplicates(["device_id", "volume"], keep="last")


def _judged(rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """The volumes with free_share and state; without two sensible numbers they are unknown."""
    size, free = (rows[name].astype("Float64") for name in ("capacity_bytes", "free_bytes"))
    known = (size.gt(0) & free.ge(0) & free.le(size)).fillna(False).astype(bool)
    sizes, left = (one.where(known).to_numpy(dtype=float, na_value=np.nan) for one in (size, free))
    server = (rows["class_group"] == "servers").to_numpy()
    low_below = np.where(
        server, rule.low_below(sizes, server=True), rule.low_below(sizes, server=False)
    )
    state = pd.Series("enough", index=rows.index, dtype="str")
    state = state.mask(left < low_below, "low").mask(left < rule.critical_below(sizes), "critical")
    share = pd.Series(left / sizes, index=rows.index).astype("Float64")
    return rows.assign(free_share=share, state=state.mask(~known, "unknown"))


def by_device(computers: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The computers by their worst volume: state of STATES.

    A device with a volume of which nobody knows is unknown, unless another one is short of space.
    """
    rank = found["state"].map({"critical": 0, "low": 1, "unknown": 2, "enough": 3})
    worst = rank.groupby(found["device_id"]).min()
    words = {0: "critical", 1: "low", 2: "unknown", 3: "enough"}
    state = computers["device_id"].map(worst).map(words).astype("str").fillna("unknown")
    return computers.assign(state=state)


def parts(frames: Frames, computers: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Disks, RAID drives and controllers of *computers* with `outcome`, and the words nobody knows.

    Columns of the devices, and part (disk, RAID drive, RAID controller), name, model, says, outcome
    (pass, fail, unknown).
    """
    told = {
        "disks": ("disk", "status", "name"),
        "raid_drives": ("RAID drive", "status", "drive_id"),
        "raid_controllers": ("RAID controller", "system_health_status", "controller_index"),
    }
    found, odd = [], {}
    for table, (part, says, name) in told.items():
        columns = {"device_id": "Int64", says: "str", name: "str", "model": "str"}
        rows = read(frames, table, columns).rename(columns={says: "says", name: "name"})
        rows = computers.merge(rows.dropna(subset=["device_id"]), on="device_id")
        word = rows["says"].fillna("").str.strip().str.upper()
        odd[table] = sorted(set(rows["says"][~word.isin({*GOOD, *BAD, *_SILENT})]))
        outcome = word.map(dict.fromkeys(GOOD, "pass") | dict.fromkeys(BAD, "fail"))
        found.append(rows.assign(part=part, outcome=outcome.astype("str").fillna("unknown")))
    return pd.concat(found, ignore_index=True), odd
