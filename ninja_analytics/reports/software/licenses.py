"""How many devices have a program, and how many seats of it the user owns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.own_rows import file_rows
from ninja_analytics.reports.software.installs import Software

_SEATS = {"product": "str", "seats": "Int64", "line": "Int64"}


def read_seats(path: Path) -> pd.DataFrame:
    """The seats in the CSV file at *path*: product (* and ? are wildcards), seats, line.

    Raises UsageError or UnknownNameError for a mistake, with its line.
    """
    found: list[dict[str, object]] = []
    seen: dict[str, int] = {}
    for row in file_rows(path, ("product", "seats")):
        name = row.required("product")
        if name.casefold() in seen:
            raise UsageError(
                f"{row.where} has {name} again, after line {seen[name.casefold()]}. Put the seats "
                "into one line."
            )
        seen[name.casefold()] = row.line
        found.append({"product": name, "seats": row.count("seats"), "line": row.line})
    return pd.DataFrame(found, columns=list(_SEATS)).astype(_SEATS)


def licenses(told: Software, seats: pd.DataFrame | None) -> pd.DataFrame:
    """The managed devices asked for that have each product of *seats*, against the seats.

    product (as the user wrote it), programs (how many names it fits), devices, silent_devices (of
    those, not seen lately), seats, difference (devices - seats), state.
    """
    listed = pd.DataFrame(columns=list(_SEATS)).astype(_SEATS) if seats is None else seats
    rows = told.on("asked", told.rows)
    name, device = rows["name"].to_numpy(), rows["device"].to_numpy()
    active = told.devices["active"].to_numpy(dtype=bool)
    table = []
    for product, owned in zip(listed["product"], listed["seats"], strict=True):
        fits = told.fits([product])[name]
        there = np.unique(device[fits])
        programs = len(np.unique(name[fits]))
        table.append((product, programs, len(there), int((~active[there]).sum()), int(owned)))
    kinds = {"programs": "Int64", "devices": "Int64", "silent_devices": "Int64", "seats": "Int64"}
    found = pd.DataFrame(table, columns=["product", *kinds]).astype({"product": "str", **kinds})
    found["difference"] = found["devices"] - found["seats"]
    sign = np.sign(found["difference"].to_numpy(dtype=float))
    found["state"] = np.select([sign > 0, sign < 0], ["seats missing", "seats unused"], "in use")
    found["state"] = found["state"].mask(found["programs"] == 0, "no such program").astype("str")
    return found.sort_values(
        ["difference", "product"], ascending=[False, True], kind="stable", ignore_index=True
    )
