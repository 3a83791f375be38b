"""A notebook through papermill in a kernel of this very Python, whatever kernels the machine knows."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ninja_analytics import errors
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import open_store
from ninja_analytics.errors import RunError, UsageError
from ninja_analytics.schedule.records import RunResult
from ninja_analytics.schedule.relaying import relayed
from ninja_analytics.schedule.sources import Source, book_of
from ninja_analytics.scrub import scrub, without

log = logging.getLogger(__name__)

_PARTIAL = ("IncompleteError", "PartialReportError")


def execute(
    source: Source,
    made: RunResult,
    values: Mapping[str, Any],
    who: Profile,
    *,
    settings: Path | None = None,
) -> None:
    """Execute *source* with *values*, its record being that of *made*.

    The kernel knows the profile and the *settings* by its environment. Raises RunError, with the
    record kept, when a cell fails.
    """
    import nbformat
    import papermill

    known, record = _secrets(who), made.notebook
    path = source.path
    if path is None:
        nbformat.write(book_of(source, {*values}), record)  # type: ignore[no-untyped-call]
        path = record
    try:
        with relayed(source.title) as lines:
            papermill.execute_notebook(
                _literal(path),
                _literal(record),
                dict(values),
                kernel_name="python3",
                language="python",
                kernel_manager_class=_this_python(who.name, settings, lines),
                progress_bar=False,
                store_widget_state=False,
                cwd=str(source.path.resolve().parent if source.path else Path.cwd()),
            )
    except papermill.PapermillExecutionError as error:
        raise _failure(error, source, made, known | _secrets(who)) from None
    except RuntimeError as error:  # nbclient: the kernel died or did not start
        raise RunError(
            f"{source.title} stopped: its kernel did not start or died, perhaps for want of memory. "
            f"The copy executed so far is {record}.",
            notebook=record,
        ) from error
    finally:
        with suppress(UsageError):  # nothing was written
            if scrub(record, secrets=known | _secrets(who)):
                log.warning("%s held a secret; it was removed. Mend the notebook.", record.name)


def _literal(path: Path) -> str:
    """*path* as papermill takes it, which otherwise fills in what stands in braces."""
    return str(path.resolve()).replace("{", "{{").replace("}", "}}")


def _this_python(profile: str, settings: Path | None, lines: Path) -> type:
    """A kernel manager whose kernel is the Python that runs this, whatever kernelspecs exist."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    # Also where Voila runs this very code: in the kernel nobody is there, whoever opens the page.
    env = {"NINJA_PROFILE": profile, "SERVER_SOFTWARE": "", "VOILA_BASE_URL": ""}
    if settings is not None:
        env["NINJA_SETTINGS"] = str(settings)
    begin = f"__import__('ninja_analytics.progress').progress.log_to({str(lines)!r})"
    arguments = [
        "--log-level=CRITICAL",  # a kernel ends with noise on stderr, which cron would mail
        f"--IPKernelApp.exec_lines={begin}",
    ]

    class ThisPython(AsyncKernelManager):
        kernel_spec = KernelSpec(**get_kernel_dict(arguments), env=env)

        @default("transport_encryption")
        def _encrypted(self) -> str:
            return "auto"  # where this kernel can; older ones have no such setting

    return ThisPython


def _failure(error: Any, source: Source, made: RunResult, secrets: Iterable[str]) -> RunError:
    """One sentence on the cell that failed; an error of ours speaks for itself."""
    first = next(iter(without(str(error.evalue), secrets).strip().splitlines()), "")
    ours = isinstance(getattr(errors, error.ename, None), type)
    said = first if ours and first else f"{error.ename}: {first}".rstrip(": ")
    said = f"{said}{'' if said[-1] in '.?!' else '.'}"
    told = (
        f"{source.title} stopped in cell [{error.exec_count}]: {said} The copy executed so far is"
    )
    if source.report and error.ename in _PARTIAL and made.files.is_dir():
        told = f"{said} It is saved as it is, in {made.files}, and its record is"
    return RunError(f"{told} {made.notebook}.", notebook=made.notebook, cause=error.ename)


def _secrets(who: Profile) -> set[str]:
    """What must not stand in a saved notebook, as far as this machine knows it."""
    store = open_store()
    token = store.load(who.key)
    found = {os.environ.get("NINJA_CLIENT_SECRET"), store.load_secret(who.key)}
    if token is not None:
        found |= {token.access_token, token.refresh_token}
    return {secret for secret in found if secret}
