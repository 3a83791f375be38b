"""Profiles: who connects to what, from arguments, environment and file."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import traceback

import pytest

from ninja_analytics.auth import profiles, profiles_file
from ninja_analytics.auth.profiles import (
    Profile,
    load_all,
    resolve,
    save,
    secret_of_environment,
)
from ninja_analytics.catalog import INSTANCES, PLATFORMS, SANDBOX_CLIENT_IDS, SANDBOX_URL
from ninja_analytics.errors import ProfileError, UnknownNameError


@pytest.mark.parametrize("name", INSTANCES)
def test_an_instance_is_named_or_given_by_its_url(name):
    assert Profile("acme", name, "id").base_url == INSTANCES[name].base_url
    assert Profile("acme", INSTANCES[name].base_url, "id").base_url == INSTANCES[name].base_url


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        ("acme.rmmservice.com", "https://acme.rmmservice.com"),
        ("ACME.rmmservice.eu/#/dashboard", "https://acme.rmmservice.eu"),
        ("https://eu.ninjarmm.com/", "https://eu.ninjarmm.com"),
        ("https://eu.ninjarmm.com/ws/oauth/token?x=1", "https://eu.ninjarmm.com"),
        (" EU ", "https://eu.ninjarmm.com"),
        ("127.0.0.1:8724", "http://127.0.0.1:8724"),
        ("localhost", "http://localhost"),
        ("http://localhost:8724", "http://localhost:8724"),
        ("http://[::1]:8724", "http://[::1]:8724"),
    ],
)
def test_a_base_url_is_scheme_and_host(given, base_url):
    assert Profile("acme", given, "id").base_url == base_url


def test_plain_http_is_for_this_machine_only():
    for address in ("http://eu.ninjarmm.com", "http://127.0.0.1.example.com", "http://10.0.0.1"):
        with pytest.raises(ProfileError, match="use https"):
            Profile("acme", address, "id")


@pytest.mark.parametrize(
    "address", ["ftp://eu.ninjarmm.com", "https://", "https://h:99999", "https://[::1"]
)
def test_what_is_no_base_url_is_refused(address):
    with pytest.raises(ProfileError, match="https://host"):
        Profile("acme", address, "id")


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(ProfileError) as caught:
        Profile("acme", "https://robin:canary-password@eu.ninjarmm.com", "id")

    assert "canary-password" not in str(caught.value)


def test_wrong_names_come_with_a_hint():
    with pytest.raises(UnknownNameError, match=r"instance named 'eu1'\. Did you mean 'eu'"):
        Profile("acme", "eu1", "id")
    with pytest.raises(UnknownNameError, match="Did you mean 'native'"):
        Profile("acme", "eu", "id", platform="nativ")
    with pytest.raises(UnknownNameError, match="Did you mean 'monitoring'"):
        Profile("acme", "eu", "id", scope=("monitor",))


def test_a_name_that_could_leave_the_folder_is_refused():
    for name in ("../acme", "", "a b", "-x", "a/b"):
        with pytest.raises(ProfileError, match="cannot name a profile"):
            Profile(name, "eu", "id")


def test_a_redirect_uri_is_https_or_stays_on_this_machine():
    assert Profile("a", "eu", "id", redirect_uri="https://hub.example/cb").redirect_uri
    for wrong in ("http://hub.example/cb", "http://localhost:1/#x", "app:/x"):
        with pytest.raises(ProfileError):
            Profile("a", "eu", "id", redirect_uri=wrong)


def test_the_oauth_addresses_are_under_the_base_url():
    profile = Profile("acme", "eu", "id")

    assert profile.authorize_url == "https://eu.ninjarmm.com/ws/oauth/authorize"
    assert profile.token_url == "https://eu.ninjarmm.com/ws/oauth/token"
    assert profile.revoke_url == "https://eu.ninjarmm.com/ws/oauth/revoke"


def test_the_key_is_stable_and_differs_by_instance_client_scope_and_name():
    keys = {
        Profile("acme", "eu", "id").key,
        Profile("acme", "us", "id").key,
        Profile("acme", "eu", "id2").key,
        Profile("acme", "eu", "id", scope=("monitoring",)).key,
        Profile("other", "eu", "id").key,
    }

    assert len(keys) == 5
    reordered = Profile("acme", "https://eu.ninjarmm.com", "id", scope="offline_access monitoring")
    assert reordered.key in keys


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_sandbox_profile_exists_for_every_platform(platform):
    profile = resolve("sandbox", platform=platform)

    assert (profile.base_url, profile.client_id) == (SANDBOX_URL, SANDBOX_CLIENT_IDS[platform])


def test_arguments_win_over_the_environment_and_that_over_the_file(monkeypatch):
    save(Profile("acme", "eu", "saved", platform="web", redirect_uri="http://localhost:9/"))
    assert resolve("acme").client_id == "saved"

    monkeypatch.setenv("NINJA_CLIENT_ID", "environment")
    monkeypatch.setenv("NINJA_BASE_URL", "us2")
    found = resolve("acme", client_id="argument")

    assert resolve("acme").client_id == "environment"
    assert (found.client_id, found.base_url) == ("argument", "https://us2.ninjarmm.com")
    assert (found.platform, found.redirect_uri) == ("web", "http://localhost:9/")


def test_the_environment_alone_describes_a_profile(monkeypatch):
    for name, value in {
        "NINJA_PROFILE": "night",
        "NINJA_BASE_URL": "oc",
        "NINJA_CLIENT_ID": "id",
        "NINJA_PLATFORM": "api-services",
    }.items():
        monkeypatch.setenv(name, value)

    profile = resolve()

    assert (profile.name, profile.platform) == ("night", "api-services")
    assert profile.base_url == "https://oc.ninjarmm.com"


def test_the_only_saved_profile_needs_no_name_and_several_do():
    save(Profile("acme", "eu", "id"))
    assert resolve().name == "acme"

    save(Profile("bolt", "us", "id"))
    with pytest.raises(ProfileError, match=r"acme, bolt.*NINJA_PROFILE"):
        resolve()


def test_nothing_set_up_says_what_to_run():
    with pytest.raises(ProfileError, match="ninja-analytics connect --profile"):
        resolve()


def test_an_unknown_profile_offers_the_nearest_name():
    save(Profile("acme", "eu", "id"))

    with pytest.raises(UnknownNameError, match="Did you mean 'acme'"):
        resolve("acmee")


def test_a_missing_client_id_or_instance_names_the_command_and_the_variable():
    with pytest.raises(ProfileError, match=r"connect --profile acme .*NINJA_CLIENT_ID"):
        resolve("acme", base_url="eu")
    with pytest.raises(ProfileError, match=r"connect --profile acme .*NINJA_BASE_URL"):
        resolve("acme", client_id="id")


def test_saved_profiles_come_back_the_same_and_can_be_forgotten():
    ours = [
        Profile("acme", "eu", 'id "quoted" \\ é', scope=("monitoring",)),
        Profile("bolt.2", "127.0.0.1:9", "id", platform="web", redirect_uri="https://x.example/"),
    ]
    for profile in ours:
        path = save(profile)

    assert load_all() == {profile.name: profile for profile in ours}
    assert path == profiles.home() / "profiles.toml"
    profiles.forget("acme")
    assert list(load_all()) == ["bolt.2"]
    with pytest.raises(UnknownNameError):
        profiles.forget("acme")


def test_saving_leaves_nothing_but_the_file(home):
    save(Profile("acme", "eu", "id"))

    assert sorted(path.name for path in home.iterdir()) == ["locks", "profiles.toml"]


def test_processes_that_save_at_once_lose_no_profile():
    code = (
        "import sys; from ninja_analytics.auth.profiles import Profile, save\n"
        "for n in range(5): save(Profile(f'p{sys.argv[1]}-{n}', 'eu', 'id'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(3)]

    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(load_all()) == 15


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[acme\n", "cannot be read"),
        ("\xff\xfe", "cannot be read"),
        ('acme = "eu"\n', "outside of a profile"),
        ('[acme]\nclient_secret = "canary-secret"\n', "secrets live in the token store"),
        ("[acme]\nclient_id = 7\n", "must be text"),
    ],
)
def test_a_broken_file_is_explained(home, text, why):
    home.mkdir()
    (home / "profiles.toml").write_bytes(text.encode("latin-1"))

    with pytest.raises(ProfileError, match=why) as caught:
        load_all()
    assert "canary-secret" not in str(caught.value)


def test_a_misspelled_field_of_the_file_is_offered_its_name(home):
    home.mkdir()
    (home / "profiles.toml").write_text('[acme]\nclientid = "x"\n', encoding="utf-8")

    with pytest.raises(UnknownNameError, match="Did you mean 'client_id'"):
        load_all()


def test_a_folder_that_cannot_be_written_is_explained(home):
    home.write_text("in the way", encoding="utf-8")

    with pytest.raises(ProfileError, match="NINJA_HOME"):
        save(Profile("acme", "eu", "id"))


@pytest.mark.parametrize("address", ["https://robin:canary@h:99999", "https://robin:canary@[::1"])
def test_a_password_in_an_address_that_is_broken_is_not_repeated_either(address):
    for fields in ({"base_url": address}, {"base_url": "eu", "redirect_uri": address}):
        with pytest.raises(ProfileError, match="https://host") as caught:
            Profile("acme", client_id="id", **fields)

        assert "canary" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has no file modes; to run this, use Linux or macOS"
)
def test_folders_that_are_missing_are_made_for_their_owner_only(tmp_path, monkeypatch):
    monkeypatch.setenv("NINJA_HOME", str(tmp_path / "above" / "home"))
    before = os.umask(0)
    try:
        save(Profile("acme", "eu", "id"))
    finally:
        os.umask(before)

    made = [tmp_path / "above", tmp_path / "above/home", tmp_path / "above/home/locks"]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in made] == [0o700] * 3


def test_the_secret_of_the_environment_is_for_the_client_app_it_describes_only(monkeypatch):
    monkeypatch.setenv("NINJA_CLIENT_SECRET", "canary")
    acme = Profile("acme", "eu", "acme-id", "web")
    assert secret_of_environment(acme) == "canary"

    monkeypatch.setenv("NINJA_BASE_URL", "eu")
    monkeypatch.setenv("NINJA_CLIENT_ID", "acme-id")
    assert secret_of_environment(acme) == "canary"
    assert secret_of_environment(Profile("acme", "eu", "other-id", "web")) is None
    assert secret_of_environment(Profile("acme", "us", "acme-id", "web")) is None


def test_a_profile_connects_by_the_usual_grant_of_its_platform_unless_asked_otherwise():
    assert Profile("a", "eu", "id").flow == "authorization_code"
    assert Profile("a", "eu", "id", platform="api-services").flow == "client_credentials"
    assert Profile("a", "eu", "id", grant="implicit").flow == "implicit"


@pytest.mark.parametrize(
    ("platform", "grant"),
    [("api-services", "implicit"), ("web", "client_credentials"), ("native", "refresh_token")],
)
def test_a_grant_that_the_platform_does_not_have_is_refused(platform, grant):
    with pytest.raises(UnknownNameError, match=f"grant of platform {platform}"):
        Profile("a", "eu", "id", platform=platform, grant=grant)


def test_an_unknown_way_of_sending_the_secret_is_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'basic'"):
        Profile("a", "eu", "id", platform="web", auth_method="basics")


def test_only_a_consent_that_asks_for_it_where_it_can_be_had_refreshes():
    assert Profile("a", "eu", "id").refreshes
    assert not Profile("a", "eu", "id", scope=("monitoring",)).refreshes
    assert not Profile("a", "eu", "id", grant="implicit").refreshes
    assert not Profile("a", "eu", "id", platform="single-page").refreshes
    assert not Profile("a", "eu", "id", platform="api-services").refreshes


def test_the_key_is_the_same_for_the_usual_grant_said_or_not_and_another_for_implicit():
    usual = Profile("acme", "eu", "id")

    assert usual.key == "acme-992b7ef905da9411"  # stored tokens are found by it
    assert Profile("acme", "eu", "id", grant="authorization_code").key == usual.key
    assert Profile("acme", "eu", "id", auth_method="basic").key == usual.key
    assert Profile("acme", "eu", "id", grant="implicit").key != usual.key


def test_several_redirect_uris_come_in_the_order_given_and_each_is_checked():
    given = " https://hub.example/proxy/9/  http://localhost:9/\nhttp://127.0.0.1:9 "
    profile = Profile("a", "eu", "id", platform="web", redirect_uri=given)

    assert profile.redirect_uris == (
        "https://hub.example/proxy/9/",
        "http://localhost:9/",
        "http://127.0.0.1:9",
    )
    assert profile.redirect_uri == " ".join(profile.redirect_uris)
    assert Profile("a", "eu", "id").redirect_uris == ("http://127.0.0.1",)
    assert Profile("a", "eu", "id", platform="api-services").redirect_uris == ()
    for wrong in ("http://hub.example/", "https://robin:canary@hub.example/", "localhost:9"):
        with pytest.raises(ProfileError) as caught:
            Profile("a", "eu", "id", redirect_uri=f"http://localhost:9/ {wrong}")
        assert "canary" not in str(caught.value)


def test_scope_and_grant_come_from_the_environment_under_the_arguments(monkeypatch):
    monkeypatch.setenv("NINJA_SCOPE", "monitoring")
    monkeypatch.setenv("NINJA_GRANT", "implicit")
    save(Profile("acme", "eu", "id", grant="authorization_code"))

    found = resolve("acme")
    asked = resolve("acme", scope="monitoring control", grant="authorization_code")

    assert (found.scope, found.flow) == (("monitoring",), "implicit")
    assert (asked.scope, asked.flow) == (("monitoring", "control"), "authorization_code")
    assert resolve("acme", auth_method="basic").auth_method == "basic"


def test_how_a_profile_connects_is_saved_and_what_goes_without_saying_is_not():
    odd = Profile("odd", "eu", "id", "web", grant="implicit", auth_method="basic")
    path = save(odd)
    assert load_all() == {"odd": odd}

    save(Profile("odd", "eu", "id", "web"))
    text = path.read_text(encoding="utf-8")
    assert "grant" not in text
    assert "auth_method" not in text


def test_a_wrong_grant_in_the_file_is_told(home):
    home.mkdir()
    text = '[acme]\nbase_url = "eu"\nclient_id = "x"\ngrant = "password"\n'
    (home / "profiles.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UnknownNameError, match="grant of platform native named 'password'"):
        load_all()


def test_a_name_with_a_quote_in_the_file_does_not_break_it_when_another_is_saved(home):
    home.mkdir()
    file = home / "profiles.toml"
    odd = """x"]\n[y"""
    file.write_text(f"[{json.dumps(odd)}]\nclient_id = 'a'\n")

    save(Profile("acme", "eu", "id"))

    assert set(profiles_file.read(file)) == {odd, "acme"}
