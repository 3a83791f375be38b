"""Plays the person in front of the browser: signs in at the sandbox, then allows or denies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from ninja_analytics.errors import SandboxError

_STEPS = 8  # authorize, login, consent and the answer, with something to spare


def browse(authorization_url: str, *, username: str, password: str, decision: str = "allow") -> str:
    """Where the browser is sent in the end: the redirect URI with `code` or `error` in it.

    Everything goes over HTTP as a browser does it, with cookies and the forms of the pages; the
    redirect URI itself is not fetched. *decision* is "allow" or "deny". Raises SandboxError if
    the sandbox shows an error page instead.
    """
    answers = {"username": username, "password": password, "decision": decision}
    opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), _StayHere)
    url, posted = authorization_url, None
    for _ in range(_STEPS):
        location, page = _open(opener, url, posted)
        if location is None:
            form = _Form()
            form.feed(page)
            url, posted = urljoin(url, form.action), form.filled(answers)
        elif _is_sandbox(urljoin(url, location), authorization_url):
            url, posted = urljoin(url, location), None
        else:
            return location
    raise SandboxError("The consent did not come to an end; start the sandbox again.")


@dataclass
class _Form(HTMLParser):
    """The form of a page: where it is posted to and the fields it has."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down the form's action and the names and values of its fields."""
        found = dict(attrs)
        if tag == "form":
            self.action = found.get("action") or ""
        elif tag in ("input", "button") and found.get("name"):
            self.fields[found["name"] or ""] = found.get("value") or ""

    def filled(self, answers: dict[str, str]) -> dict[str, str]:
        """What is posted when a person with these answers fills in the form."""
        return {name: answers.get(name, value) for name, value in self.fields.items()}


class _StayHere(HTTPRedirectHandler):
    """Follows no redirect by itself, so that each step can be looked at."""

    def redirect_request(self, *_: Any) -> None:
        """None: no redirect is followed."""


def _open(
    opener: OpenerDirector, url: str, posted: dict[str, str] | None
) -> tuple[str | None, str]:
    """The Location that the sandbox answers with, else None and the page."""
    body = urlencode(posted).encode() if posted is not None else None
    try:
        with opener.open(Request(url, body), timeout=30) as answer:  # noqa: S310 - http is meant
            return None, answer.read().decode()
    except HTTPError as answer:
        with answer:
            if 300 <= answer.code < 400:
                return answer.headers["Location"], ""
            page = answer.read().decode("utf-8", "replace")
        raise SandboxError(
            f"The sandbox refused with status {answer.code}: {_words(page)}. Check the "
            "authorization URL, the username and the password."
        ) from answer
    except URLError as error:
        raise SandboxError("The sandbox does not answer; is it still running?") from error


def _is_sandbox(location: str, authorization_url: str) -> bool:
    there, here = urlsplit(location), urlsplit(authorization_url)
    return there.netloc == here.netloc and there.path.startswith("/ws/oauth/")


def _words(page: str) -> str:
    """What the alert on a page of the sandbox says."""
    alert = re.search(r'role="alert">(?:<code>)?([^<]*)', page)
    return unescape(alert[1]) if alert else "no reason given"
