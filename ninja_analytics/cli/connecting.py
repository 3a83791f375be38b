"""Commands for who is connected: connect, status, disconnect."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from ninja_analytics import catalog
from ninja_analytics.cli.app import ProfileName, command


@command(
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
        str | None, typer.Option(help=f"The client app's platform: {', '.join(catalog.PLATFORMS)}.")
    ] = None,
    redirect_uri: Annotated[
        str | None, typer.Option(help="As registered; default: the platform's usual one.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the consent.")] = 300,
    again: Annotated[bool, typer.Option("--again", help="Ask even if already connected.")] = False,
) -> None:
    """Connect a profile to its NinjaOne.

    A person consents in the browser; client credentials need nobody. What is given here is saved
    under the profile's name, so that later calls need only --profile. A client secret is prompted
    for and kept, or taken from NINJA_CLIENT_SECRET and not kept; it is no option, because other
    users can see options.
    """
    from ninja_analytics.auth import profiles, store
    from ninja_analytics.cli import terminal

    given = {
        "base_url": base_url,
        "client_id": client_id,
        "platform": platform,
        "redirect_uri": redirect_uri,
    }
    who = terminal.resolved(profile, given)
    ninja = terminal.connect(who, store.open_store(), again=again, timeout=timeout, say=typer.echo)
    if any(given.values()):
        profiles.save(who)
    typer.echo(f"Connected: {ninja!r}")
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
    from ninja_analytics.cli import terminal

    states = terminal.states(profile)
    if as_json:
        typer.echo(json.dumps(states, indent=2))
    else:
        terminal.show_states(states, now=time.time())


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

    who = profiles.resolve(profile)
    secret = profiles.secret_of_environment(who)
    keeper.TokenKeeper(who, store.open_store(), client_secret=secret).disconnect()
    typer.echo(f"Profile {who.name} is disconnected: its consent is revoked, its tokens are gone.")
    if forget and who.name in profiles.load_all():
        profiles.forget(who.name)
        typer.echo(f"Profile {who.name} is forgotten.")
