"""Which programs every device has, in which version: pages of a million rows without a million rows.

Every (product, version, day of installation) is encoded once, as a fragment of JSON; a device is a
choice of fragments, made from the seed and its id, to which its id and time are appended.

Versions are counted from the one that was the newest when the sandbox began: -1 is the one before, 1
the next to come. What a device has is what it had at first, and what it took up since then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from ninja_analytics.sandbox.fleet import CLASS_NAMES, Fleet, Numbers
from ninja_analytics.sandbox.newcomers import later_of
from ninja_analytics.sandbox.times import DAY, day_text
from ninja_analytics.sandbox.versions import Product, all_products, is_steady, version_of

VERSIONS = 8
_WAITS = np.array([0, 0, 0, 1, 4, 9])  # days until installation; the first two are undated
_NEVER = 40_000  # days: older than anything
_DICE = 1 << 18
Wanted = Callable[[Numbers], Numbers]


@dataclass(frozen=True, slots=True)
class Installed:
    """A program on one device: how many releases it is behind, and its day (epoch seconds), if known."""

    number: int
    product: Product
    back: int
    on: float | None
    released: int = 0  # versions, since the sandbox began

    def version(self, back: int) -> str:
        """The version *back* releases before the newest one."""
        return version_of(self.product.newest, back - self.released)


@dataclass(frozen=True, slots=True)
class Held:
    """The programs of one device: fragments that it had at first and still has, and what came since.

    The latter as numbers of products and of versions, and days since 1970 (-1: not known).
    """

    base: Numbers
    product: Numbers
    version: Numbers
    day: Numbers

    def moments(self) -> Numbers:
        """The days of what came since, in epoch seconds; nan where none is known."""
        found: Numbers = np.where(self.day < 0, np.nan, self.day * DAY)
        return found


class Software:
    """The software of a fleet: rows of a device, ready-made as JSON, chosen from the seed."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        dice = np.random.default_rng((fleet.seed, 77))
        self._products = all_products()
        self._later = later_of(self._products, seed=fleet.seed, born=fleet.born)
        self._made: dict[tuple[bool, bool, int, int, int], bytes] = {}
        family = np.array([product.family for product in self._products])
        share = np.array([product.shares for product in self._products])
        days = np.array([product.days for product in self._products])
        self._fixed = days == 0
        self._days = np.where(self._fixed, _NEVER, days)
        self._phase = np.where(self._fixed, _NEVER, dice.integers(1, self._days + 1))
        self._steady = np.array([is_steady(product.newest, VERSIONS) for product in self._products])
        self._choices = dice.random(_DICE)
        self._races = dice.standard_exponential(_DICE)
        self._newest = self._newest_at(fleet.now)
        self._groups = _groups(family, share)
        self._fragments: dict[tuple[bool, bool], list[bytes]] = {}

    @property
    def products(self) -> list[Product]:
        """Every product that was there at first; their places are their numbers."""
        return self._products

    def move(self, fleet: Fleet) -> None:
        """Hold the same fleet at a later time."""
        self._fleet = fleet
        self._newest = self._newest_at(fleet.now)
        self._made.clear()

    def rows(
        self, index: int, *, nulls: bool = False, iso: bool = False, wanted: Wanted | None = None
    ) -> list[bytes]:
        """The rows of one device as JSON objects; *wanted* says which days of installation pass."""
        held = self._held(index)
        chosen = held.base if wanted is None else held.base[wanted(self._installed_on[held.base])]
        fragments = self._table(nulls=nulls, iso=iso)
        tail = b',"deviceId":%d,"timestamp":%.3f000000}' % (
            self._fleet.ids[index],
            self._fleet.collected[index],
        )
        found = [fragments[number] + tail for number in chosen.tolist()]
        if not len(held.product):
            return found
        later = slice(None) if wanted is None else wanted(held.moments())
        keys = zip(held.product[later], held.version[later], held.day[later], strict=True)
        return found + [self._came(nulls, iso, *map(int, key)) + tail for key in keys]

    def chunks(self, devices: Numbers, **how: Any) -> Iterator[list[bytes]]:
        """The rows of *devices*, a device at a time."""
        for index in devices[self._fleet.software_rows[devices] > 0].tolist():
            rows = self.rows(index, **how)
            if rows:
                yield rows

    def installed(self, index: int, *, among: frozenset[int] | None = None) -> list[Installed]:
        """The programs of one device; *among* are the numbers of those that are asked for."""
        if not self._fleet.software_rows[index]:
            return []
        held = self._held(index)
        found = self._installed_at_first(held.base, among)
        came = zip(held.product, held.version, held.moments(), strict=True)
        found += [
            self._installed(int(number), int(version), float(day))
            for number, version, day in came
            if among is None or number in among
        ]
        return sorted(found, key=lambda one: one.number)

    def installed_at_first(self, index: int, *, among: frozenset[int]) -> list[Installed]:
        """The same when the sandbox began, or when the device came."""
        if not self._fleet.software_rows[index]:
            return []
        product, version, _, wait = self._story(index)
        old = version <= 0
        found = self._installed_at_first(
            self._fragments_of(index, product[old], -version[old], wait[old]), among
        )
        newer = zip(product[~old].tolist(), version[~old].tolist(), strict=True)
        found += [self._installed(n, version, math.nan) for n, version in newer if n in among]
        found.sort(key=lambda one: one.number)
        return [replace(one, back=one.back - one.released, released=0) for one in found]

    def _installed_at_first(
        self, fragments: Numbers, among: frozenset[int] | None
    ) -> list[Installed]:
        found = []
        for fragment, day in zip(fragments, self._installed_on[fragments], strict=True):
            number, back = divmod(int(fragment) // len(_WAITS), VERSIONS)
            if among is None or number in among:
                found.append(self._installed(number, -back, float(day)))
        return found

    def _installed(self, number: int, version: int, day: float) -> Installed:
        on = None if math.isnan(day) else day
        if number >= len(self._products):
            return Installed(number, self._later[number - len(self._products)].product, 0, on)
        newest = int(self._newest[number])
        return Installed(number, self._products[number], newest - version, on, newest)

    def published(self, number: int, back: int) -> float:
        """When the version *back* releases before the newest of the start came out (epoch seconds)."""
        return float(self._fleet.born // DAY - self._ages[number, back]) * DAY

    def taken_up(self, index: int, number: int) -> list[tuple[int, float]]:
        """The versions of a product that a device took up since the start, and when (epoch seconds)."""
        fleet, (product, first, due, _) = self._fleet, self._story(index)
        place = int(np.searchsorted(product, number))
        if place == len(product) or product[place] != number or self._fixed[number]:
            return []
        found = []
        after = int(first[place]) if self._steady[number] else max(0, int(first[place]))
        for version in range(after + 1, int(self._newest[number]) + 1):
            at = (float(due[place]) + float(self._days[number]) * version) * DAY
            at = fleet.after_absence(index, at)
            if at <= fleet.collected[index]:
                found.append((version, at))
        return found

    @cached_property
    def _ages(self) -> Numbers:
        """How many days before the start every version of every product was published."""
        age = self._phase[:, None] + self._days[:, None] * np.arange(VERSIONS)
        old = 200 + 37 * (np.arange(len(self._products)) % 29)
        ages: Numbers = np.where(self._fixed[:, None], old[:, None], age)
        return ages

    @cached_property
    def _installed_on(self) -> Numbers:
        """The day of installation of every fragment, in epoch seconds; nan where it has none."""
        moment = np.floor(self._fleet.born / DAY - (self._ages[:, :, None] - _WAITS)) * DAY
        moment[:, :, :2] = np.nan
        flat: Numbers = moment.reshape(-1)
        return flat

    def _newest_at(self, moment: float) -> Numbers:
        """The newest version of every product at a time."""
        age = (moment - self._fleet.born) / DAY + self._phase
        found: Numbers = np.where(self._fixed, 0, np.ceil(age / self._days) - 1).astype(int)
        return found

    def _story(self, index: int) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """The products of one device: numbers, versions at first, and how they are updated.

        The third is the day since 1970 on which the device takes up version 0; a later version
        follows after as many days as lie between versions. The fourth are the waits, by number.
        """
        fleet = self._fleet
        members, rates = self._groups[CLASS_NAMES[fleet.kind[index]]]
        count = min(int(fleet.software_rows[index]), len(members))
        start = (int(fleet.identity[index]) * 2_654_435_761 + fleet.seed) % (_DICE - 2048)
        race = self._races[start : start + len(members)] * rates
        product = members[np.sort(np.argpartition(race, count - 1)[:count])]
        wait = (self._choices[start + 512 : start + 512 + count] * len(_WAITS)).astype(int)
        habit = (
            fleet.first_home(index).patch_days * self._races[start + 1024 : start + 1024 + count]
        )
        silent = (fleet.born - fleet.first.seen[index]) / DAY
        lag = silent + habit + _WAITS[wait] - self._phase[product]
        newest = self._newest_at(float(fleet.first.seen[index]))[product] if silent < 0 else 0
        back = np.ceil(lag / self._days[product])
        back = np.clip(back, -newest, VERSIONS - 1 - newest).astype(int)
        due = fleet.born / DAY - self._phase[product] + habit + _WAITS[wait]
        return product, -back, due, wait

    def _fragments_of(self, index: int, product: Numbers, back: Numbers, wait: Numbers) -> Numbers:
        """The fragments of what a device had at first; what is as new as that has no day yet."""
        silent = (self._fleet.born - self._fleet.first.seen[index]) / DAY
        too_new = self._ages[product, back] - _WAITS[wait] < silent + 1
        found: Numbers = (product * VERSIONS + back) * len(_WAITS) + np.where(too_new, 0, wait)
        return found

    def _held(self, index: int) -> Held:
        """The programs of one device: products by popularity, versions by its habit of updating."""
        fleet, none = self._fleet, np.zeros(0, dtype=int)
        product, first, due, wait = self._story(index)
        if fleet.now == fleet.born:
            return Held(self._fragments_of(index, product, -first, wait), none, none, none)
        seen = float(fleet.collected[index]) / DAY
        keep = self._kept(index, product)
        product, first, due, wait = product[keep], first[keep], due[keep], wait[keep]
        days = self._days[product]
        version = np.floor((seen - due) / days).astype(int)
        version = np.clip(version, first, np.maximum(first, self._newest[product]))
        version = np.where(self._fixed[product], first, version)
        version = np.where(~self._steady[product] & (version <= 0), first, version)
        at = due + days * version
        for place in np.flatnonzero(version > first) if index in fleet.life.absences else ():
            while version[place] > first[place]:  # what it missed, it takes up when it is back
                at[place] = due[place] + days[place] * version[place]
                at[place] = fleet.after_absence(index, at[place] * DAY) / DAY
                if at[place] <= seen:
                    break
                before = int(version[place]) - 1
                steady = self._steady[product[place]] or before > 0
                version[place] = before if steady else first[place]
        same = (version == first) & (first <= 0)
        base = self._fragments_of(index, product[same], -first[same], wait[same])
        day = np.where(version > first, np.floor(at), -1).astype(int)[~same]
        number, on = self._newcomers(index)
        return Held(
            base,
            np.concatenate([product[~same], number]),
            np.concatenate([version[~same], np.zeros(len(number), dtype=int)]),
            np.concatenate([day, on]),
        )

    def _kept(self, index: int, product: Numbers) -> Numbers:
        """Which of these products are still on a device: some go out of use."""
        fleet, keep = self._fleet, np.ones(len(product), dtype=bool)
        for place, one in enumerate(self._later):
            if one.at < fleet.now and fleet.collected[index] >= one.ends(
                fleet.fraction(index, 306, place)
            ):
                keep &= product != one.instead_of
        return keep

    def _newcomers(self, index: int) -> tuple[Numbers, Numbers]:
        """The products that are new to the fleet and by now on a device, and their days."""
        fleet, found = self._fleet, []
        windows = CLASS_NAMES[fleet.kind[index]] == "WINDOWS_WORKSTATION"
        for place, one in enumerate(self._later if windows else ()):
            if one.at > fleet.now or fleet.fraction(index, 307, place) >= one.product.shares[0]:
                continue
            at = fleet.after_absence(index, one.begins(fleet.fraction(index, 308, place)))
            if at <= fleet.collected[index]:
                found.append((len(self._products) + place, at // DAY))
        table = np.array(found, dtype=int).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    def _came(self, nulls: bool, iso: bool, number: int, version: int, day: int) -> bytes:
        """A fragment that was not there at first, encoded; kept until the time moves on."""
        key = (nulls, iso, number, version, day)
        if key not in self._made:
            self._made[key] = self._encoded(number, -version, _day(day * DAY, day < 0, iso), nulls)
        return self._made[key]

    def _table(self, *, nulls: bool, iso: bool) -> list[bytes]:
        """Every fragment, encoded; made once for each way of writing."""
        key = (nulls, iso)
        if key not in self._fragments:
            days = [_day(moment, math.isnan(moment), iso) for moment in self._installed_on.tolist()]
            self._fragments[key] = [
                self._fragment(number, day, nulls) for number, day in enumerate(days)
            ]
        return self._fragments[key]

    def _fragment(self, number: int, day: str | None, nulls: bool) -> bytes:
        place, back = divmod(number // len(_WAITS), VERSIONS)
        return self._encoded(place, back, day, nulls)

    def _encoded(self, place: int, back: int, day: str | None, nulls: bool) -> bytes:
        """The row of a product in the version *back* releases before the newest of the start."""
        later = place - len(self._products)
        product = self._products[place] if later < 0 else self._later[later].product
        known = place * 7919 % 100  # what a program tells about itself, always the same
        row = {
            "installDate": day,
            "location": _folder(product) if known < 55 else None,
            "name": product.name,
            "publisher": product.publisher if known < 96 else None,
            "size": 4096 * (1 + place * 104_729 % 300_000 + abs(back) * 31) if known > 30 else None,
            "version": version_of(product.newest, back),
            "productCode": _product_code(place)
            if product.family == "windows" and known < 70
            else None,
            "isSystemComponent": True if 80 < known < 88 else None,
        }
        kept = row if nulls else {key: value for key, value in row.items() if value is not None}
        return msgspec.json.encode(kept)[:-1]


def _day(moment: float, unknown: bool, iso: bool) -> str | None:
    return None if unknown else day_text(moment) + ("T00:00:00Z" if iso else "")


def _groups(family: Numbers, share: Numbers) -> dict[str, tuple[Numbers, Numbers]]:
    """For each node class: the products that it may have and how fast each one loses the race."""
    where = {
        "WINDOWS_WORKSTATION": ("windows", 0),
        "WINDOWS_SERVER": ("windows", 1),
        "MAC": ("mac", 0),
        "LINUX_SERVER": ("linux", 0),
        "LINUX_WORKSTATION": ("linux", 0),
    }
    groups = {}
    for name, (kind, column) in where.items():
        members = np.flatnonzero((family == kind) & (share[:, column] > 0))
        odds = share[members, column]
        groups[name] = (members, (1.003 - odds) / odds)
    return groups


def _folder(product: Product) -> str:
    if product.family == "mac":
        return f"/Applications/{product.name}.app"
    if product.family == "linux":
        return f"/usr/share/doc/{product.name}"
    return f"C:\\Program Files\\{product.publisher.split(',')[0]}\\{product.name.split(' (')[0]}\\"


def _product_code(place: int) -> str:
    word = f"{place * 2_654_435_761 % 2**32:08X}"
    return f"{{{word}-{word[:4]}-4{word[4:7]}-A{word[1:4]}-{word[::-1]}{word[:4]}}}"
