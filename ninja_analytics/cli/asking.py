"""Asks in a terminal what a new profile lacks, a question each, and for a client secret."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

import typer

from ninja_analytics.auth import profiles
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import TokenStore, open_store
from ninja_analytics.catalog import INSTANCES, PLATFORMS
from ninja_analytics.consent import setup
from ninja_analytics.errors import (
    ConsentRequiredError,
    TokenStoreError,
    UnknownNameError,
    UsageError,
)

Given = Mapping[str, str | None]


def somebody_types() -> bool:
    """Whether a person could answer a prompt."""
    return sys.stdin is not None and sys.stdin.isatty()


def resolved(name: str | None, given: Given, say: Callable[[str], None]) -> tuple[Profile, bool]:
    """Who is meant by *name* and the fields *given*, and whether more was asked for.

    In a terminal a profile that is not set up is completed by questions; elsewhere the error says
    what it takes to make it.
    """
    try:
        return profiles.resolve(name, **given), False
    except UsageError as error:
        name = name or os.environ.get("NINJA_PROFILE")
        if not _is_new(name, given):
            raise
        if not (somebody_types() and sys.stdout.isatty()):
            raise _with_options(error, given) from error
        refuse_to_forget(open_store())
        if isinstance(error, UnknownNameError):
            say(str(error))
    return _asked(name, given, say), True


def _with_options(error: UsageError, given: Given) -> UsageError:
    if any(given.values()) or not isinstance(error, UnknownNameError):
        return error
    return UnknownNameError(f"{error} To make a new one, add --instance and --client-id.")


def _is_new(name: str | None, given: Given) -> bool:
    """Whether *name* lacks what makes a profile, rather than holding something wrong."""
    saved, known = profiles.load_all(), _known(name, given)
    lacks = not (known["base_url"] and known["client_id"])
    return lacks and name not in saved if name else lacks and not saved


def _known(name: str | None, given: Given) -> dict[str, str]:
    """What the command line and the environment say of the profile *name*, "" for the rest."""
    return setup.known(name, {field: value or "" for field, value in given.items()})


def _asked(name: str | None, given: Given, say: Callable[[str], None]) -> Profile:
    """The profile *name*, by what is *given* and a question for each field that it lacks."""
    known = _known(name, given)
    said = {field: value for field, value in known.items() if value}
    draft = replace(Profile("default", "us", "-"), **said)  # type: ignore[arg-type]
    say("A new profile says which NinjaOne and which client app. Ctrl-C ends this without a trace.")
    if not name:
        draft = _answer(draft, "name", "Name of the profile", draft.name)
    if "platform" not in said:
        platforms = ", ".join(PLATFORMS)
        draft = _answer(draft, "platform", f"Platform of the client app ({platforms})", "native")
    if "redirect_uri" not in said and draft.platform in ("web", "single-page"):
        usual = setup.redirect_uri(draft.platform, "")
        draft = _answer(draft, "redirect_uri", "Redirect URI", usual)
    say(_what_to_enter(draft, known))
    if "base_url" not in said:
        instances = ", ".join(INSTANCES)
        draft = _answer(draft, "base_url", f"Instance ({instances}, or the host in your browser)")
    if "client_id" not in said:
        draft = _answer(draft, "client_id", "Client ID")
    return draft


def _what_to_enter(draft: Profile, known: Mapping[str, str]) -> str:
    """What NinjaOne's form for a client app takes, in the words of the form in a notebook."""
    platforms = setup.offer(known, "")["platforms"]
    told = next(one for one in platforms if one["name"] == draft.platform)
    lines = [f"  {label:<22}{text or draft.redirect_uri}" for label, text in told["enter"]]
    head = "In NinjaOne, under Administration > Apps > API > Client App IDs > Add, enter:"
    return "\n".join([head, *lines, told["says"]])


def _answer(draft: Profile, field: str, question: str, default: str | None = None) -> Profile:
    """*draft* with *field* as a person answers; asked again until it can be."""

    def taken(answer: str) -> Profile:
        answer = answer.strip()
        if field == "platform":  # as NinjaOne writes it, too: "Single Page"
            answer = answer.lower().replace(" ", "-")
        try:
            return replace(draft, **{field: answer})  # type: ignore[arg-type]
        except UsageError as error:
            raise typer.BadParameter(str(error)) from error

    profile: Profile = typer.prompt(question, default=default, value_proc=taken)
    return profile


def client_secret(who: Profile, store: TokenStore) -> tuple[str | None, bool]:
    """The client secret of *who*, and whether it was typed just now (and is not yet stored).

    It comes from NINJA_CLIENT_SECRET, the store or a prompt that does not echo; never from an
    option, which other users of the machine could read in the list of processes.
    """
    if not PLATFORMS[who.platform].has_secret:
        return None, False
    secret = profiles.secret_of_environment(who) or store.load_secret(who.key)
    if secret:
        return secret, False
    if not somebody_types():
        raise ConsentRequiredError(
            f"Profile {who.name!r} needs its client secret, and nobody is there to type it. "
            "Set NINJA_CLIENT_SECRET, or run this in a terminal."
        )
    while not secret:
        try:
            secret = getpass.getpass(f"Client secret of {who.name} (not shown): ").strip()
        except EOFError:
            raise typer.Abort from None
    return secret, True


def refuse_to_forget(store: TokenStore) -> None:
    """Raise TokenStoreError where what a person gives would be gone when the command ends."""
    if store.kind == "memory":
        raise TokenStoreError(
            "Tokens are kept in memory here, and end with this command. To keep them in private "
            f"files under {profiles.home()}, run this first: export NINJA_TOKEN_STORE=file"
        )
