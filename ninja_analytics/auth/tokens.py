"""What NinjaOne granted, as a value: the tokens, their scope and how long they live."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

# Refresh this long before the end, or a tenth of the life if that is shorter.
_AHEAD_SECONDS = 60.0
_AHEAD_SHARE = 0.1
# A token from further in the future than this was stamped by another clock.
_CLOCK_TOLERANCE = 60.0
_VISIBLE = re.compile("[ -~]+")  # VSCHAR of RFC 6749 appendix A


class Secret(str):
    """A text that no traceback with the values of its variables shows, and that is not pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[hidden]'"

    def __deepcopy__(self, _memo: object) -> Secret:
        return self

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        msg = "A token or client secret cannot be pickled: connect anew instead."
        raise TypeError(msg)


def is_sendable(text: str) -> bool:
    """Whether *text* may be a token: anything else could not be sent, or break a header in two."""
    return bool(_VISIBLE.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, perhaps with a refresh token; neither is shown.

    Times are UTC seconds since the epoch by this machine's clock, so they compare with
    `time.time()`. `clock_skew` is how far NinjaOne's clock was ahead of it, in seconds, when the
    token was given. `refresh_token_at` is when the refresh token was given.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float
    scope: tuple[str, ...]
    obtained_at: float
    clock_skew: float = 0.0
    refresh_token_at: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "access_token", Secret(self.access_token))
        if self.refresh_token is not None:
            object.__setattr__(self, "refresh_token", Secret(self.refresh_token))

    def lives(self, now: float) -> bool:
        """Whether the access token is good at *now*.

        A clock that was set back, or a store that another machine writes too, shows as a token
        from the future; its remaining life cannot be known, so it counts as over.
        """
        return self.obtained_at - _CLOCK_TOLERANCE <= now < self.expires_at

    def due(self, now: float) -> bool:
        """Whether it is time to refresh: 60 seconds or a tenth of the life before the end."""
        life = self.expires_at - self.obtained_at
        return not self.lives(now) or now >= self.expires_at - min(
            _AHEAD_SECONDS, _AHEAD_SHARE * life
        )

    def to_json(self) -> str:
        """The whole token as JSON, secrets included: for the token store only."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Token:
        """The token that `to_json` wrote; ValueError if *text* is not one."""
        try:
            fields: dict[str, Any] = json.loads(text)
            scope = tuple(map(str, fields["scope"]))
            token = cls(**{**fields, "scope": scope})
            token.due(0.0)
            if not all(map(is_sendable, (fields["access_token"], fields["refresh_token"] or "-"))):
                raise ValueError
        except (TypeError, KeyError, ValueError):
            # Not chained: an error of the JSON reader carries the whole text.
            msg = "not a token"
            raise ValueError(msg) from None
        return token
