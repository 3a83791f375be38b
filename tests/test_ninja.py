"""The whole way through the public names, on the sandbox."""

from __future__ import annotations

import re
import threading

import pytest

import ninja_analytics as na
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.store import open_store
from ninja_analytics.errors import (
    ConsentDeniedError,
    ConsentRequiredError,
    NotAvailableError,
    ProfileError,
    UnknownNameError,
    UnreachableError,
    UsageError,
)
from ninja_analytics.reports import REPORTS
from tests.conftest import api_services
from tests.sandbox_client import visit


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


@pytest.fixture
def waiting(sandbox, capsys):
    """A connection that waits for consent, and the link of it; shown where no terminal is."""
    ninja = na.connect("acme", **native(sandbox), interactive=True, wait=0)
    link = re.search(r"http\S+/ws/oauth/authorize\S+", capsys.readouterr().err)[0]
    return ninja, link


def test_without_waiting_the_same_object_works_once_consent_is_given(sandbox, waiting):
    ninja, link = waiting
    assert "not connected" in repr(ninja)
    with pytest.raises(ConsentRequiredError):
        ninja.table("roles")

    visit(sandbox.browse(link))

    assert "not connected" not in repr(ninja)
    assert len(ninja.table("roles")) > 0


def test_when_connected_calls_each_once_and_at_once_if_it_is(sandbox, waiting):
    ninja, link = waiting
    called, both = [], threading.Semaphore(0)
    for name in ("first", "second"):
        ninja.when_connected(lambda one, name=name: (called.append((name, one)), both.release()))
    assert called == []

    visit(sandbox.browse(link))

    assert both.acquire(timeout=10)
    assert both.acquire(timeout=10)
    assert sorted(name for name, _ in called) == ["first", "second"]
    assert all(one is ninja for _, one in called)
    ninja.when_connected(called.append)
    assert called[2:] == [ninja]


def test_a_callback_that_takes_its_time_does_not_hold_up_the_consent(sandbox, waiting):
    ninja, link = waiting
    free = threading.Event()
    ninja.when_connected(lambda _: free.wait(20))

    told = visit(sandbox.browse(link))

    assert not free.is_set()
    assert "Connected to NinjaOne" in told.text
    free.set()


def test_a_consent_begun_anew_brings_the_same_object_back_to_life(sandbox):
    pending = na.begin_consent("acme", **native(sandbox))
    ninja = pending.complete(whole_answer(pending, sandbox))
    ninja.disconnect()
    assert "not connected" in repr(ninja)

    again = PendingConsent.begin(
        ninja.profile, open_store(), on_connected=lambda keeper: keeper, keeper=ninja._keeper
    )
    again.complete(whole_answer(again, sandbox))

    assert "not connected" not in repr(ninja)
    assert len(ninja.table("roles")) > 0


@pytest.mark.parametrize("wait", ["5", -1, True, float("nan"), float("inf"), 1e300])
def test_a_wait_that_is_no_time_is_refused(sandbox, wait):
    with pytest.raises(UsageError, match="Give seconds, 0 not to wait, or None"):
        na.connect(**native(sandbox), wait=wait)


@pytest.mark.parametrize("scope", ["monitoring", ["monitoring"]])
def test_a_scope_given_by_name_is_the_one_asked_for(sandbox, scope):
    pending = na.begin_consent("acme", **native(sandbox), scope=scope)
    pending.complete(whole_answer(pending, sandbox))

    assert pending.token.scope == ("monitoring",)
    assert na.connect("acme", **native(sandbox), scope=scope, interactive=False)
    with pytest.raises(ConsentRequiredError):
        na.connect("acme", **native(sandbox), interactive=False)


def test_profiles_stand_side_by_side_each_with_its_own_consent(sandbox):
    both = {}
    for name in ("acme", "globex"):
        pending = na.begin_consent(name, **native(sandbox))
        both[name] = pending.complete(whole_answer(pending, sandbox))

    both["acme"].disconnect()

    assert len(both["globex"].table("roles")) > 0
    with pytest.raises(ConsentRequiredError):
        both["acme"].table("roles")


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
    assert list(ninja.reports) == list(REPORTS)
    assert ninja.tables["volumes"].path == "/v2/queries/volumes"


def test_tables_and_reports_show_what_they_are_for(ninja):
    assert "organizations" in repr(ninja.tables)
    assert ninja.tables["volumes"].holds in ninja.tables._repr_html_()
    assert ninja.reports["fleet_overview"].question in repr(ninja.reports)


def test_progress_can_be_switched_off_and_a_wrong_kind_is_told(ninja):
    assert len(ninja.table("roles", progress="none")) > 0
    with pytest.raises(UnknownNameError, match="kind of progress"):
        ninja.table("roles", progress="loud")


@pytest.mark.parametrize("word", ["get", "instance", "name", "now", "self", "table"])
def test_a_parameter_that_no_table_has_is_told_whatever_its_name(ninja, word):
    with pytest.raises(UnknownNameError, match=f"no parameter of devices named '{word}'"):
        ninja.table("devices", **{word: 1})
    with pytest.raises(UnknownNameError, match="There is no table named"):
        ninja.table("devicess", **{word: 1})


@pytest.mark.parametrize("word", ["frames", "name", "self"])
def test_a_parameter_that_no_report_has_is_told_whatever_its_name(ninja, word):
    with pytest.raises(UnknownNameError, match=f"named '{word}'"):
        ninja.report("fleet_overview", **{word: 1})


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
