"""What the user decides for all reports: thresholds, parameters, custom fields, contracts, programs.

It stands in one TOML file of theirs, ninja-analytics.toml; docs/reports.md shows all that it can say.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.lifecycle.reading import own_copy, packaged, read_table
from ninja_analytics.reports.billing.contract import read_contract
from ninja_analytics.reports.kpis import DEFINITIONS, Definition
from ninja_analytics.reports.software.licenses import read_seats

FILE = "ninja-analytics.toml"
VARIABLE = "NINJA_SETTINGS"

CUSTOM_FIELDS = ("local_admins", "tpm", "secure_boot", "filevault")
"""What reports ask of custom fields, since NinjaOne's API has no other way to tell it."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """What reports are made with beside their parameters.

    `parameters` are defaults by the name of a report, those of "all" hold for every report that has
    them. `custom_fields` name the user's field for each of CUSTOM_FIELDS. `allowed_admins` are names
    of accounts that may be local administrators, `allowed_software` and `denied_software` names of
    programs that may and must not be there, all with * and ? as wildcards. `support_dates` gives the
    table of the support of operating systems, when it is wanted. `contract` has the seats contracted
    (see contract.read_contract), `seats` those of programs (see licenses.read_seats). `file` is where
    it was read from, "" for what the package brings.
    """

    definitions: Mapping[str, Definition] = field(default_factory=lambda: DEFINITIONS)
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    allowed_admins: tuple[str, ...] = ()
    support_dates: Callable[[], pd.DataFrame] = packaged
    contract: pd.DataFrame | None = field(default=None, compare=False)
    allowed_software: tuple[str, ...] = ()
    denied_software: tuple[str, ...] = ()
    seats: pd.DataFrame | None = field(default=None, compare=False)
    file: str = ""

    def defaults(self, report: str, known: tuple[str, ...]) -> dict[str, Any]:
        """The parameters that the file says for *report*, which has those that are *known*."""
        every = {name: value for name, value in self._of("all").items() if name in known}
        return {**every, **self._of(report)}

    def _of(self, report: str) -> Mapping[str, Any]:
        return self.parameters.get(report, _NOTHING)


PACKAGED = Settings()
"""What holds where the user has said nothing."""


def found_settings(asked: Settings | str | Path | None = None) -> Settings:
    """The settings asked for, else those of $NINJA_SETTINGS, of ./ninja-analytics.toml, or ours.

    Where the user has refreshed the table of support dates, that one is in them.
    Raises UsageError for a file that is not there or says what nobody understands.
    """
    if isinstance(asked, Settings):
        return asked
    named = asked or os.environ.get(VARIABLE) or (FILE if Path(FILE).is_file() else None)
    made = read_settings(Path(named)) if named else PACKAGED
    return replace(made, support_dates=read_table) if own_copy().exists() else made


def read_settings(path: Path) -> Settings:
    """The settings in the TOML file at *path*; UsageError for what cannot be read or understood."""
    told = read_toml(path)
    made = replace(PACKAGED, file=path.name)
    for section, content in told.items():
        if section in _ELSEWHERE:
            continue
        if section not in _SECTIONS:
            raise UnknownNameError.among(
                f"section of {path.name}", section, [*_SECTIONS, *_ELSEWHERE]
            )
        if not isinstance(content, Mapping):
            raise UsageError(f"{section} in {path.name} must be a table: begin with [{section}].")
        made = _SECTIONS[section](made, content, path)
    return made


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says; UsageError for one that cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"There is no settings file {path}. Check the path.") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read ({why}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML ({error}). Mend it, then try again.") from error


def _kpis(made: Settings, told: Mapping[str, Any], path: Path) -> Settings:
    """[kpis.NAME]: good and watch."""
    definitions = dict(made.definitions)
    for key, one in told.items():
        if key not in definitions:
            raise UnknownNameError.among(f"KPI in {path.name}", key, definitions)
        definitions[key] = _judged(definitions[key], one, path)
    return replace(made, definitions=MappingProxyType(definitions))


def _judged(definition: Definition, told: Any, path: Path) -> Definition:
    """The definition with the user's thresholds."""
    where = f"[kpis.{definition.key}] in {path.name}"
    if not isinstance(told, Mapping) or not told:
        raise UsageError(f"{where} needs good and watch, e.g. good = 0.95.")
    for name in told:
        if name not in ("good", "watch"):
            raise UnknownNameError.among(f"threshold of {where}", name, ("good", "watch"))
    good, watch = told.get("good", definition.good), told.get("watch", definition.watch)
    for value in (good, watch):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"{where}: good and watch must both be numbers, e.g. good = 0.95.")
    if definition.unit == "share" and not (0 <= good <= 1 and 0 <= watch <= 1):
        raise UsageError(f"{where}: shares are from 0 to 1; 95 % is 0.95.")
    sign = -1 if definition.less_is_better else 1
    if sign * good < sign * watch:
        side = "at most" if definition.less_is_better else "at least"
        raise UsageError(f"{where}: good must be {side} watch.")
    return replace(definition, good=float(good), watch=float(watch), source=_said(definition, path))


