"""The kinds of change of devices: which devices, with before and after in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from ninja_analytics.reports.drift.devices import Frames, Sides
from ninja_analytics.reports.population import read
from ninja_analytics.reports.serials import serials

MEMORY_STEP = 256 * 2**20
DISK_STEP = 2**30
"""Bytes below which a difference is what firmware takes, or a partition that a system moves."""

WHERE = ["device", "organization", "location"]
IDS = ["device_id", "organization_id"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: the name of its table, the group it is drawn with, what finds its devices.

    `needs` are the tables without which it cannot be told ("device list": whichever there is).
    """

    name: str
    group: str
    caption: str
    find: Callable[[Sides], pd.DataFrame]
    needs: tuple[str, ...] = ()


def found(sides: Sides) -> dict[str, pd.DataFrame]:
    """The devices of each kind of change, by the name of the kind; sorted by organization."""
    return {name: kind.find(sides) for name, kind in KINDS.items()}


def _listed(rows: pd.DataFrame, before: pd.Series, after: pd.Series, *more: str) -> pd.DataFrame:
    """The rows as a table of devices."""
    told = rows.assign(before=before.astype("str"), after=after.astype("str"))
    return told[[*WHERE, "before", "after", *more, *IDS]].reset_index(drop=True)


def _differs(before: pd.Series, after: pd.Series) -> pd.Series:
    """Where both are known and not the same."""
    return before.ne(after).fillna(False).astype(bool) & before.notna() & after.notna()


def added(sides: Sides) -> pd.DataFrame:
    """Devices that the opening does not have."""
    rows = sides.devices[sides.devices["fate"] == "added"]
    rows = rows.assign(created_at=rows["created_at_after"], node_class=rows["node_class_after"])
    return rows[[*WHERE, "node_class", "created_at", *IDS]].reset_index(drop=True)


def removed(sides: Sides) -> pd.DataFrame:
    """Devices that the closing does not have."""
    rows = sides.devices[sides.devices["fate"] == "removed"]
    last = rows["last_contact_at_before"]
    rows = rows.assign(last_contact_at=last, node_class=rows["node_class_before"])
    return rows[[*WHERE, "node_class", "last_contact_at", *IDS]].reset_index(drop=True)


def reenrolled(sides: Sides) -> pd.DataFrame:
    """Devices with the serial number of one that is gone."""
    rows = sides.devices[sides.devices["fate"] == "reenrolled"]
    after = rows[list(_SERIALS)].rename(columns=_SERIALS)
    rows = rows.assign(serial_number=serials(after), created_at=rows["created_at_after"])
    words = [rows[f"device_{when}"] + " (id " + rows[f"device_id_{when}"].astype("str") + ")"
             for when in ("before", "after")]  # fmt: skip
    return _listed(rows, words[0], words[1], "serial_number", "created_at")


_SERIALS = {
    "serial_number_after": "serial_number",
    "bios_serial_number_after": "bios_serial_number",
}


def moved(sides: Sides) -> pd.DataFrame:
    """Devices in another organization or location."""
    both = sides.both
    other = _differs(both["organization_id_before"], both["organization_id_after"])
    rows = both[other | _differs(both["location_id_before"], both["location_id_after"])]
    return _listed(rows, _place(rows, "before"), _place(rows, "after"))


def _place(rows: pd.DataFrame, when: str) -> pd.Series:
    place: pd.Series = rows[f"organization_{when}"] + " / " + rows[f"location_{when}"]
    return place


def renamed(sides: Sides) -> pd.DataFrame:
    """Devices with another system name, or another display name or one more or less."""
    both = sides.both
    given = [both[f"display_name_{when}"].fillna("") for when in ("before", "after")]
    system = _differs(both["system_name_before"], both["system_name_after"])
    rows = both[system | (given[0] != given[1])]
    return _listed(rows, _name(rows, "before"), _name(rows, "after"))


def _name(rows: pd.DataFrame, when: str) -> pd.Series:
    """The system name, and the display name behind it if there is one."""
    given = " (" + rows[f"display_name_{when}"] + ")"
    name: pd.Series = rows[f"system_name_{when}"].fillna("no system name") + given.fillna("")
    return name


def system_changed(sides: Sides) -> pd.DataFrame:
    """Devices with another name, release or build of their operating system."""
    both = sides.both
    differs = np.zeros(len(both), dtype=bool)
    for part in ("name", "release_id", "build_number"):
        before, after = (_system(both[f"os_{part}_{when}"]) for when in ("before", "after"))
        differs |= _differs(before, after).to_numpy()
    rows = both[differs]
    return _listed(rows, _system_words(rows, "before"), _system_words(rows, "after"))


def _system(told: pd.Series) -> pd.Series:
    """A name, release or build in one form: 19045 and 10.0.19045 are the same."""
    plain = told.str.strip().str.replace(r"^(?:Microsoft )(?=Windows)", "", regex=True)
    plain = plain.str.replace(r"^10\.0\.(?=\d{5})", "", regex=True)
    return plain.mask(plain == "")


