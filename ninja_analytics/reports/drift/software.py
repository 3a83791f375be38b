"""Programs of the fleet in two snapshots: new to it, gone from it, and with a higher version."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ninja_analytics.reports.drift.devices import Frames, Sides
from ninja_analytics.reports.population import read
from ninja_analytics.reports.programs import products, ranked

TABLES = ("software_new", "software_gone", "software_upgraded", "software_by_device")


def software(sides: Sides, at_least: int) -> dict[str, pd.DataFrame]:
    """The tables of software; a product is new or gone if on *at_least* devices now or before."""
    before, after = (_programs(sides, frames, when) for when, frames in (
        ("before", sides.opening), ("after", sides.closing),
    ))  # fmt: skip
    if not (sides.known and sides.has("software")):
        before, after = before.iloc[:0], after.iloc[:0]
    ranks, texts = ranked(pd.concat([before["version"], after["version"]]).dropna().unique())
    told = _products(before, ranks).add_suffix("_before").join(_products(after, ranks), how="outer")
    told[["devices_before", "devices"]] = told[["devices_before", "devices"]].fillna(0)
    told = told.astype({"devices_before": "int64", "devices": "int64"})
    told["publisher"] = told["publisher"].fillna(told["publisher_before"])
    rose = np.zeros(len(told), dtype=bool)
    for which in ("newest", "usual"):
        up = told[which].gt(told[f"{which}_before"]).fillna(False).astype(bool)
        rose |= (up & (told["devices_before"] > 0)).to_numpy()
        for name in (which, f"{which}_before"):
            told[name] = told[name].map(texts).astype("str")
    told = told.rename_axis("product").reset_index()
    new = told[(told["devices_before"] == 0) & (told["devices"] >= at_least)]
    gone = told[(told["devices"] == 0) & (told["devices_before"] >= at_least)]
    higher = told[rose & (told["devices"] >= at_least).to_numpy()]
    versions = ["newest_before", "newest", "usual_before", "usual"]
    return {
        "software_new": _most_first(new, "devices", ["newest", "usual"]),
        "software_gone": _most_first(gone, "devices_before", ["newest_before", "usual_before"]),
        "software_upgraded": _most_first(higher, "devices", ["devices_before", *versions]),
        "software_by_device": _by_device(
            after[after["product"].isin(new["product"])],
            before[before["product"].isin(gone["product"])],
        ),
    }


def _programs(sides: Sides, frames: Frames, when: str) -> pd.DataFrame:
    """The programs on the devices asked for: product, version, and the device by its name."""
    chosen = sides.devices[sides.devices[f"selected_{when}"]]
    columns = ["device_id", "device", "organization", "location"]
    devices = chosen[[f"{name}_{when}" for name in columns]].set_axis(columns, axis=1)
    rows = read(frames, "software").dropna(subset=["device_id", "name"])
    known = products(rows["name"].unique())
    rows = rows.assign(product=rows["name"].map(known).astype("str"))
    return rows.merge(devices, on="device_id")


def _products(programs: pd.DataFrame, ranks: dict[str, int]) -> pd.DataFrame:
    """By product: its publisher, its devices, the newest version and that of the most devices."""
    rank = programs["version"].map(ranks).astype("Int64")
    rows = programs.assign(rank=rank)
    once = rows.dropna(subset=["rank"]).drop_duplicates(["product", "device_id", "rank"])
    counted = once.groupby(["product", "rank"]).size().rename("count").reset_index()
    counted = counted.sort_values(["count", "rank"], kind="stable")
    each = rows.groupby("product")
    return pd.DataFrame(
        {
            "publisher": each["publisher"].first(),
            "devices": each["device_id"].nunique(),
            "newest": each["rank"].max(),
            "usual": counted.drop_duplicates("product", keep="last").set_index("product")["rank"],
        }
    )


def _most_first(told: pd.DataFrame, size: str, more: list[str]) -> pd.DataFrame:
    rows = told.sort_values([size, "product"], ascending=[False, True], kind="stable")
    return rows[["product", "publisher", size, *more]].reset_index(drop=True)


def _by_device(new: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Which devices have the new products, and which had those that are gone."""
    rows = pd.concat([new.assign(change="new"), gone.assign(change="gone")], ignore_index=True)
    rows["change"] = rows["change"].astype("str")
    rows = rows.sort_values(
        ["change", "product", "organization", "device", "device_id", "version"],
        ascending=[False, True, True, True, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    columns = ["change", "product", "version", "device", "organization", "location"]
    rows = rows[[*columns, "installed_on", "device_id"]]
    return rows.drop_duplicates(ignore_index=True)
