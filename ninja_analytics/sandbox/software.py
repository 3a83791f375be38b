"""Which programs every device has, in which version: pages of a million rows without a million rows.

Every (product, version, day of installation) is encoded once, as a fragment of JSON; a device is a
choice of fragments, made from the seed and its id, to which its id and time are appended.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from ninja_analytics.sandbox import products
from ninja_analytics.sandbox.fleet import CLASS_NAMES, Fleet, Numbers
from ninja_analytics.sandbox.times import DAY, day_text

VERSIONS = 8
_WAITS = np.array([0, 0, 0, 1, 4, 9])  # days until installation; the first two are undated
_NEVER = 40_000  # days: older than anything
_DICE = 1 << 18
_OPTIONS = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Product:
    """A program: its share of workstations and servers, and how its versions follow each other."""

    name: str
    publisher: str
    shares: tuple[float, float]
    days: int
    newest: str
    family: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A program on one device: how many releases it is behind, and its day (epoch seconds), if known."""

    number: int
    product: Product
    back: int
    on: float | None

    def version(self, back: int) -> str:
        """The version *back* releases before the newest one."""
        return version_of(self.product.newest, back)


def version_of(newest: str, back: int) -> str:
    """The version *back* releases before *newest*, whose part after @ says which number counts."""
    text, _, part = newest.partition("@")
    if not part or not back:
        return text
    numbers = re.split(r"(\D+)", text)
    place = min(int(part) * 2, len(numbers) - 1)
    count = int(numbers[place])
    step = max(1, count // 500)
    numbers[place] = str(max(count - step * back, 0)).zfill(len(numbers[place]))
    for later in range(place + 2, len(numbers), 2):
        if int(numbers[later]):  # a zero stays one, as in 142.0
            width = len(numbers[later])
            mixed = int(numbers[later]) * 7919 + back * 104_729
            numbers[later] = str(mixed % 10**width).zfill(width)
    return "".join(numbers)


def all_products() -> list[Product]:
    """Every product of the three families, with [a;b] names written out."""
    found = []
    for family, lines in (("windows", products.WINDOWS), ("mac", products.MAC)):
        for line in lines.strip().splitlines():
            name, publisher, percent, days, newest = line.split("|")
            shares = [float(part) / 100 for part in percent.split(",")]
            for option, title in _written_out(name):
                versioned = "." in option
                found.append(
                    Product(
                        title,
                        publisher,
                        (shares[0], shares[-1]),
                        0 if versioned else int(days),
                        option if versioned else newest,
                        family,
                    )
                )
    packages = products.LINUX.split()
    for place, word in enumerate(packages):
        name, _, version = word.partition("=")
        share = 0.97 - 0.62 * (place / len(packages)) ** 2
        counts = version.count(".")
        newest = f"{version}-4ubuntu9@{counts + 1}"
        found.append(Product(name, "Ubuntu Developers", (share, share), 70, newest, "linux"))
    return found


def _written_out(name: str) -> list[tuple[str, str]]:
    """The names for which *name* stands, each with the option that it took."""
    match = _OPTIONS.search(name)
    if not match:
        return [("", name)]
    found = []
    for option in match.group(1).split(";"):
        rest = name[: match.start()] + option + name[match.end() :]
        found += [(option or inner, title) for inner, title in _written_out(rest)]
    return found


class Software:
    """The software of a fleet: rows of a device, ready-made as JSON, chosen from the seed."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        dice = np.random.default_rng((fleet.seed, 77))
        self._products = all_products()
        family = np.array([product.family for product in self._products])
        share = np.array([product.shares for product in self._products])
        days = np.array([product.days for product in self._products])
        self._fixed = days == 0
        self._days = np.where(self._fixed, _NEVER, days)
        self._phase = np.where(self._fixed, _NEVER, dice.integers(1, self._days + 1))
        self._choices = dice.random(_DICE)
        self._races = dice.standard_exponential(_DICE)
        self._groups = _groups(family, share)
        self._fragments: dict[tuple[bool, bool], list[bytes]] = {}

    @property
    def products(self) -> list[Product]:
        """Every product there is; their places are their numbers."""
        return self._products

    def rows(
        self, index: int, *, nulls: bool = False, iso: bool = False, wanted: Numbers | None = None
    ) -> list[bytes]:
        """The rows of one device as JSON objects; *wanted* says which fragments may be among them."""
        chosen = self._chosen(index)
        if wanted is not None:
            chosen = chosen[wanted[chosen]]
        fragments = self._table(nulls=nulls, iso=iso)
        tail = b',"deviceId":%d,"timestamp":%.3f000000}' % (
            self._fleet.ids[index],
            self._fleet.collected[index],
        )
        return [fragments[number] + tail for number in chosen.tolist()]

    def chunks(self, devices: Numbers, **how: Any) -> Iterator[list[bytes]]:
        """The rows of *devices*, a device at a time."""
        for index in devices[self._fleet.software_rows[devices] > 0].tolist():
            rows = self.rows(index, **how)
            if rows:
                yield rows

    def installed(self, index: int) -> list[Installed]:
        """The programs of one device."""
        if not self._fleet.software_rows[index]:
            return []
        found = []
        for fragment in self._chosen(index).tolist():
            number, back = divmod(fragment // len(_WAITS), VERSIONS)
            day = float(self._installed_on[fragment])
            on = None if math.isnan(day) else day
            found.append(Installed(number, self._products[number], back, on))
        return found

    def published(self, number: int, back: int) -> float:
        """When the version *back* releases before the newest one came out, in epoch seconds."""
        return float(self._fleet.now // DAY - self._ages[number, back]) * DAY

    def installed_between(self, after: float | None, before: float | None) -> Numbers:
        """Which fragments were installed after and before these times; those without a day are not."""
        day = self._installed_on
        low = -math.inf if after is None else after
        high = math.inf if before is None else before
        wanted: Numbers = (day > low) & (day < high)
        return wanted

    @cached_property
    def _ages(self) -> Numbers:
        """How many days ago every version of every product was published."""
        age = self._phase[:, None] + self._days[:, None] * np.arange(VERSIONS)
        old = 200 + 37 * (np.arange(len(self._products)) % 29)
        ages: Numbers = np.where(self._fixed[:, None], old[:, None], age)
        return ages

    @cached_property
    def _installed_on(self) -> Numbers:
        """The day of installation of every fragment, in epoch seconds; nan where it has none."""
        moment = np.floor(self._fleet.now / DAY - (self._ages[:, :, None] - _WAITS)) * DAY
        moment[:, :, :2] = np.nan
        flat: Numbers = moment.reshape(-1)
        return flat

    def _chosen(self, index: int) -> Numbers:
        """The fragments of one device: products by popularity, versions by its habit of updating."""
        members, rates = self._groups[CLASS_NAMES[self._fleet.kind[index]]]
        count = min(int(self._fleet.software_rows[index]), len(members))
        start = (int(self._fleet.ids[index]) * 2_654_435_761 + self._fleet.seed) % (_DICE - 2048)
        race = self._races[start : start + len(members)] * rates
        product = members[np.sort(np.argpartition(race, count - 1)[:count])]
        wait = (self._choices[start + 512 : start + 512 + count] * len(_WAITS)).astype(int)
        habit = (
            self._fleet.home(index).patch_days * self._races[start + 1024 : start + 1024 + count]
        )
        silent = (self._fleet.now - self._fleet.collected[index]) / DAY
        lag = silent + habit + _WAITS[wait] - self._phase[product]
        back = np.clip(np.ceil(lag / self._days[product]), 0, VERSIONS - 1).astype(int)
        too_new = self._ages[product, back] - _WAITS[wait] < silent + 1
        found: Numbers = (product * VERSIONS + back) * len(_WAITS) + np.where(too_new, 0, wait)
        return found

    def _table(self, *, nulls: bool, iso: bool) -> list[bytes]:
        """Every fragment, encoded; made once for each way of writing."""
        key = (nulls, iso)
        if key not in self._fragments:
            days = [
                None if math.isnan(moment) else day_text(moment) + ("T00:00:00Z" if iso else "")
                for moment in self._installed_on.tolist()
            ]
            self._fragments[key] = [
                self._fragment(number, day, nulls) for number, day in enumerate(days)
            ]
        return self._fragments[key]

    def _fragment(self, number: int, day: str | None, nulls: bool) -> bytes:
        place, back = divmod(number // len(_WAITS), VERSIONS)
        product = self._products[place]
        known = place * 7919 % 100  # what a program tells about itself, always the same
        row = {
            "installDate": day,
            "location": _folder(product) if known < 55 else None,
            "name": product.name,
            "publisher": product.publisher if known < 96 else None,
            "size": 4096 * (1 + place * 104_729 % 300_000 + back * 31) if known > 30 else None,
            "version": version_of(product.newest, back),
            "productCode": _product_code(place)
            if product.family == "windows" and known < 70
            else None,
            "isSystemComponent": True if 80 < known < 88 else None,
        }
        kept = row if nulls else {key: value for key, value in row.items() if value is not None}
        return msgspec.json.encode(kept)[:-1]


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
