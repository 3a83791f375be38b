"""What JupyterHub does at /hub/user-redirect/, as an extension of the tests' Jupyter server."""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    settings = {"own": server.base_url}
    server.web_app.add_handlers(".*$", [(r"/hub/user-redirect/(.*)", _UserRedirect, settings)])


class _UserRedirect(RequestHandler):
    """Sends everybody to their own server, with the rest of the path and the whole query."""

    def initialize(self, own: str) -> None:
        self._own = own

    def get(self, rest: str) -> None:
        query = self.request.query
        self.redirect(url_path_join(self._own, rest) + (f"?{query}" if query else ""))
