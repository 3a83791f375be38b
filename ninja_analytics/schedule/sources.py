"""What can be run by its name: a notebook's path, a notebook that comes along, or a report."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ninja_analytics.errors import SandboxError, UnknownNameError, UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.report import heading

if TYPE_CHECKING:
    from nbformat import NotebookNode

_FIRST = "00_connect.ipynb"


@dataclass(frozen=True, slots=True)
class Source:
    """A notebook at a path, or a report for which a notebook is made."""

    path: Path | None
    report: str = ""

    @property
    def name(self) -> str:
        """What its files are named after."""
        return self.report or (self.path.stem if self.path else "")

    @property
    def title(self) -> str:
        """What a sentence calls it."""
        return self.report or (self.path.name if self.path else "")

    @property
    def what(self) -> str:
        """What a sentence calls it where its kind matters."""
        return f"the report {self.report}" if self.report else self.title


def source_of(asked: str | Path | Source, folder: Path | None = None) -> Source:
    """What *asked* names; a relative path begins in *folder* (default: the working folder).

    A report's name comes before a file's. Raises UsageError for a notebook that is not there.
    """
    if isinstance(asked, Source):
        return asked
    if str(asked) in REPORTS:
        return Source(None, str(asked))
    path = (folder or Path()) / Path(asked).expanduser()
    if path.is_file():
        return Source(path)
    packaged = _packaged()
    if Path(asked).name == str(asked) and Path(asked).stem in packaged:
        return Source(packaged[Path(asked).stem])
    if path.suffix == ".ipynb" or path.parent != (folder or Path()):
        raise UsageError(f"There is no notebook {path}. Check the path.")
    raise UnknownNameError.among("report or notebook", str(asked), [*REPORTS, *packaged])


def notebooks() -> Path:
    """The folder of the notebooks: beside the package in a checkout, in it when installed."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "notebooks", package / "notebooks"):
        if (folder / _FIRST).is_file():
            return folder
    raise SandboxError("The notebooks are missing. Install ninja_analytics again.")


def _packaged() -> dict[str, Path]:
    try:
        return {path.stem: path for path in sorted(notebooks().glob("*.ipynb"))}
    except SandboxError:
        return {}


def parameters_of(source: Source) -> set[str]:
    """The names that can be given to *source*."""
    if not source.report:
        return parameter_names(source.path or Path())
    # How a report is counted comes from the settings, and when from the moment that it runs.
    own = {*REPORTS[source.report].parameters} - {"settings", "now"}
    return own | {"profile", "out", "formats", "since"}


def book_of(source: Source, given: set[str]) -> NotebookNode:
    """The notebook to execute; that of a report has a parameter for each of the names *given*."""
    return _report_book(source.report, given) if source.report else read(source.path or Path())


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


def _report_book(report: str, given: set[str]) -> NotebookNode:
    """The notebook that makes *report* and saves it, as a person would write it."""
    from nbformat import v4

    optional = sorted(given - {"profile", "out"})
    named = [name for name in optional if name != "formats"]
    arguments = "".join(f", {name}={name}" for name in named)
    cells = (
        ["profile = None", 'out = "out"', *(f"{name} = None" for name in optional)],
        ["import ninja_analytics as na", "", "ninja = na.connect(profile)", "ninja"],
        [f'report = ninja.report("{report}"{arguments})', "report"],
        ["saved = report.save(out, formats)" if "formats" in given else "saved = report.save(out)"],
        ["from ninja_analytics.schedule import refuse_partial", "", "refuse_partial(report)"],
    )
    title = f"# {heading(report)}\n\n{REPORTS[report].question}"
    ids = (
        f"cell-{number}" for number in range(len(cells) + 1)
    )  # the same run gives the same bytes
    book = v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[v4.new_markdown_cell(title, id=next(ids))]  # type: ignore[no-untyped-call]
        + [v4.new_code_cell("\n".join(lines), id=next(ids)) for lines in cells],  # type: ignore[no-untyped-call]
    )
    book.cells[1].metadata["tags"] = ["parameters"]
    book.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return cast("NotebookNode", book)
