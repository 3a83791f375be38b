"""What colors mean: one table per vocabulary, for every eye, for a dark screen and for gray print."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

INK = "#1f2429"
PAPER = "#fffffe"
HATCH_INK = "#6b7280"


@dataclass(frozen=True, slots=True)
class Mark:
    """How one value looks: its color, a hatch that survives a copier, and a line style."""

    color: str
    hatch: str = ""
    dashes: str | tuple[int, tuple[float, ...]] = "-"

    @property
    def ink(self) -> str:
        """Black or white, whichever reads better on the color."""
        red, green, blue = (int(self.color[at : at + 2], 16) / 255 for at in (1, 3, 5))
        luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
        return "#000000" if luminance > 0.179 else "#ffffff"


# Colors differ in hue for color-blind eyes and in lightness for gray print; what is not known is
# pale and hatched. The tests hold them to that. Hatches are of lines: SVG writes each dot of a dotted
# one as a path of its own, a quarter of a megabyte per chart.
HEALTH = MappingProxyType(
    {
        "healthy": Mark("#2f9e8f"),
        "needs_attention": Mark("#f2b544"),
        "unhealthy": Mark("#b8322a"),
        "unknown": Mark("#ccd1d8", "////"),
    }
)
OUTCOME = MappingProxyType(
    {
        "pass": HEALTH["healthy"],
        "exception": Mark("#d59bf6", "||||"),
        "fail": HEALTH["unhealthy"],
        "unknown": HEALTH["unknown"],
    }
)
ANSWER = MappingProxyType(
    {
        "answered": HEALTH["healthy"],
        "slowed_down": HEALTH["needs_attention"],
        "failed": HEALTH["unhealthy"],
    }
)
CLASS_GROUP = MappingProxyType(
    {
        "workstations": Mark("#5b9bd5"),
        "servers": Mark("#2c62a8", dashes="--"),
        "virtual": Mark("#8fd0bd", dashes=":"),
        "network": Mark("#b8651b", dashes="-."),
        "mobile": Mark("#edc65c", dashes=(0, (5, 1.5))),
        "cloud": Mark("#7d4fa8", dashes=(0, (1, 1))),
        "other": Mark("#b4bac3", "////", dashes=(0, (3, 1, 1, 1, 1, 1))),
    }
)
CHANGE = MappingProxyType(
    {
        "came_or_went": CLASS_GROUP["servers"],
        "place_and_name": CLASS_GROUP["virtual"],
        "system": CLASS_GROUP["network"],
        "policy": CLASS_GROUP["mobile"],
        "control_lost": HEALTH["unhealthy"],
        "software": CLASS_GROUP["workstations"],
    }
)
"""What changed, by group; "came_or_went" are devices that came, went or were enrolled anew."""
_BETWEEN = Mark("#b08fd8", "||||")
ENCRYPTION = MappingProxyType(
    {
        "protected": HEALTH["healthy"],
        "suspended": HEALTH["needs_attention"],
        "encrypting": _BETWEEN,
        "decrypted": HEALTH["unhealthy"],
        "unknown": HEALTH["unknown"],
    }
)
ANTIVIRUS = MappingProxyType(
    {
        "current": HEALTH["healthy"],
        "out_of_date": HEALTH["needs_attention"],
        "off": HEALTH["unhealthy"],
        "none_reported": _BETWEEN,
        "unknown": HEALTH["unknown"],
    }
)
JOB = MappingProxyType(
    {
        "completed": HEALTH["healthy"],
        "failed": HEALTH["unhealthy"],
        "canceled": HEALTH["needs_attention"],
        "running": Mark("#2c62a8", "\\\\\\\\"),
        "none": _BETWEEN,
        "unknown": HEALTH["unknown"],
    }
)
_HIGH, _MEDIUM = Mark("#dd8030"), Mark("#f5d76e")
SEVERITY = MappingProxyType(
    {
        "critical": HEALTH["unhealthy"],
        "important": _HIGH,
        "high": _HIGH,
        "moderate": _MEDIUM,
        "medium": _MEDIUM,
        "low": CLASS_GROUP["workstations"],
        "optional": Mark("#5c6a7d"),
        "unknown": HEALTH["unknown"],
    }
)
"""The severity of a patch, in both vocabularies: important is high, moderate is medium."""
SUPPORT = MappingProxyType(
    {
        "supported": HEALTH["healthy"],
        "ends_soon": HEALTH["needs_attention"],
        "ended": HEALTH["unhealthy"],
        "unknown": HEALTH["unknown"],
    }
)
URGENCY = MappingProxyType(
    {
        "fix_now": HEALTH["unhealthy"],
        "plan": HEALTH["needs_attention"],
        "watch": CLASS_GROUP["workstations"],
    }
)
WARRANTY = MappingProxyType(
    {
        "valid": HEALTH["healthy"],
        "expiring": HEALTH["needs_attention"],
        "expired": HEALTH["unhealthy"],
        "unknown": HEALTH["unknown"],
    }
)
MOVEMENT = MappingProxyType(
    {"more": CLASS_GROUP["servers"], "less": Mark("#dd8030"), "total": Mark("#b4bac3")}
)
"""What a number grew and shrank by, and what it was and is."""
PLAIN = Mark("#3f7fb5")
UNKNOWN = HEALTH["unknown"]
