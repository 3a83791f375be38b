"""The dates of one product in the form of endoflife.date, taken over into the table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.lifecycle.table import EDITION_GROUPS, KEY, is_day

Row = dict[str, str]

# What each product's vendor calls its support beyond the usual.
_EXTENDED = MappingProxyType(
    {
        "windows": "ESU",
        "windows-server": "ESU",
        "ubuntu": "ESM",
        "debian": "LTS",
        "rhel": "ELS",
        "oracle-linux": "Extended Support",
    }
)
# A release of Windows as 11-24h2-e, 10-1809-e-lts, 11-24h2-iot-lts, 10-22h2, 7-sp1 or 8.1.
_WINDOWS = re.compile(r"(\d+(?:\.\d)?)(?:-(sp\d|\d\dh\d|\d{4}))?(?:-(w|e|e-lts|iot-lts))?")
_GROUPS = MappingProxyType({None: "", "w": "W", "e": "E", "e-lts": "LTSC", "iot-lts": "IoT LTSC"})
_USUAL = frozenset(EDITION_GROUPS[:3])


def taken_over(
    data: bytes, before: list[Row], *, product: str, now: pd.Timestamp, named: str
) -> tuple[list[Row], tuple[str, ...]]:
    """The rows of *before* with the product's dates out of *data*, and what was left out and why.

    Rows of releases that the data do not name stay. The form is that of
    https://endoflife.date/docs/api/v0/: per release a cycle, and as a day or a yes or no its eol,
    support and extendedSupport. Raises UsageError for another form.
    """
    known = {tuple(row[name] for name in KEY): row for row in before}
    found: dict[tuple[str, ...], Row] = {}
    left = []
    for cycle in _cycles(data, named):
        told = _release(str(cycle["cycle"]), product)
        if told is None:
            left.append(f"{cycle['cycle']} (no release that can be matched)")
            continue
        key = (product, *told)
        if (eol := cycle["eol"]) is True and not known.get(key, {}).get("eol_on"):
            left.append(f"{cycle['cycle']} (its support ended, but not on which day)")
            continue
        known_row = known.get(key, {})
        found[key] = _row(key, cycle, known_row, now=now, eol=_day(eol, known_row.get("eol_on")))
    if not found:
        raise UsageError(f"{named} has no release of {product}: check the address and --product.")
    fresh = _one_per_build(list(found.values()), before)
    stay = [row for row in before if not _replaced(row, fresh)]
    at = next((i for i, row in enumerate(stay) if row["product"] == product), len(stay))
    return [*stay[:at], *fresh, *stay[at:]], tuple(left)


def _one_per_build(rows: list[Row], before: list[Row]) -> list[Row]:
    """The rows, of which one has each build: Windows Server 2019 and version 1809 share theirs.

    The one that had it keeps it, else the first; devices with that build are told as that one.
    """
    had = {tuple(row[name] for name in (*KEY, "build")) for row in before}
    ranked = sorted(rows, key=lambda row: tuple(row[name] for name in (*KEY, "build")) not in had)
    owner: dict[tuple[str, str], Row] = {}
    for row in ranked:
        owner.setdefault((row["build"], row["edition_group"]), row)
    return [
        row if owner[row["build"], row["edition_group"]] is row else row | {"build": ""}
        for row in rows
    ]


def _replaced(row: Row, fresh: list[Row]) -> bool:
    """Whether one of the fresh rows speaks of what the row speaks of."""
    return any(
        row["product"] == one["product"]
        and (
            (row["release"] == one["release"] and _same_group(row, one))
            or (row["build"] == one["build"] != "" and row["edition_group"] == one["edition_group"])
        )
        for one in fresh
    )


def _same_group(row: Row, one: Row) -> bool:
    """Whether both speak of the same editions, or both of some of the usual ones."""
    groups = {row["edition_group"], one["edition_group"]}
    return len(groups) == 1 or groups <= _USUAL


def _cycles(data: bytes, named: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{named} is neither CSV nor JSON: name another file or address."
        ) from error
    right = isinstance(found, list) and all(
        isinstance(one, dict)
        and isinstance(one.get("cycle"), str)
        and (isinstance(one.get("eol"), bool) or _is_day(one.get("eol")))
        for one in found
    )
    if not right or not found:
        msg = (
            f"{named} is not in the form of endoflife.date, a list of releases with cycle and eol: "
            "name an address as https://endoflife.date/api/windows-server.json."
        )
        raise UsageError(msg)
    return list(found)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and is_day(value)


def _day(value: object, otherwise: str | None = "") -> str:
    """The day, or for a mere yes what was known before, or "" for a no."""
    if isinstance(value, str) and _is_day(value):
        return value
    return (otherwise or "") if value is True else ""


def _release(cycle: str, product: str) -> tuple[str, str] | None:
    """Release and edition group of a cycle, as the table names them."""
    if product == "windows-server":
        return cycle.replace("-", " ").upper(), ""
    if product != "windows":
        return cycle, ""
    if not (parts := _WINDOWS.fullmatch(cycle.lower())):
        return None
    number, version, group = parts.groups()
    return (f"{number} {version.upper()}" if version else number), _GROUPS[group]


def _row(
    key: tuple[str, ...], cycle: Mapping[str, Any], known: Mapping[str, str], *, now: pd.Timestamp,
    eol: str,
) -> Row:  # fmt: skip
    """The row of a cycle; what the form does not tell is as it was."""
    product, release, group = key
    extended = _day(cycle.get("extendedSupport"), known.get("extended_until"))
    kind = _EXTENDED.get(product, "")
    if not (kind and eol and extended > eol):
        extended = kind = ""
    row = {
        "product": product,
        "release": release,
        "build": _build(cycle, product) or known.get("build", ""),
        "edition_group": group,
        "released_on": _day(cycle.get("releaseDate")) or known.get("released_on", ""),
        "mainstream_until": "",
        "eol_on": eol,
        "eol_kind": "inferred" if product == "macos" else "vendor",
        "extended_until": extended,
        "extended_kind": kind,
        "source_url": f"https://endoflife.date/{product}",
        "checked_on": now.tz_convert("UTC").strftime("%Y-%m-%d"),
    }
    if product == "windows-server":
        support = _day(cycle.get("support"), known.get("mainstream_until"))
        row["mainstream_until"] = support if support <= eol else ""
    return row


def _build(cycle: Mapping[str, Any], product: str) -> str:
    """The build of a release of Windows, the last part of 10.0.26100."""
    latest = cycle.get("latest")
    if not product.startswith("windows") or not isinstance(latest, str):
        return ""
    build = latest.rsplit(".", 1)[-1]
    return build if build.isdecimal() else ""
