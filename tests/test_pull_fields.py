"""Custom fields wide and long: typed by their definitions, options by name, and what does not fit."""

from __future__ import annotations

import json
import warnings

import msgspec
import pandas as pd
import pytest

from ninja_analytics.errors import DriftWarning, UnknownNameError, UsageError
from ninja_analytics.tables import fields

ENTITIES = (
    "NODE_DROPDOWN", "NODE_MULTI_SELECT", "CLIENT_DROPDOWN", "CLIENT_MULTI_SELECT",
    "CLIENT_LOCATION_DROPDOWN", "CLIENT_LOCATION_MULTI_SELECT", "ATTACHMENT",
)  # fmt: skip
DTYPES = {
    "NUMERIC": "Int64", "TIME": "Int64", "DECIMAL": "Float64", "MONETARY": "Float64",
    "CHECKBOX": "boolean", "DATE": "datetime64[us, UTC]", "DATE_TIME": "datetime64[us, UTC]",
    "DROPDOWN": "category", "MULTI_SELECT": "list<item: string>[pyarrow]",
}  # fmt: skip
TABLES = {
    "custom_fields": ["device_id"], "custom_fields_detailed": ["device_id"],
    "scoped_custom_fields": ["scope", "entity_id"],
    "scoped_custom_fields_detailed": ["scope", "entity_id"],
}  # fmt: skip


@pytest.fixture(scope="module")
def defined(sandbox):
    """The definitions, by the name of the field."""
    return {row["name"]: row for row in sandbox.truth("custom_field_definitions")}


@pytest.fixture(scope="module")
def values(sandbox):
    """Every value of every entity, by its scope and id."""
    return {
        (row["scope"], row["entityId"]): row["fields"]
        for row in sandbox.truth("scoped_custom_fields")
    }


def pulled(ninja, name, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriftWarning)
        return ninja.table(name, **options)


def entity(row):
    return (row.get("scope", "NODE"), row.get("entity_id", row.get("device_id")))


def options_of(definition):
    return {one["id"]: one["name"] for one in definition["content"].get("values", ())}


def wide_value(value, definition):
    """What a value is to be in its column; None for missing."""
    kind, options = definition["type"], options_of(definition)
    if kind in ("DATE", "DATE_TIME"):
        return pd.Timestamp(value, unit="ms", tz="UTC") if value else None
    if kind == "CHECKBOX":
        return {"true": True}.get(value) if isinstance(value, str) else value
    if kind == "WYSIWYG":
        return value["text"]
    if kind in ENTITIES:
        return msgspec.json.encode(value).decode()
    if kind == "MULTI_SELECT":
        return [options[one] for one in value]
    return options.get(value, value)


@pytest.mark.parametrize("name", list(TABLES))
def test_wide_has_a_typed_column_for_each_field(ninja, defined, values, name):
    frame = pulled(ninja, name, shape="wide")

    assert len(frame) == len(pulled(ninja, name))
    assert list(frame)[: len(TABLES[name])] == TABLES[name]
    names = [one for one in frame if one in defined]
    assert len(names) > 15
    for one in names:
        assert str(frame[one].dtype) == DTYPES.get(defined[one]["type"], "str"), one
    for row in frame.to_dict("records"):
        own = values[entity(row)]
        for one in names:
            expected = wide_value(own[one], defined[one]) if one in own else None
            got = row[one] if isinstance(row[one], list) or pd.notna(row[one]) else None
            assert got == expected, (one, own.get(one))


def test_fields_without_a_definition_come_last_and_are_told(ninja, values):
    with pytest.warns(DriftWarning, match="custom fields: new fields") as caught:
        frame = ninja.table("scoped_custom_fields", shape="wide")

    undefined = ["department", "firstday", "usuallocation"]  # those of end users
    assert list(frame)[-3:] == undefined
    assert sorted(frame.attrs["ninja"]["shape_drift"]["unknown"]) == undefined
    assert 'attrs["ninja"]["shape_drift"]' in str(caught[0].message)
    assert frame.attrs["ninja"]["shape"] == "wide"
    users = frame[frame["scope"] == "END_USER"].set_index("entity_id")
    for (scope, number), own in values.items():
        if scope == "END_USER" and "department" in own:
            assert users.loc[number, "department"] == own["department"]


def test_what_was_written_as_another_type_is_mended_or_missing_and_told(ninja, values):
    frame = pulled(ninja, "custom_fields", shape="wide").set_index("device_id")

    odd = {
        number: own["tpmPresent"]
        for (scope, number), own in values.items()
        if scope == "NODE" and isinstance(own.get("tpmPresent"), str)
    }
    assert {"true", "no"} & set(odd.values())
    for number, text in odd.items():
        got = frame.loc[number, "tpmPresent"]
        assert got if text == "true" else pd.isna(got)
    assert frame.attrs["ninja"]["shape_drift"]["retyped"]["tpmPresent"] == {"text": len(odd)}


