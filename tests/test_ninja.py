"""The whole way through the public names, on the sandbox."""

from __future__ import annotations

import pytest

import ninja_analytics as na
from ninja_analytics.errors import (
    ConsentDeniedError,
    ConsentRequiredError,
    NotAvailableError,
    ProfileError,
    UnknownNameError,
    UnreachableError,
)
from tests.conftest import api_services


def whole_answer(pending, sandbox, decision="allow"):
    """The address on which the browser of the sandbox's technician ends."""
    return sandbox.browse(pending.authorization_url, decision)


def native(sandbox):
    return {"base_url": sandbox.base_url, "client_id": sandbox.clients["native"].client_id}


def test_a_pasted_address_gives_a_connection_that_pulls(sandbox):
    pending = na.begin_consent("acme", **native(sandbox))

    ninja = pending.complete(whole_answer(pending, sandbox))

    assert isinstance(ninja, na.Ninja)
    assert len(ninja.table("organizations")) == len(sandbox.truth("organizations"))


def test_a_connection_made_once_serves_the_next_call_without_a_person(sandbox):
    pending = na.begin_consent("acme", **native(sandbox))
    pending.complete(whole_answer(pending, sandbox))

    ninja = na.connect("acme", **native(sandbox), interactive=False)

    assert ninja.profile.name == "acme"


def test_after_disconnect_consent_is_needed_again(sandbox):
    pending = na.begin_consent("acme", **native(sandbox))
    pending.complete(whole_answer(pending, sandbox)).disconnect()

    with pytest.raises(ConsentRequiredError, match="ninja-analytics connect --profile acme"):
        na.connect("acme", **native(sandbox), interactive=False)


def test_a_person_who_says_no_is_told_so(sandbox):
    pending = na.begin_consent("acme", **native(sandbox))

    with pytest.raises(ConsentDeniedError):
        pending.complete(whole_answer(pending, sandbox, "deny"))


def test_with_nobody_there_connect_ends_at_once_with_the_command_to_type(sandbox):
    with pytest.raises(ConsentRequiredError, match="ninja-analytics connect --profile acme"):
        na.connect("acme", **native(sandbox))


def test_a_sandbox_that_does_not_run_is_said_before_a_link_is_shown():
    nowhere = {"base_url": "http://127.0.0.1:9", "client_id": "sandbox-native"}

    with pytest.raises(UnreachableError, match="ninja-analytics sandbox --port 9"):
        na.begin_consent(**nowhere)
    with pytest.raises(UnreachableError, match="Nothing answers"):
        na.connect(**nowhere, interactive=True)


def test_client_credentials_have_no_consent_to_begin(sandbox):
    client = sandbox.clients["api-services"]

    with pytest.raises(ProfileError, match="connect"):
        na.begin_consent(
            base_url=sandbox.base_url, client_id=client.client_id, platform="api-services"
        )


def test_the_environment_alone_describes_a_connection(sandbox, monkeypatch):
    client = sandbox.clients["api-services"]
    monkeypatch.setenv("NINJA_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("NINJA_CLIENT_ID", client.client_id)
    monkeypatch.setenv("NINJA_CLIENT_SECRET", client.client_secret)
    monkeypatch.setenv("NINJA_PLATFORM", "api-services")

    assert len(na.connect().table("roles")) > 0


def test_iterating_tables_and_reports_gives_names(ninja):
    assert "os_patches" in list(ninja.tables)
    assert list(ninja.reports) == ["fleet_overview"]
    assert ninja.tables["volumes"].path == "/v2/queries/volumes"


def test_tables_and_reports_show_what_they_are_for(ninja):
    assert "organizations" in repr(ninja.tables)
    assert ninja.tables["volumes"].holds in ninja.tables._repr_html_()
    assert ninja.reports["fleet_overview"].question in repr(ninja.reports)


def test_progress_can_be_switched_off_and_a_wrong_kind_is_told(ninja):
    assert len(ninja.table("roles", progress="none")) > 0
    with pytest.raises(UnknownNameError, match="kind of progress"):
        ninja.table("roles", progress="loud")


def test_get_reads_any_path_and_refuses_what_is_no_path(ninja, sandbox):
    assert len(ninja.get("/v2/roles")) == len(sandbox.truth("roles"))
    assert ninja.get("/v2/organizations", pageSize=1)[0]["name"]
    with pytest.raises(NotAvailableError):
        ninja.get("/v2/no-such-thing")


def test_a_wrong_report_is_answered_with_the_nearest_one(ninja):
    with pytest.raises(UnknownNameError, match="fleet_overview"):
        ninja.report("fleet_overvew")


def test_a_wrong_parameter_of_a_report_is_refused_before_anything_is_pulled(ninja, sandbox):
    before = len(sandbox.requests())

    with pytest.raises(UnknownNameError, match="active_days"):
        ninja.report("fleet_overview", activ_days=7)

    assert len(sandbox.requests()) == before


def test_a_report_goes_on_without_a_table_that_is_not_available(fresh_sandbox):
    sandbox = fresh_sandbox(devices=20)
    ninja = na.connect(**api_services(sandbox))
    sandbox.fault("403", path="/v2/alerts", times=50)

    report = ninja.report("fleet_overview")

    assert report.kpi("devices_alerting").value is None
    assert report.kpi("devices_managed").numerator > 0


def test_a_connection_shows_no_secret(ninja, sandbox):
    secret = sandbox.clients["api-services"].client_secret

    shown = repr(ninja) + repr(ninja.profile) + repr(ninja.tables)

    assert secret not in shown
    assert ninja._keeper.access_token() not in shown
