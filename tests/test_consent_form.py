"""The form of a connection: what is missing, what is wrong, and what it becomes."""

from __future__ import annotations

from ninja_analytics.auth import profiles
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import open_store
from ninja_analytics.errors import NinjaError
from tests.desks import connected, form, profile_of, secrets_of, typed


def test_the_form_tells_what_is_missing_and_stays(sandbox):
    watched = form("There is no profile named 'acme'. Known: sandbox. Run: a command")

    watched.desk.submit(typed(sandbox, client_id="", name=""))

    first, seen = watched.history[0], watched.desk.seen()
    assert first["note"] == "There is no profile named 'acme'. Known: sandbox."
    assert (first["message"], first["profile"]) == ("", "acme")
    assert seen["status"] == "form"
    assert seen["form"]["wrong"] == ["name", "client_id"]
    assert seen["message"].count(".") >= 2
    assert seen["form"]["fields"]["host"] == sandbox.base_url


def test_a_client_app_that_does_not_exist_is_told_before_a_browser_opens(sandbox):
    watched = form()

    watched.desk.submit(typed(sandbox, client_id="nobody-knows-me"))

    assert watched.statuses == ["form"]
    assert "no client app" in watched.desk.seen()["message"]
    assert watched.desk.link() is None
    assert profiles.load_all() == {}


def test_a_finished_form_is_a_connection_and_a_saved_profile(fresh_sandbox):
    sandbox, made = fresh_sandbox(), []
    watched = form(on_connected=made.append)

    watched.desk.submit(typed(sandbox))
    url, _ = watched.desk.link()
    assert profiles.load_all() == {}
    watched.desk.answer(sandbox.browse(url))

    assert watched.statuses == ["form", "waiting", "checking", "connected"]
    assert profiles.load_all() == {"acme": profile_of(sandbox)}
    assert 'na.connect("acme")' in watched.desk.seen()["said"]
    [keeper] = made
    assert keeper.access_token()
    watched.expect_clean(*secrets_of(url, keeper=keeper))


def test_a_form_for_a_web_app_keeps_its_secret_where_tokens_are(fresh_sandbox):
    sandbox = fresh_sandbox()
    secret = sandbox.clients["web"].client_secret
    watched = form()

    watched.desk.submit(typed(sandbox, "web"))
    assert watched.desk.seen()["form"]["wrong"] == ["client_secret"]
    watched.desk.submit(typed(sandbox, "web"), f" {secret} ")
    url, _ = watched.desk.link()
    watched.desk.answer(sandbox.browse(url))

    who = profile_of(sandbox, "web", redirect_uri="http://localhost:8725/")
    assert open_store().load_secret(who.key) == secret
    assert profiles.load_all() == {"acme": who}
    watched.expect_clean(secret, *secrets_of(url, keeper=TokenKeeper(who, open_store())))


def test_a_wrong_secret_of_a_form_is_corrected_in_it(fresh_sandbox):
    sandbox = fresh_sandbox()
    secret = sandbox.clients["web"].client_secret
    watched = form()

    watched.desk.submit(typed(sandbox, "web"), "a-wrong-secret")
    watched.desk.answer(sandbox.browse(watched.desk.link()[0]))
    assert watched.desk.seen()["status"] == "failed"
    assert watched.desk.seen()["editable"]
    watched.desk.edit()
    assert watched.desk.seen()["form"]["fields"] == typed(sandbox, "web")
    watched.desk.submit(typed(sandbox, "web"), secret)
    watched.desk.answer(sandbox.browse(watched.desk.link()[0]))

    assert watched.desk.seen()["status"] == "connected"
    watched.expect_clean(secret, "a-wrong-secret")


def test_after_signing_out_of_a_web_app_its_secret_is_asked_for_again(fresh_sandbox):
    sandbox = fresh_sandbox()
    secret = sandbox.clients["web"].client_secret
    watched, keeper = connected(sandbox, "web")

    watched.desk.disconnect()
    watched.desk.connect()
    seen = watched.desk.seen()
    assert (seen["status"], seen["form"]["wrong"]) == ("form", ["client_secret"])
    assert "client secret" in seen["note"]
    watched.desk.submit(seen["form"]["fields"] | {"redirect_uri": "http://localhost:8725/"}, secret)
    watched.desk.answer(sandbox.browse(watched.desk.link()[0]))
    watched.desk.refresh()

    assert watched.desk.seen()["status"] == "connected"
    assert watched.desk.seen()["message"] == ""
    watched.expect_clean(secret, keeper.token().access_token)


def test_api_services_connect_from_the_form_without_consent_and_live_again(fresh_sandbox):
    sandbox, made = fresh_sandbox(), []
    secret = sandbox.clients["api-services"].client_secret
    watched = form(on_connected=made.append)
    fields = typed(sandbox, "api-services")

    watched.desk.submit(fields, "a-wrong-secret")
    assert watched.desk.seen()["status"] == "form"
    assert "client secret" in watched.desk.seen()["message"]
    watched.desk.submit(fields, secret)
    assert watched.statuses == ["form", "connected"]
    [keeper] = made
    first = keeper.access_token()

    watched.desk.disconnect()
    watched.desk.connect()
    watched.desk.submit(fields, secret)
    assert watched.desk.seen()["status"] == "connected"
    assert keeper.access_token() != first
    assert set(profiles.load_all()) == {"acme"}
    watched.expect_clean(secret, "a-wrong-secret", first)


def test_the_way_back_to_the_form_ends_the_consent(sandbox):
    watched = form()
    watched.desk.submit(typed(sandbox))
    assert watched.desk.seen()["editable"]

    watched.desk.edit()

    assert watched.statuses == ["form", "waiting", "form"]
    assert watched.desk.link() is None
    assert watched.desk.seen()["form"]["fields"]["client_id"] == typed(sandbox)["client_id"]


def test_the_page_of_the_notebook_tells_the_form_which_redirect_uri_to_register(monkeypatch):
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    watched = form()

    def suggested() -> str:
        platforms = watched.desk.seen()["form"]["platforms"]
        return next(one["redirect_uri"] for one in platforms if one["name"] == "web")

    watched.desk.at("https://lab.example.org/base/?token=s3cret-token")
    assert suggested() == "https://lab.example.org/base/proxy/8725/"
    watched.desk.at("https://me:s3cret-token@lab.example.org/")
    watched.desk.at("no address")
    assert suggested() == "https://lab.example.org/base/proxy/8725/"
    watched.expect_clean("s3cret-token", "me:")


def test_a_profile_that_cannot_be_saved_is_told_and_the_connection_stands(
    fresh_sandbox, monkeypatch
):
    sandbox = fresh_sandbox()

    def refuse(_: Profile) -> None:
        raise NinjaError("The profiles cannot be written.")

    watched = form()
    watched.desk.submit(typed(sandbox))
    monkeypatch.setattr(profiles, "save", refuse)
    watched.desk.answer(sandbox.browse(watched.desk.link()[0]))

    seen = watched.desk.seen()
    assert (seen["status"], seen["message"]) == ("connected", "The profiles cannot be written.")
