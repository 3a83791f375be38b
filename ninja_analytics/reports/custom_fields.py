"""What the user's custom fields say of devices: values as text, choices by their names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

_VALUES = {"device_id": "Int64", "fields": "str"}


def field_values(frames: Mapping[str, pd.DataFrame], field: str) -> pd.Series:
    """The value of the custom *field* as text, by device id; devices without a value are left out.

    Read from the tables custom_fields and, for the names of choices, custom_field_definitions. A
    truth is "true" or "false"; a choice that no definition names stays its id.
    """
    rows = frames.get("custom_fields")
    if not field or rows is None:
        return pd.Series(index=pd.Index([], dtype="Int64"), dtype="str")
    told = rows.reindex(columns=list(_VALUES)).astype(_VALUES).dropna()
    told = told[told["fields"].str.contains(json.dumps(field), regex=False)]
    names = _choices(frames.get("custom_field_definitions"), field)
    found = {
        device: _text(value, names)
        for device, text in zip(told["device_id"], told["fields"], strict=True)
        if (value := _value(text, field)) is not None
    }
    series = pd.Series(found, dtype="str")
    return series.set_axis(pd.Index(list(found), dtype="Int64"))


def _value(text: str, field: str) -> Any:
    try:
        fields = json.loads(text)
    except ValueError:
        return None
    return fields.get(field) if isinstance(fields, dict) else None


def _text(value: Any, names: Mapping[str, str]) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):  # text with marks comes plain and as HTML
        return str(value.get("text", ""))
    if isinstance(value, list):
        return ", ".join(_text(one, names) for one in value)
    return names.get(str(value), str(value)).strip()


def _choices(definitions: pd.DataFrame | None, field: str) -> dict[str, str]:
    """The names of the field's choices by their ids, also of those that are no longer offered."""
    if definitions is None or not {"field_name", "options"} <= set(definitions):
        return {}
    of_field = definitions.loc[definitions["field_name"] == field, "options"].dropna()
    return {
        str(option["option_uid"]): str(option["option_name"])
        for options in of_field
        for option in options
    }
