"""Programs of the fleet in two snapshots: new to it, gone from it, and with a higher version."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd

from ninja_analytics.reports.drift_devices import Frames, Sides
from ninja_analytics.reports.population import read

TABLES = ("software_new", "software_gone", "software_upgraded", "software_by_device")


_VERSION = re.compile(r"(?:[-–]\s+)?(?<!\S)\(?v?\d+(?:\.\d+)+[\w.+~-]*\)?(?!\S)")


def product(name: str) -> str:
    """The name of a program without the version in it: 7-Zip 24.09 (x64) is 7-Zip (x64)."""
    return " ".join(_VERSION.sub(" ", name).split()) or name.strip()


# Words for what comes before the version that it is named after.
_BEFORE = frozenset(("alpha", "beta", "rc", "pre", "preview", "dev", "snapshot"))
_EARLY, _END, _WORD, _NUMBER = range(4)


@cache
def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """What versions are ordered by: 9.9 is below 10.0, 1.0-beta below 1.0, and 1.0 is 1.0.0."""
    key: list[tuple[int, int, str]] = []
    for part in [*re.findall(r"\d+|[a-z]+", version.casefold()), ""]:
        if part.isdecimal():
            key.append((_NUMBER, int(part), ""))
            continue
        while key and key[-1] == (_NUMBER, 0, ""):
            key.pop()
        key.append((_EARLY if part in _BEFORE else _WORD if part else _END, 0, part))
    return tuple(key)


def software(sides: Sides, at_least: int) -> dict[str, pd.DataFrame]:
    """The tables of software; a product is new or gone if on *at_least* devices now or before."""
    before, after = (_programs(sides, frames, when) for when, frames in (
        ("before", sides.opening), ("after", sides.closing),
    ))  # fmt: skip
    if not (sides.known and sides.has("software")):
        before, after = before.iloc[:0], after.iloc[:0]
    ranks, texts = _ranked(pd.concat([before["version"], after["version"]]))
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
    names = rows["name"].unique()
    known = dict(zip(names, map(product, names), strict=True))
    rows = rows.assign(product=rows["name"].map(known).astype("str"))
    return rows.merge(devices, on="device_id")


def _ranked(versions: pd.Series) -> tuple[dict[str, int], dict[int, str]]:
    """The place of each version in the order of all, and the version of each place."""
    ordered = sorted(versions.dropna().unique(), key=lambda one: (version_key(one), one))
    ranks: dict[str, int] = {}
    texts: dict[int, str] = {}
    last: object = None
    for one in ordered:
        key = version_key(one)
        ranks[one] = len(texts) - (key == last)
        texts.setdefault(ranks[one], one)
        last = key
    return ranks, texts


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
