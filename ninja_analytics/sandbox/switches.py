"""What the sandbox can be told to do differently, at start and while it runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_args, get_type_hints

from ninja_analytics.errors import SandboxError, UnknownNameError

FAULT_KINDS = (
    "403",
    "404",
    "429",
    "429-without-retry-after",
    "500",
    "502",
    "drop",
    "cut",
    "html",
    "wrong-type",
    "unknown-field",
    "forget-cursors",
)

CHOICES = {
    "consent": ("ask", "deny"),
    "interface_pages": ("rows", "devices"),
    "cursor_end": ("empty-name", "missing", "null", "empty-object", "empty-page"),
    "cursor_offset": ("end", "start", "none"),
    "larger_page": ("refuse", "fewer"),
    "unknown_filter": ("refuse", "ignore"),
    "windows": ("obey", "ignore"),
    "device_filter": ("obey", "ignore"),
    "dead_refresh_error": ("invalid_token", "invalid_grant", "expired_token"),
    "login": ("form", "signed-in"),
    "token_type": ("Bearer", "bearer", "missing"),
    "expires_in": ("number", "text", "missing"),
    "scope_answer": ("granted", "reordered", "missing", "without-offline"),
    "secret_by": ("any", "post", "basic"),
}


@dataclass(slots=True)
class Fault:
    """Something that goes wrong for the next *times* requests whose path begins with *path*.

    Without a path it strikes the API only. `after` requests are let through before it strikes.
    `seconds` is the Retry-After of a 429. With `loses` the rows of a page that did not arrive are
    not sent again: the cursor has moved on. At /ws/oauth/token it loses tokens that were given.
    "forget-cursors" answers like any other request, after all open cursors have expired.
    """

    kind: str
    path: str | None = None
    times: int = 1
    after: int = 0
    seconds: float = 1.0
    loses: bool = False

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise UnknownNameError.among("fault", self.kind, FAULT_KINDS)

    def meets(self, path: str) -> bool:
        """Whether a request for *path* (without a leading /api) is one that this fault is for."""
        return path.startswith(self.path if self.path is not None else "/v2/")


@dataclass(slots=True)
class Switches:
    """How the sandbox behaves now; a plain object that all its parts share and that may change.

    token_lifetime   seconds that an access token lives
    latency          seconds that each API answer is held back
    rate_limit       API requests that are answered in `rate_window` seconds; the others get a 429
                     that says when to come back (None: as many as come)
    rate_window      seconds that rate_limit speaks of
    concurrency_limit  API requests that are answered at once; the others get a 429 (None: all)
    page_size        most rows of a page, whatever is asked for (None: the API's own limit)
    largest_page     the largest pageSize that is taken (None: the API's own limit, 1000 for lists
                     and activities, 10,000 for queries)
    larger_page      what a larger pageSize gets: "refuse" it (400), or "fewer" rows than it asks for
    consent          "ask" shows the consent page, "deny" refuses every consent
    login            "form" asks who is there first; "signed-in": the browser is signed in already
    implicit         Native, Web and Single Page apps may ask for a token without a code; it comes
                     in the fragment (False: unsupported_response_type)
    ticked_scopes    scopes that every client app may ask for, in one text (None: as registered)
    granted_scopes   scopes that a consent gives, whatever was asked for (None: what was asked)
    refresh_ticked   client apps may refresh (False: as if Refresh Token were not ticked)
    localhost_redirect  a Native app may use http://localhost as well as http://127.0.0.1
    redirect_uris    more addresses that Web and Single Page apps have registered, in one text
    issuer           the way back to the client names the issuer in `iss`, as RFC 9207 has it
    state_in_errors  a refusal on the way back has the state (False: it is left out)
    token_type       "Bearer", "bearer", or "missing" in a token answer
    expires_in       a "number", a "text", or "missing" in a token answer
    scope_answer     the scope in a token answer: as "granted", "reordered", "missing", or
                     "without-offline", so that offline_access is granted but not named
    html_errors      refusals of the token and revoke endpoints are pages in HTML
    secret_by        how a client's secret is taken: "any" way, by "post" only, by "basic" only
    refresh_for_credentials  client credentials give a refresh token too, which can be used
    code_lifetime    seconds that an authorization code lives
    refresh_lifetime seconds that a refresh token lives from when it is given (None: for ever)
    rotate           a refresh gives a new refresh token and ends the old one
    dead_refresh_error  the error word for a refresh token that is not accepted
    clock_ahead      seconds that the Date header is ahead; less than 0: behind
    cursor_end       the last page of a query: its cursor has an "empty-name", is "missing", "null"
                     or an "empty-object", or is as ever and an "empty-page" follows
    cursor_offset    the cursor's offset is the "end" of the page, its "start", or there is "none"
    cursor_keeps_place  a cursor moves on with each answer, also with one that is lost on its way:
                     as if every fault had `loses`
    interface_pages  what a page of network interfaces counts, in its size, count and offset: "rows",
                     or "devices", as the specification says of its size
    count_as_text    the cursor's count is a string
    explicit_nulls   fields without a value are null instead of absent
    iso_install_dates   installDate of software as date and time, as the specification has it
    class_in_patch_filter   the filter's class counts in patch queries too (NinjaOne ignores it)
    device_filter    the device filter is "obey"ed or passed over: "ignore"
    unknown_filter   an unknown name in a query's device filter: "refuse" (500) or "ignore" it
    windows          the bounds of patch installs and activities, in time and by newerThan, are
                     "obey"ed or passed over: "ignore"
    late_activities  how many of the newest activities have not arrived yet
    guard_scopes     a table that seems to need another scope than monitoring is refused without it
    old_field_details   detailed custom fields name the device as deviceId and the time as updated,
                     as older instances do
    faults           what goes wrong next
    """

    token_lifetime: float = 3600.0
    latency: float = 0.0
    rate_limit: int | None = None
    rate_window: float = 60.0
    concurrency_limit: int | None = None
    page_size: int | None = None
    largest_page: int | None = None
    larger_page: str = "refuse"
    consent: str = "ask"
    login: str = "form"
    implicit: bool = False
    ticked_scopes: str | None = None
    granted_scopes: str | None = None
    refresh_ticked: bool = True
    localhost_redirect: bool = False
    redirect_uris: str | None = None
    issuer: bool = False
    state_in_errors: bool = True
    token_type: str = "Bearer"  # noqa: S105 - a word of the protocol
    expires_in: str = "number"
    scope_answer: str = "granted"
    html_errors: bool = False
    secret_by: str = "any"  # noqa: S105 - a choice
    refresh_for_credentials: bool = False
    code_lifetime: float = 60.0
    refresh_lifetime: float | None = None
    rotate: bool = True
    dead_refresh_error: str = "invalid_token"
    clock_ahead: float = 0.0
    cursor_end: str = "empty-name"
    cursor_offset: str = "end"
    cursor_keeps_place: bool = False
    interface_pages: str = "rows"
    count_as_text: bool = False
    explicit_nulls: bool = False
    iso_install_dates: bool = False
    class_in_patch_filter: bool = False
    device_filter: str = "obey"
    unknown_filter: str = "refuse"
    windows: str = "obey"
    late_activities: int = 0
    guard_scopes: bool = False
    old_field_details: bool = False
    faults: list[Fault] = field(default_factory=list)

    def set(self, changes: Mapping[str, Any]) -> None:
        """Take over *changes*, all or none; raise SandboxError for what cannot be."""
        checked = {name: _checked(name, value) for name, value in changes.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """The switches as JSON has them."""
        return asdict(self)

    def strike(self, path: str) -> Fault | None:
        """The fault that this request for *path* meets, counted off; None if all is well."""
        for fault in self.faults:
            if not fault.meets(path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None


def parse_fault(value: Any) -> Fault:
    """The fault that *value* describes: a Fault, a kind, or a mapping with `kind` and details."""
    if isinstance(value, Fault):
        return value
    if isinstance(value, str):
        return Fault(value)
    try:
        return Fault(**value)
    except TypeError as error:
        raise SandboxError(
            f"A fault has a kind, path, times, after, seconds and loses: {error}"
        ) from error


def _checked(name: str, value: Any) -> Any:
    if name == "faults":
        return [parse_fault(fault) for fault in value]
    if name not in _TYPES:
        raise UnknownNameError.among("switch", name, _TYPES)
    if name in CHOICES and value not in CHOICES[name]:
        raise SandboxError(f"The switch {name} takes one of {', '.join(CHOICES[name])}.")
    if not _fits(value, _TYPES[name], _LEAST.get(name, 0)):
        raise SandboxError(f"The switch {name} does not take {value!r}.")
    return value


def _fits(value: Any, kinds: tuple[type, ...], least: float) -> bool:
    if isinstance(value, bool) or bool in kinds:
        return isinstance(value, bool) and bool in kinds
    if isinstance(value, (int, float)) and not (math.isfinite(value) and value >= least):
        return False
    return isinstance(value, (*kinds, int) if float in kinds else kinds)


def _kinds(hint: Any) -> tuple[type, ...]:
    return get_args(hint) or (hint,)


_LEAST = {"clock_ahead": -math.inf, "largest_page": 1}
_TYPES = {
    item.name: _kinds(get_type_hints(Switches)[item.name])
    for item in fields(Switches)
    if item.name != "faults"
}
