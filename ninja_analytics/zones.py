"""The times of a frame in the time zone in which a person reads them."""

from __future__ import annotations

from datetime import tzinfo

import pandas as pd


def in_zone(frame: pd.DataFrame, zone: tzinfo) -> pd.DataFrame:
    """A copy of *frame* whose times read in *zone*; they are the same moments, and days stay days."""
    moved = {
        str(name): frame[name].dt.tz_convert(zone)
        for name, kind in frame.dtypes.items()
        if isinstance(kind, pd.DatetimeTZDtype) and not str(name).endswith("_on")
    }
    found = frame.assign(**moved)
    if "ninja" in found.attrs:
        found.attrs["ninja"] = {**found.attrs["ninja"], "tz": str(zone)}
    return found
