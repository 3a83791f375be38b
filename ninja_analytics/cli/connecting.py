"""Commands for who is connected: connect, status, disconnect."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from ninja_analytics.catalog import AUTH_METHODS, PLATFORMS, SCOPES
from ninja_analytics.cli.app import ProfileName, command


@command(
    "connect",
    "connect --profile acme --instance eu --client-id AbC123",
    "connect --profile nightly --instance eu --client-id XyZ --platform api-services",
    "connect --profile acme --again",
)
def connect(
    profile: ProfileName = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url", "--instance", help="us, us2, ca, eu, oc, jp, fed, a host or a URL."
        ),
    ] = None,
    client_id: Annotated[str | None, typer.Option(help="The client ID of your client app.")] = None,
    platform: Annotated[
        str | None, typer.Option(help=f"The client app's platform: {', '.join(PLATFORMS)}.")
    ] = None,
    redirect_uri: Annotated[
        str | None,
        typer.Option(
            help="As registered; default: the platform's usual one. Of several, with blanks "
            "between, the first whose port is free."
        ),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="WORDS",
            help=f"Of {', '.join(SCOPES)}; default: monitoring offline_access.",
        ),
    ] = None,
    grant: Annotated[
        str | None,
        typer.Option(help="authorization_code or implicit; default: the platform's usual one."),
    ] = None,
    auth_method: Annotated[
        str | None,
        typer.Option(help=f"How the client secret is sent: {' or '.join(AUTH_METHODS)}."),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the consent.")] = 300,
    again: Annotated[bool, typer.Option("--again", help="Ask even if already connected.")] = False,
) -> None:
    """Connect a profile to its NinjaOne.

    A person consents in the browser; client credentials need nobody. What is given here is saved
    under the profile's name, so that later calls need only --profile; in a terminal what is missing
    is asked for. A client secret is prompted for and kept, or taken from NINJA_CLIENT_SECRET and
    not kept; it is no option, because other users can see options.
    """
    from ninja_analytics.auth import profiles
    from ninja_analytics.auth.store import open_store
    from ninja_analytics.cli import asking, consenting, states

    given = {
        "base_url": base_url,
        "client_id": client_id,
        "platform": platform,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "grant": grant,
        "auth_method": auth_method,
    }
    who, asked = asking.resolved(profile, given, typer.echo)
    store = open_store()
    consenting.connect(who, store, again=again, timeout=timeout, say=typer.echo)
    if asked or any(given.values()):
        profiles.save(who)
    title = PLATFORMS[who.platform].title
    typer.echo(f"Connected: profile {who.name!r} at {who.base_url} ({title}, read-only).")
    typer.echo(states.lasts(states.state(who, store)))
    typer.echo(f"Next: ninja-analytics report fleet_overview --profile {who.name} -o out/")


@command(
    "status",
    "status --profile acme --json",
)
def status(
    profile: ProfileName = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show each profile and when its token dies."""
    from ninja_analytics.cli import states

    some = states.states(profile)
    if as_json:
        typer.echo(json.dumps(some, indent=2))
    else:
        states.show(some, now=time.time())


@command(
    "disconnect --profile acme",
    "disconnect --profile acme --forget",
)
def disconnect(
    profile: ProfileName = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Remove the saved profile, too.")
    ] = False,
) -> None:
    """Revoke a consent and forget its tokens."""
    from ninja_analytics.auth import keeper, profiles, store
    from ninja_analytics.cli import asking, states

    who, kept = profiles.resolve(profile), store.open_store()
    asking.refuse_to_forget(kept)  # nor could it find what another process keeps
    secret = profiles.secret_of_environment(who)
    token = keeper.TokenKeeper(who, kept, client_secret=secret)
    stood = states.state(who, kept)["status"]
    token.disconnect()
    typer.echo(
        f"Profile {who.name} is disconnected: its consent is revoked, its tokens are gone."
        if stood != "signed out"
        else f"Profile {who.name} was not connected: there is nothing to revoke."
    )
    if forget and who.name in profiles.load_all():
        profiles.forget(who.name)
        typer.echo(f"Profile {who.name} is forgotten.")
