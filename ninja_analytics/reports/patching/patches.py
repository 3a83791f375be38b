"""What rows of patches say: which count, how each stands, how grave and how old it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports.population import Names, read, several

OPEN = ("APPROVED", "MANUAL", "PENDING", "FAILED")
EXCEPTED = ("REJECTED", "DELAYED")
LEFT_OUT = ("DRIVER_UPDATES", "DEFINITION_UPDATES", "FEATURE_UPDATES")
DEFENDER = "KB2267602"
"""The definitions of Microsoft Defender: new ones come several times a day, so they never count."""
EVIDENCE_DAYS = 35
"""As long as from one Patch Tuesday to the next at most: by then a device that is patched has said so."""

# From grave to mild; what nobody knows comes last and always counts.
SEVERITIES = ("critical", "important", "moderate", "low", "optional", "unknown")
# NinjaOne mixes Microsoft's words with others, in either case; software has an impact in their place.
_SEVERITY_OF = {word.upper(): word for word in SEVERITIES} | {
    "RECOMMENDED": "optional",
    "NONE": "optional",
}
# "security" says what a patch is about and not how grave it is.
_SAYS_NOTHING = ("", "UNKNOWN", "UNSPECIFIED", "SECURITY")
_STANDS = ("open", "exception", "unclear", "installed")

_PATCH = {
    "device_id": "Int64",
    "patch_id": "str",
    "kb_number": "str",
    "name": "str",
    "severity": "str",
    "status": "str",
    "type": "str",
    "installed_at": "datetime64[us, UTC]",
    "first_seen_at": "datetime64[us, UTC]",
    "at_least": "boolean",
}
# What software patches call the same.
_OF_SOFTWARE = {"name": "title", "severity": "impact"}


@dataclass(frozen=True, slots=True)
class Rules:
    """Which patches count, and which of NinjaOne's words make one open or an exception (upper case)."""

    open_statuses: tuple[str, ...] = OPEN
    excepted_statuses: tuple[str, ...] = EXCEPTED
    excluded_types: tuple[str, ...] = LEFT_OUT
    milder: tuple[str, ...] = ()
    """Severities of ours that do not count."""


def rules_of(
    *,
    excluded_types: Names,
    min_severity: str | None,
    open_statuses: Names,
    excepted_statuses: Names,
) -> Rules:
    """The rules that the parameters of a report ask for.

    Raises UnknownNameError for a severity that nobody has, UsageError for a status of both kinds.
    """
    opened, excepted = _words(open_statuses), _words(excepted_statuses)
    both = sorted({*opened} & {*excepted})
    if both:
        raise UsageError(
            f"{both[0]} is in open_statuses and in excepted_statuses. Take it out of one of them."
        )
    return Rules(opened, excepted, _words(excluded_types), milder_than(min_severity))


def milder_than(severity: str | None) -> tuple[str, ...]:
    """The severities that are milder than *severity*, whatever its case; none are where it is None.

    Raises UnknownNameError for a severity that nobody has.
    """
    if severity is None:
        return ()
    word, known = str(severity).lower(), SEVERITIES[:-1]
    if word not in known:
        raise UnknownNameError.among("severity", severity, known)
    return known[known.index(word) + 1 :]


def words_for(severities: tuple[str, ...]) -> tuple[str, ...]:
    """NinjaOne's words for these *severities*, in upper case."""
    return tuple(word for word, severity in _SEVERITY_OF.items() if severity in severities)


def _words(asked: Names) -> tuple[str, ...]:
    return tuple(str(one).upper() for one in several(asked))


def severity_of(words: pd.Series) -> pd.Series:
    """The severity of each word in any vocabulary and case: one of SEVERITIES."""
    return words.str.upper().map(_SEVERITY_OF).astype("str").fillna("unknown")


def listed(
    frames: Mapping[str, pd.DataFrame], table: str, devices: pd.Series, rules: Rules
) -> pd.DataFrame:
    """The patches that count on these *devices* (ids), one row per device and patch.

    Columns: device_id, patch (what tells patches apart), item (what a patch is known by: KB, else
    name), kb_number, name, severity, status, stands ("open", "exception", "unclear", "installed")
    first_seen_at and at_least. Of several rows of one patch the one that stands worst is taken.
    """
    found = _counting(_rows(frames, table, devices), rules)
    status = found["status"]
    found["stands"] = np.select(
        [
            status.isin(rules.open_statuses),
            status.isin(rules.excepted_statuses),
            status == "INSTALLED",
        ],
        ["open", "exception", "installed"],
        "unclear",
    )
    rank = found["stands"].map({one: place for place, one in enumerate(_STANDS)})
    order = ["device_id", "patch", "rank", "grave", "name"]
    found = found.assign(rank=rank, grave=graveness(found["severity"]))
    found = found.sort_values(order, kind="stable").drop_duplicates(["device_id", "patch"])
    kept = ["device_id", "patch", "item", "kb_number", "name", "severity", "status", "stands"]
    return found[[*kept, "first_seen_at", "at_least"]].reset_index(drop=True)


