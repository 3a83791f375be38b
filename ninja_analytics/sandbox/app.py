"""Puts the sandbox together: the authorization server, the API, the control routes, the gate."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ninja_analytics.sandbox import fleet
from ninja_analytics.sandbox.api import Api, answer, failure
from ninja_analytics.sandbox.control import Control
from ninja_analytics.sandbox.faults import Drop, Gate
from ninja_analytics.sandbox.oauth import AuthorizationServer
from ninja_analytics.sandbox.switches import Switches
from ninja_analytics.sandbox.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Assembled:
    """The sandbox as an ASGI application, and its authorization server."""

    app: Gate
    authorization: AuthorizationServer


def assemble(
    *,
    base_url: str,
    devices: int,
    organizations: int | None,
    seed: int,
    now: float,
    switches: Switches,
    key: str,
    drop: Drop,
) -> Assembled:
    """The application for a fleet of this size; *drop* cuts the connection of a request."""
    authorization = AuthorizationServer(base_url=base_url, seed=seed, switches=switches)
    tenant = Tenant(fleet.build(devices, organizations=organizations, seed=seed, now=now), switches)
    api = Api(tenant, authorization.check)
    inner = Starlette(
        routes=[*api.routes(), *authorization.routes()],
        exception_handlers={404: _not_found, 405: _wrong_method, Exception: _broken},
    )
    inner.router.redirect_slashes = False
    gate = Gate(inner, switches, drop)
    control = Control(
        tenant,
        key=key,
        log=gate.log,
        revoke_all=authorization.revoke_all,
        expire_cursors=api.expire_cursors,
    )
    inner.routes.extend(control.routes())
    return Assembled(gate, authorization)


async def _not_found(request: Request, _error: Exception) -> Response:
    return answer(failure(f"Not found: {request.url.path}", "NOT_FOUND"), 404)


async def _wrong_method(request: Request, error: Exception) -> Response:
    refused = answer(failure(f"Method {request.method} is not allowed", "METHOD_NOT_ALLOWED"), 405)
    if isinstance(error, HTTPException) and error.headers:
        refused.headers.update(error.headers)
    return refused


async def _broken(_request: Request, _error: Exception) -> Response:
    return answer(failure("Internal error"), 500)
