"""The client apps that are registered at the sandbox: one per platform, as NinjaOne has them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ninja_analytics import catalog

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost)(?::([0-9]{1,5}))?", re.ASCII)

_GRANTS = {
    "native": frozenset({"authorization_code", "refresh_token"}),
    "web": frozenset({"authorization_code", "refresh_token"}),
    "single-page": frozenset({"authorization_code"}),
    "api-services": frozenset({"client_credentials"}),
}
_REDIRECT_URIS = {
    "native": ("http://127.0.0.1",),
    "web": (
        "http://localhost:8725/",
        "http://127.0.0.1:8725/callback",
        "https://notebooks.example/user-redirect/proxy/8725/",
    ),
    "single-page": ("http://localhost:8725/", "http://127.0.0.1:8725/callback"),
    "api-services": (),
}


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client app: what it may ask for, where answers may go, and its secret if it has one.

    `grants` are the ticked grant types in OAuth's words, `scopes` the ticked scopes. An app
    without a secret is public and must use PKCE.
    """

    client_id: str
    platform: str
    name: str
    grants: frozenset[str]
    scopes: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    client_secret: str | None = field(default=None, repr=False)

    @property
    def is_public(self) -> bool:
        """Whether the app has no secret."""
        return self.client_secret is None

    def takes(
        self, redirect_uri: str, *, localhost: bool = False, more: Sequence[str] = ()
    ) -> bool:
        """Whether answers may go to *redirect_uri*.

        A Native app takes `http://127.0.0.1` with any port and no path, and the same with
        `localhost` only if told so; the others take what is registered, *more* of it if there
        is, to the letter.
        """
        if self.platform != "native":
            return redirect_uri in (*self.redirect_uris, *more)
        match = _LOOPBACK.fullmatch(redirect_uri)
        if not match or (match[1] == "localhost" and not localhost):
            return False
        return match[2] is None or 0 < int(match[2]) < 65536


def register(seed: int) -> Mapping[str, RegisteredClient]:
    """The registered client app of each platform; ids are fixed, secrets follow from *seed*."""
    return MappingProxyType(
        {
            platform.name: RegisteredClient(
                client_id=catalog.SANDBOX_CLIENT_IDS[platform.name],
                platform=platform.name,
                name=f"Sandbox analytics ({platform.title})",
                grants=_GRANTS[platform.name],
                scopes=catalog.DEFAULT_SCOPE,
                redirect_uris=_REDIRECT_URIS[platform.name],
                client_secret=invented(seed, platform.name) if platform.has_secret else None,
            )
            for platform in catalog.PLATFORMS.values()
        }
    )


def invented(seed: int, purpose: str) -> str:
    """A secret of 43 characters that follows from *seed* and *purpose*."""
    digest = hashlib.sha256(f"ninja_analytics sandbox {seed} {purpose}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