def attempts(
    frames: Mapping[str, pd.DataFrame], table: str, devices: pd.Series, rules: Rules
) -> pd.DataFrame:
    """The different attempts to install patches that count: device_id, patch, item, name, status, at.

    The status is INSTALLED or FAILED; `at` is missing where NinjaOne gave no time.
    """
    found = _counting(_rows(frames, table, devices), rules)
    found = found[found["status"].isin(["INSTALLED", "FAILED"])]
    found = found.rename(columns={"installed_at": "at"})
    key = ["device_id", "patch", "status", "at"]
    kept = ["device_id", "patch", "item", "kb_number", "name", "severity", "status", "at"]
    return found[kept].drop_duplicates(key).reset_index(drop=True)


def _rows(frames: Mapping[str, pd.DataFrame], table: str, devices: pd.Series) -> pd.DataFrame:
    """The rows of these devices, of OS patches and software patches alike."""
    theirs = _OF_SOFTWARE if table.startswith("software") else {}
    columns = {theirs.get(name, name): dtype for name, dtype in _PATCH.items()}
    found = read(frames, table, columns).rename(
        columns={given: name for name, given in theirs.items()}
    )
    found = found[found["device_id"].isin(devices.dropna())].reset_index(drop=True)
    for word in ("status", "type"):
        found[word] = found[word].fillna("").str.upper()
    known_by = found["kb_number"].fillna(found["name"])
    patch = found["patch_id"].fillna(known_by).fillna("?")
    return found.assign(
        severity=severity_of(found["severity"]), patch=patch, item=known_by.fillna(patch)
    )


