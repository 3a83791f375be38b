"""The activity log of a period: what each activity was about, how it ended, and who was behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ninja_analytics.periods import Period
from ninja_analytics.reports.audit.families import (
    OTHER,
    ended_by_name,
    failed_by_name,
    family_of,
)
from ninja_analytics.reports.population import read

# Texts are read of the rows that are shown alone: a log has millions.
_LIGHT = {
    "activity_id": "Int64",
    "activity_at": "datetime64[us, UTC]",
    "device_id": "Int64",
    "user_id": "Int64",
    "activity_type": "category",
    "status_code": "category",
    "activity_result": "category",
}
_TEXTS = {"source_name": "str", "status": "str", "message": "str"}
_PERSON = {"user_id": "Int64", "first_name": "str", "last_name": "str", "email": "str"}
_OUTCOMES = ("failed", "succeeded", "exception", "unknown", "")
_RESULTS = {
    "FAILURE": "failed",
    "SUCCESS": "succeeded",
    "UNSUPPORTED": "exception",
    "UNCOMPLETED": "exception",
    "AGENT_OFFLINE": "exception",
}
MESSAGE = 160
"""How many characters of a message are shown."""
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Log:
    """The activities that count, a row each, in the order of the table.

    `rows` has place (in the table), at, device_id, user_id (missing for the system), code, family,
    kind, and outcome: "failed", "succeeded", "exception" (not supported, not carried out), "unknown"
    for what ended without a result, "" for what has no end. `undated` rows are in no period,
    `left_out` ones are the tenant's own, or of unlisted devices, where devices were chosen.
    """

    rows: pd.DataFrame
    undated: int
    left_out: int
    strange: tuple[str, ...]
    people: pd.Series

    def of(self, family: str, *kinds: str) -> pd.Series:
        """Whether each row is of a family, or of some of its kinds."""
        there = self.rows["family"] == family
        return there & self.rows["kind"].isin(kinds) if kinds else there


def log(
    frames: Mapping[str, pd.DataFrame],
    period: Period,
    *,
    device_ids: pd.Series | None,
    families: Mapping[str, Iterable[str]],
) -> Log:
    """The activities of the *period* on the devices of *device_ids* (None: all that there are)."""
    rows = read(frames, "activities", _LIGHT).rename(columns={"activity_at": "at"})
    rows["place"] = np.arange(len(rows))
    known = rows["activity_id"]
    if not known.is_unique:
        rows = rows[~(known.duplicated() & known.notna())]
    undated = int(rows["at"].isna().sum())
    rows = rows[period.contains(rows["at"])]
    inside = len(rows)
    if device_ids is not None:
        rows = rows[rows["device_id"].isin(device_ids.dropna())]
    told, strange = _classified(rows, families)
    kept = rows[["place", "at", "device_id", "user_id"]]
    kept = kept.assign(user_id=kept["user_id"].where(kept["user_id"] > 0))
    kept = pd.concat([kept, told], axis=1).reset_index(drop=True)
    return Log(kept, undated, inside - len(rows), strange, _people(frames))


def _classified(
    rows: pd.DataFrame, own: Mapping[str, Iterable[str]]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Code, family, kind and outcome of each row, and the codes that no family has.

    There are few different ones: each is looked up once.
    """
    columns = [rows[name].cat for name in ("activity_type", "status_code", "activity_result")]
    sizes = [len(column.categories) + 1 for column in columns]
    number = np.zeros(len(rows), dtype="int64")
    for column, size in zip(columns, sizes, strict=True):
        number = number * size + (column.codes.to_numpy().astype("int64") + 1)
    different, place = np.unique(number, return_inverse=True)
    told, strange = [], set()
    for one in different.tolist():
        rest, result = divmod(one, sizes[2])
        kind_of, code = divmod(rest, sizes[1])
        word = [
            str(column.categories[at - 1]) if at else ""
            for column, at in zip(columns, (kind_of, code, result), strict=True)
        ]
        family, kind = family_of(word[1], word[0], own)
        if family == OTHER:
            strange.add(word[1] or "no status code")
        told.append((word[1], family, kind, _outcome(word[1], word[2])))
    found = {
        name: _spread([one[at] for one in told], place, rows.index)
        for at, name in enumerate(("code", "family", "kind", "outcome"))
    }
    return pd.DataFrame(found, index=rows.index), tuple(sorted(strange))


def _spread(words: list[str], place: np.ndarray, index: pd.Index) -> pd.Series:
    """The word of each row as a category."""
    names = sorted(set(words))
    codes = np.array([names.index(word) for word in words], dtype="int32")
    kind = pd.CategoricalDtype(pd.Index(names, dtype="str"))
    return pd.Series(pd.Categorical.from_codes(codes[place], dtype=kind), index=index)


def _outcome(code: str, result: str) -> str:
    """How an activity ended, by its result, and by its code where there is none."""
    if result:
        known = _RESULTS.get(result.upper())
        return known or "unknown"
    if failed_by_name(code):
        return "failed"
    return "unknown" if ended_by_name(code) else ""


def _people(frames: Mapping[str, pd.DataFrame]) -> pd.Series:
    """The names of technicians and users by their id."""
    told = [read(frames, name, _PERSON) for name in ("technicians", "users")]
    every = pd.concat(told, ignore_index=True).dropna(subset=["user_id"])
    every = every.drop_duplicates("user_id").set_index("user_id")
    full = (every["first_name"].fillna("") + " " + every["last_name"].fillna("")).str.strip()
    return full.where(full != "", every["email"])


def actor(user_id: pd.Series, people: pd.Series) -> pd.Series:
    """Who is behind each activity: a name, "user 7" for an id that nobody lists, or "system"."""
    name = people.reindex(pd.Index(user_id)).set_axis(user_id.index)
    return name.fillna("user " + user_id.astype("str")).fillna(SYSTEM)


def with_texts(frames: Mapping[str, pd.DataFrame], rows: pd.DataFrame) -> pd.DataFrame:
    """Some *rows* of the log with what they are about (`what`) and their `message`, shortened."""
    frame = frames.get("activities")
    if frame is not None:
        there = [name for name in _TEXTS if name in frame]
        frames = {"activities": frame[there].take(rows["place"].to_numpy())}
    texts = read(frames, "activities", _TEXTS).set_axis(rows.index)
    what = texts["source_name"].fillna(texts["status"])
    message = texts["message"].str.replace(r"\s+", " ", regex=True).str.strip()
    long = message.str.len() > MESSAGE
    short = message.str.slice(0, MESSAGE - 1) + "…"
    return rows.assign(
        what=what.fillna(rows["code"].astype("str")).replace("", "not told"),
        status=texts["status"].fillna(rows["code"].astype("str")),
        message=message.mask(long.fillna(False).astype(bool), short),
    )
