"""The form for a new connection: what it offers, what to enter in NinjaOne, what was typed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ninja_analytics.auth import profiles
from ninja_analytics.auth.profiles import Profile, is_loopback
from ninja_analytics.catalog import DEFAULT_SCOPE, INSTANCES, PLATFORMS
from ninja_analytics.errors import UsageError

OTHER = "other"  # the choice of the instance list that asks for a host
_PORT = 8725
_FITS = {
    "native": "for yourself, with the notebook on your own machine",
    "web": "for a JupyterHub or another server",
    "single-page": "where no refresh token may be kept",
    "api-services": "for schedules; nobody consents",
}
_MISSING = {
    "name": "Give the profile a name: it is what connect() is called with.",
    "instance": "Choose the instance of your NinjaOne.",
    "host": "Type the host of your NinjaOne: the one in your browser when you use it.",
    "client_id": "Paste the client ID that NinjaOne shows for the client app.",
    "redirect_uri": "Type the redirect URI that is registered in NinjaOne.",
}
_KNOWN = ("base_url", "client_id", "platform", "redirect_uri", "scope", "grant", "auth_method")
_REGISTERED = ("web", "single-page")  # their redirect URI is what was registered
_ANYBODY = {"name": "x", "base_url": "us", "client_id": "x"}

Fields = Mapping[str, str]


def known(name: str | None, given: Fields) -> dict[str, str]:
    """What is known already of the profile *name*: as *given*, in the environment or saved."""
    try:
        return known_of(profiles.resolve(name, **given))
    except UsageError:
        found = {
            field: given.get(field) or os.environ.get(f"NINJA_{field.upper()}", "")
            for field in _KNOWN
        }
        return {**found, "name": name or os.environ.get("NINJA_PROFILE") or "default"}


def known_of(profile: Profile) -> dict[str, str]:
    """*profile* as loose texts."""
    texts = {field: getattr(profile, field) for field in _KNOWN}
    return {**texts, "scope": " ".join(profile.scope), "name": profile.name}


def fields(known: Fields) -> dict[str, str]:
    """What stands in the form at first."""
    platform = known["platform"] if known["platform"] in PLATFORMS else "native"
    base_url, listed = known["base_url"], {one.base_url: one.name for one in INSTANCES.values()}
    instance = base_url if base_url in INSTANCES else listed.get(base_url.rstrip("/"), OTHER)
    return {
        "name": known["name"],
        "instance": instance if base_url else next(iter(INSTANCES)),
        "host": base_url if instance == OTHER else "",
        "client_id": known["client_id"],
        "platform": platform,
        "redirect_uri": known["redirect_uri"] if platform in _REGISTERED else "",
    }


def offer(known: Fields, server: str) -> dict[str, Any]:
    """What there is to choose: instances, and platforms with what to enter in NinjaOne for each.

    *server* is the address of the Jupyter server as the browser knows it, or "".
    """
    return {
        "instances": [
            [one.name, f"{one.title} ({urlsplit(one.base_url).netloc})"]
            for one in INSTANCES.values()
        ],
        "platforms": [_platform(name, known, server) for name in PLATFORMS],
    }


def redirect_uri(platform: str, server: str) -> str:
    """The redirect URI to register at a client app of *platform*, from where this runs.

    On a JupyterHub it is one address for all users; on another remote server it leads through
    jupyter-server-proxy, as it does there.
    """
    usual = PLATFORMS[platform].redirect_uri
    if platform not in _REGISTERED:
        return usual
    if "JUPYTERHUB_SERVICE_PREFIX" in os.environ:
        hub = os.environ.get("JUPYTERHUB_PUBLIC_HUB_URL") or _hub_of(server)
        return f"{hub.rstrip('/')}/user-redirect/proxy/{_PORT}/" if hub else usual
    if server and not is_loopback(server):
        return f"{server.rstrip('/')}/proxy/{_PORT}/"
    return usual


def checked(typed: Fields, known: Fields) -> tuple[Profile | None, dict[str, str]]:
    """The profile that was *typed*, or None and a sentence for each field that is wrong.

    What the form does not ask for stays as *known*.
    """
    got = {name: str(value).strip() for name, value in typed.items()}
    registered = got.get("platform") in _REGISTERED
    if not registered:
        # The form has no such field for the others; what was set for one of them stays.
        same = got.get("platform") == (known["platform"] or "native")
        got["redirect_uri"] = known["redirect_uri"] if same else ""
    host = "host" if got.get("instance") == OTHER else "instance"
    needed = ["name", host, "client_id", *(["redirect_uri"] if registered else [])]
    wrong = {name: _MISSING[name] for name in needed if not got.get(name)}
    if len(got.get("client_id", "").split()) > 1:
        wrong["client_id"] = "A client ID has no blanks in it: copy it again from NinjaOne."
    asked = {
        "name": "name", host: "base_url", "platform": "platform", "redirect_uri": "redirect_uri"
    }  # fmt: skip
    for field, name in asked.items():
        try:
            Profile(**{**_ANYBODY, name: got.get(field, "")})  # type: ignore[arg-type]
        except UsageError as error:
            wrong.setdefault(field, str(error))
    if got.get("name") != known["name"] and got.get("name") in profiles.load_all():
        wrong["name"] = f"There is a profile {got['name']!r} already: choose another name."
    if wrong:
        return None, wrong
    return _profile({**got, "base_url": got[host]}, known)


def _profile(got: Fields, known: Fields) -> tuple[Profile | None, dict[str, str]]:
    rest = {name: known[name] for name in ("scope", "auth_method") if known[name]}
    if known["grant"] in PLATFORMS[got["platform"]].grants:
        rest["grant"] = known["grant"]
    names = ("name", "base_url", "client_id", "platform", "redirect_uri")
    try:
        return Profile(**{name: got[name] for name in names}, **rest), {}  # type: ignore[arg-type]
    except UsageError as error:
        return None, {"platform": str(error)}


def _platform(name: str, known: Fields, server: str) -> dict[str, Any]:
    platform = PLATFORMS[name]
    editable = name in _REGISTERED
    implicit = known["grant"] == "implicit" and "implicit" in platform.grants
    redirect = redirect_uri(name, server)
    return {
        "name": name,
        "title": f"{platform.title}: {_FITS[name]}",
        "redirect_uri": redirect if editable else "",
        "has_secret": platform.has_secret,
        "enter": [
            ["Application platform", platform.title],
            # None: what stands in the form.
            ["Redirect URI", None if editable else redirect or "none"],
            ["Scopes", _scopes(known)],
            ["Grant types", ", ".join(("Implicit",) if implicit else platform.ticks)],
        ],
        "says": _says(name, redirect, implicit=implicit),
    }


def _scopes(known: Fields) -> str:
    """The scopes to tick; offline_access is none of them, it comes with a grant type."""
    asked = (known["scope"] or " ".join(DEFAULT_SCOPE)).split()
    return ", ".join(word.capitalize() for word in asked if word != "offline_access")


def _says(platform: str, redirect: str, *, implicit: bool) -> str:
    if implicit:
        return (
            "The implicit grant is deprecated and NinjaOne's metadata no longer lists it: choose "
            "Authorization Code if you can."
        )
    if platform == "native":
        return "NinjaOne sets the redirect URI of a Native app by itself; any port will do."
    if platform == "api-services":
        return "NinjaOne shows the client secret once. It is kept here as tokens are."
    same = "The redirect URI must be the same there and here, to the letter."
    if "/proxy/" in redirect:
        return f"{same} It leads through this Jupyter server, by jupyter-server-proxy."
    return same


def _hub_of(server: str) -> str:
    """The address of the hub that runs the Jupyter *server*; "" where the server is not known."""
    if not server:
        return ""
    parts = urlsplit(server)
    base = os.environ.get("JUPYTERHUB_BASE_URL", "/").strip("/")
    return f"{parts.scheme}://{parts.netloc}/" + (f"{base}/" if base else "") + "hub/"
