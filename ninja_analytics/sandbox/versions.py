"""The programs as products: names written out, and how versions follow each other."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from ninja_analytics.sandbox import products

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


def version_of(newest: str, back: int) -> str:
    """The version *back* releases before *newest*, whose part after @ says which number counts.

    With less than zero, a version that comes after it.
    """
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


def is_steady(newest: str, count: int) -> bool:
    """Whether each of the last *count* versions is above the one before.

    Where the number that counts comes down to zero, the rest says nothing of the order.
    """
    text, _, part = newest.partition("@")
    numbers = [int(word) for word in re.findall(r"\d+", text)]
    counts = numbers[min(int(part or 0), len(numbers) - 1)]
    return bool(part) and counts >= max(1, counts // 500) * (count - 1)


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


def is_managed(product: Product) -> bool:
    """Whether NinjaOne updates a product: everywhere the same; its own update themselves."""
    return (
        product.days > 0
        and product.family in ("windows", "mac")  # Linux packages are patches of the system
        and not product.name.startswith("Ninja")
        and zlib.crc32(product.name.encode()) % 4 == 0
    )
