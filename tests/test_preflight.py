"""Whether tonight's run will work: each question on its own, asked without running the notebook."""

from __future__ import annotations

import json
import shutil
import time
from collections import namedtuple

import pytest
from typer.testing import CliRunner

import ninja_analytics as na
from ninja_analytics import cli, errors
from ninja_analytics.auth import profiles
from ninja_analytics.auth.store import open_store
from ninja_analytics.cli.exits import exit_code
from ninja_analytics.preflight import preflight
from tests.preflights import SMALL, answers, says
from tests.sandbox_client import visit
from tests.test_schedule import save, write

ALWAYS = ("notebook", "profile", "token", "refresh", "scopes", "requests", "disk")


@pytest.fixture
def book(tmp_path):
    """A maker of notebooks of code cells, the first of them tagged `parameters`."""
    return lambda *cells, **how: write(tmp_path / "fleet.ipynb", *cells, **how)


@pytest.fixture
def consent(tmp_path):
    """A maker of saved profiles of a Native client app whose consent a person has given."""

    def give(sandbox, **fields: object) -> str:
        client = sandbox.clients["native"]
        profiles.save(profiles.Profile("acme", sandbox.base_url, client.client_id, **fields))
        pending = na.begin_consent("acme")
        visit(sandbox.browse(pending.authorization_url))
        pending.wait(30)
        return "acme"

    return give


def run(*words: object):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def test_a_run_that_will_work_gets_a_yes_to_everything(acme, tmp_path):
    found = preflight("fleet_overview", acme, tmp_path / "out")

    assert found.ok
    assert found.error is None
    assert [check.name for check in found.checks] == [
        *ALWAYS[:5],
        "table organizations",
        "table locations",
        "table devices",
        "table operating_systems",
        "table device_health",
        "table alerts",
        *ALWAYS[5:],
    ]
    assert not (tmp_path / "out").exists()


def test_a_report_is_checked_by_its_name_as_the_notebook_that_makes_it(acme, tmp_path, book):
    found = preflight("fleet_overview", acme, tmp_path / "out")
    made = book("profile = 'acme'", "na.connect(profile).report('fleet_overview')")
    by_notebook = preflight(made, acme, tmp_path / "out")

    assert found.ok
    assert says(found, "notebook") == "The report fleet_overview is there."
    assert answers(found) == answers(by_notebook)
    assert found.requests == by_notebook.requests


def test_nothing_of_the_notebook_is_executed(acme, book, tmp_path):
    preflight(book(f"open({str(tmp_path / 'made')!r}, 'w')"), acme, tmp_path)

    assert not (tmp_path / "made").exists()


def test_a_stored_consent_is_refreshed_to_see_that_it_can(sandbox, consent, book, tmp_path):
    key = profiles.resolve(consent(sandbox)).key
    before = open_store().load(key)

    found = preflight(book(SMALL), "acme", tmp_path)

    after = open_store().load(key)
    assert found.ok
    assert says(found, "refresh") == "A new access token came by the refresh token."
    assert (after.access_token, after.refresh_token) != (before.access_token, before.refresh_token)


def test_client_credentials_get_a_new_token_to_see_that_they_can(acme, book, tmp_path):
    preflight(book(SMALL), acme, tmp_path)
    before = open_store().load(profiles.resolve(acme).key).access_token

    found = preflight(book(SMALL), acme, tmp_path)

    assert says(found, "refresh") == "A new access token came by client credentials."
    assert open_store().load(profiles.resolve(acme).key).access_token != before


def test_a_token_that_does_not_renew_itself_fails_with_the_time_of_its_end(
    sandbox, consent, book, tmp_path
):
    key = profiles.resolve(consent(sandbox, scope=("monitoring",))).key
    end = time.gmtime(open_store().load(key).expires_at)

    found = preflight(book(SMALL), "acme", tmp_path)

    assert exit_code(found.error) == 3
    assert f"dies at {time.strftime('%Y-%m-%d %H:%M', end)} UTC" in says(found, "refresh")
    assert "offline_access" in says(found, "refresh")
    assert [name for name, ok in answers(found).items() if not ok] == ["refresh"]


