"""How one large question is split into many of about equal size, which can be asked side by side.

A cursor gives its pages one after the other, so a large query is asked organization by organization:
small ones together, very large ones location by location, and at last all others, so that nothing
is left out that the list of devices does not know. NinjaOne passes over filters that it does not
understand; so what comes back is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

_MOST_NAMED = 300  # ids in one filter: the length that NinjaOne takes is not known


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a pull: where it is asked, and what the rows get that do not carry it.

    `organizations` are those whose rows may come (None: any), or may not if `others`.
    """

    path: str
    params: Mapping[str, object] = field(default_factory=dict)
    given: Mapping[str, object] = field(default_factory=dict)
    organizations: frozenset[int] | None = None
    others: bool = False

    def told(self) -> dict[str, Any]:
        """The shard as plain data, of which `of` makes it again."""
        organizations = None if self.organizations is None else sorted(self.organizations)
        return {
            "path": self.path, "params": dict(self.params), "given": dict(self.given),
            "organizations": organizations, "others": self.others,
        }  # fmt: skip

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Shard:
        """The shard that `told` told of."""
        organizations = told["organizations"]
        known = None if organizations is None else frozenset(organizations)
        return cls(**{**told, "organizations": known})

    def allows(self, organizations: Any) -> Any:
        """Whether rows of each of the *organizations* may come."""
        if self.organizations is None:
            return np.ones(len(organizations), dtype=bool)
        return np.isin(organizations, list(self.organizations)) != self.others


def split(shard: Shard, devices: pd.DataFrame, most: float) -> list[Shard]:
    """*shard* as several, each of about *most* of the *devices* at most; the largest come first.

    *devices* are those that the shard is about, with organization_id and location_id. A fleet that
    fits into one is not split.
    """
    counts = devices.groupby("organization_id").size().sort_values(ascending=False)
    if len(counts) < 2 or len(devices) <= most:
        return [shard]
    named = counts.head(_MOST_NAMED)
    parts: list[Shard] = []
    for ids in _bins(named, most):
        if len(ids) == 1 and counts[ids[0]] > 1.5 * most:
            places = devices.loc[devices["organization_id"] == ids[0], "location_id"]
            parts += _by_location(shard, ids[0], places, most)
        else:
            parts.append(_of(shard, ids))
    return [*parts, _all_but(shard, named.index)]


def evenly(shard: Shard, organizations: Iterable[int], count: int) -> list[Shard]:
    """*shard* as about *count* shards, each of as many *organizations*, and one for all others."""
    ids = sorted(organizations)[:_MOST_NAMED]
    if len(ids) < 2 or count < 2:
        return [shard]
    step = -(-len(ids) // count)
    parts = [_of(shard, ids[start : start + step]) for start in range(0, len(ids), step)]
    return [*parts, _all_but(shard, ids)]


def _bins(counts: pd.Series[int], most: float) -> Iterator[list[int]]:
    """The keys of *counts*, largest first, gathered to bins that hold *most* or a single key."""
    ids: list[int] = []
    held = 0
    for key, count in counts.items():
        if ids and held + count > most:
            yield ids
            ids, held = [], 0
        ids.append(int(key))  # type: ignore[call-overload]
        held += int(count)
    if ids:
        yield ids


def _of(shard: Shard, ids: list[int]) -> Shard:
    return replace(
        shard,
        params=narrowed(shard.params, among("org", ids)),
        organizations=frozenset(ids),
    )


def _all_but(shard: Shard, ids: Iterable[int]) -> Shard:
    listed = ", ".join(str(one) for one in ids)
    return replace(
        shard,
        params=narrowed(shard.params, f"org notin ({listed})"),
        organizations=frozenset(int(one) for one in ids),
        others=True,
    )


def _by_location(
    shard: Shard, organization: int, places: pd.Series[Any], most: float
) -> list[Shard]:
    """The shards of one large organization: location by location, and its other devices."""
    whole = _of(shard, [organization])
    counts = places.value_counts().head(_MOST_NAMED)
    if len(counts) < 2:
        return [whole]
    parts = [
        replace(whole, params=narrowed(whole.params, among("loc", ids)))
        for ids in _bins(counts, most)
    ]
    listed = ", ".join(str(int(one)) for one in counts.index)
    return [*parts, replace(whole, params=narrowed(whole.params, f"loc notin ({listed})"))]


def among(word: str, ids: list[int]) -> str:
    """The clause that lets pass what has one of *ids*."""
    if len(ids) == 1:
        return f"{word} = {ids[0]}"
    return f"{word} in ({', '.join(map(str, ids))})"


def narrowed(params: Mapping[str, object], clause: str) -> dict[str, object]:
    """*params* with *clause* joined to the device filter that they have."""
    df = f"{params['df']} AND {clause}" if params.get("df") else clause
    return {**params, "df": df}


def goes_astray(found: list[tuple[Shard, Any]], devices: pd.DataFrame) -> bool:
    """Whether rows came that were not asked for: NinjaOne passed over the filter of a shard.

    *found* has each shard with the ids of the devices whose rows it brought. No device may come in
    two shards, and a device that is known may come only where its organization is.
    """
    known = pd.Index(devices["device_id"])
    homes = devices["organization_id"].to_numpy(dtype="float64", na_value=np.nan)
    for shard, ids in found:
        places = known.get_indexer(ids)
        here = homes[places[places >= 0]]
        if not np.all(shard.allows(here[~np.isnan(here)])):
            return True
    everything = np.concatenate([ids for _, ids in found])
    return len(np.unique(everything)) < len(everything)
