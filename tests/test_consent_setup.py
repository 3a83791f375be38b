"""The form's choices, advice and checks, and the hints for a browser that does not come back."""

from __future__ import annotations

import pytest

from ninja_analytics.auth import profiles
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.consent import hints, setup

HUB = "https://hub.example.org/user/ann/"


@pytest.fixture(autouse=True)
def nowhere_special(monkeypatch):
    for name in ("SERVICE_PREFIX", "PUBLIC_HUB_URL", "BASE_URL"):
        monkeypatch.delenv(f"JUPYTERHUB_{name}", raising=False)


def typed(**changes: str) -> dict[str, str]:
    fields = setup.fields(setup.known("acme", {})) | {"client_id": "an-id"}
    return fields | changes


def check(given: dict[str, str] | None = None, **changes: str):
    return setup.checked(typed(**changes), setup.known("acme", given or {}))


def platform(name: str, given: dict[str, str] | None = None, server: str = "") -> dict:
    offer = setup.offer(setup.known("acme", given or {}), server)
    [found] = [one for one in offer["platforms"] if one["name"] == name]
    return found


def test_what_is_typed_becomes_a_profile():
    assert check(instance="eu") == (Profile("acme", "eu", "an-id"), {})


@pytest.mark.parametrize(
    "host", ["acme.rmmservice.eu", " https://acme.rmmservice.eu/#/dashboard ", "ACME.rmmservice.eu"]
)
def test_a_host_is_taken_as_it_is_copied_from_the_browser(host):
    profile, _ = check(instance="other", host=host)

    assert profile.base_url == "https://acme.rmmservice.eu"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "a/b"}),
        ("instance", {"instance": ""}),
        ("instance", {"instance": "mars"}),
        ("host", {"instance": "other", "host": ""}),
        ("host", {"instance": "other", "host": "http://acme.example.org"}),
        ("host", {"instance": "other", "host": "https://me:secret@acme.example.org"}),
        ("client_id", {"client_id": " "}),
        ("client_id", {"client_id": "two words"}),
        ("platform", {"platform": "toaster"}),
        ("redirect_uri", {"platform": "web", "redirect_uri": ""}),
        ("redirect_uri", {"platform": "web", "redirect_uri": "http://acme.example.org/"}),
        ("redirect_uri", {"platform": "single-page", "redirect_uri": "https://x.org/#top"}),
    ],
)
def test_what_is_wrong_is_named_with_its_field_in_a_sentence(field, changes):
    profile, wrong = check(**changes)

    assert profile is None
    assert list(wrong) == [field]
    assert wrong[field][0] in "ABCDEFGHIJKLMNOPQRSTUVWXYZ'"
    assert wrong[field].endswith((".", "?"))
    assert "secret" not in wrong[field].replace("hold no secrets", "")


def test_all_that_is_wrong_is_named_at_once():
    _, wrong = check(name="", client_id="", instance="other", host="")

    assert set(wrong) == {"name", "client_id", "host"}


def test_the_name_of_another_saved_profile_is_not_taken_by_accident():
    profiles.save(Profile("globex", "us", "other-id"))
    profiles.save(Profile("acme", "us", "old-id"))

    assert "already" in check(name="globex")[1]["name"]
    assert check(name="acme")[0] == Profile("acme", "us", "an-id")


def test_what_the_form_does_not_ask_for_stays_as_given():
    given = {"scope": "monitoring", "auth_method": "basic", "grant": "implicit"}

    profile, _ = check(given, platform="web", redirect_uri="http://localhost:8725/")

    assert (profile.scope, profile.auth_method) == (("monitoring",), "basic")
    assert profile.flow == "implicit"


def test_a_grant_that_the_chosen_platform_does_not_have_is_left_out():
    profile, _ = check({"grant": "implicit"}, platform="api-services")

    assert profile.flow == "client_credentials"


def test_a_fixed_port_of_a_native_app_stays_and_goes_with_its_platform():
    given = {"redirect_uri": "http://127.0.0.1:5001"}

    assert check(given)[0].redirect_uri == "http://127.0.0.1:5001"
    assert check(given, platform="api-services")[0].redirect_uri == ""


def test_the_form_begins_with_what_is_given_set_or_saved(monkeypatch):
    profiles.save(Profile("acme", "eu", "saved-id", "web", "https://x.example.org/"))
    monkeypatch.setenv("NINJA_CLIENT_ID", "set-id")

    fields = setup.fields(setup.known("acme", {"platform": "single-page"}))

    assert fields == {
        "name": "acme",
        "instance": "eu",
        "host": "",
        "client_id": "set-id",
        "platform": "single-page",
        "redirect_uri": "https://x.example.org/",
    }


