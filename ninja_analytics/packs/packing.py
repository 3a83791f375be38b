"""The folders of a pack: a report for each customer, an index of all, and what became of each."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import pandas as pd

from ninja_analytics.errors import ExportError, NinjaError, UnknownNameError, UsageError
from ninja_analytics.exports import make_folder, render, write_file
from ninja_analytics.packs.apart import Apart, Frames
from ninja_analytics.packs.peers import among, shares
from ninja_analytics.reports import REPORTS, USUAL, Report, ReportSpec, Settings, found_settings
from ninja_analytics.reports.page import SIGNS
from ninja_analytics.reports.population import several, utc
from ninja_analytics.sharing import shared

log = logging.getLogger(__name__)

PACKS: Mapping[str, str] = MappingProxyType({"qbr": "qbr_pack"})
"""What a pack can be made of: its name, and the report that each customer gets."""

BY = ("organization",)


class Tenant(Protocol):
    """A connection, or the past of one: what a pack asks for its frames."""

    def frames_for(
        self, spec: ReportSpec, now: pd.Timestamp, parameters: Mapping[str, Any]
    ) -> Mapping[str, pd.DataFrame]:
        """The tables that a report reads, as far as they can be read."""


@dataclass(frozen=True, slots=True)
class Customer:
    """What became of one customer: the folder and files, or the sentence that says why not."""

    organization: str
    organization_id: int
    folder: Path
    files: tuple[Path, ...] = ()
    report: Report | None = None
    problem: str = ""

    @property
    def outcome(self) -> str:
        """ok, partial (a table was missing or broke off) or failed."""
        if self.report is None:
            return "failed"
        return "partial" if self.report.partial else "ok"


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack on the disk: its folder, the index, and each customer."""

    folder: Path
    index: Path
    customers: tuple[Customer, ...]

    @property
    def failed(self) -> tuple[Customer, ...]:
        """Those whose folder is not there."""
        return tuple(one for one in self.customers if one.outcome == "failed")

    @property
    def partial(self) -> tuple[Customer, ...]:
        """Those whose report lacks something."""
        return tuple(one for one in self.customers if one.outcome == "partial")

    def __repr__(self) -> str:
        lines = [f"{len(self.customers):,} customers in {self.folder}"]
        lines += [
            f"  {one.outcome:<8} {one.organization}{': ' if one.problem else ''}{one.problem}"
            for one in self.customers
        ]
        return "\n".join(lines)


def pack(
    tenant: Tenant,
    name: str = "qbr",
    *,
    out: str | Path,
    by: str = "organization",
    organizations: Any = None,
    now: pd.Timestamp | None = None,
    earlier: tuple[Tenant, pd.Timestamp] | None = None,
    settings: Settings | str | Path | None = None,
    formats: str | Iterable[str] | None = None,
    share: bool = False,
    peers: bool | None = None,
    say: Callable[[str], None] = lambda _: None,
    **parameters: Any,
) -> Packed:
    """A folder per customer in a new folder under *out*, each with a report on that customer alone.

    *tenant* is a connection or `ninja.as_of(…)`, pulled from once. No file of a customer holds the
    name, id or device of another: its report is made from its own rows, in whose free texts other
    names are replaced. KPIs are told against *earlier* (a past and its time), and among the others
    as quantiles of five or more, if *peers* (default: unless some *organizations* only are asked for,
    since the reports of all have to be made for it). With *share*, names and ids are aliases. The
    index in the new folder is for yourself: it names all. *parameters* are those of the report. A
    customer who fails costs the others nothing: see `Packed.failed`.

    Raises UnknownNameError for a wrong name, UsageError for a tenant without devices, ExportError
    when the folder cannot be written.
    """
    spec = REPORTS[_known(name, by)]
    own = found_settings(settings)
    told = spec.resolved(parameters, own)
    time = utc(now if now is not None else pd.Timestamp.now(tz="UTC"))
    frames = Apart(tenant.frames_for(spec, time, told))
    before = None
    if earlier is not None:
        past, at = earlier
        before = Apart(past.frames_for(spec, at, told)), at
    customers = frames.organizations()
    if not customers:
        raise UsageError("There is no organization with a device to make a pack for.")
    wanted = _wanted(organizations, customers)
    folder = _new_folder(Path(out), f"{name}_{time:%Y-%m-%d}")

    def build(one: int) -> Report:
        made = spec.build(_shown(frames.of(one), share), now=time, settings=own, **told)
        if before is None:
            return made
        then = spec.build(_shown(before[0].of(one), share), now=before[1], settings=own, **told)
        return made.since(then)

    compared = organizations is None if peers is None else peers
    built = {one: _tried(build, one) for one, _ in customers if compared or one in wanted}
    values = {one: shares(made) for one, made in built.items() if isinstance(made, Report)}
    done = []
    for one, title in customers:
        if one not in wanted:
            continue
        others = [told for other, told in values.items() if compared and other != one]
        done.append(_saved(built[one], one, title, others, folder, formats, share))
        say(f"{done[-1].outcome:<8} {title}")
    return Packed(folder, _index(folder, done, time, spec.about.title), tuple(done))


