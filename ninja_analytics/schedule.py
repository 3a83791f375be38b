"""Runs a notebook with nobody there: a dated record, a page to read, and an honest end.

`run_notebook` executes through papermill in this very Python, whatever kernels the machine knows.
It asks nobody anything: without a usable token it ends before a kernel starts, and a cell that
fails ends it with one sentence while the notebook executed so far stays as the record.
"""

from __future__ import annotations

import ast
import logging
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ninja_analytics import errors
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import TokenStore, open_store
from ninja_analytics.connecting import connect
from ninja_analytics.errors import (
    ConsentRequiredError,
    ExportError,
    RunError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.scrub import scrub, without

if TYPE_CHECKING:
    from nbformat import NotebookNode

log = logging.getLogger(__name__)

_SECRET_WORDS = ("token", "secret", "password", "passwd", "passphrase", "credential", "apikey")
_SECRET_PARTS = re.compile(r"(?:^|_)(?:pwd|keys?|codes?)(?:_|$)")

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff;
       max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } a.anchor-link, div.prompt { display: none; }
img { max-width: 100%; height: auto; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
div.output_subarea, div.output_html { overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: .15rem .6rem; text-align: left; vertical-align: top; }
table.dataframe { border: 0; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
table.dataframe th, table.dataframe td { padding: .25rem .6rem; text-align: right; border: 0;
       border-bottom: 1px solid #d8dee4; }
footer { margin-top: 3rem; padding-top: .5rem; border-top: 1px solid #d8dee4; color: #57606a;
       font-size: 13px; }
@page { size: A4; margin: 14mm 13mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 10pt; }
       h1, h2, h3 { break-after: avoid; } tr, img { break-inside: avoid; } }
"""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run left behind: the executed notebook, its page, and the folder of saved files."""

    notebook: Path
    html: Path
    files: Path


def run_notebook(
    notebook: str | Path,
    *,
    profile: str,
    out: str | Path,
    parameters: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> RunResult:
    """The files that *notebook* leaves when it is executed for *profile* with nobody there.

    Into the folder *out* go `NOTEBOOK-PROFILE-DATE.ipynb` (the record) and `.html` (the page, code
    hidden); the cell tagged `parameters` gets `profile`, and as `out` the folder of the same dated
    name, unless *parameters* says otherwise. Nothing is overwritten: a second run of the day ends
    in -2. *now* dates the files (default: this moment).

    Raises ConsentRequiredError before anything starts when no token is usable, UsageError for a
    notebook or parameter that cannot be, ExportError for a folder that cannot be written, and
    RunError when a cell fails.
    """
    source, day = Path(notebook), now or datetime.now().astimezone()
    given = dict(parameters or {})
    _refuse_secrets(given)
    who = _preflight(profile)  # first: reading a notebook takes an import of more than a second
    known = parameter_names(source)
    _refuse_unknown(given, known, source)
    files = _reserve(Path(out), f"{source.stem}-{_slug(profile)}-{day:%Y-%m-%d}")
    result = RunResult(
        files.with_name(f"{files.name}.ipynb"), files.with_name(f"{files.name}.html"), files
    )
    ours = {"profile": profile, "out": str(files)}
    values = {name: value for name, value in ours.items() if name in known} | given
    started = time.monotonic()
    log.info("%s runs for profile %s", source.name, profile)
    _execute(source, result.notebook, values, who)
    _write_page(result, source, day)
    log.info("%s finished after %.0f s", source.name, time.monotonic() - started)
    return result


def _refuse_secrets(parameters: Mapping[str, Any]) -> None:
    """Raise UsageError for a parameter that looks like a secret: papermill saves them all."""
    for name in parameters:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        if any(word in words for word in _SECRET_WORDS) or _SECRET_PARTS.search(words):
            raise UsageError(
                f"The parameter {name!r} looks like a secret, and parameters are saved in the "
                "executed notebook. Pass a profile instead; if it is no secret, rename it."
            )


def read(source: Path) -> NotebookNode:
    """The notebook at *source*; UsageError if there is none."""
    import nbformat

    try:
        return cast("NotebookNode", nbformat.read(source, as_version=4))  # type: ignore[no-untyped-call]
    except FileNotFoundError as error:
        raise UsageError(f"There is no notebook {source}. Check the path.") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(f"{source} cannot be read ({why}). Pass an .ipynb file.") from error
    except Exception as error:  # nbformat has no common root for what it refuses
        raise UsageError(f"{source} is not a notebook. Pass an .ipynb file.") from error


def parameter_names(source: Path) -> set[str]:
    """The names that the notebook's cell tagged `parameters` sets.

    Without that cell the profile could not be handed over, and a notebook that names one itself
    would quietly pull another customer's data: that is refused.
    """
    cells = [cell for cell in read(source).cells if cell.cell_type == "code"]
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", ())]
    if not tagged and any("profile" in _assigned(cell.source) for cell in cells):
        raise UsageError(
            f"{source.name} sets `profile` in a cell without the tag `parameters`, so the profile "
            "asked for would not reach it. Add the tag in JupyterLab's Property Inspector."
        )
    return {name for cell in tagged[:1] for name in _assigned(cell.source)}


def _assigned(code: str) -> Iterator[str]:
    """The names that *code* assigns at its top level; none where it is not plain Python."""
    try:
        statements = ast.parse(code).body
    except SyntaxError:  # a cell magic, say
        return
    for statement in statements:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _refuse_unknown(given: Mapping[str, Any], known: set[str], source: Path) -> None:
    for name in given:
        if name not in known:
            raise UnknownNameError.among(f"parameter of {source.name}", name, known)


def _preflight(profile: str) -> Profile:
    """Who will pull, after making sure that a kernel with nobody there can: by doing it here."""
    who = connect(profile, interactive=False).profile
    refuse_what_dies(who, open_store())
    return who


def refuse_what_dies(who: Profile, store: TokenStore) -> None:
    """Raise ConsentRequiredError for a consent kept in memory, where no later process finds it."""
    if who.flow != "client_credentials" and not store.shared:
        raise ConsentRequiredError(
            f"The token of profile {who.name!r} is kept in memory only, where a notebook's kernel "
            "cannot see it. Set NINJA_TOKEN_STORE to file or keyring, then run: "
            f"ninja-analytics connect --profile {who.name}"
        )


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", text).strip("._") or "profile"


def _reserve(out: Path, name: str) -> Path:
    """A path in *out* under which nothing stands yet, taken by an empty notebook file.

    Creating that file exclusively keeps two runs at one moment apart.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            stem = out.resolve() / (name if number == 1 else f"{name}-{number}")
            if stem.exists() or stem.with_name(f"{stem.name}.html").exists():
                continue
            with suppress(FileExistsError):
                stem.with_name(f"{stem.name}.ipynb").touch(exist_ok=False)
                return stem
    except OSError as error:
        raise ExportError(
            f"{out} cannot be written: {error.strerror}. Choose another --out."
        ) from error
    raise AssertionError("count() does not end")


def _execute(source: Path, record: Path, values: Mapping[str, Any], who: Profile) -> None:
    """Execute *source* into *record*; raise RunError, with the record kept, when it fails."""
    import papermill

    known = _secrets(who)
    try:
        papermill.execute_notebook(
            _literal(source),
            _literal(record),
            dict(values),
            kernel_name="python3",
            language="python",
            kernel_manager_class=_this_python(who.name),
            progress_bar=False,
            store_widget_state=False,
            cwd=str(source.resolve().parent),
        )
    except papermill.PapermillExecutionError as error:
        raise _failure(error, source, record, known | _secrets(who)) from None
    except RuntimeError as error:  # nbclient: the kernel died or did not start
        raise RunError(
            f"{source.name} stopped: its kernel did not start or died, perhaps for want of memory. "
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


def _this_python(profile: str) -> type:
    """A kernel manager whose kernel is the Python that runs this, whatever kernelspecs exist."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default

    # Also where Voila runs this very code: in the kernel nobody is there, whoever opens the page.
    env = {"NINJA_PROFILE": profile, "SERVER_SOFTWARE": "", "VOILA_BASE_URL": ""}
    quiet = ["--log-level=CRITICAL"]  # a kernel ends with noise on stderr, which cron would mail

    class ThisPython(AsyncKernelManager):
        kernel_spec = KernelSpec(**get_kernel_dict(quiet), env=env)

        @default("transport_encryption")
        def _encrypted(self) -> str:
            return "auto"  # where this kernel can; older ones have no such setting

    return ThisPython


def _failure(error: Any, source: Path, record: Path, secrets: Iterable[str]) -> RunError:
    """One sentence on the cell that failed; an error of ours speaks for itself."""
    first = next(iter(without(str(error.evalue), secrets).strip().splitlines()), "")
    ours = isinstance(getattr(errors, error.ename, None), type)
    said = first if ours and first else f"{error.ename}: {first}".rstrip(": ")
    return RunError(
        f"{source.name} stopped in cell [{error.exec_count}]: {said}{'' if said[-1] in '.?!' else '.'} "
        f"The copy executed so far is {record}.",
        notebook=record,
        cause=error.ename,
    )


def _secrets(who: Profile) -> set[str]:
    """What must not stand in a saved notebook, as far as this machine knows it."""
    store = open_store()
    token = store.load(who.key)
    found = {os.environ.get("NINJA_CLIENT_SECRET"), store.load_secret(who.key)}
    if token is not None:
        found |= {token.access_token, token.refresh_token}
    return {secret for secret in found if secret}


def _write_page(result: RunResult, source: Path, day: datetime) -> None:
    """Write the executed notebook as one HTML page: no code, nothing loaded from elsewhere."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_input=True, exclude_output_prompt=True
    )
    record = read(result.notebook)
    body, _ = exporter.from_notebook_node(record)
    title = escape(_title(record) or source.stem)
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n"
        f"<footer>{escape(source.name)}, executed {day:%Y-%m-%d %H:%M %Z}. "
        f"The record with its code is {escape(result.notebook.name)}.</footer></body></html>\n"
    )
    result.html.write_text(page, encoding="utf-8")


def _title(notebook: NotebookNode) -> str:
    """The first heading of the notebook."""
    for cell in notebook.cells:
        found = re.search(r"^#+ +(.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return str(found[1]).strip()
    return ""
