"""Custom fields in the shape that is asked for: a typed column per field, or a row per value."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from ninja_analytics.catalog import Column, Kind, Table
from ninja_analytics.frames import Drift, frame, members

# What the values of a type of custom field become; every other type stays text.
_KINDS: Mapping[str, Kind] = {
    "NUMERIC": "integer",
    "DECIMAL": "number",
    "MONETARY": "number",
    "CHECKBOX": "boolean",
    "DATE": "time",
    "DATE_TIME": "time",
    "TIME": "integer",
    "DROPDOWN": "category",
    "MULTI_SELECT": "texts",
    "ATTACHMENT": "json",
    "NODE_DROPDOWN": "json",
    "NODE_MULTI_SELECT": "json",
    "CLIENT_DROPDOWN": "json",
    "CLIENT_MULTI_SELECT": "json",
    "CLIENT_LOCATION_DROPDOWN": "json",
    "CLIENT_LOCATION_MULTI_SELECT": "json",
    "CLIENT_DOCUMENT_DROPDOWN": "json",
    "CLIENT_DOCUMENT_MULTI_SELECT": "json",
}
_LONG = ("field_name", "label", "type", "value")


def wide(data: pd.DataFrame, definitions: pd.DataFrame) -> tuple[pd.DataFrame, Drift]:
    """*data* with a column for each field of *definitions* that a row has, named after the field.

    Numbers, truth values and times are typed by the definition; options are told by their names.
    Values of another type than the definition says are mended or missing, and fields without a
    definition come last: both are in the drift.
    """
    keys = data.drop(columns="fields")
    rich = _rich(definitions)
    objects = [_object(value, rich) for value in data["fields"]]
    met = {name for one in objects for name in one}
    known = definitions.drop_duplicates("field_name").set_index("field_name")
    columns = tuple(
        Column(_free(name, keys.columns), name, _KINDS.get(str(known.at[name, "type"]), "text"), "")
        for name in known.index
        if name in met and "." not in name
    )
    page = b"[" + ",".join(map(_text, objects)).encode() + b"]"
    typed, drift = frame(Table("fields", "", "none", "", (), columns), [page])
    for column in columns:
        options = _options(known.at[column.field, "options"])
        typed[column.name] = _named(typed[column.name], column.kind, options)
    typed = typed.set_index(keys.index)
    for field, name in drift.unknown.items():
        if name in keys:
            free = _free(name, {*map(str, keys), *map(str, typed)})
            typed = typed.rename(columns={name: free})
            drift = replace(drift, unknown={**drift.unknown, field: free})
    return pd.concat([keys, typed], axis="columns"), drift


def long(data: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    """A row for each value in *data*: the keys, field_name, label, type, and the value as text.

    Options are told by their names; lists and objects are JSON.
    """
    known = definitions.drop_duplicates("field_name").set_index("field_name")
    options = {name: _options(known.at[name, "options"]) for name in known.index}
    rich = _rich(definitions)
    rows = [
        (place, name, _plain(text, options.get(name, {})))
        for place, value in enumerate(data["fields"])
        for name, text in _object(value, rich).items()
    ]
    places = [place for place, _, _ in rows]
    names = pd.Series([name for _, name, _ in rows], dtype="str")
    keys = data.drop(columns="fields").iloc[places].reset_index(drop=True)
    about = known.reindex(names)
    return keys.assign(
        field_name=names,
        label=about["label"].array,
        type=about["type"].array,
        value=pd.Series([value for _, _, value in rows], dtype="str"),
    )


def _rich(definitions: pd.DataFrame) -> frozenset[str]:
    """The fields whose values are a text and the same in HTML."""
    return frozenset(definitions.loc[definitions["type"] == "WYSIWYG", "field_name"])


def _object(value: Any, rich: frozenset[str]) -> dict[str, str]:
    """The JSON text of each value by field name, out of an object of fields or a list of them."""
    if isinstance(value, str):
        fields: Mapping[str, str] = members(value)
    elif isinstance(value, Iterable):
        fields = {one["name"]: one["value"] for one in value if one and one["name"]}
    else:
        fields = {}
    return {
        name: members(text).get("text", text) if name in rich else text
        for name, text in fields.items()
        if text not in (None, "null")
    }


def _text(members: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in members.items()) + "}"


def _free(name: str, taken: Container[str]) -> str:
    """*name*, lengthened until nothing has it."""
    while name in taken:
        name += "_"
    return name


def _options(value: Any) -> dict[str, str]:
    """The names of the options of a field, by what values carry."""
    if not isinstance(value, list):
        return {}
    return {one["option_uid"]: one["option_name"] for one in value if one and one["option_uid"]}


def _named(values: pd.Series[Any], kind: Kind, options: Mapping[str, str]) -> pd.Series[Any]:
    """*values* with the names of options in the place of their ids."""
    if not options:
        return values
    if kind == "category":
        return values.astype("str").replace(dict(options)).astype("category")
    if kind == "texts":
        lists = [list(_names(one, options)) if isinstance(one, list) else None for one in values]
        return pd.Series(lists, index=values.index, dtype=values.dtype)
    return values


def _names(values: list[Any], options: Mapping[str, str]) -> Iterator[str]:
    return (options.get(value, value) for value in values)


def _plain(text: str, options: Mapping[str, str]) -> str:
    """A value as text: texts without quotes, options by name, the rest as JSON."""
    value = json.loads(text)
    if isinstance(value, list) and options:
        return ", ".join(str(one) for one in _names(value, options))
    return options.get(value, value) if isinstance(value, str) else text
