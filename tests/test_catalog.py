"""The catalogue against itself and, where it is at hand, against NinjaOne's specification."""

from __future__ import annotations

import re

import pytest

from ninja_analytics.catalog import DEFAULT_SCOPE, INSTANCES, PLATFORMS, SCOPES, TABLES

tables = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())

KINDS = {
    "integer": {"id", "integer", "time"},
    "number": {"time", "number"},
    "boolean": {"boolean"},
    "string": {"text", "category", "date"},
    "array": {"texts", "ids", "rows", "json"},
    "object": {"json"},
}


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


def schema_tools(spec):
    """What follows references in *spec*, and what tells the fields of a schema."""
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

    return resolve, properties


def documented(spec, table):
    """The documented path of *table*, whose parts may be named otherwise, and its GET."""
    wanted = re.sub(r"{\w+}", "{}", table.path)
    path = next(path for path in spec["paths"] if re.sub(r"{[\w-]+}", "{}", path) == wanted)
    return path, spec["paths"][path]["get"]


def row_properties(spec, table):
    """The documented fields of a row of *table*: name -> schema, subtypes of devices included."""
    resolve, properties = schema_tools(spec)
    responses = documented(spec, table)[1]["responses"]
    answer = next(iter(responses.values()))["content"]["application/json"]["schema"]
    if table.answer == "fields":
        return {"fields": {"type": "object"}}, properties
    if table.answer == "values":
        return {table.column(table.row_key[-1]).field: resolve(answer)["items"]}, properties
    if table.rows_in:
        answer = properties(answer)[table.rows_in]
    rows = resolve(answer)
    found = properties(rows if table.answer == "row" else rows["items"])
    if table.name == "devices_detailed":  # a row is of one of several types of device
        for schema in spec["components"]["schemas"].values():
            if {"$ref": "#/components/schemas/Device"} not in schema.get("allOf", []):
                continue
            for name, field in properties(schema).items():
                both = name in found and properties(field)
                found[name] = {"allOf": [found[name], field]} if both else found.get(name, field)
    return found, properties


def check_columns(columns, top, properties, where):
    """Every one of *columns* is among the documented fields *top*, of a type that fits its kind."""
    for column in columns:
        if column.field.startswith("@"):
            continue
        fields, schema = top, None
        for part in column.field.split("."):
            assert part in fields, f"{where}.{column.name}: {column.field}"
            schema = fields[part]
            fields = properties(schema)
        kind = schema.get("type", "object")
        if "enum" in schema or properties(schema) == {}:
            kind = schema.get("type", "string" if "$ref" in schema else "object")
        assert column.kind in KINDS[kind], f"{where}.{column.name} is a {kind}"
        if column.kind == "rows":
            check_columns(
                column.columns, properties(schema["items"]), properties, f"{where}.{column.name}"
            )


def forgotten(columns, top, properties, within=""):
    """The documented fields *top*, and those nested in them, that are in none of *columns*."""
    ours = {column.field: column for column in columns}
    found = set()
    for name, schema in top.items():
        path = within + name
        if path not in ours:
            inner = properties(schema)
            found |= forgotten(columns, inner, properties, f"{path}.") if inner else {path}
        elif ours[path].columns:
            found |= forgotten(ours[path].columns, properties(schema["items"]), properties)
    return found


known = pytest.mark.parametrize(
    "table",
    [table for table in TABLES.values() if table.shape_known],
    ids=[table.name for table in TABLES.values() if table.shape_known],
)


@known
def test_every_column_is_a_documented_field_of_a_fitting_type(table, spec):
    top, properties = row_properties(spec, table)

    check_columns(table.columns, top, properties, table.name)


@known
def test_no_documented_field_is_forgotten(table, spec):
    top, properties = row_properties(spec, table)

    assert forgotten(table.columns, top, properties) == set()


@tables
def test_parameters_paging_and_filter_are_the_documented_ones(table, spec):
    _, operation = documented(spec, table)
    found = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
    # seen on live tenants and in no document; named in the text about a field only
    undocumented = {"expand", "includeLastBackupJobTimes"}

    assert {parameter.api for parameter in table.parameters} - undocumented <= set(found)
    assert table.device_filter == ("df" in found)
    ways = {
        "after": "after", "cursor": "cursor", "older_than": "olderThan",
        "cursor_name": "cursorName", "anchor": (table.anchor or ("",))[0],
    }  # fmt: skip
    assert ways.get(table.paging) is None or ways[table.paging] in found
    if "pageSize" in found:
        bounds = (found["pageSize"].get("minimum"), found["pageSize"].get("maximum"))
        assert bounds == (table.page_size_range or (None, None))


@tables
def test_a_path_has_the_parts_by_which_it_is_asked_and_the_rows_carry_them(table):
    assert tuple(re.findall(r"{(\w+)}", table.path)) == table.per
    fields = {column.field for column in table.columns}
    names = {column.name for column in table.columns}
    assert all(f"@{part}" in fields or part in names for part in table.per)


@tables
def test_what_is_nested_has_columns_and_nothing_else_has(table):
    for column in table.columns:
        assert (column.kind == "rows") == bool(column.columns), column.name


@tables
def test_a_window_is_bounded_by_parameters_of_the_table(table):
    if table.window:
        parameters = {parameter.name for parameter in table.parameters}
        assert {table.window.since, table.window.until} <= parameters
        assert table.column(table.window.column).kind in ("time", "date")


@tables
def test_the_page_size_that_is_asked_for_is_one_that_is_documented_where_any_is(table):
    least, most = table.page_size_range or (1, 10_000)

    assert least <= table.page_size <= most


@tables
def test_a_table_of_devices_says_about_how_many_rows_a_device_has(table):
    if table.device_filter or table.per == ("device_id",):
        assert table.rows_per_device > 0
