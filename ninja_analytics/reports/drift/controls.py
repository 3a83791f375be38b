"""What guarded each device before and what does now: antivirus and disk encryption."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ninja_analytics.reports.drift.devices import Frames, Sides
from ninja_analytics.reports.population import read
from ninja_analytics.reports.quality import sources

CONTROLS = ("antivirus", "encryption")
_UNKNOWN = ("", "UNKNOWN")


def with_controls(sides: Sides) -> Sides:
    """The two sides with `guarded`: the devices of both, with what became of each control.

    For antivirus and encryption: `…` is "kept", "lost", "unknown" (it was on, and nobody knows now)
    or "none" (it was not known to be on before), and `…_before`, `…_after` are the words for it.
    """
    both = sides.both
    for name, judge in (("antivirus", _antivirus), ("encryption", _encryption)):
        told = judge(sides, both[["device_id_before", "device_id_after"]])
        told = told.add_prefix(f"{name}_").rename(columns={f"{name}_state": name})
        both = both.join(told)
    return replace(sides, guarded=both)


def _antivirus(sides: Sides, ids: pd.DataFrame) -> pd.DataFrame:
    """State, before and after of the antivirus of each device; it is on when a product is ON."""
    found = ids.copy()
    for when, frames in (("before", sides.opening), ("after", sides.closing)):
        told = _products(frames).add_suffix(f"_{when}")
        found = found.merge(told, how="left", left_on=f"device_id_{when}", right_index=True)
    was = found["on_before"].eq(True).fillna(False).astype(bool)
    # Without a row there is no product; unless rows are missing, and then nobody knows.
    whole = not sources(sides.closing, ("antivirus_status",))[0].partial
    now = found["on_after"].astype("boolean")
    now = now.mask(found["words_after"].isna(), False if whole else None)
    words = found["words_after"].fillna("no product" if whole else "not known")
    return _told(ids, was, now, found["words_before"], words)


def _products(frames: Frames) -> pd.DataFrame:
    """By device id: whether a product is on (missing if no word says so), and its products in words."""
    rows = read(frames, "antivirus_status").dropna(subset=["device_id"])
    state = rows["product_state"].str.strip().str.upper()
    state = state.mask(state.isin(_UNKNOWN))
    words = rows["product_name"].fillna("a product") + " " + state.fillna("unknown")
    told = pd.DataFrame(
        {
            "device_id": rows["device_id"],
            "on": state.eq("ON").fillna(False).astype(bool),
            "unknown": state.isna(),
            "words": words,
        }
    ).sort_values(["device_id", "words"], kind="stable")
    each = told.drop_duplicates(["device_id", "words"]).groupby("device_id")
    on = each["on"].any().astype("boolean")
    return pd.DataFrame(
        {
            "on": on.mask(~on.astype(bool) & each["unknown"].any()),
            "words": each["words"].agg(", ".join),
        }
    )


def _encryption(sides: Sides, ids: pd.DataFrame) -> pd.DataFrame:
    """State, before and after of BitLocker: suspended when a volume was PROTECTED and is not."""
    before, after = (_volumes(frames) for frames in (sides.opening, sides.closing))
    guarded = before[before["protected"].eq(True).fillna(False).astype(bool)]
    guarded = guarded.rename(columns={"device_id": "device_id_before"})[
        ["device_id_before", "volume"]
    ]
    after = after.rename(columns={"device_id": "device_id_after"})
    pairs = (
        ids.reset_index(names="row")
        .merge(guarded, on="device_id_before")
        .merge(after, how="left", on=["device_id_after", "volume"])
    )
    now = pairs["protected"].astype("boolean")
    pairs = pairs.assign(
        lost=now.eq(False).fillna(False).astype(bool),
        unknown=now.isna(),
        before=pairs["volume"] + " PROTECTED",
        after=pairs["volume"] + " " + pairs["status"].fillna("not known"),
    )
    told = pairs[pairs["lost"] | pairs["unknown"]]
    each = pairs.groupby("row")[["lost", "unknown"]].any()
    was = pd.Series(ids.index.isin(each.index), index=ids.index)
    state = pd.Series(True, index=each.index, dtype="boolean").mask(each["unknown"]).mask(
        each["lost"], False
    )  # fmt: skip
    words = told.groupby("row")[["before", "after"]].agg(", ".join).reindex(ids.index)
    return _told(ids, was, state.reindex(ids.index), words["before"], words["after"])


def _volumes(frames: Frames) -> pd.DataFrame:
    """device_id, volume, protected (missing if not known) and the word for it, once per volume."""
    rows = read(frames, "volumes").dropna(subset=["device_id"])
    status = rows["bitlocker_protection_status"].str.strip().str.upper()
    status = status.mask(status.isin(_UNKNOWN))
    found = pd.DataFrame(
        {
            "device_id": rows["device_id"],
            "volume": rows["name"].fillna(rows["drive_letter"]).fillna("a volume"),
            "protected": status.eq("PROTECTED").astype("boolean").mask(status.isna()),
            "status": status,
        }
    )
    # Of a volume that is told twice, PROTECTED counts, then what is known at all.
    found = found.sort_values("protected", ascending=False, kind="stable", na_position="last")
    return found.drop_duplicates(["device_id", "volume"])


def _told(
    ids: pd.DataFrame, was: pd.Series, now: pd.Series, before: pd.Series, after: pd.Series
) -> pd.DataFrame:
    """What became of a control, by row of *ids*."""
    there = was.to_numpy(dtype=bool)
    state = pd.Series("none", index=ids.index, dtype="str").mask(there, "unknown")
    known = now.astype("boolean").set_axis(ids.index)
    state = state.mask(there & known.eq(True).fillna(False).to_numpy(dtype=bool), "kept")
    state = state.mask(there & known.eq(False).fillna(False).to_numpy(dtype=bool), "lost")
    words = {"before": before.set_axis(ids.index), "after": after.set_axis(ids.index)}
    return pd.DataFrame({"state": state, **words})
