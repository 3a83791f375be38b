"""The sandbox's API over HTTP: who may ask, what is there, and what the parameters do."""

from __future__ import annotations

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker, name_of, parts_of, rows_of

DAY = 86_400
NOW = 1_795_453_200
TABLES = catalog.TABLES.values()


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=80, seed=21, now="2026-11-23T17:00:00Z") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


# who may ask


@pytest.mark.parametrize("table", TABLES, ids=name_of)
@pytest.mark.parametrize(
    ("header", "status", "error"),
    [
        (None, 400, "missing_header"),
        ("Basic eDp5", 400, "invalid_header"),
        ("Bearer never-given", 401, "not_authenticated"),
    ],
)
def test_every_table_needs_a_good_bearer(town, table, header, status, error):
    headers = {"Authorization": header} if header else {}
    answer = requests.get(town.base_url + table.path, headers=headers, timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_every_table_needs_the_scope_monitoring(fresh_web_token, table):
    base_url, token = fresh_web_token("offline_access")
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(base_url + table.path, headers=headers, timeout=10)

    assert answer.status_code == 403
    assert "monitoring" in answer.json()["errorMessage"]


@pytest.fixture(scope="module")
def fresh_web_token(town):
    """Tokens of a Web app, by a person's consent over HTTP."""
    tokens = {}

    def token(scope):
        if scope not in tokens:
            tokens[scope] = _web_token(town, scope)
        return town.base_url, tokens[scope]

    return token


def _web_token(town, scope):
    client = town.clients["web"]
    redirect = client.redirect_uris[0]
    query = f"response_type=code&client_id={client.client_id}&redirect_uri={redirect}"
    location = town.browse(f"{town.base_url}/ws/oauth/authorize?{query}&scope={scope}&state=s")
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(location).query)["code"][0],
        "redirect_uri": redirect,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }
    answer = requests.post(f"{town.base_url}/ws/oauth/token", data=form, timeout=10)
    return answer.json()["access_token"]


def test_the_scope_monitoring_by_consent_is_enough(fresh_web_token):
    base_url, token = fresh_web_token("monitoring")
    headers = {"Authorization": f"Bearer {token}"}

    answer = requests.get(f"{base_url}/v2/devices", headers=headers, timeout=10)
    assert answer.status_code == 200


def test_a_person_who_says_no_sends_an_error_back(town):
    client = town.clients["web"]
    url = (
        f"{town.base_url}/ws/oauth/authorize?response_type=code&client_id={client.client_id}"
        f"&redirect_uri={client.redirect_uris[0]}&scope=monitoring&state=s"
    )

    assert "error=access_denied" in town.browse(url, "deny")


def test_a_token_dies_after_its_lifetime_and_with_its_grant(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3)
    lasting = Asker(sandbox)
    assert lasting.table("roles").status_code == 200
    sandbox.revoke_grants()
    assert lasting.table("roles").status_code == 401

    sandbox.switch(token_lifetime=1)
    short, began = Asker(sandbox), time.monotonic()
    while short.table("roles").status_code == 200:
        assert time.monotonic() - began < 10
        time.sleep(0.05)
    assert time.monotonic() - began > 0.9
    assert short.table("roles").status_code == 401


# what is there


