"""GET and nothing else: the bytes behind a path of one instance, with bearer, retries, plain errors.

The session has no other verb, so nothing built upon it can change a tenant. The bearer goes to the
profile's own scheme, host and port only, and redirects are never followed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Protocol
from urllib.parse import quote, urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from ninja_analytics.answers import (
    RepeatedBody,
    blame_the_filter,
    is_json,
    is_page,
    not_json,
    refusal,
)
from ninja_analytics.auth.profiles import is_loopback
from ninja_analytics.auth.tokens import Secret
from ninja_analytics.errors import (
    AnswerError,
    ApiError,
    NinjaError,
    ProfileError,
    RateLimitError,
    ServerError,
    UnauthorizedError,
    UnreachableError,
    UsageError,
)
from ninja_analytics.retries import LONGEST_WAIT, Tries
from ninja_analytics.usage.budget import Budget, log_wait
from ninja_analytics.usage.ledger import Ledger
from ninja_analytics.usage.limits import MOST_PARALLEL
from ninja_analytics.usage.slots import Slot

_TIMEOUT = (10.0, 90.0)  # large reports take NinjaOne a minute; less than 60 s is known to fail


class Keeper(Protocol):
    """What hands out access tokens."""

    def access_token(self) -> str:
        """An access token that is valid now."""

    def renew(self, rejected: str) -> str:
        """Another access token than the *rejected* one."""


class Session:
    """Reads paths of one NinjaOne instance; may be used from several threads.

    Every try takes a slot of *budget* (default: one of this session's own). `sleep` is called for
    every wait between tries, and `on_wait` with the seconds and the reason of a wait that a person
    would notice.
    """

    def __init__(
        self,
        base_url: str,
        keeper: Keeper,
        *,
        budget: Budget | None = None,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[float, str], None] | None = None,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._origin = _origin(self._base_url)
        self._keeper = keeper
        self._sleep = sleep
        self._on_wait = on_wait or log_wait
        self._longest_wait = longest_wait
        self._budget = budget or Budget(Ledger(None), sleep=sleep, on_wait=on_wait)
        self._lock = threading.Lock()
        self._requests = 0
        self._http = _http(self._base_url)

    @property
    def requests(self) -> int:
        """How many requests were sent so far, repeated ones included."""
        return self._requests

    @property
    def parallel(self) -> int:
        """How many requests may be on their way at once just now, among all of this profile."""
        return self._budget.parallel

    def get(self, path: str, params: Mapping[str, object] | None = None) -> bytes:
        """The JSON body that NinjaOne answers to a GET of *path*; empty for "no content".

        It is a RepeatedBody if an earlier answer to the same request was lost on its way.

        Connection errors, 429, 5xx and answers that are not JSON are tried again after a wait; a
        refused token is renewed once. Raises an ApiError by the status that remains, else
        UnreachableError or AnswerError, and a ConsentError where the token cannot be renewed.
        """
        ask = _ask(self._base_url, path, params or {})
        bearer = _Bearer(self._origin, self._keeper.access_token())
        tries = Tries(self._longest_wait)
        renewed = False
        rested_until = 0.0
        while True:
            made = tries.made + renewed
            try:
                with self._budget.slot(ask.path, retries=made, rested_until=rested_until) as slot:
                    body = self._once(ask, bearer, slot, tries)
                    return RepeatedBody(body) if tries.lost else body
            except UnauthorizedError:
                if renewed:
                    raise
                bearer = _Bearer(self._origin, self._keeper.renew(bearer.token))
                renewed = True
            except _PASSING as error:
                self._wait_or_give_up(error, tries, ask)
                rested_until = slot.rested_until

    def _once(self, ask: _Ask, bearer: _Bearer, slot: Slot, tries: Tries) -> bytes:
        """One try in its *slot*, which learns what came, and whether everybody is to slow down."""
        with self._lock:
            self._requests += 1
        try:
            return self._read(ask, bearer, slot)
        except _PASSING as error:
            tries.failed(error, crowded=slot.slow_down)
            if slot.slow_down or (isinstance(error, ApiError) and error.retry_after):
                slot.pause = tries.wait
            raise

    def _read(self, ask: _Ask, bearer: _Bearer, slot: Slot) -> bytes:
        try:
            with self._http.get(
                ask.url, auth=bearer, timeout=_TIMEOUT, stream=True, allow_redirects=False
            ) as response:
                # One read of the raw stream: requests' own .content goes through it in small
                # pieces. A body that ends before its Content-Length raises.
                body: bytes = response.raw.read(decode_content=True)
        except (requests.RequestException, HTTPError) as error:
            raise _no_answer(error, ask) from error
        slot.status, slot.size_bytes = response.status_code, len(body)
        if response.status_code == 204:
            return b""
        if response.status_code != 200:
            slot.slow_down = response.status_code == 429
            raise refusal(
                response.status_code, response.headers, body,
                path=ask.path, df=ask.df, secret=bearer.token,
            )  # fmt: skip
        if not is_json(body):
            slot.slow_down = is_page(body)
            raise not_json(body, ask.path)
        return body

    def _wait_or_give_up(self, error: NinjaError, tries: Tries, ask: _Ask) -> None:
        # A certificate does not change by asking again.
        if tries.are_over(error) or isinstance(error.__cause__, requests.exceptions.SSLError):
            if ask.df and isinstance(error, ServerError) and error.status == 500:
                raise blame_the_filter(error, ask.df) from error
            raise error
        if tries.wait >= 1:
            self._on_wait(tries.wait, _what_happened(error))
        self._sleep(tries.wait)


# What may pass, so that asking again helps.
_PASSING = (RateLimitError, ServerError, UnreachableError, AnswerError)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request: its path as asked, the whole URL, and the device filter if it has one."""

    path: str
    url: str
    df: str


class _Bearer(AuthBase):
    """Adds the access token to requests that go to the profile's own instance, and to no other."""

    def __init__(self, origin: tuple[str, str, int | None], token: str) -> None:
        self._origin = origin
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if _origin(request.url or "") == self._origin:
            request.headers["Authorization"] = Secret(f"Bearer {self.token}")
        return request


def _ask(base_url: str, path: str, params: Mapping[str, object]) -> _Ask:
    if "://" in path.partition("?")[0]:
        msg = f"{path!r} is a whole address. Give the path only, e.g. /v2/devices."
        raise UsageError(msg)
    path = "/" + path.lstrip("/")
    sent = {name: _plain(value) for name, value in params.items() if value is not None}
    # quote and not quote_plus: NinjaOne documents %20 for a space in df, never a plus sign.
    query = urlencode(sent, quote_via=quote, safe="")
    url = base_url + path + (("&" if "?" in path else "?") + query if query else "")
    return _Ask(path, url, sent.get("df", ""))


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _http(base_url: str) -> requests.Session:
    """A pool of connections to *base_url*, without cookies; to loopback also without proxies."""
    http = requests.Session()
    http.headers["User-Agent"] = f"ninja-analytics/{version('ninja-analytics')}"
    http.headers["Accept"] = "application/json"
    http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=MOST_PARALLEL)
    http.mount("https://", adapter)
    http.mount("http://", adapter)
    if is_loopback(base_url):
        http.trust_env = False
    elif not base_url.startswith("https://"):
        msg = f"{base_url} is not https. Without it anyone on the way could read the token."
        raise ProfileError(msg)
    return http


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def _no_answer(error: Exception, ask: _Ask) -> UnreachableError:
    """The error for a request that got no whole answer."""
    if isinstance(error, requests.RequestException):
        error.request = error.response = None  # they hold the bearer
    host = urlsplit(ask.url).netloc
    if isinstance(error, requests.exceptions.SSLError):
        return UnreachableError(
            f"{host} could not be trusted: its certificate does not fit. Check the base URL, and "
            "with a company proxy set REQUESTS_CA_BUNDLE to its certificate."
        )
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        what = "did not answer in time"
    elif isinstance(error, requests.ConnectionError):
        what = "could not be reached"
    else:
        what = "broke off its answer"
    return UnreachableError(
        f"{host} {what} ({ask.path}). Check the network and the base URL, then try again."
    )


def _what_happened(error: NinjaError) -> str:
    """The first sentence of *error*: the next steps in the others are not due while we wait."""
    first, dot, _ = str(error).partition(". ")
    return first + dot.strip()