@pytest.mark.parametrize("name", list(TABLES))
def test_long_has_a_row_for_each_value(ninja, defined, values, name):
    frame = pulled(ninja, name, shape="long")

    scopes = {"NODE"} if "device_id" in frame else {scope for scope, _ in values}
    expected = {
        (*key, one) for key, own in values.items() if key[0] in scopes for one in own
    }  # fmt: skip
    found = [(*entity(row), row["field_name"]) for row in frame.to_dict("records")]
    assert sorted(found) == sorted(expected)
    assert {str(frame[one].dtype) for one in ("field_name", "label", "value")} == {"str"}
    for row in frame.to_dict("records"):
        one, value = row["field_name"], values[entity(row)][row["field_name"]]
        definition = defined.get(one)
        if definition is None:
            assert pd.isna(row["label"])
            continue
        assert (row["label"], row["type"]) == (definition["label"], definition["type"])
        assert row["value"] == long_value(value, definition)


def long_value(value, definition):
    if definition["type"] == "WYSIWYG":
        return value["text"]
    if definition["type"] == "MULTI_SELECT":
        return ", ".join(options_of(definition)[one] for one in value)
    if isinstance(value, str):
        return options_of(definition).get(value, value)
    return msgspec.json.encode(value).decode()


@pytest.mark.parametrize("shape", ["wide", "long"])
@pytest.mark.parametrize(
    ("name", "part", "other"),
    [
        ("device_custom_fields", "device_id", "NODE"),
        ("organization_custom_fields", "organization_id", "ORGANIZATION"),
    ],
)
def test_fields_by_id_come_in_both_shapes(ninja, values, defined, name, part, other, shape):
    ids = [number for scope, number in values if scope == other][:8]

    frame = pulled(ninja, name, shape=shape, **{part: ids})

    assert set(frame[part]) == set(ids)
    if shape == "long":
        assert len(frame) == sum(len(values[other, number]) for number in ids)
    else:
        assert set(frame) - {part} == {one for n in ids for one in values[other, n]}
        assert len(frame) == len(ids)


def made(*rows):
    return pd.DataFrame(
        {"device_id": pd.array(range(len(rows)), "Int64"), "fields": pd.array(rows, "str")}
    )


def definitions(**types):
    return pd.DataFrame(
        {
            "field_name": pd.array(list(types), "str"), "label": pd.array(list(types), "str"),
            "type": pd.Categorical(list(types.values())), "options": [None] * len(types),
        }
    )  # fmt: skip


def test_a_field_that_is_called_like_a_key_does_not_take_its_place():
    data = made('{"device_id": "mine", "deviceId": 5}', '{"deviceId": 6}', None, "[1]")

    frame, drift = fields.wide(data, definitions(device_id="TEXT"))

    assert list(frame) == ["device_id", "device_id_", "device_id__"]
    assert frame["device_id"].tolist() == [0, 1, 2, 3]
    assert frame["device_id_"].tolist()[0] == "mine"
    assert frame["device_id__"].tolist()[:2] == [5, 6]
    assert drift.unknown == {"deviceId": "device_id__"}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("NUMERIC", "7", 7), ("NUMERIC", "seven", None), ("NUMERIC", 2**70, None),
        ("DECIMAL", "1.5", 1.5), ("DECIMAL", "1,5", None), ("MONETARY", "$ 4", None),
        ("CHECKBOX", "false", False), ("CHECKBOX", 3, None), ("CHECKBOX", {}, None),
        ("DATE", "soon", None), ("DATE", 0, None), ("TEXT", 12, "12"), ("TEXT", True, "true"),
        ("WYSIWYG", "plain", "plain"), ("WYSIWYG", {"html": "x"}, '{"html": "x"}'),
        ("TEXT_ENCRYPTED", "****", "****"),
        ("NODE_DROPDOWN", {"entityId": 5}, '{"entityId": 5}'),
    ],
)  # fmt: skip
def test_dirt_is_mended_where_that_is_certain_and_never_breaks_the_table(kind, value, expected):
    data = made(json.dumps({"one": value}), '{"one": null}', None)

    frame, drift = fields.wide(data, definitions(one=kind))

    got = frame["one"].tolist() if "one" in frame else [None] * 3
    assert [None if pd.isna(one) else one for one in got] == [expected, None, None]
    if expected is None and value not in (0, None):
        assert drift.retyped
    longs = fields.long(data, definitions(one=kind))
    assert len(longs) == 1
    assert longs["device_id"].tolist() == [0]


def test_shapes_of_nothing_have_their_keys(ninja):
    for name, keys in TABLES.items():
        long = pulled(ninja, name, shape="long", fields=["nosuchfield"])
        wide = pulled(ninja, name, shape="wide", fields=["nosuchfield"])
        assert len(long) == len(wide) == 0
        assert set(keys) <= set(wide)
        assert {*keys, "field_name", "label", "type", "value"} <= set(long)


def test_what_is_no_shape_is_refused_in_a_sentence(ninja):
    with pytest.raises(UnknownNameError, match="shape named 'tall'"):
        ninja.table("custom_fields", shape="tall")
    for name in ("devices", "ticket_forms", "document_templates"):
        with pytest.raises(UsageError, match="has no custom fields"):
            ninja.table(name, shape="wide")