@pytest.mark.parametrize("table", TABLES, ids=name_of)
def test_both_prefixes_lead_to_the_samerows_of(ask, table):
    path = table.path.format(**parts_of(ask.sandbox, table))
    answers = [ask(prefix + path) for prefix in ("", "/api")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers["content-type"] == "application/json"
    first, second = ([*rows_of(answer.json())] for answer in answers)
    assert first == second


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_not_allowed(ask, method):
    for table in TABLES:
        answer = ask.session.request(method, ask.sandbox.base_url + table.path, timeout=10)
        assert answer.status_code == 405
        assert answer.json()["incidentId"]


@pytest.mark.parametrize("path", ["/v2/no-such", "/v1/devices", "/v2/devices/", "/api/v2", "/"])
def test_unknown_paths_are_not_found(ask, path):
    answer = ask(path)

    assert answer.status_code == 404
    assert answer.json()["incidentId"].startswith("WEB_MGMT_SERVICE-")


def test_times_are_numbers_with_nine_decimals(ask):
    text = ask.table("devices", pageSize=1).text

    assert text.split('"lastContact":')[1].split(",")[0].endswith("000000")
    assert len(text.split('"created":')[1].split(",")[0].split(".")[1]) == 9


# parameters


def word(field):
    return lambda row, value: str(row.get(field, "")).upper() == value.upper()


def later(field):
    return lambda row, value: row.get(field, -1) >= float(value)


def earlier(field):
    return lambda row, value: field in row and row[field] < float(value)


def since(field):
    return lambda row, value: field in row and row[field] > value


PARAMETERS = [
    ("os_patches", "status", "MANUAL", word("status")),
    ("os_patches", "type", "driver_updates", word("type")),
    ("os_patches", "severity", "optional", word("severity")),
    ("os_patches", "ts", str(NOW - DAY), later("timestamp")),
    ("os_patch_installs", "status", "FAILED", word("status")),
    ("os_patch_installs", "installedAfter", str(NOW - 30 * DAY), later("installedAt")),
    ("os_patch_installs", "installedBefore", str(NOW - 30 * DAY), earlier("installedAt")),
    ("software", "installedAfter", "2026-09-01", since("installDate")),
    ("device_health", "health", "HEALTHY", word("healthStatus")),
    ("antivirus_status", "productState", "OFF", word("productState")),
    ("antivirus_status", "productName", "SentinelOne Agent", word("productName")),
    ("antivirus_status", "ts", str(NOW - DAY), later("timestamp")),
    ("operating_systems", "ts", str(NOW - DAY), later("timestamp")),
    ("volumes", "ts", str((NOW - DAY) * 1000), lambda row, _: row["timestamp"] >= NOW - DAY),
    ("alerts", "sourceType", "CONDITION_PENDING_REBOOT", word("sourceType")),
    ("activities", "type", "PATCH_MANAGEMENT", word("activityType")),
    ("activities", "status", "RESET", word("statusCode")),
    ("activities", "user", "4", lambda row, _: row.get("userId") == 4),
    ("activities", "class", "DEVICE", lambda row, _: "deviceId" in row),
    ("activities", "class", "USER", lambda row, _: "userId" in row),
    ("activities", "class", "SYSTEM", lambda row, _: row["activityType"] == "SYSTEM"),
]


@pytest.mark.parametrize(
    ("table", "parameter", "value", "passes"),
    PARAMETERS,
    ids=[f"{table}-{parameter}-{value}" for table, parameter, value, _ in PARAMETERS],
)
def test_a_parameter_lets_pass_what_it_says(town, ask, table, parameter, value, passes):
    recent = {"after": "2026-11-20"} if table == "activities" else {}
    everything = ask.rows(table, **recent)
    expected = [row for row in everything if passes(row, value)]

    assert 0 < len(expected) < len(everything)
    assert ask.rows(table, **recent, **{parameter: value}) == expected


def test_the_activities_of_a_series_can_be_asked_for(ask):
    every = ask.rows("activities", after="2026-11-16")
    ends = [row for row in every if row["statusCode"] == "COMPLETED"]
    series = ends[0]["seriesUid"]

    found = ask.rows("activities", seriesUid=series)
    assert [row["statusCode"] for row in found] == ["COMPLETED", "START_REQUESTED"] or (
        [row["statusCode"] for row in found] == ["COMPLETED", "STARTED"]
    )
    alert = ask.rows("alerts")[0]["uid"]
    assert {row["statusCode"] for row in ask.rows("activities", seriesUid=alert)} <= {"TRIGGERED"}
    assert ask.rows("activities", seriesUid="not-a-uid") == []


@pytest.mark.parametrize(
    ("table", "parameter", "value"),
    [
        ("os_patches", "ts", "yesterday"), ("os_patch_installs", "installedAfter", "soon"),
        ("software", "installedBefore", "nan"), ("activities", "after", "last week"),
        ("activities", "class", "EVERY"), ("activities", "olderThan", "2026-01-01"),
        ("activities", "newerThan", "x"), ("devices", "after", "first"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_is_refused(ask, table, parameter, value):
    answer = ask.table(table, **{parameter: value})

    assert answer.status_code == 400
    assert answer.json()["resultCode"] == "FAILURE"


def test_expand_adds_what_is_named(ask):
    rows = ask.rows("devices", expand="organization,location,role,policy,rolePolicy")
    names = {row["id"]: row["name"] for row in ask.rows("organizations")}

    for row in rows:
        assert row["references"]["organization"]["name"] == names[row["organizationId"]]
        assert row["references"]["location"]["id"] == row["locationId"]
        assert ("policy" in row["references"]) == ("policyId" in row)
