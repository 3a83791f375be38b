"""Named jobs: what to run, for whom and where to, kept in the TOML file of the settings.

    [jobs.monthly]
    profile = "acme"
    run = ["fleet_overview", "notebooks/mine.ipynb"]
    organizations = "each"
    period = "previous-month"
    parameters = { active_days = 45 }
    out = "out"
    at = "0 6 1 * *"

The file is what `--settings` names, else NINJA_SETTINGS, else ninja-analytics.toml in the working
folder. Its paths begin in its own folder, wherever the schedule starts.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from ninja_analytics.errors import UnknownNameError, UsageError

SETTINGS = "ninja-analytics.toml"

_SECRET_WORDS = ("token", "secret", "password", "passwd", "passphrase", "credential", "apikey")
_SECRET_PARTS = re.compile(r"(?:^|_)(?:pwd|keys?|codes?)(?:_|$)")

Organizations = tuple[str | int, ...] | Literal["each"]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be run: `run` names notebooks and reports, `profile` whose data they pull.

    `organizations` narrows them (empty: all), or has them run once for "each" that has devices.
    `at` says when, in cron's words; `settings` is the file that the reports read their thresholds
    from. A job without a `name` was typed on the command line.
    """

    profile: str
    run: tuple[str, ...]
    name: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    period: str | None = None
    organizations: Organizations = ()
    out: Path = Path("out")
    formats: tuple[str, ...] = ()
    retries: int = 2
    at: str | None = None
    settings: Path | None = None

    def __post_init__(self) -> None:
        refuse_secrets(self.parameters)
        if not self.run:
            raise UsageError("Nothing is named to be run. Name a notebook or a report.")

    @property
    def folder(self) -> Path:
        """Where its relative paths begin: the folder of its file, else the working folder."""
        return self.settings.parent if self.name and self.settings else Path()


def refuse_secrets(parameters: Iterable[str]) -> None:
    """Raise UsageError for a parameter that looks like a secret: a run saves them all."""
    for name in parameters:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        if any(word in words for word in _SECRET_WORDS) or _SECRET_PARTS.search(words):
            raise UsageError(
                f"The parameter {name!r} looks like a secret, and parameters are saved in the "
                "executed notebook. Pass a profile instead; if it is no secret, rename it."
            )


def settings_file(given: str | Path | None = None) -> Path | None:
    """The file of the settings, absolute; None if none is named and none is in this folder.

    Raises UsageError for a file that is named but not there.
    """
    named = given or os.environ.get("NINJA_SETTINGS")
    found = Path(named or SETTINGS).expanduser().absolute()
    if found.is_file():
        return found
    if named:
        raise UsageError(f"There is no settings file {named}. Check the path.")
    return None


def load_jobs(settings: str | Path | None = None) -> dict[str, Job]:
    """The jobs of the settings file, by name; the first that cannot be raises UsageError."""
    return {name: _job(name, row, path) for name, row, path in _rows(settings)}


def load_job(name: str, settings: str | Path | None = None) -> Job:
    """The job called *name*, whatever is wrong with the others; UnknownNameError if there is none."""
    rows = {known: (row, path) for known, row, path in _rows(settings)}
    if name not in rows:
        where = settings_file(settings) or f"{SETTINGS}, which is not here"
        raise UnknownNameError(f"{UnknownNameError.among('job', name, rows)} Looked in: {where}.")
    return _job(name, *rows[name])


def job_names(settings: str | Path | None = None) -> tuple[str, ...]:
    """The names of the jobs in the settings file, in its order."""
    return tuple(name for name, _, _ in _rows(settings))


def _rows(settings: str | Path | None) -> list[tuple[str, Mapping[str, Any], Path]]:
    path = settings_file(settings)
    if path is None:
        return []
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is not valid TOML: {error}. Mend it, then try again.") from error
    jobs = told.get("jobs", {})
    if not (isinstance(jobs, dict) and all(isinstance(row, dict) for row in jobs.values())):
        raise UsageError(f"In {path} each job is a table of its own: [jobs.monthly], say.")
    return [(name, row, path) for name, row in jobs.items()]


def _job(name: str, row: Mapping[str, Any], path: Path) -> Job:
    where = f"job {name!r} in {path.name}"
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name, re.ASCII):
        raise UsageError(
            f"The {where} needs another name: letters, digits, '-', '_' and '.' only, as services "
            "and tasks are called after it."
        )
    for key in row:
        if key not in _FIELDS:
            refuse_secrets([key])
            raise UnknownNameError.among(f"setting of the {where}", key, _FIELDS)
    for key in ("profile", "run"):
        if key not in row:
            raise UsageError(
                f"The {where} does not say {key!r}. Add: {key} = {_FIELDS[key].example}"
            )
    values = {key: _taken(key, value, where) for key, value in row.items()}
    out = path.parent / values.pop("out", Path("out"))
    return Job(name=name, settings=path, out=out, **values)


def _taken(key: str, value: Any, where: str) -> Any:
    one = _FIELDS[key]
    try:
        return one.take(value)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{key} = {value!r} of the {where} cannot be. Write: {key} = {one.example}"
        ) from error


def _text(value: Any) -> str:
    if not (isinstance(value, str) and value.strip()):
        raise TypeError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not (isinstance(texts, list) and texts):
        raise TypeError
    return tuple(_text(one) for one in texts)


def _organizations(value: Any) -> Organizations:
    if value == "each":
        return "each"
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in listed):
        raise TypeError
    return tuple(listed)


def _parameters(value: Any) -> Mapping[str, Any]:
    if not (isinstance(value, dict) and all(name.isidentifier() for name in value)):
        raise TypeError
    return MappingProxyType({name: _plain(one) for name, one in value.items()})


def _plain(value: Any) -> Any:
    """A value as a parameter of a notebook can be: TOML's times become text."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _retries(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 20:
        raise TypeError
    return value


@dataclass(frozen=True, slots=True)
class _Field:
    take: Callable[[Any], Any]
    example: str


_FIELDS = MappingProxyType(
    {
        "profile": _Field(_text, '"acme"'),
        "run": _Field(_texts, '"fleet_overview", or a list of reports and notebooks'),
        "parameters": _Field(_parameters, "{ active_days = 45 }"),
        "period": _Field(_text, '"previous-month"'),
        "organizations": _Field(_organizations, '["Heron Ltd", 7], or "each"'),
        "out": _Field(lambda value: Path(_text(value)).expanduser(), '"out"'),
        "formats": _Field(_texts, '["html", "xlsx"]'),
        "retries": _Field(_retries, "2, at most 20"),
        "at": _Field(_text, '"0 6 1 * *"'),
    }
)
