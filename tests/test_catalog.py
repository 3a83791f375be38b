"""The catalogue against itself and, where it is at hand, against NinjaOne's specification."""

from __future__ import annotations

import re

import pytest

from ninja_analytics.catalog import DEFAULT_SCOPE, INSTANCES, PLATFORMS, SCOPES, TABLES
from tests.conftest import NO_SPEC, SPEC

tables = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())

KINDS = {
    "integer": {"id", "integer", "time"},
    "number": {"time", "number"},
    "boolean": {"boolean"},
    "string": {"text", "category", "date"},
    "array": {"texts", "json"},
    "object": {"json"},
}


@pytest.fixture(scope="session")
def spec():
    if not SPEC.is_file():
        pytest.skip(NO_SPEC)
    import yaml

    return yaml.load(SPEC.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@tables
def test_columns_have_unique_names_in_snake_case(table):
    names = [column.name for column in table.columns]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


@tables
def test_names_of_times_days_ids_and_bytes_say_what_they_are(table):
    for column in table.columns:
        assert (column.kind == "time") == column.name.endswith("_at"), column.name
        assert (column.kind == "date") == column.name.endswith("_on"), column.name
        assert (column.unit == "bytes") == column.name.endswith("_bytes"), column.name
        if column.kind == "id":
            assert column.name.endswith("_id"), column.name


@tables
def test_the_row_key_is_made_of_columns(table):
    assert set(table.row_key) <= {column.name for column in table.columns}


@tables
def test_every_column_says_what_it_means(table):
    assert all(column.meaning for column in table.columns)
    assert table.holds


def test_the_scope_asked_for_is_known_and_reads_only():
    assert set(DEFAULT_SCOPE) <= set(SCOPES)
    assert not {"management", "control"} & set(DEFAULT_SCOPE)


def test_instances_and_platforms_are_under_their_own_names():
    assert all(name == instance.name for name, instance in INSTANCES.items())
    assert all(instance.base_url.startswith("https://") for instance in INSTANCES.values())
    assert list(PLATFORMS) == ["native", "web", "single-page", "api-services"]


def test_a_platform_says_how_it_may_connect_and_what_to_tick_for_it():
    for platform in PLATFORMS.values():
        assert platform.grant in platform.grants
        assert ("implicit" in platform.grants) == (platform.grant == "authorization_code")
        assert ("Refresh Token" in platform.ticks) == platform.refreshes
        assert all(word in platform.advice for word in platform.ticks)


def row_properties(spec, table):
    """The documented fields of a row of *table*: name -> schema, subtypes of devices included."""
    schemas = spec["components"]["schemas"]

    def resolve(schema):
        while "$ref" in schema:
            schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def properties(schema):
        schema = resolve(schema)
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found |= properties(part)
        return found

    responses = spec["paths"][table.path]["get"]["responses"]
    answer = next(iter(responses.values()))["content"]["application/json"]["schema"]
    if table.rows_in:
        answer = properties(answer)[table.rows_in]
    rows = resolve(answer)["items"]
    found = properties(rows)
    if table.name == "devices_detailed":  # a row is of one of several types of device
        for schema in schemas.values():
            if {"$ref": "#/components/schemas/Device"} not in schema.get("allOf", []):
                continue
            for name, field in properties(schema).items():
                both = name in found and properties(field)
                found[name] = {"allOf": [found[name], field]} if both else found.get(name, field)
    return found, properties


@tables
def test_every_column_is_a_documented_field_of_a_fitting_type(table, spec):
    top, properties = row_properties(spec, table)
    for column in table.columns:
        fields, schema = top, None
        for part in column.field.split("."):
            assert part in fields, f"{table.name}.{column.name}: {column.field}"
            schema = fields[part]
            fields = properties(schema)
        kind = schema.get("type", "object")
        assert column.kind in KINDS[kind], f"{table.name}.{column.name} is a {kind}"


@tables
def test_no_documented_field_is_forgotten(table, spec):
    top, _ = row_properties(spec, table)
    ours = {column.field.split(".")[0] for column in table.columns}

    assert set(top) - ours == set()


@tables
def test_parameters_paging_and_filter_are_the_documented_ones(table, spec):
    documented = {
        p["name"]: p["schema"] for p in spec["paths"][table.path]["get"].get("parameters", [])
    }
    undocumented = {"expand"}  # seen on live tenants, in no document

    assert {parameter.api for parameter in table.parameters} - undocumented <= set(documented)
    assert table.device_filter == ("df" in documented)
    paging = {"after": "after", "cursor": "cursor", "older_than": "olderThan"}.get(table.paging)
    assert paging is None or paging in documented
    if "pageSize" in documented:
        bounds = (documented["pageSize"].get("minimum"), documented["pageSize"].get("maximum"))
        assert bounds == (table.page_size_range or (None, None))
