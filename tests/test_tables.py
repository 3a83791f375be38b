"""Asking for a table: what is checked before, and what a frame knows about itself after."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ninja_analytics.errors import (
    DriftWarning,
    FilterError,
    IncompleteError,
    NotAvailableError,
    ServerError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.filters import device
from ninja_analytics.naming import device_names
from ninja_analytics.progress import progress
from ninja_analytics.tables import Source, fetch

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Tenant:
    """A `get` over a few lists, by path; keeps what was asked."""

    def __init__(self, **rows: list[dict[str, Any]]) -> None:
        self.rows = {
            "/v2/organizations": [{"id": 1, "name": "Heron Ltd"}, {"id": 2, "name": "Kite GmbH"}],
            "/v2/locations": [{"id": 11, "organizationId": 1, "name": "Quay"}],
            "/v2/devices": [
                {"id": 100, "organizationId": 1, "locationId": 11, "systemName": "QUAY-1"},
                {"id": 101, "organizationId": 2, "locationId": 12, "displayName": "Reception",
                 "systemName": "KITE-1"},
            ],
            "/v2/queries/software": [
                {"deviceId": 100, "name": "Editor"},
                {"deviceId": 100, "name": "Editor"},
                {"deviceId": 101, "name": "Browser"},
                {"deviceId": 999, "name": "Orphan"},
                {"name": "Nowhere"},
            ],
            "/v2/queries/os-patches": [],
            "/v2/queries/os-patch-installs": [],
            "/v2/activities": [],
            "/v2/queries/volumes": [],
            **{f"/v2/{name}": found for name, found in rows.items()},
        }  # fmt: skip
        self.asked: list[tuple[str, dict[str, object]]] = []

    def __call__(self, path: str, params: Mapping[str, object]) -> bytes:
        self.asked.append((path, dict(params)))
        first = not {"after", "cursor", "olderThan"} & set(params) or path == "/v2/activities"
        rows = self.rows[path] if first else []
        if path.startswith("/v2/queries"):
            return json.dumps({"cursor": {"name": "c", "offset": 1}, "results": rows}).encode()
        if path == "/v2/activities":
            return json.dumps({"lastActivityId": 1, "activities": rows}).encode()
        return json.dumps(rows).encode()


def test_a_frame_knows_its_origin():
    tenant = Tenant(**{"queries/software": [{"deviceId": 100, "name": "Editor"}] * 5})
    data = fetch(
        Source(tenant, instance="https://eu.ninjarmm.com", connection="acme-1"), "software",
        where=device.organization == 1, installed_after="2026-01-01", now=NOW,
    )  # fmt: skip

    assert data.attrs["ninja"] == {
        "table": "software",
        "path": "/v2/queries/software",
        "instance": "https://eu.ninjarmm.com",
        "connection": "acme-1",
        "where": "org = 1",
        "filter": {"checked": True, "ignored": False, "dropped": 0, "unknown": 0, "changed": 0},
        "parameters": {"installed_after": 1767225600},
        "pulled_at": "2026-03-01T08:00:00+00:00",
        "requests": 4,
        "rows": 5,
        "complete": True,
        "drift": {"unknown": {}, "retyped": {}},
        "parts": 1,
        "restarts": 0,
    }
    json.dumps(data.attrs)


def test_a_table_is_named_wrongly():
    with pytest.raises(UnknownNameError, match="Did you mean 'software'"):
        fetch(Tenant(), "sofware")
    with pytest.raises(UnknownNameError, match="software"):
        fetch(Tenant(), ["software"])  # type: ignore[arg-type]


def test_a_parameter_is_named_wrongly():
    with pytest.raises(UnknownNameError, match="Did you mean 'installed_after'"):
        fetch(Tenant(), "software", instaled_after="2026-01-01")


def test_a_value_that_is_not_among_the_choices_is_refused():
    with pytest.raises(UnknownNameError, match="DEVICE"):
        fetch(Tenant(), "activities", activity_class="DEVICES")


@pytest.mark.parametrize(
    ("table", "parameters"),
    [
        ("activities", {"newer_than": "yesterday"}),
        ("activities", {"newer_than": True}),
        ("activities", {"newer_than": "--5"}),
        ("software", {"installed_after": "soon"}),
        ("software", {"installed_after": pd.NaT}),
        ("software", {"installed_after": True}),
        ("software", {"installed_after": 1767225600000}),  # milliseconds
        ("software", {"names": True}),
        ("os_patches", {"status": ["MANUAL", "FAILED"]}),
        ("os_patches", {"status": ""}),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_before_any_request(table, parameters):
    tenant = Tenant()

    with pytest.raises(UsageError):
        fetch(tenant, table, **parameters)
    assert tenant.asked == []


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-01",
        "2026-01-01T01:00:00+01:00",
        date(2026, 1, 1),
        datetime(2026, 1, 1),  # noqa: DTZ001  # a time without a zone is taken as UTC
        datetime(2026, 1, 1, tzinfo=UTC),
        pd.Timestamp("2026-01-01", tz="UTC"),
        1767225600,
        1767225600.0,
        np.int64(1767225600),
    ],
)
def test_times_are_taken_in_any_form_and_sent_as_the_table_wants_them(moment):
    tenant = Tenant()

    fetch(tenant, "os_patch_installs", installed_after=moment)
    fetch(tenant, "activities", after=moment)

    assert tenant.asked[0][1]["installedAfter"] == 1767225600
    assert tenant.asked[1][1]["after"] == "2026-01-01T00:00:00Z"


def test_parameters_that_are_none_are_not_sent():
    tenant = Tenant()

    fetch(tenant, "software", installed_after=None, where=" ", names=None)

    assert tenant.asked[0][1] == {"pageSize": 5000}


@pytest.mark.parametrize("where", [device.online, "online"])
def test_a_device_filter_is_sent_as_text(where):
    tenant = Tenant(devices=[])

    fetch(tenant, "devices", where=where)

    assert tenant.asked[0][1]["df"] == "online"


def test_a_table_that_takes_no_device_filter_says_so():
    with pytest.raises(FilterError, match="organizations takes no device filter"):
        fetch(Tenant(), "organizations", where=device.online)


def test_something_else_than_a_filter_is_refused():
    with pytest.raises(FilterError, match="where="):
        fetch(Tenant(), "devices", where=True)  # type: ignore[arg-type]


def test_names_are_joined_without_losing_or_multiplying_rows():
    tenant = Tenant()
    tenant.rows["/v2/devices"].append({**tenant.rows["/v2/devices"][0], "id": 102})

    data = fetch(tenant, "software", names=("organization", "location", "device"))

    assert data["name"].tolist() == ["Editor", "Editor", "Browser", "Orphan", "Nowhere"]
    assert data["organization_name"].tolist()[:3] == ["Heron Ltd", "Heron Ltd", "Kite GmbH"]
    assert data["location_name"].tolist()[:2] == ["Quay", "Quay"]
    assert data["device_name"].tolist()[:3] == ["QUAY-1", "QUAY-1", "Reception"]
    assert data["organization_name"].isna().tolist() == [False] * 3 + [True] * 2
    assert {str(data[f"{name}_name"].dtype) for name in ("organization", "location", "device")} == {
        "str"
    }
    assert data.attrs["ninja"]["rows"] == 5
    assert data.attrs["ninja"]["requests"] == len(tenant.asked)


def test_a_device_that_comes_twice_does_not_double_the_rows():
    tenant = Tenant()
    tenant.rows["/v2/devices"].append(dict(tenant.rows["/v2/devices"][1]))

    assert len(fetch(tenant, "software", names=["device"])) == 5


def test_names_that_the_rows_carry_themselves_cost_no_request_for_devices():
    tenant = Tenant()

    data = fetch(tenant, "devices", names=("organization", "device"))

    assert data["organization_name"].tolist() == ["Heron Ltd", "Kite GmbH"]
    assert data["device_name"].tolist() == ["QUAY-1", "Reception"]
    assert {path for path, _ in tenant.asked} == {"/v2/devices", "/v2/organizations"}


def test_names_join_to_an_empty_table_too():
    data = fetch(Tenant(), "volumes", names=("organization", "device"))

    assert str(data["organization_name"].dtype) == str(data["device_name"].dtype) == "str"


def test_a_name_that_the_rows_do_not_have_is_refused():
    with pytest.raises(UsageError, match="belong to no device"):
        fetch(Tenant(), "organizations", names=["device"])
    with pytest.raises(UnknownNameError, match="organization"):
        fetch(Tenant(), "devices", names=["organisation"])


def test_a_device_is_called_by_the_first_name_it_has():
    rows = [
        {"id": 1, "displayName": "Till", "systemName": "S", "dnsName": "d", "netbiosName": "N"},
        {"id": 2, "displayName": "", "systemName": "S"},
        {"id": 3, "dnsName": "d"},
        {"id": 4, "netbiosName": "N"},
        {"id": 5},
    ]
    names = device_names(fetch(Tenant(devices=rows), "devices"))

    assert names.tolist()[:4] == ["Till", "S", "d", "N"]
    assert names.isna().tolist() == [False] * 4 + [True]


def test_a_pull_that_breaks_midway_keeps_what_had_arrived():
    def get(path: str, params: Mapping[str, object]) -> bytes:
        if "cursor" in params:
            raise ServerError("NinjaOne fails. Try again later.", status=502)
        return (
            b'{"cursor": {"name": "c", "offset": 2}, "results": [{"deviceId": 1}, {"deviceId": 2}]}'
        )

    with pytest.raises(IncompleteError, match="2 rows") as caught:
        fetch(get, "software")

    partial = caught.value.partial
    assert partial["device_id"].tolist() == [1, 2]
    assert partial.attrs["ninja"]["complete"] is False
    assert isinstance(caught.value.__cause__, ServerError)


def test_a_pull_that_never_began_raises_what_went_wrong():
    def get(path: str, params: Mapping[str, object]) -> bytes:
        raise NotAvailableError("not here", status=404)

    with pytest.raises(NotAvailableError):
        fetch(get, "alerts")


def test_rows_whose_names_cannot_be_had_are_not_lost():
    tenant = Tenant()
    del tenant.rows["/v2/organizations"]

    def get(path: str, params: Mapping[str, object]) -> bytes:
        if path == "/v2/organizations":
            raise NotAvailableError("no right to see organizations", status=403)
        return tenant(path, params)

    with pytest.raises(IncompleteError, match="All 5 rows of software arrived, but not") as caught:
        fetch(get, "software", names=["organization"])
    assert len(caught.value.partial) == 5


def test_drift_is_warned_about_once_and_kept():
    rows = [{"id": 1, "name": 7, "planet": "Mars"}, {"id": 2, "name": 8, "planet": "Venus"}]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = fetch(Tenant(organizations=rows), "organizations")

    assert [warning.category for warning in caught] == [DriftWarning]
    assert "planet" in str(caught[0].message)
    assert data.attrs["ninja"]["drift"] == {
        "unknown": {"planet": "planet"},
        "retyped": {"name": {"number": 2}},
    }
    assert data["organization_name"].tolist() == ["7", "8"]
    assert list(data.columns)[-1] == "planet"


def test_progress_counts_rows_and_pages():
    counted = []

    class Counter:
        def advance(self, *, rows: int = 0, pages: int = 0) -> None:
            counted.append((rows, pages))

        def note(self, text: str) -> None:
            pass

        def close(self) -> None:
            raise AssertionError("whoever opened it closes it")

    fetch(Tenant(), "software", progress=Counter())
    with progress("two tables", "none") as collector:
        fetch(Tenant(), "devices", progress=collector)

    assert counted == [(5, 1)]
