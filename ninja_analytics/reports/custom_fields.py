"""What the user's custom fields say of devices: fields by name or label, choices by their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ninja_analytics.reports.population import read

_VALUES = {"device_id": "Int64", "fields": "str"}
_DEFINITIONS = {"field_name": "str", "label": "str", "options": "object"}


def field_values(frames: Mapping[str, pd.DataFrame], field: str) -> pd.Series:
    """The values of the custom *field* by device id, decoded; devices without a value are left out.

    *field* is a field's name, or its label where the table custom_field_definitions is there; that
    table names the choices, too. A choice that no definition names stays its id. Of a device that is
    told twice the first row with a value counts.
    """
    if not field:
        return _by_device([], [])
    name, options = _definition(frames, field)
    told = read(frames, "custom_fields", _VALUES).dropna()
    told = told[told["fields"].str.contains(json.dumps(name)[1:-1], regex=False)]
    values = [_named(_member(text, name), options) for text in told["fields"]]
    there = [value is not None and str(value).strip() != "" for value in values]
    found = _by_device(told["device_id"], values)[there]
    return found[~found.index.duplicated()]


def as_text(values: pd.Series) -> pd.Series:
    """The *values* as people read them: true or false in lower case, lists with commas."""
    return values.map(_text).astype("str")


def is_defined(frames: Mapping[str, pd.DataFrame], field: str) -> bool | None:
    """Whether there is a custom field of this name or label; None where nobody can say."""
    known = _known(frames)
    return None if known.empty else bool(_fits(known, field).any())


def _by_device(device_ids: Iterable[int], values: list[Any]) -> pd.Series:
    found = pd.Series(values, dtype="object")
    return found.set_axis(pd.Index(list(device_ids), dtype="Int64"))


def _known(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = read(frames, "custom_field_definitions", _DEFINITIONS)
    return found.dropna(subset=["field_name"])


def _fits(known: pd.DataFrame, field: str) -> pd.Series:
    """Which definitions have this name or label, whatever the case."""
    asked = field.casefold()
    names, labels = (known[one].fillna("").str.casefold() for one in ("field_name", "label"))
    return (names == asked) | (labels == asked)


def _definition(frames: Mapping[str, pd.DataFrame], field: str) -> tuple[str, dict[str, str]]:
    """The name of a field as values carry it, and its choices by their ids.

    Choices that are no longer offered are among them.
    """
    known = _known(frames)
    same = known["field_name"] == field
    fits = known[same] if same.any() else known[_fits(known, field)]
    if fits.empty:
        return field, {}
    name = str(fits["field_name"].iloc[0])
    lists = [
        one
        for one in fits.loc[fits["field_name"] == name, "options"]
        if isinstance(one, Iterable) and not isinstance(one, str)
    ]
    return name, {str(one["option_uid"]): str(one["option_name"]) for some in lists for one in some}


def _member(text: str, name: str) -> Any:
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    return fields.get(name) if isinstance(fields, dict) else None


def _named(value: Any, options: Mapping[str, str]) -> Any:
    """The value with the names of its choices in the place of their ids."""
    if isinstance(value, list):
        return [_named(one, options) for one in value]
    return options.get(value, value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):  # text with marks comes plain and as HTML
        return str(value.get("text", "")).strip()
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    return str(value).strip()
