"""Instances, scopes and platforms: where NinjaOne is, and as what one connects to it."""

from __future__ import annotations

from types import MappingProxyType

from ninja_analytics.catalog.shapes import Grant, Instance, Platform

INSTANCES = MappingProxyType(
    {
        instance.name: instance
        for instance in (
            Instance("us", "https://app.ninjarmm.com", "United States"),
            Instance("us2", "https://us2.ninjarmm.com", "United States 2"),
            Instance("ca", "https://ca.ninjarmm.com", "Canada"),
            Instance("eu", "https://eu.ninjarmm.com", "Europe"),
            Instance("oc", "https://oc.ninjarmm.com", "Oceania"),
            Instance("jp", "https://jp.ninjarmm.com", "Japan"),
            Instance("fed", "https://fed.ninjarmm.com", "United States, government"),
        )
    }
)

SCOPES = MappingProxyType(
    {
        "monitoring": "read monitoring data; cannot change anything",
        "management": "change devices, organizations and settings",
        "control": "run scripts and open remote sessions on devices",
        "offline_access": "stay connected by refreshing the access token",
    }
)

DEFAULT_SCOPE = ("monitoring", "offline_access")

_BY_CODE: tuple[Grant, ...] = ("authorization_code", "implicit")

PLATFORMS = MappingProxyType(
    {
        platform.name: platform
        for platform in (
            Platform(
                "native", "Native", "authorization_code", _BY_CODE,
                ("Authorization Code", "Refresh Token"), False, True, "http://127.0.0.1",
                "tick Authorization Code and Refresh Token; there is no secret and the redirect "
                "address is fixed to the local machine",
            ),
            Platform(
                "web", "Web", "authorization_code", _BY_CODE,
                ("Authorization Code", "Refresh Token"), True, True, "http://localhost:8725/",
                "tick Authorization Code and Refresh Token, register the redirect URI to the "
                "letter and keep the secret that is shown once",
            ),
            Platform(
                "single-page", "Single Page", "authorization_code", _BY_CODE,
                ("Authorization Code",), False, False, "http://localhost:8725/",
                "tick Authorization Code and register the redirect URI to the letter; there is no "
                "refresh token, so consent lasts as long as one access token",
            ),
            Platform(
                "api-services", "API Services", "client_credentials", ("client_credentials",),
                ("Client Credentials",), True, False, "",
                "tick Client Credentials and keep the secret that is shown once; nobody has to "
                "consent, so it suits schedules",
            ),
        )
    }
)  # fmt: skip

# How a client secret is sent: in the form, or in the header by HTTP Basic.
AUTH_METHODS = ("post", "basic")

SANDBOX_URL = "http://127.0.0.1:8724"
SANDBOX_CLIENT_IDS = MappingProxyType(
    {name: f"sandbox-{name}" for name in ("native", "web", "single-page", "api-services")}
)
