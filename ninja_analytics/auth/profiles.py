"""Who connects to what: instance, client app, platform and scope under a name; no secrets."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import platformdirs
from filelock import FileLock, Timeout

from ninja_analytics.auth import profiles_file
from ninja_analytics.auth.tokens import Secret
from ninja_analytics.catalog import (
    AUTH_METHODS,
    DEFAULT_SCOPE,
    INSTANCES,
    PLATFORMS,
    SANDBOX_CLIENT_IDS,
    SANDBOX_URL,
    SCOPES,
)
from ninja_analytics.errors import ProfileError, UnknownNameError
from ninja_analytics.whole import make_private

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_LOCK_SECONDS = 10.0
_USUAL = {"auth_method": "post"}  # goes without saying in the file


@dataclass(frozen=True, slots=True)
class Profile:
    """A client app at a NinjaOne instance, under a name; holds no secret.

    `base_url` may be given as an instance name ("eu"), a host or a URL; it is kept as scheme and
    host. `redirect_uri` may be several addresses with blanks between, and "" means the usual one of
    the platform; so does `grant`, which is another only where it is asked for by name.
    `auth_method` is how a client secret is sent. Raises UnknownNameError for an unknown instance,
    platform, grant, auth method or scope, and ProfileError for what cannot work.
    """

    name: str
    base_url: str
    client_id: str
    platform: str = "native"
    redirect_uri: str = ""
    scope: tuple[str, ...] = DEFAULT_SCOPE
    grant: str = ""
    auth_method: str = "post"

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.platform not in PLATFORMS:
            raise UnknownNameError.among("platform", self.platform, PLATFORMS)
        grants = PLATFORMS[self.platform].grants
        if self.grant and self.grant not in grants:
            raise UnknownNameError.among(f"grant of platform {self.platform}", self.grant, grants)
        if self.auth_method not in AUTH_METHODS:
            raise UnknownNameError.among("auth method", self.auth_method, AUTH_METHODS)
        if not self.client_id:
            raise ProfileError(_missing("client ID", self.name, "NINJA_CLIENT_ID", "--client-id"))
        object.__setattr__(self, "redirect_uri", " ".join(self.redirect_uri.split()))
        for one in self.redirect_uri.split():
            _check_redirect_uri(one)
        object.__setattr__(self, "base_url", _base_url(self.base_url))
        object.__setattr__(self, "scope", _scope(self.scope))

    @property
    def authorize_url(self) -> str:
        """Where a person gives consent."""
        return f"{self.base_url}/ws/oauth/authorize"

    @property
    def token_url(self) -> str:
        """Where a code, a refresh token or client credentials become a token."""
        return f"{self.base_url}/ws/oauth/token"

    @property
    def revoke_url(self) -> str:
        """Where a token is taken back."""
        return f"{self.base_url}/ws/oauth/revoke"

    @property
    def flow(self) -> str:
        """The grant by which this profile connects."""
        return self.grant or PLATFORMS[self.platform].grant

    @property
    def refreshes(self) -> bool:
        """Whether a refresh token is asked for: the connection then outlives its access token."""
        able = self.flow == "authorization_code" and PLATFORMS[self.platform].refreshes
        return able and "offline_access" in self.scope

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """The addresses to come back to after consent, the preferred one first."""
        return tuple((self.redirect_uri or PLATFORMS[self.platform].redirect_uri).split())

    @property
    def key(self) -> str:
        """The name under which the token store keeps what belongs to this profile.

        It changes with instance, client, scope, grant and profile name, so a token is never used
        for anything but what it was granted for. It is fit for a file name.
        """
        parts = [self.base_url, self.client_id, sorted(self.scope), self.name]
        if self.flow != PLATFORMS[self.platform].grant:
            parts.append(self.flow)
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return f"{self.name}-{digest[:16]}"


def resolve(
    profile: str | None = None,
    *,
    base_url: str | None = None,
    client_id: str | None = None,
    platform: str | None = None,
    redirect_uri: str | None = None,
    scope: Iterable[str] | None = None,
    grant: str | None = None,
    auth_method: str | None = None,
) -> Profile:
    """The profile to connect as: arguments, over NINJA_* variables, over the saved profile.

    Without a name it is NINJA_PROFILE, else the only saved profile, else one named "default" made
    of the arguments. "sandbox" always exists. Raises UnknownNameError for a name that nothing
    describes, and ProfileError when the instance or the client ID is missing.
    """
    given: dict[str, object] = {
        "base_url": base_url or os.environ.get("NINJA_BASE_URL"),
        "client_id": client_id or os.environ.get("NINJA_CLIENT_ID"),
        "platform": platform or os.environ.get("NINJA_PLATFORM"),
        "redirect_uri": redirect_uri or os.environ.get("NINJA_REDIRECT_URI"),
        "scope": scope or os.environ.get("NINJA_SCOPE"),
        "grant": grant or os.environ.get("NINJA_GRANT"),
        "auth_method": auth_method,
    }
    given = {name: value for name, value in given.items() if value}
    saved = profiles_file.read(_file())
    name = profile or os.environ.get("NINJA_PROFILE") or _unnamed(given, saved)
    if name not in saved and name != "sandbox" and not {"base_url", "client_id"} & given.keys():
        if name == "default" and not profile:
            msg = (
                "No profile is set up. Run: ninja-analytics connect --profile NAME "
                '--instance INSTANCE --client-id ID, or try the sandbox: connect("sandbox").'
            )
            raise ProfileError(msg)
        raise UnknownNameError.among("profile", name, [*saved, "sandbox"])
    return _profile(name, {**saved.get(name, {}), **given})


def secret_of_environment(profile: Profile) -> str | None:
    """NINJA_CLIENT_SECRET, unless the environment describes another client app than *profile*'s.

    Where an argument overrides NINJA_CLIENT_ID or NINJA_BASE_URL, that secret belongs to somebody
    else, and must not be sent there.
    """
    client_id, base_url = os.environ.get("NINJA_CLIENT_ID"), os.environ.get("NINJA_BASE_URL")
    if client_id and client_id != profile.client_id:
        return None
    if base_url and _base_url(base_url) != profile.base_url:
        return None
    return Secret(os.environ.get("NINJA_CLIENT_SECRET", "")) or None


def load_all() -> dict[str, Profile]:
    """Every saved profile, by name."""
    return {name: _profile(name, fields) for name, fields in profiles_file.read(_file()).items()}


def save(profile: Profile) -> Path:
    """The file in which *profile* is saved now, over an older one of the same name."""
    with _locked():
        everything = profiles_file.read(_file())
        everything[profile.name] = {
            name: getattr(profile, name)
            for name in profiles_file.FIELDS
            if getattr(profile, name) != _USUAL.get(name, "")
        }
        return profiles_file.write(_file(), everything)


def forget(name: str) -> None:
    """Remove the saved profile *name*; UnknownNameError if there is none."""
    with _locked():
        everything = profiles_file.read(_file())
        if name not in everything:
            raise UnknownNameError.among("profile", name, everything)
        del everything[name]
        profiles_file.write(_file(), everything)


def home() -> Path:
    """The folder of profiles, tokens and locks: NINJA_HOME, or the platform's config folder."""
    chosen = os.environ.get("NINJA_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_config_path("ninja_analytics", appauthor=False)


def is_loopback(url: str) -> bool:
    """Whether *url* stays on this machine."""
    return (urlsplit(url).hostname or "") in LOOPBACK_HOSTS


def _unnamed(given: Mapping[str, object], saved: Mapping[str, object]) -> str:
    """The name to use when nobody gave one."""
    if "base_url" in given or not saved:
        return "default"
    if len(saved) > 1 and "default" not in saved:
        msg = (
            f"Which profile? Saved are {', '.join(sorted(saved))}: name one, or set NINJA_PROFILE."
        )
        raise ProfileError(msg)
    return "default" if "default" in saved else next(iter(saved))


def _profile(name: str, fields: Mapping[str, object]) -> Profile:
    """The profile *name* out of loose *fields*; the sandbox fills in what is missing."""
    known = dict(fields)
    if name == "sandbox":
        platform = str(known.get("platform", "native"))
        known.setdefault("base_url", SANDBOX_URL)
        known.setdefault("client_id", SANDBOX_CLIENT_IDS.get(platform, "sandbox"))
    if not known.get("base_url"):
        raise ProfileError(_missing("instance", name, "NINJA_BASE_URL", "--instance"))
    return Profile(name, client_id=known.pop("client_id", ""), **known)  # type: ignore[arg-type]


def _missing(what: str, name: str, variable: str, option: str) -> str:
    return (
        f"Profile {name!r} has no {what}. Run: ninja-analytics connect --profile {name} "
        f"{option} …, or set {variable}."
    )


def _check_name(name: str) -> None:
    if not re.fullmatch(r"\w[\w.-]{0,63}", name):
        msg = f"{name!r} cannot name a profile: use letters, digits, dots, dashes and underscores."
        raise ProfileError(msg)


def _base_url(text: str) -> str:
    """Scheme and host of an instance name, a host or a URL."""
    text = text.strip()
    if text.lower() in INSTANCES:
        return INSTANCES[text.lower()].base_url
    if "://" not in text:
        host = text.split("/")[0]
        if "." not in host and ":" not in host and host not in LOOPBACK_HOSTS:
            raise UnknownNameError.among("instance", text, INSTANCES)
        text = f"{'http' if is_loopback('//' + text) else 'https'}://{text}"
    parts = _parts(text, "base URL")
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")


def _check_redirect_uri(text: str) -> None:
    if text and _parts(text, "redirect URI").fragment:
        msg = f"The redirect URI {text!r} has a fragment (#…), which OAuth forbids: remove it."
        raise ProfileError(msg)


def _parts(text: str, what: str) -> SplitResult:
    """The parts of the URL *text*, which is https, or http to this machine, and has no password."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        # Neither repeated nor chained: the text may hold a password, and the error some of it.
        msg = f"That is no {what}, its host or port is wrong: give it as https://host."
        raise ProfileError(msg) from None
    if parts.username or parts.password:
        msg = f"The {what} holds a user name or password: leave it out, profiles hold no secrets."
        raise ProfileError(msg)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"{text!r} is no {what}: give it as https://host."
        raise ProfileError(msg)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        msg = (
            f"The {what} {text!r} is not encrypted: use https. Plain http is for this machine only."
        )
        raise ProfileError(msg)
    return parts


def _scope(words: Iterable[str]) -> tuple[str, ...]:
    """The scope as a tuple of known words, each once."""
    scope = tuple(dict.fromkeys(words.split() if isinstance(words, str) else words))
    for word in scope:
        if word not in SCOPES:
            raise UnknownNameError.among("scope", word, SCOPES)
    if not scope:
        msg = "The scope is empty: ask at least for monitoring."
        raise ProfileError(msg)
    return scope


def _file() -> Path:
    return home() / "profiles.toml"


@contextmanager
def _locked() -> Iterator[None]:
    """Only one process changes the profiles at a time."""
    folder = home() / "locks"
    try:
        make_private(folder)
        with FileLock(folder / "profiles.lock", timeout=_LOCK_SECONDS):
            yield
    except (OSError, Timeout) as error:
        msg = f"The profiles in {home()} are locked or read-only: try again, or set NINJA_HOME."
        raise ProfileError(msg) from error
