"""What to do when the browser does not come back from the consent page, by what surrounds this."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from urllib.parse import urlsplit

from ninja_analytics.auth.profiles import is_loopback

# In the order in which they are told: what is surest first.
_HINTS = {
    "colab": "This runs at Google, so the page after the consent never loads here: paste its "
    "address.",
    "binder": "This runs on Binder, so the page after the consent never loads here: paste its "
    "address.",
    "hub": "This runs on a JupyterHub. The browser comes back by itself with a Web client "
    "app whose redirect URI is https://HUB/hub/user-redirect/proxy/8725/; else paste.",
    "codespaces": "In a codespace the page after the consent does not load in the browser: paste its "
    "address. VS Code on your desktop can forward port {port} (Ports > Forward a Port).",
    "vscode-remote": "VS Code can forward port {port} of the remote machine (Ports > Forward a "
    "Port); else paste.",
    "ssh": "This runs on a machine reached by SSH. A second session brings the browser back: "
    "ssh -L {port}:127.0.0.1:{port} HOST; else paste.",
    "wsl": "This runs in WSL. If the browser of Windows does not find it, paste.",
    "container": "This runs in a container, which the browser outside does not reach: paste.",
}
_BY_PROXY = (
    "The browser comes back through the Jupyter server, which needs jupyter-server-proxy for it. "
    "If that page shows an error, paste its address."
)
_NO_WAY_BACK = "The redirect URI is on another machine than this kernel: paste the address."


def ordered(redirect_uri: str, around: AbstractSet[str]) -> tuple[str, ...]:
    """The hints for a consent that ends at *redirect_uri*, the likeliest help first.

    *around* is what `place.surroundings` found; on one's own machine there is nothing to say.
    """
    parts = urlsplit(redirect_uri)
    if "/proxy/" in parts.path:
        return (_BY_PROXY,)
    if not is_loopback(redirect_uri):
        return (_NO_WAY_BACK,)
    port = parts.port or 80
    return tuple(hint.format(port=port) for name, hint in _HINTS.items() if name in around)