@pytest.mark.parametrize(
    ("base_url", "instance", "host"),
    [
        ("", "us", ""),
        ("eu", "eu", ""),
        ("https://eu.ninjarmm.com/", "eu", ""),
        ("acme.rmmservice.eu", "other", "acme.rmmservice.eu"),
    ],
)
def test_the_instance_is_found_in_the_list_or_goes_into_the_host(base_url, instance, host):
    fields = setup.fields(setup.known("acme", {"base_url": base_url}))

    assert (fields["instance"], fields["host"]) == (instance, host)


@pytest.mark.parametrize("name", PLATFORMS)
def test_each_platform_says_what_to_enter_in_ninjaone(name):
    enter = dict(platform(name)["enter"])

    assert enter["Application platform"] == PLATFORMS[name].title
    assert enter["Grant types"] == ", ".join(PLATFORMS[name].ticks)
    assert enter["Scopes"] == "Monitoring"
    assert platform(name)["says"].endswith(".")


def test_the_redirect_uri_to_register_is_the_one_in_the_form_or_fixed():
    assert dict(platform("native")["enter"])["Redirect URI"] == "http://127.0.0.1"
    assert dict(platform("api-services")["enter"])["Redirect URI"] == "none"
    assert dict(platform("web")["enter"])["Redirect URI"] is None
    assert platform("web")["redirect_uri"] == "http://localhost:8725/"


def test_a_wider_scope_and_the_implicit_grant_are_to_be_ticked_only_if_given():
    given = {"scope": "monitoring management offline_access", "grant": "implicit"}

    enter = dict(platform("web", given)["enter"])

    assert enter["Scopes"] == "Monitoring, Management"
    assert enter["Grant types"] == "Implicit"
    assert "deprecated" in platform("web", given)["says"]
    assert "Implicit" not in str(setup.offer(setup.known("acme", {}), ""))


@pytest.mark.parametrize(
    ("environment", "server", "expected"),
    [
        ({}, "", "http://localhost:8725/"),
        ({}, "http://localhost:8888/", "http://localhost:8725/"),
        ({}, "https://lab.example.org/base/", "https://lab.example.org/base/proxy/8725/"),
        (
            {"SERVICE_PREFIX": "/user/ann/", "PUBLIC_HUB_URL": "https://hub.example.org/hub/"},
            "",
            "https://hub.example.org/hub/user-redirect/proxy/8725/",
        ),
        (
            {"SERVICE_PREFIX": "/user/ann/"},
            HUB,
            "https://hub.example.org/hub/user-redirect/proxy/8725/",
        ),
        (
            {"SERVICE_PREFIX": "/jh/user/ann/", "BASE_URL": "/jh/"},
            "https://hub.example.org/jh/user/ann/",
            "https://hub.example.org/jh/hub/user-redirect/proxy/8725/",
        ),
        ({"SERVICE_PREFIX": "/user/ann/"}, "", "http://localhost:8725/"),
    ],
)
def test_the_redirect_uri_suits_where_the_notebook_runs(monkeypatch, environment, server, expected):
    for name, value in environment.items():
        monkeypatch.setenv(f"JUPYTERHUB_{name}", value)

    assert setup.redirect_uri("web", server) == expected
    assert setup.redirect_uri("single-page", server) == expected
    assert setup.redirect_uri("native", server) == "http://127.0.0.1"
    assert Profile("x", "us", "x", "web", expected).redirect_uri == expected


def test_on_ones_own_machine_there_is_no_hint():
    assert hints.ordered("http://127.0.0.1:40123", frozenset({"vscode"})) == ()


def test_the_hints_come_surest_first_and_name_the_port():
    found = hints.ordered("http://127.0.0.1:40123", {"container", "ssh", "hub"})

    assert [hint.split()[4] for hint in found] == ["JupyterHub.", "machine", "container,"]
    assert "ssh -L 40123:127.0.0.1:40123" in found[1]


def test_a_way_back_through_the_jupyter_server_has_its_own_hint():
    [hint] = hints.ordered("https://hub.example.org/user/ann/proxy/8725/", {"hub", "ssh"})

    assert "jupyter-server-proxy" in hint


def test_a_redirect_uri_elsewhere_can_only_be_pasted():
    [hint] = hints.ordered("https://acme.example.org/back", frozenset())

    assert "paste" in hint