def test_a_consent_that_ended_fails_the_refresh_and_the_rest_is_still_checked(
    fresh_sandbox, consent, book, tmp_path
):
    sandbox = fresh_sandbox(devices=60)
    consent(sandbox)
    sandbox.revoke_grants()

    found = preflight(book(SMALL), "acme", tmp_path)

    assert isinstance(found.error, errors.ConsentRequiredError)
    assert "ninja-analytics connect --profile acme" in says(found, "refresh")
    ok = answers(found)
    assert ok["token"] is True
    assert ok["refresh"] is ok["table roles"] is False
    assert ok["disk"] is True


def test_without_a_token_what_needs_one_is_not_checked(sandbox, book, tmp_path):
    save("acme", sandbox, sandbox.clients["native"], "native")
    begun = time.monotonic()

    found = preflight(book("ninja.table('roles')\nninja.table('rolls')"), "acme", tmp_path)

    assert time.monotonic() - begun < 2
    assert answers(found) == {
        "notebook": True,
        "profile": True,
        "token": False,
        "refresh": None,
        "scopes": None,
        "table roles": None,
        "table rolls": False,
        "requests": None,
        "disk": True,
    }
    assert says(found, "scopes").startswith("Not checked")
    assert exit_code(found.error) == 3


def test_a_token_in_memory_only_is_none_for_tonight(sandbox, consent, book, tmp_path, monkeypatch):
    monkeypatch.setenv("NINJA_TOKEN_STORE", "memory")

    found = preflight(book(SMALL), consent(sandbox), tmp_path)

    assert "kept in memory only" in says(found, "token")
    assert exit_code(found.error) == 3


def test_an_unknown_profile_and_an_unreadable_notebook_leave_the_disk_to_check(tmp_path):
    found = preflight(tmp_path / "none.ipynb", "nobody", tmp_path)

    assert answers(found) == {
        "notebook": False,
        "profile": False,
        "token": None,
        "refresh": None,
        "scopes": None,
        "tables": None,
        "requests": None,
        "disk": True,
    }
    assert not found.ok
    assert found.requests is None
    assert isinstance(found.error, errors.UsageError)


def test_code_that_is_no_python_is_named_by_its_cell(acme, book, tmp_path):
    found = preflight(book("x = 1", "def (:\n"), acme, tmp_path)

    assert says(found, "notebook").startswith("Cell 4, line 1 is not valid Python.")
    assert answers(found)["refresh"] is True
    assert answers(found)["tables"] is None


def test_a_profile_that_the_run_could_not_hand_over_is_said(acme, book, tmp_path):
    found = preflight(book('profile = "other"', parameters=None), acme, tmp_path)

    assert "without the tag `parameters`" in says(found, "notebook")