def _counting(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The rows of patches that count."""
    out = (
        rows["type"].isin(rules.excluded_types)
        | rows["severity"].isin(rules.milder)
        | (rows["kb_number"] == DEFENDER).fillna(False)
    )
    return rows[~out].copy()


def graveness(severity: pd.Series) -> pd.Series:
    """The place of each severity in SEVERITIES: 0 is critical."""
    return severity.map({word: place for place, word in enumerate(SEVERITIES)}).astype("int64")


def unheard_of(
    frames: Mapping[str, pd.DataFrame], tables: tuple[str, ...], rules: Rules
) -> dict[str, list[str]]:
    """The words of each table that nothing here knows, for the panel of data quality."""
    found = {}
    for table in tables:
        installs = table.endswith("installs")
        known = (
            {"INSTALLED", "FAILED"}
            if installs
            else {*rules.open_statuses, *rules.excepted_statuses, "INSTALLED"}
        )
        grade = "impact" if table.startswith("software") else "severity"
        rows = read(frames, table, {"status": "str", grade: "str"})
        told = [f"status {one}" for one in _different(rows["status"]) if one not in known | {""}]
        if (rows["status"].fillna("") == "").any():
            told.append("no status")
        grades = {*_SEVERITY_OF, *_SAYS_NOTHING}
        told += [f"{grade} {one}" for one in _different(rows[grade]) if one not in grades]
        found[table] = told
    return found


def _different(words: pd.Series) -> list[str]:
    return sorted(set(words.dropna().drop_duplicates().str.upper()))


def of_each(ids: pd.Series, told: pd.Series, dtype: Any) -> pd.Series:
    """What is *told* of each device id, in the order of *ids*; missing where nothing is."""
    found: pd.Series = told.reindex(pd.Index(ids)).set_axis(ids.index).astype(dtype)
    return found


def how_many(ids: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """How many of the *rows* each device has."""
    return of_each(ids, rows["device_id"].value_counts(), "Int64").fillna(0).astype("int64")


def severity_named(graveness: pd.Series) -> pd.Series:
    """The severity at each place in SEVERITIES."""
    return graveness.map(dict(enumerate(SEVERITIES))).astype("str")


# -- time --------------------------------------------------------------------------------------------

_MONTH = r"\b(20\d\d)-(0[1-9]|1[0-2])\b"


def patch_tuesday(year: int, month: int) -> pd.Timestamp:
    """When Microsoft publishes in a month: its second Tuesday, 10:00 in Redmond, told as 17:00 UTC."""
    first = datetime(year, month, 1, 17, tzinfo=UTC)
    return pd.Timestamp(first + timedelta(days=(1 - first.weekday()) % 7 + 7))


def released_at(names: pd.Series) -> pd.Series:
    """When each patch came out by the month in its name ("2026-11 …"): that month's Patch Tuesday."""
    parts = names.str.extract(_MONTH)
    month = parts[0] + "-" + parts[1]
    known = {text: patch_tuesday(int(text[:4]), int(text[5:])) for text in month.dropna().unique()}
    return month.map(known).astype("datetime64[us, UTC]")


def aged(patches: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """The patches with since_at, its basis, age_days, and cycles: how many Patch Tuesdays went by.

    basis is "release_inferred" (the month in the name), "first_seen" (a first_seen_at that a history
    gave) or "unknown"; at_least says that the history had it from its beginning. NinjaOne gives no date of publication, and the time of collection is none.
    """
    released = released_at(patches["name"])
    since = released.fillna(patches["first_seen_at"])
    basis = np.select(
        [released.notna(), since.notna()], ["release_inferred", "first_seen"], "unknown"
    )
    # A patch of a month whose Tuesday is still to come is out early, not younger than new.
    days = ((now - since).dt.total_seconds() / 86_400).clip(lower=0).astype("Float64")
    bound = pd.Series(basis == "first_seen", index=patches.index)
    if "at_least" in patches:
        bound &= patches["at_least"].fillna(False).astype(bool)
    else:
        bound &= False
    return patches.assign(
        since_at=since, basis=basis, at_least=bound, age_days=days, cycles=_cycles(since, now)
    )


def _cycles(since: pd.Series, now: pd.Timestamp) -> pd.Series:
    """How many Patch Tuesdays there were after *since*, up to *now*."""
    found = pd.Series(pd.NA, index=since.index, dtype="Int64")
    known = since.dropna()
    if known.empty:
        return found
    months = pd.period_range(known.min().strftime("%Y-%m"), now.strftime("%Y-%m"), freq="M")
    tuesdays = pd.DatetimeIndex(
        [patch_tuesday(one.year, one.month) for one in months], dtype="datetime64[us, UTC]"
    )
    gone = tuesdays[tuesdays <= now]
    found[known.index] = (len(gone) - gone.searchsorted(pd.DatetimeIndex(known), "right")).clip(0)
    return found


def cycle_of(now: pd.Timestamp) -> tuple[str, pd.Timestamp]:
    """The month of the last Patch Tuesday, e.g. "2026-11", and that Tuesday."""
    this = patch_tuesday(now.year, now.month)
    if this > now:
        year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
        this = patch_tuesday(year, month)
    return f"{this:%Y-%m}", this


def monthly(names: pd.Series, month: str) -> pd.Series:
    """Whether each name is that of Windows' cumulative update of *month*, under either of its titles.

    It is "2026-11 Cumulative Update for Windows 11 …", also as a preview, or "2026-11 Security Update
    (KB…"; the updates of .NET have a like name and are none.
    """
    text = rf"^\s*{re.escape(month)}\b.*(?:\bcumulative update\b|\bsecurity update \(kb)"
    net = names.str.contains(r"\.net\b", case=False, regex=True)
    return (names.str.contains(text, case=False, regex=True) & ~net).fillna(False).astype(bool)


def install_times(frames: Mapping[str, pd.DataFrame]) -> pd.Series:
    """When each attempt of anybody to install an OS patch was made; missing where nobody says."""
    column = "installed_at"
    return read(frames, "os_patch_installs", {column: _PATCH[column]})[column]


def heard_of(
    frames: Mapping[str, pd.DataFrame], now: pd.Timestamp, *, installs: str, scans: str = ""
) -> pd.Series:
    """The ids of devices whose patching was heard of in the last EVIDENCE_DAYS.

    An attempt to install in the table *installs*, good or bad, is a sign; so is an activity with the
    status code *scans*.
    """
    since = now - pd.Timedelta(EVIDENCE_DAYS, "D")
    tried = read(frames, installs, {"device_id": "Int64", "installed_at": _PATCH["installed_at"]})
    parts = [tried.loc[tried["installed_at"].between(since, now), "device_id"]]
    if scans:
        told = read(frames, "activities", _ACTIVITY)
        there = told["activity_at"].between(since, now) & (told["status_code"] == scans)
        parts.append(told.loc[there.fillna(False).astype(bool), "device_id"])
    heard: pd.Series = pd.concat(parts).dropna().drop_duplicates()
    return heard


_ACTIVITY = {
    "device_id": "Int64",
    "activity_at": "datetime64[us, UTC]",
    "status_code": "str",
}
