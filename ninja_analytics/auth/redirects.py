"""From a redirect URI to where its answer arrives on this machine, if it does at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ninja_analytics import place
from ninja_analytics.auth.listener import Listener, Respond
from ninja_analytics.auth.profiles import Profile, is_loopback
from ninja_analytics.errors import ConsentError

# jupyter-server-proxy hands https://host/…/proxy/8725/rest on to port 8725 as /rest, and
# …/proxy/absolute/8725/rest with its whole path, in front of which a hub puts the user's own.
_PROXIED = re.compile(r".*?(?P<own>/proxy/(?P<absolute>absolute/)?(?P<port>\d{1,5})(?P<rest>/.*)?)")


@dataclass(frozen=True, slots=True)
class Door:
    """Where to listen for the answer that is sent to `redirect_uri`.

    `host` is "127.0.0.1", "::1", or "localhost" for both; `port` 0 is any free one. With
    `any_prefix` the path that arrives may have more in front of `path`.
    """

    redirect_uri: str
    host: str
    port: int
    path: str
    any_prefix: bool = False

    def serves(self, path: str) -> bool:
        """Whether the answer may arrive at this *path*; compared to the letter."""
        return path == self.path or (self.any_prefix and path.endswith(self.path))

    def at(self, port: int) -> str:
        """The redirect URI to send to NinjaOne when *port* is listened on."""
        if self.port:
            return self.redirect_uri
        parts = urlsplit(self.redirect_uri)
        return parts._replace(netloc=f"{parts.netloc.rstrip(':')}:{port}").geturl()


def door(redirect_uri: str, *, port_is_free: bool = False) -> Door | None:
    """Where the answer to *redirect_uri* arrives; None where a person has to paste it.

    An address on this machine without a port means any port with *port_is_free*, else port 80.
    """
    parts = urlsplit(redirect_uri)
    found = _PROXIED.fullmatch(parts.path)
    if found and 0 < int(found["port"]) < 65536:
        path = found["own"] if found["absolute"] else found["rest"] or ""
        path += "" if found["rest"] else "/"  # added by the proxy
        # The proxy connects to localhost, which may be either address.
        prefixed = bool(found["absolute"])
        return Door(redirect_uri, "localhost", int(found["port"]), path, prefixed)
    if parts.scheme != "http" or not is_loopback(redirect_uri):
        return None
    port = parts.port or (0 if port_is_free else 80)
    return Door(redirect_uri, parts.hostname or "", port, parts.path or "/")


def ordered(redirect_uris: Iterable[str], *, remote: bool) -> tuple[str, ...]:
    """The *redirect_uris* in the order in which to try them.

    Far from the browser (*remote*), those that a Jupyter server proxies come first. One that can
    only be pasted comes last, whatever was asked for.
    """

    def rank(redirect_uri: str) -> int:
        proxied = _PROXIED.fullmatch(urlsplit(redirect_uri).path)
        return 2 if door(redirect_uri) is None else 0 if proxied and remote else 1

    return tuple(sorted(redirect_uris, key=rank))


def first_free(
    profile: Profile, respond: Respond
) -> tuple[str, Listener | None, ConsentError | None]:
    """The first redirect URI of *profile* whose port is free, and a listener that has it.

    Where there is none it is the first of all, to be pasted, and the error of its port if it has
    one here. Only the Native platform lets the port vary.
    """
    problem = None
    uris = ordered(profile.redirect_uris, remote=place.is_shared_or_remote())
    for uri in uris:
        entry = door(uri, port_is_free=profile.platform == "native")
        if entry is None:
            continue
        posts = profile.flow == "implicit"
        try:
            listener = Listener(entry.host, entry.port, entry.serves, respond, takes_posts=posts)
        except OSError as error:
            problem = problem or _taken(entry.port, error)
        else:
            return entry.at(listener.port), listener, None
    return uris[0], None, problem


def _taken(port: int, cause: OSError) -> ConsentError:
    error = ConsentError(
        f"Port {port} of this machine is taken or forbidden, so the browser cannot come back by "
        "itself: end the other program (an earlier consent, perhaps), or paste the address that "
        "the browser ends on."
    )
    error.__cause__ = cause
    return error