def test_a_scope_without_monitoring_is_not_enough(fresh_sandbox, machine, book, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    sandbox.switch(ticked_scopes="monitoring management")
    client = sandbox.clients["api-services"]
    machine(sandbox)
    profiles.save(
        profiles.Profile(
            "acme", sandbox.base_url, client.client_id, "api-services", scope=("management",)
        )
    )

    found = preflight(book(SMALL), "acme", tmp_path)

    assert "was granted management, and tables need monitoring" in says(found, "scopes")
    assert exit_code(found.error) == 3


def test_an_unknown_name_fails_with_the_nearest_one(acme, book, tmp_path):
    found = preflight(
        book("ninja.table('device')\nninja.report('fleet_over')\nninja.table('roles')"),
        acme,
        tmp_path,
    )

    assert says(found, "table device") == (
        "There is no table named 'device'. Did you mean 'devices'? It stands in cell 3."
    )
    assert "'fleet_overview'" in says(found, "report fleet_over")
    assert answers(found)["table roles"] is True
    assert exit_code(found.error) == 2


@pytest.mark.parametrize("fault", ["403", "404"])
def test_a_table_out_of_reach_is_said_and_the_others_are_read(
    fresh_sandbox, machine, book, tmp_path, fault
):
    sandbox = fresh_sandbox(devices=60)
    name = machine(sandbox)
    sandbox.fault(fault, path="/v2/alerts", times=9)

    found = preflight(book("ninja.table('alerts')\nninja.table('roles')"), name, tmp_path)

    assert "not on this instance, or not in the rights" in says(found, "table alerts")
    assert answers(found)["table roles"] is True
    assert "at least 1 request:" in says(found, "requests")
    assert exit_code(found.error) == 4


def test_a_path_is_tried_too(acme, book, tmp_path):
    found = preflight(book("ninja.get('/v2/policies')\nninja.get('/v2/nowhere')"), acme, tmp_path)

    assert answers(found)["get /v2/policies"] is True
    assert answers(found)["get /v2/nowhere"] is False


def test_a_notebook_that_names_no_table_says_so(acme, book, tmp_path):
    found = preflight(book("print('hello')"), acme, tmp_path)

    assert (found.ok, found.requests) == (True, 0)
    assert says(found, "tables") == "The notebook names no table."


def test_a_pull_that_breaks_in_its_first_pages_is_said(fresh_sandbox, machine, book, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    name = machine(sandbox)
    sandbox.fault("404", path="/v2/roles", times=9, after=1)

    found = preflight(book("ninja.table('roles')"), name, tmp_path)

    assert answers(found)["table roles"] is True
    assert answers(found)["requests"] is False


def test_a_folder_that_cannot_be_written_fails(acme, book, tmp_path):
    (tmp_path / "file").write_text("in the way", "utf-8")

    found = preflight(book(SMALL), acme, tmp_path / "file" / "out")

    assert "cannot be written" in says(found, "disk")
    assert exit_code(found.error) == 6


def test_a_full_disk_fails(acme, book, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 150_000_000))

    found = preflight(book(SMALL), acme, tmp_path)

    assert says(found, "disk").startswith("Only 150 MB are free")
    assert exit_code(found.error) == 6


def test_the_command_says_a_line_for_each_check_and_ends_with_the_first_failure(
    acme, book, tmp_path
):
    good = run("preflight", book(SMALL), "--profile", acme, "--out", tmp_path)
    bad = run("preflight", book("ninja.table('rolls')"), "--profile", acme, "--out", tmp_path)

    assert good.exit_code == 0
    assert [line.split()[0] for line in good.stdout.splitlines()] == ["ok"] * 9
    assert bad.exit_code == 2
    assert "no  table rolls  There is no table named 'rolls'." in bad.stdout


def test_the_command_answers_programs_in_json(acme, book, tmp_path, monkeypatch):
    monkeypatch.setenv("NINJA_PROFILE", acme)

    told = run("preflight", book(SMALL, "x ="), "--out", tmp_path, "--json")

    answer = json.loads(told.stdout)
    assert told.exit_code == 2
    assert (answer["ok"], answer["requests"]) == (False, None)
    assert [check["ok"] for check in answer["checks"]] == [
        False, True, True, True, True, None, None, True,
    ]  # fmt: skip
    assert set(answer["checks"][0]) == {"name", "ok", "says"}


def test_no_secret_is_said(fresh_sandbox, consent, book, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    key = profiles.resolve(consent(sandbox)).key
    first = open_store().load(key)
    said = run("preflight", book(SMALL), "--profile", "acme", "--out", tmp_path, "--json").output
    second = open_store().load(key)
    sandbox.revoke_grants()
    said += run("preflight", book(SMALL), "--profile", "acme", "--out", tmp_path).output
    said += repr(preflight(book(SMALL), "acme", tmp_path))

    assert "ninja-analytics connect" in said
    for token in (first, second):
        assert token.access_token not in said
        assert token.refresh_token not in said
