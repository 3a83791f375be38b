"""What a frame knows about its origin, and how one that is not whole says so wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd

from ninja_analytics.frames import Drift


class PartialFrame(pd.DataFrame):
    """A frame of a pull that broke off: a DataFrame whose every display says that rows are missing."""

    @property
    def _constructor(self) -> Callable[..., PartialFrame]:
        return PartialFrame

    def __repr__(self) -> str:
        return f"{self._note()}\n{super().__repr__()}"

    def _repr_html_(self) -> str:
        table = pd.DataFrame(self)._repr_html_()  # type: ignore[operator]
        return f"<p><strong>{escape(self._note())}</strong></p>{table}"

    def _note(self) -> str:
        told = self.attrs.get("ninja", {})
        what = f"the pull of {told['table']}" if "table" in told else "a pull that it comes from"
        return f"INCOMPLETE: {what} broke off, so rows are missing."


def partial(data: pd.DataFrame) -> PartialFrame:
    """*data* as a frame that says of itself that it is not whole."""
    found = PartialFrame(data)
    found.attrs = data.attrs
    return found


def drift_text(name: str, drift: Drift, *, under: str = "drift") -> str:
    """What a warning says of where the answers departed from the catalogue.

    *under* is where the provenance has it.
    """
    said = []
    if drift.unknown:
        said.append(f"new fields ({', '.join(drift.unknown)}) are in columns at the end")
    if drift.inside:
        said.append(f"new fields within lists ({', '.join(drift.inside)}) come with part=")
    if drift.retyped:
        said.append(f"values of another type than expected were met in {', '.join(drift.retyped)}")
    return f'{name}: {"; ".join(said)}. See frame.attrs["ninja"]["{under}"].'


def told(about: dict[str, Any], data: pd.DataFrame) -> pd.DataFrame:
    """*data* with *about* as its provenance, and with the number of its rows."""
    data.attrs["ninja"] = {**about, "rows": len(data)}
    return data if about["complete"] else partial(data)