def _known(name: str, by: str) -> str:
    if name not in PACKS:
        raise UnknownNameError.among("pack", name, PACKS)
    if by not in BY:
        raise UnknownNameError.among("way to divide a pack", by, BY)
    return PACKS[name]


def _wanted(asked: Any, customers: list[tuple[int, str]]) -> set[int]:
    """The ids of the customers asked for, by id or name; all by default."""
    if asked is None:
        return {one for one, _ in customers}
    known = {name.casefold(): one for one, name in customers}
    known |= {str(one): one for one, _ in customers}
    for one in several(asked):
        if str(one).casefold() not in known:
            raise UnknownNameError.among(
                "organization with a device", one, [n for _, n in customers]
            )
    return {known[str(one).casefold()] for one in several(asked)}


def _shown(frames: Frames, share: bool) -> Frames:
    return {name: shared(frame) for name, frame in frames.items()} if share else frames


def _tried(build: Callable[[int], Report], one: int) -> Report | str:
    """The report, or the sentence that says why there is none."""
    try:
        return build(one)
    except NinjaError as error:
        return str(error)
    except Exception as error:  # a defect that shows at one customer must not cost the others
        log.exception("The report of organization %s failed", one)
        return f"a defect of ours ({type(error).__name__}): please report it"


def _saved(
    built: Report | str,
    organization_id: int,
    title: str,
    others: list[dict[str, float]],
    folder: Path,
    formats: str | Iterable[str] | None,
    share: bool,
) -> Customer:
    """The customer's files in a folder of its own; one whose files cannot be written has failed."""
    if isinstance(built, str):
        return Customer(title, organization_id, folder, problem=built)
    report = among(built, others)
    shown = _alias(report) if share else title
    own = _free(folder, _slug(shown))
    try:
        saved = report.save(own, USUAL if formats is None else formats)
    except ExportError as error:
        return Customer(title, organization_id, own, problem=str(error))
    files = tuple(file for some in saved.values() for file in some)
    return Customer(title, organization_id, own, files, report)


def _alias(report: Report) -> str:
    """The alias of the customer, as the report has it."""
    there = report.dimensions["organization"]["organization"]
    return str(there.iloc[0]) if len(there) else "customer"


def _index(folder: Path, done: list[Customer], time: pd.Timestamp, title: str) -> Path:
    """The page that leads to each customer, troubled ones first, with the shares to compare."""
    heads = _compared(done)
    listed = sorted(done, key=lambda one: (one.outcome == "ok", one.organization.casefold()))
    page = render(
        "pack_index.html.j2",
        title=title,
        time=f"{time:%Y-%m-%d %H:%M} UTC",
        heads=list(heads.values()),
        signs=SIGNS,
        customers=[_row(one, folder, heads) for one in listed],
    )
    return write_file(folder / "index.html", page.encode())


def _compared(done: list[Customer]) -> dict[str, str]:
    """The labels of the shares that at least one customer has, by key: those that can be compared."""
    return {
        kpi.key: kpi.label
        for one in done
        if one.report is not None
        for kpi in one.report.kpis
        if kpi.unit == "share" and kpi.value is not None
    }


def _row(one: Customer, folder: Path, heads: Iterable[str]) -> dict[str, Any]:
    page = next((file for file in one.files if file.suffix == ".html"), None)
    first = page or next(iter(one.files), None)
    kpis = {} if one.report is None else {kpi.key: kpi for kpi in one.report.kpis}
    shown = [kpis.get(key) for key in heads]
    devices = kpis.get("devices_managed")
    return {
        "name": one.organization,
        "href": "" if first is None else first.relative_to(folder).as_posix(),
        "outcome": one.outcome,
        "problem": one.problem,
        "devices": "" if devices is None else devices.text,
        "kpis": [("–", "none") if kpi is None else (kpi.text, kpi.state) for kpi in shown],
    }


def _new_folder(out: Path, name: str) -> Path:
    """A folder in *out* that was not there: a pack of the same day gets a number."""
    make_folder(out)
    for number in count(1):
        folder = out / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise ExportError(
                f"{folder} cannot be made ({error.strerror}). Choose another --out."
            ) from error
        return folder
    raise AssertionError("count() does not end")


def _free(folder: Path, name: str) -> Path:
    """A folder for a customer; names that are alike as files get a number."""
    for number in count(1):
        own = folder / (name if number == 1 else f"{name}-{number}")
        if not own.exists():
            return own
    raise AssertionError("count() does not end")


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", text).strip("._")[:60] or "customer"
