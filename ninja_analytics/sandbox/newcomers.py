"""Products that are new to the fleet while the sandbox moves on, and those that go out of use then."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from ninja_analytics.sandbox.products import NEWCOMERS
from ninja_analytics.sandbox.times import DAY
from ninja_analytics.sandbox.versions import Product, is_managed

_EVERY = 17  # days from one newcomer to the next
_SPREADS, _FADES = 10, 5  # mean days until a device has it, or has the other no more
_COMMON = 0.05  # what fewer workstations have is not missed
_STAYS = ("Ninja", "Office 16", "Microsoft SQL")  # other tables tell of what these bring


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A product that comes at a time (epoch seconds), and the number of the one that goes then."""

    product: Product
    at: float
    instead_of: int

    def begins(self, draw: float) -> float:
        """When a device gets it, by a number from 0 up to 1."""
        return self.at - math.log(1 - draw) * _SPREADS * DAY

    def ends(self, draw: float) -> float:
        """When a device loses the other one, by such a number."""
        return self.at + DAY - math.log(1 - draw) * _FADES * DAY


def later_of(products: Sequence[Product], *, seed: int, born: float) -> list[Newcomer]:
    """What comes and what goes after the sandbox has begun, in the order of time."""
    dice = random.Random(f"{seed} newcomers")
    going = [number for number, one in enumerate(products) if _may_go(one)]
    coming = [line.split("|") for line in NEWCOMERS.strip().splitlines()]
    dice.shuffle(going)
    dice.shuffle(coming)
    return [
        Newcomer(
            Product(name, publisher, (float(percent) / 100, 0.0), 0, version, "windows"),
            born + (dice.uniform(2, 6) + _EVERY * place) * DAY,
            number,
        )
        for place, ((name, publisher, percent, version), number) in enumerate(
            zip(coming, going, strict=False)
        )
    ]


def _may_go(one: Product) -> bool:
    usual = one.family == "windows" and _COMMON <= one.shares[0] <= 0.5
    return usual and not is_managed(one) and not one.name.startswith(_STAYS)
