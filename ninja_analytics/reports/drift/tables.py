"""The tables of fleet_drift: the ledger, changes by organization and kind, what nobody looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ninja_analytics.reports.drift.devices import Sides
from ninja_analytics.reports.drift.kinds import KINDS

SOFTWARE_CAPTIONS = {
    "software_new": "Programs that were on no device and are on {n} or more now; names are without version, architecture and language.",
    "software_gone": "Programs that were on {n} or more devices and are on none now.",
    "software_upgraded": "Programs whose newest or most usual version rose, on {n} or more devices.",
    "software_by_device": "The devices that have the new programs, and those that had the gone ones.",
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """The devices counted: what was, came and went must give what is.

    `entered` and `left` are devices in both snapshots that came among the devices asked for, or
    went from among them: moved to another organization, or of another class now.
    """

    opening: int
    added: int
    removed: int
    reenrolled: int
    entered: int
    left: int
    closing: int

    @property
    def balances(self) -> bool:
        """Whether it adds up."""
        came = self.added + self.entered - self.removed - self.left
        return self.opening + came == self.closing

    @property
    def frame(self) -> pd.DataFrame:
        """The ledger as a table: what, how many devices, and their sign in the sum."""
        rows = [
            ("opening", self.opening),
            ("added", self.added),
            ("removed", -self.removed),
            ("re-enrolled, new id", self.reenrolled),
            ("re-enrolled, old id", -self.reenrolled),
            ("moved among the devices asked for", self.entered),
            ("moved from among them", -self.left),
            ("closing", self.closing),
        ]
        return pd.DataFrame(rows, columns=["what", "devices"]).astype(
            {"what": "str", "devices": "Int64"}
        )


def ledger(sides: Sides) -> Ledger:
    """The ledger of the devices asked for; opening and closing are counted in the snapshots."""
    devices = sides.devices
    fate = devices["fate"]
    both = fate.isin(("kept", "reenrolled"))
    before, after = devices["selected_before"], devices["selected_after"]
    return Ledger(
        opening=sides.counted_before,
        added=int((fate == "added").sum()),
        removed=int((fate == "removed").sum()),
        reenrolled=int((fate == "reenrolled").sum()),
        entered=int((both & ~before & after).sum()),
        left=int((both & before & ~after).sum()),
        closing=sides.counted_after,
    )


def observed(sides: Sides, kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The devices under the same id with `state`: changed, unchanged, not_observed or unknown.

    A device is not observed when it shows no change and its data are of the same time in both; it
    is unknown when it shows no change and that time is missing.
    """
    kept = sides.devices[sides.devices["fate"] == "kept"]
    ids = pd.concat([found["device_id"] for found in kinds.values()])
    before, after = kept["last_update_at_before"], kept["last_update_at_after"]
    state = pd.Series("unchanged", index=kept.index, dtype="str")
    state = state.mask(before.eq(after).fillna(False).astype(bool), "not_observed")
    state = state.mask(before.isna() | after.isna(), "unknown")
    return kept.assign(state=state.mask(kept["device_id"].isin(ids), "changed"))


def not_observed(kept: pd.DataFrame) -> pd.DataFrame:
    """The devices whose data are of the same time in both snapshots, the longest silent first."""
    rows = kept[kept["state"] == "not_observed"]
    rows = rows.assign(
        last_update_at=rows["last_update_at_after"], last_contact_at=rows["last_contact_at_after"]
    )
    rows = rows.sort_values(
        ["last_update_at", "organization", "device", "device_id"], kind="stable", ignore_index=True
    )
    columns = ["device", "organization", "location", "last_update_at", "last_contact_at"]
    return rows[[*columns, "device_id"]]


def by_organization(kinds: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Changes of devices per organization and kind, the most changes first."""
    keys = ["organization_id", "organization"]
    counts = [
        found.groupby(keys, dropna=False).size().rename(name) for name, found in kinds.items()
    ]
    table = pd.concat(counts, axis=1).fillna(0).astype("int64")
    table.insert(0, "changes", table.sum(axis=1))
    table = table.rename_axis(keys).reset_index()
    table = table.sort_values(
        ["changes", "organization"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return table[["organization", "changes", *kinds, "organization_id"]]


def captions(software_devices: int) -> dict[str, str]:
    """What each table holds, in a sentence."""
    return {
        "ledger": "Opening, what came and what went must give the closing.",
        "changes_by_organization": "Changes of devices by kind; one that moved is told where it is "
        "now. Software is told for the fleet.",
        **{name: kind.caption for name, kind in KINDS.items()},
        **{name: text.format(n=software_devices) for name, text in SOFTWARE_CAPTIONS.items()},
        "not_observed": "Devices without a change whose data were not collected again since the "
        "opening: neither changed nor unchanged.",
    }
