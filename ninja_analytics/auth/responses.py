"""What an authorization response says, and the pages that the browser is shown for it."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from urllib.parse import parse_qs

from ninja_analytics.auth.listener import Reply
from ninja_analytics.errors import AuthorizationResponseError

_OURS = ("code", "state", "error", "access_token")


def parameters(response: str, flow: str) -> dict[str, str]:
    """The parameters of an authorization *response*: an address, or its end alone.

    They come in the query, and for the implicit *flow* in the fragment, which may alone hold a
    token. Copied addresses come with line breaks, quotes and `&amp;`. Raises
    AuthorizationResponseError.

    An unknown parameter is let through, and so is the issuer of RFC 9207, whatever it says: there
    is nothing to compare it with. NinjaOne does not announce it, and a tenant's own host may name
    another issuer than itself; section 2.4 leaves such a server to the client. State and verifier
    of each consent are sent to one instance only, so a mix-up takes an instance that is hostile
    itself, set up as a profile.
    """
    text = "".join(response.split()).strip("<>\"'`").replace("&amp;", "&")
    if not text:
        msg = "Nothing was pasted: copy the whole address of the page that the browser ended on."
        raise AuthorizationResponseError(msg)
    front, _, fragment = text.partition("#")
    asked = _pairs(front.partition("?")[2] if "?" in front else front)
    behind = _pairs(fragment) if "?" in text or "#" in text else asked
    implicit = flow == "implicit"
    _refuse_what_is_no_answer(asked.keys(), behind.keys(), implicit=implicit)
    in_fragment = implicit and ("access_token" in behind or "error" not in asked)
    found = behind if in_fragment else asked
    wanted = "access_token" if implicit else "code"
    if any(len(found.get(name, ())) > 1 for name in _OURS) or not (
        found.get(wanted, [""])[0] or found.get("error", [""])[0]
    ):
        msg = (
            "That is not the address of a finished consent: copy the whole address, from http to "
            f"the end; it holds {wanted}= and state=."
        )
        raise AuthorizationResponseError(msg)
    return {name: values[-1] for name, values in found.items()}


def belonging(answer: Mapping[str, str], state: str, *, pasted: bool) -> Mapping[str, str]:
    """*answer*, if it belongs to the consent with this *state*; else AuthorizationResponseError.

    Some servers leave the state out of a refusal. A person who pastes that means it; at the
    listener it may be anybody.
    """
    if pasted and "error" in answer and "state" not in answer:
        return answer
    theirs, ours = (one.encode(errors="replace") for one in (answer.get("state", ""), state))
    if not ours or not hmac.compare_digest(theirs, ours):
        msg = (
            "That address is not the answer to this consent, but to an earlier one or to another "
            "program's: open the link of this one, and use where it leads."
        )
        raise AuthorizationResponseError(msg)
    return answer


def forwarding(response: str, flow: str) -> Reply | None:
    """The page that posts the fragment of its address, where that may hold the answer, or None."""
    if flow != "implicit" or re.search(r"^#|[?&](code|error)=", response):
        return None
    text = (
        "Going back to your notebook. If this page stays like this, copy its whole address and "
        "paste it there."
    )
    return Reply(200, "One moment", text, posts_fragment=True)


def page(error: Exception | None, afterwards: Callable[[], None] | None = None) -> Reply:
    """The page for the end of a consent."""
    if error is None:
        text = "You can close this tab and go back to your notebook."
        return Reply(200, "Connected to NinjaOne", text, afterwards)
    return Reply(200, "Not connected to NinjaOne", str(error), afterwards)


def _pairs(text: str) -> dict[str, list[str]]:
    return parse_qs(text, keep_blank_values=True)


def _refuse_what_is_no_answer(
    query: AbstractSet[str], fragment: AbstractSet[str], *, implicit: bool
) -> None:
    """Raise AuthorizationResponseError for the link itself, and the answer to another grant."""
    again = "open the link of this consent, and use where it leads."
    if "response_type" in query:
        msg = (
            "That is the link to the consent page: open it, allow access, and paste where it leads."
        )
    elif implicit and "code" in query:
        msg = (
            "That address holds a code, but this consent is by the implicit grant, whose token "
            f"comes after a #: {again}"
        )
    elif not implicit and "access_token" in fragment and not {"code", "error"} & query:
        msg = (
            "That address holds a token of the implicit grant, but this consent asks for a code: "
            f"{again}"
        )
    else:
        return
    raise AuthorizationResponseError(msg)
