"""Every error that this package raises on purpose, as one tree.

    NinjaError
    ├── UsageError                  what was asked for cannot be: fix the call
    │   ├── UnknownNameError        no table, report, parameter or profile of that name
    │   ├── FilterError             a device filter that NinjaOne cannot express
    │   └── ProfileError            a profile that lacks something or contradicts itself
    ├── ConsentError                there is no permission to pull
    │   ├── ConsentRequiredError    no usable token, and nobody there to ask
    │   ├── ConsentDeniedError      the person said no
    │   ├── ConsentTimeoutError     no answer came in time
    │   ├── AuthorizationResponseError  the pasted or received address is not the answer to this request
    │   ├── ScopeError              more or less was granted than was asked for
    │   └── ClientAppError          NinjaOne refuses the client app: unknown id, wrong secret, redirect URI, grant type
    ├── TokenStoreError             the place where tokens are kept cannot be read or written
    ├── ApiError                    NinjaOne answered, and the answer is no
    │   ├── RefusedError            400, 405 or a 500 that a parameter causes
    │   ├── UnauthorizedError       401 after one refresh and one repeat
    │   ├── NotAvailableError       403 or 404: not on this instance, or not in your rights
    │   ├── RateLimitError          429 for longer than we wait
    │   └── ServerError             5xx for longer than we retry
    ├── UnreachableError            no answer at all: name, network, TLS, timeout
    ├── AnswerError                 an answer that is not what the API promises: HTML, cut JSON, no rows where rows must be
    ├── IncompleteError             a pull that broke on its way; `.partial` holds what had arrived
    │   └── PartialReportError      a report that is saved, and lacks tables that could not be read
    ├── HistoryError                the recorded history cannot be read or written, or has no such snapshot
    ├── ExportError                 a file that could not be written
    ├── RunError                    a scheduled notebook that failed
    ├── PackError                   customers of a pack whose files are not there
    └── SandboxError                the sandbox did not start or did not answer
    DriftWarning (no error)         an answer departs from the catalogue; the frame says where
    FilterWarning (no error)        rows came back that the device filter does not fit; they were dropped
    HistoryWarning (no error)       something recorded is damaged, or older than what was asked for

Catch `NinjaError` for all of them. Every message says what happened and what to do next. A notebook
shows that sentence and the line of the cell; set NINJA_DEBUG to see the whole traceback.
"""

from __future__ import annotations

import difflib
import os
import traceback
from collections.abc import Callable, Iterable
from typing import Any

_LISTED = 40  # names that one sentence can hold


class NinjaError(Exception):
    """The root: every error that this package raises on purpose is one of these."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback, whose frames may hold what was sent."""
        if os.environ.get("NINJA_DEBUG"):
            return traceback.format_exception(self)
        frames = traceback.extract_tb(self.__traceback__)
        lines = [one.lineno for one in frames if "ipykernel_" in one.filename]
        where = f" in line {lines[-1]} of this cell" if lines else ""
        return [f"\x1b[31m{type(self).__name__}\x1b[0m{where}: {self}"]


class UsageError(NinjaError):
    """What was asked for cannot be; the call must change."""


class UnknownNameError(UsageError):
    """There is nothing of that name; the message offers the nearest one."""

    @classmethod
    def among(cls, what: str, name: object, known: Iterable[str]) -> UnknownNameError:
        """The error for *name*, with the nearest of the *known* names as a hint."""
        known = sorted(known)
        listed = ", ".join(known[:_LISTED]) + (", …" if len(known) > _LISTED else "")
        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {listed or 'none'}."
        return cls(f"There is no {what} named {name!r}. {hint}")


class FilterError(UsageError):
    """A device filter that NinjaOne cannot express."""


class ProfileError(UsageError):
    """A profile that lacks something or contradicts itself."""


class ConsentError(NinjaError):
    """There is no permission to pull data."""


class ConsentRequiredError(ConsentError):
    """No usable token, and nobody there who could be asked for consent."""


class ConsentDeniedError(ConsentError):
    """The person at the consent page said no."""


class ConsentTimeoutError(ConsentError):
    """The consent page was not answered in time."""


class AuthorizationResponseError(ConsentError):
    """The address that came back is not the answer to this request."""


class ScopeError(ConsentError):
    """NinjaOne granted more or less than was asked for."""


class ClientAppError(ConsentError):
    """NinjaOne refuses the client app itself: its id, secret, redirect URI or grant type."""


class TokenStoreError(NinjaError):
    """The place where tokens are kept cannot be read or written."""


class ApiError(NinjaError):
    """NinjaOne answered a request with an error.

    `status` is the HTTP status, `path` the path asked, `code` the error word of the body,
    `incident_id` the number that NinjaOne's support asks for and `retry_after` the seconds that
    NinjaOne asks to wait; each may be None.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        path: str | None = None,
        code: str | None = None,
        incident_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.path = path
        self.code = code
        self.incident_id = incident_id
        self.retry_after = retry_after


class RefusedError(ApiError):
    """NinjaOne does not accept the request as it stands."""


class UnauthorizedError(ApiError):
    """NinjaOne refuses the access token, also after a refresh."""


class NotAvailableError(ApiError):
    """Not on this instance, or not in the rights of this user or client app."""


class RateLimitError(ApiError):
    """NinjaOne asks to slow down for longer than we wait."""


class ServerError(ApiError):
    """NinjaOne keeps answering with a server error."""


class UnreachableError(NinjaError):
    """No answer at all: name, network, TLS or timeout."""


class AnswerError(NinjaError):
    """An answer that is not what the API promises."""


class IncompleteError(NinjaError):
    """A pull broke on its way; `partial` holds the frame of what had arrived, marked incomplete.

    `resume()` goes on from there and answers the whole frame, or raises this anew.
    """

    def __init__(
        self, message: str, *, partial: Any = None, again: Callable[[], Any] | None = None
    ) -> None:
        super().__init__(message)
        self.partial = partial
        self._again = again

    def resume(self) -> Any:
        """The whole frame, by asking for what is still missing; nothing is asked for twice.

        Raises IncompleteError if it breaks again, and UsageError if nothing is known to go on from.
        """
        if self._again is None:
            raise UsageError("This pull cannot be resumed: pull the table again.")
        return self._again()


class PartialReportError(IncompleteError):
    """A report is saved and lacks tables that this instance or these rights do not have."""


class HistoryError(NinjaError):
    """The recorded history cannot be read or written, or has no such snapshot."""


class ExportError(NinjaError):
    """A file could not be written."""


class RunError(NinjaError):
    """A scheduled notebook failed; `notebook` is the path of the executed copy, if there is one.

    `cause` is the name of the error that a cell raised, e.g. "ConsentRequiredError".
    """

    def __init__(self, message: str, *, notebook: Any = None, cause: str | None = None) -> None:
        super().__init__(message)
        self.notebook = notebook
        self.cause = cause


class PackError(NinjaError):
    """Customers of a pack whose files are not there; those of the others are."""


class SandboxError(NinjaError):
    """The sandbox did not start or did not answer."""


class DriftWarning(UserWarning):
    """An answer departs from the catalogue: unknown fields, or values of another type."""


class FilterWarning(UserWarning):
    """Rows came back that do not fit the device filter that was asked for; they were dropped."""


class HistoryWarning(UserWarning):
    """Something in the history is damaged, or older than what was asked for."""
