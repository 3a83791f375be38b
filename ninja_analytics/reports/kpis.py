"""What a KPI is: its definition, which kpis.toml has for all reports, and its value with all it hides."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import pandas as pd

from ninja_analytics.exports.cells import bytes_text

Unit = Literal["share", "count", "days", "hours", "bytes", "money", "rate"]
State = Literal["good", "watch", "act", "none"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a KPI counts, in words that an auditor can check.

    `good` and `watch` are the thresholds: at least (or, where less is better, at most) `good` is
    good, `watch` is to be watched, beyond is to act upon; None means that there is no agreed one.
    """

    key: str
    label: str
    unit: Unit
    meaning: str
    numerator: str
    source: str
    tables: tuple[str, ...]
    denominator: str = ""
    unknown: str = "none"
    exceptions: str = "none"
    less_is_better: bool = False
    good: float | None = None
    watch: float | None = None

    @property
    def formula(self) -> str:
        """The numerator over the denominator, in words."""
        return self.numerator if not self.denominator else f"{self.numerator} / {self.denominator}"

    @property
    def thresholds(self) -> str:
        """The thresholds in words, or that there are none."""
        if self.good is None or self.watch is None:
            return "none"
        sign = "≤" if self.less_is_better else "≥"
        good, watch = (amount_text(one, self.unit) for one in (self.good, self.watch))
        return f"good {sign} {good}, watch {sign} {watch}"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One headline number with everything that it hides: of how many, and how many nobody knows.

    `numerator` is None when a table that it needs could not be read. `value` is a count, a share
    from 0 to 1, or the `amount` in another unit (then numerator and denominator say what it stands
    on); it is None when there is nothing to divide by. `before` is the value of an earlier time.
    """

    definition: Definition
    numerator: int | None
    denominator: int | None = None
    unknown: int = 0
    exceptions: int = 0
    note: str = ""
    amount: float | None = None
    before: float | None = None
    before_at: pd.Timestamp | None = None

    @property
    def key(self) -> str:
        """The name of the KPI."""
        return self.definition.key

    @property
    def label(self) -> str:
        """The name as people read it."""
        return self.definition.label

    @property
    def unit(self) -> Unit:
        """What the value counts in."""
        return self.definition.unit

    @property
    def value(self) -> float | None:
        """The number itself, not rounded."""
        if self.numerator is None:
            return None
        if self.unit == "count":
            return float(self.numerator)
        if self.unit != "share":
            return self.amount
        return self.numerator / self.denominator if self.denominator else None

    @property
    def text(self) -> str:
        """The value as shown: shares are floored to one decimal and never rounded up to 100 %."""
        return "–" if self.value is None else amount_text(self.value, self.unit)

    @property
    def failed(self) -> int | None:
        """How many of a share do not pass; None for what is no share."""
        if self.unit != "share" or self.numerator is None or self.denominator is None:
            return None
        less = self.definition.less_is_better
        return self.numerator if less else self.denominator - self.numerator

    @property
    def passed(self) -> int | None:
        """How many of a share pass; None for what is no share."""
        failed = self.failed
        return None if failed is None or self.denominator is None else self.denominator - failed

    @property
    def change(self) -> str:
        """The difference to `before`, e.g. "+1.5 points since 2026-10-31"; "" where nobody knows."""
        if self.value is None or self.before is None or self.before_at is None:
            return ""
        difference = self.value - self.before
        sign = "+" if difference > 0 else "−" if difference < 0 else "±"
        size = abs(difference)
        told = f"{size * 100:.1f} points" if self.unit == "share" else amount_text(size, self.unit)
        return f"{sign}{told} since {self.before_at:%Y-%m-%d}"

    @property
    def detail(self) -> str:
        """What stands beside the value: n of N, unknown and exceptions; why there is none is a note."""
        if self.numerator is None:
            return "" if self.note else "could not be read"
        parts = []
        if self.denominator is not None and self.unit != "rate":
            parts.append(f"{self.numerator:,} of {self.denominator:,}")
        if self.unknown or self.unit == "share":
            parts.append(f"{self.unknown:,} unknown")
        if self.exceptions:
            parts.append(f"{self.exceptions:,} exception{'' if self.exceptions == 1 else 's'}")
        return " · ".join(parts)

    @property
    def state(self) -> State:
        """Where the value stands against the thresholds of its definition."""
        definition, value = self.definition, self.value
        if value is None or definition.good is None or definition.watch is None:
            return "none"
        sign = -1 if definition.less_is_better else 1
        if sign * value >= sign * definition.good:
            return "good"
        return "watch" if sign * value >= sign * definition.watch else "act"


def amount_text(amount: float, unit: Unit) -> str:
    """A value as people read it, by its unit."""
    if unit == "share":
        return share_text(amount)
    if unit == "bytes":
        return bytes_text(amount)
    if unit == "count":
        return f"{amount:,.0f}"
    return f"{amount:,.2f}" if unit in ("money", "rate") else f"{amount:,.1f} {unit}"


def share_text(share: float, digits: int = 1) -> str:
    """A share as a percentage, floored: 0.99999 is 99.9 %, and what is above 0 never reads 0."""
    scale: int = 10**digits
    # 1e-9 takes back what binary fractions lose (0.29 * 100 = 28.999…); no count is that fine.
    floored = math.floor(share * 100 * scale + 1e-9) / scale
    if share > 0 and floored == 0:
        return f"<{1 / scale:.{digits}f} %"
    return f"{floored:.{digits}f} %"


def _definitions(text: str) -> Mapping[str, Definition]:
    """The definitions in a text of TOML, by key."""
    told = tomllib.loads(text)
    return MappingProxyType(
        {
            key: Definition(key=key, **{**one, "tables": tuple(one["tables"])})
            for key, one in told.items()
        }
    )


DEFINITIONS: Mapping[str, Definition] = _definitions(
    files("ninja_analytics.reports").joinpath("kpis.toml").read_text(encoding="utf-8")
)