def _said(definition: Definition, path: Path) -> str:
    return f"{definition.source}; thresholds of {path.name}"


def _parameters(made: Settings, told: Mapping[str, Any], path: Path) -> Settings:
    """[parameters.all] and [parameters.REPORT]: defaults of the reports' parameters."""
    for report, one in told.items():
        if not isinstance(one, Mapping):
            raise UsageError(
                f"parameters in {path.name} are by report: write [parameters.all] or "
                f"[parameters.fleet_overview] above {report}."
            )
    return replace(made, parameters=dict(told))


def _custom_fields(made: Settings, told: Mapping[str, Any], path: Path) -> Settings:
    """[custom_fields]: the name of the user's field for what no other table tells."""
    for what, name in told.items():
        if what not in CUSTOM_FIELDS:
            raise UnknownNameError.among(f"custom field in {path.name}", what, CUSTOM_FIELDS)
        if not isinstance(name, str) or not name:
            raise UsageError(f"{what} in {path.name} must be the name of a custom field.")
    return replace(made, custom_fields=dict(told))


def _local_admins(made: Settings, told: Mapping[str, Any], path: Path) -> Settings:
    """[local_admins]: allowed = ["Administrator", "ACME*"]."""
    _known(told, ("allowed",), f"local_admins in {path.name}")
    allowed = told.get("allowed", [])
    if not isinstance(allowed, list) or not all(isinstance(one, str) for one in allowed):
        raise UsageError(f"allowed in {path.name} must be a list of names of accounts.")
    return replace(made, allowed_admins=tuple(allowed))


def _contract(made: Settings, told: Mapping[str, Any], path: Path) -> Settings:
    """[contract]: file = "contract.csv", beside this file."""
    _known(told, ("file",), f"contract in {path.name}")
    return replace(made, contract=read_contract(_beside(path, "file", told.get("file"))))


def _software(made: Settings, told: Mapping[str, Any], path: Path) -> Settings:
    """[software]: allowed = ["Microsoft*"], denied = ["*Torrent*"], seats = "seats.csv"."""
    _known(told, ("allowed", "denied", "seats"), f"software in {path.name}")
    for name in ("allowed", "denied"):
        patterns = told.get(name, [])
        if not isinstance(patterns, list) or not all(isinstance(one, str) for one in patterns):
            raise UsageError(f"{name} of [software] in {path.name} must be a list of names.")
    return replace(
        made,
        allowed_software=tuple(told.get("allowed", [])),
        denied_software=tuple(told.get("denied", [])),
        seats=read_seats(_beside(path, "seats", told["seats"])) if "seats" in told else None,
    )


def _known(told: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    """Nothing, if all that is *told* has a key of *keys*."""
    for name in told:
        if name not in keys:
            raise UnknownNameError.among(f"key of {where}", name, keys)


def _beside(path: Path, key: str, named: object) -> Path:
    """The file *named*, as seen from the folder of the settings file at *path*."""
    if not isinstance(named, str) or not named:
        raise UsageError(f'{key} in {path.name} must name a CSV file, e.g. {key} = "{key}.csv".')
    return path.parent / named


_SECTIONS: Mapping[str, Callable[[Settings, Mapping[str, Any], Path], Settings]] = {
    "kpis": _kpis,
    "parameters": _parameters,
    "custom_fields": _custom_fields,
    "local_admins": _local_admins,
    "contract": _contract,
    "software": _software,
}
_ELSEWHERE = ("jobs",)
"""Sections of the same file that reports do not read."""
