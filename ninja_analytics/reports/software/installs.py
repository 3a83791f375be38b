"""Rows of software counted as installs: a product on a device, once, with the highest version there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ninja_analytics.reports.population import COMPUTERS, read
from ninja_analytics.reports.programs import products, ranked, rules

_COLUMNS = {
    "device_id": "Int64",
    "name": "category",
    "version": "category",
    "publisher": "category",
    "installed_on": "datetime64[us, UTC]",
    "system_component": "boolean",
}
STATES = ("newest", "one_behind", "older", "unknown")
PLATFORMS = {"WINDOWS": "Windows", "MAC": "macOS", "LINUX": "Linux"}
EARLIEST = pd.Timestamp("1980-01-01", tz="UTC")
"""Before this no program was installed: an empty clock begins in 1970."""
NOT_ALLOWED = "not in the allow list"


@dataclass(frozen=True, slots=True)
class Software:
    """The software of the managed devices; programs, products and devices by their places.

    `devices` are the managed devices with `platform`, `asked` (for), `eligible` (a computer that was
    seen lately), `counted` (both) and `reported` (it has a row). `rows` have device, name, product, rank, dated, system and installed_on,
    where rank is the place of the version in the order of all, or -1. `installs` have a row per
    product and device: the highest rank, whether one row is dated, whether all are system components.
    """

    devices: pd.DataFrame
    names: pd.Index
    products: pd.Index
    publishers: pd.Series
    versions: Mapping[int, str]
    rows: pd.DataFrame
    installs: pd.DataFrame

    @property
    def counted(self) -> pd.DataFrame:
        """The eligible computers that were asked for."""
        return self.devices[self.devices["counted"]]

    def on(self, which: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Those of *rows* whose device is *which* ("asked", "eligible" or "counted")."""
        return rows[self.devices[which].to_numpy(dtype=bool)[rows["device"]]]

    def fits(self, patterns: Iterable[str]) -> np.ndarray:
        """Whether one of *patterns* fits each of the names."""
        return np.asarray(self.names.isin(list(rules(self.names, patterns))))


def software_of(
    frames: Mapping[str, pd.DataFrame],
    managed: pd.DataFrame,
    now: pd.Timestamp,
    *,
    asked: pd.Series,
) -> Software:
    """The software of the *managed* devices of the whole fleet; *asked* are the ids asked for."""
    devices = managed.reset_index(drop=True)
    told = read(frames, "software", _COLUMNS)
    place = pd.Index(devices["device_id"]).get_indexer(pd.Index(told["device_id"]))
    there = (place >= 0) & told["name"].notna().to_numpy() & told["device_id"].notna().to_numpy()
    told, place = told[there], place[there]
    names = told["name"].cat.categories.astype("str")
    known = products(names)
    code, different = pd.factorize(
        pd.Series([known[name] for name in names], dtype="str"), sort=True
    )
    rank_of, versions = _ranks(told["version"].cat.categories)
    name, version = (told[one].cat.codes.to_numpy() for one in ("name", "version"))
    at = told["installed_on"]
    rows = pd.DataFrame(
        {
            "device": place.astype("int32"),
            "name": name.astype("int32"),
            "product": code.astype("int32")[name],
            "rank": np.append(rank_of, np.int32(-1))[version],
            # Numbers, since pandas groups claims a thousand times slower.
            "dated": ((at <= now) & (at >= EARLIEST)).to_numpy(dtype="int8"),
            "system": told["system_component"].fillna(False).to_numpy(dtype="int8"),
            "installed_on": at.to_numpy(),
        }
    )
    installs = rows.groupby(["product", "device"], sort=True).agg(
        rank=("rank", "max"), dated=("dated", "max"), system=("system", "min")
    )
    claims = {"dated": bool, "system": bool}
    publishers = pd.Series(told["publisher"].astype("str").to_numpy(), index=rows["product"])
    firsts = publishers.dropna()
    kinds = devices["node_class"].astype("str").str.split("_").str[0].map(PLATFORMS)
    eligible = devices["active"] & devices["class_group"].isin(COMPUTERS)
    wanted = devices["device_id"].isin(asked)
    reported = np.zeros(len(devices), dtype=bool)
    reported[rows["device"].to_numpy()] = True
    return Software(
        devices=devices.assign(
            platform=kinds.astype("str").fillna("other"),
            asked=wanted,
            eligible=eligible,
            counted=eligible & wanted,
            reported=reported,
        ),
        names=pd.Index(names),
        products=pd.Index(different),
        publishers=firsts[~firsts.index.duplicated()],
        versions=versions,
        rows=rows.astype(claims),
        installs=installs.reset_index().astype(claims),
    )