def _system_words(rows: pd.DataFrame, when: str) -> pd.Series:
    name, release, build = (
        _system(rows[f"os_{part}_{when}"]) for part in ("name", "release_id", "build_number")
    )
    words = name.fillna("not known") + (" " + release).fillna("")
    return words + (" (" + build + ")").fillna("")


def memory_changed(sides: Sides) -> pd.DataFrame:
    """Devices with more or less memory, by 256 MiB or more."""
    both = sides.both
    return _sizes(both, both["memory_bytes_before"], both["memory_bytes_after"], MEMORY_STEP)


def disk_changed(sides: Sides) -> pd.DataFrame:
    """Devices whose local volumes have more or less capacity in all, by 1 GiB or more."""
    both = sides.both
    before, after = (
        both[f"device_id_{when}"].map(_capacity(frames)).astype("Int64").set_axis(both.index)
        for when, frames in (("before", sides.opening), ("after", sides.closing))
    )
    return _sizes(both, before, after, DISK_STEP)


def _capacity(frames: Frames) -> pd.Series:
    """Bytes of all local volumes by device id; left out where one of them is not known."""
    rows = read(frames, "volumes").dropna(subset=["device_id"])
    local = rows[rows["device_type"].eq("Local Disk").fillna(False).astype(bool)]
    local = local.drop_duplicates(["device_id", "name", "drive_letter"])
    each = local.groupby("device_id")["capacity_bytes"]
    total: pd.Series = each.sum()[each.count() == each.size()]
    return total


def _sizes(both: pd.DataFrame, before: pd.Series, after: pd.Series, step: int) -> pd.DataFrame:
    rows = both[(after - before).abs().ge(step).fillna(False).astype(bool)]
    words = [(side[rows.index] / 2**30).map("{:,.1f} GiB".format).astype("str")
             for side in (before, after)]  # fmt: skip
    return _listed(rows, words[0], words[1])


def antivirus_lost(sides: Sides) -> pd.DataFrame:
    """Devices of which a product was ON and none is now."""
    rows = sides.guarded
    rows = rows[rows["antivirus"] == "lost"]
    return _listed(rows, rows["antivirus_before"], rows["antivirus_after"])


def encryption_suspended(sides: Sides) -> pd.DataFrame:
    """Devices of which a volume was PROTECTED and is not now."""
    rows = sides.guarded
    rows = rows[rows["encryption"] == "lost"]
    return _listed(rows, rows["encryption_before"], rows["encryption_after"])


def policy_override_added(sides: Sides) -> pd.DataFrame:
    """Devices that got a policy of their own, over their role's, or another one."""
    both = sides.both
    before, after = both["policy_id_before"], both["policy_id_after"]
    rows = both[after.notna() & before.ne(after).fillna(True).astype(bool)]
    names = pd.concat([read(sides.closing, "policies"), read(sides.opening, "policies")])
    known = names.dropna(subset=["policy_id"]).drop_duplicates("policy_id").set_index("policy_id")
    words = [_policy(side[rows.index], known["policy_name"]) for side in (before, after)]
    return _listed(rows, words[0], words[1])


def _policy(ids: pd.Series, names: pd.Series) -> pd.Series:
    """Names of policies, else their ids; none for a device that follows its role."""
    by_id = ("policy " + ids.astype("str")).fillna("none of its own")
    return ids.map(names).astype("str").fillna(by_id)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("added", "came_or_went", "Devices that the opening does not have.", added),
            Kind("removed", "came_or_went", "Devices that the closing does not have.", removed),
            Kind(
                "reenrolled", "came_or_went",
                "The same serial number under a new id; not also added and removed.",
                reenrolled, ("computer_systems",),
            ),
            Kind("moved", "place_and_name", "Devices in another organization or location.", moved),
            Kind("renamed", "place_and_name", "Another system name or display name (in parentheses).", renamed),
            Kind(
                "system_changed", "system",
                "Another name, release or build of the operating system; missing is no change.",
                system_changed, ("operating_systems",),
            ),
            Kind("memory_changed", "system", "More or less memory, by 256 MiB or more.", memory_changed, ("computer_systems",)),
            Kind("disk_changed", "system", "Local volumes of more or less capacity, by 1 GiB or more.", disk_changed, ("volumes",)),
            Kind(
                "antivirus_lost", "control_lost",
                "A product was ON and none is now. Unknown is not lost.",
                antivirus_lost, ("antivirus_status",),
            ),
            Kind(
                "encryption_suspended", "control_lost",
                "A volume was PROTECTED and is not now. Unknown is not suspended.",
                encryption_suspended, ("volumes",),
            ),
            Kind(
                "policy_override_added", "policy",
                "A policy of the device itself, over its role's, that it did not have before.",
                policy_override_added,
            ),
        )
    }
)  # fmt: skip