def _ranks(versions: pd.Index) -> tuple[np.ndarray, Mapping[int, str]]:
    """The rank of each version, -1 where it says nothing, and the version of each rank."""
    texts = [str(version).strip() for version in versions]
    ranks, told = ranked({text for text in texts if text})
    return np.array([ranks.get(text, -1) for text in texts], dtype="int32"), told


def judged(
    told: Software, *, at_least: int, system: bool, tracked: Iterable[str] = ()
) -> pd.DataFrame:
    """The installs on eligible computers asked for, with `platform`, `newest` (a rank, -1 for none) and `state`.

    The newest version of a product is the highest that *at_least* devices of a platform have in the
    whole fleet, so that a small customer is held to it too; a version is one behind when it is below, but not below the next one that so many have. Without
    *system*, products that are system components only are left out; with *tracked* patterns, the
    state of all other products is not asked for ("").
    """
    found = told.on("eligible", told.installs)
    found = found if system else found[~found["system"]]
    platform = told.devices["platform"].astype("category")
    found = found.assign(platform=platform.cat.codes.to_numpy()[found["device"]])
    keys = ["product", "platform"]
    sizes = (
        found[found["rank"] >= 0].groupby([*keys, "rank"]).size().rename("devices").reset_index()
    )
    usual = sizes[sizes["devices"] >= at_least].sort_values([*keys, "rank"], kind="stable")
    last = usual.drop_duplicates(keys, keep="last")
    below = usual.drop(last.index).drop_duplicates(keys, keep="last")
    found = told.on("counted", found)
    for name, which in (("newest", last), ("next", below)):
        marks = which.rename(columns={"rank": name})[[*keys, name]]
        found = found.merge(marks, how="left", on=keys)
    newest, following = found["newest"], found["next"]
    found["state"] = np.select(
        [
            (found["rank"] < 0) | newest.isna(),
            found["rank"] >= newest,
            found["rank"] >= following,
        ],
        ["unknown", "newest", "one_behind"],
        default="older",
    )
    patterns = tuple(tracked)
    if patterns:
        wanted = told.rows.loc[told.fits(patterns)[told.rows["name"]], "product"]
        found["state"] = found["state"].where(found["product"].isin(wanted.unique()), "")
    found["newest"] = newest.fillna(-1).astype("int32")
    found["platform"] = platform.cat.categories.to_numpy()[found["platform"].to_numpy()]
    return found.drop(columns="next")


def unauthorized(
    told: Software, *, allowed: tuple[str, ...], denied: tuple[str, ...]
) -> pd.DataFrame:
    """The rows on eligible computers of programs that must not be there, with the `rule` that says so.

    A denied program is one whatever it is; with an allow list, so is what is not in it, but for
    system components.
    """
    rows = told.on("counted", told.rows)
    forbidden = rules(told.names, denied)
    rule = told.names.to_series().map(forbidden).astype("str").to_numpy(dtype=object, na_value="")
    stray = ~told.fits(allowed) if allowed else np.zeros(len(rule), dtype=bool)
    name = rows["name"].to_numpy()
    why = rule[name]
    why = np.where((why == "") & stray[name] & ~rows["system"], NOT_ALLOWED, why)
    ruled: pd.DataFrame = rows.assign(rule=why)
    found = ruled[ruled["rule"] != ""]
    return found.drop_duplicates(["device", "name", "rank"])
