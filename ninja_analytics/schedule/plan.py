"""The runs that a job comes to: each source, and where that is wanted each customer, on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ninja_analytics.connecting import connect
from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.jobs import Job
from ninja_analytics.periods import period_of
from ninja_analytics.reports import FORMATS, REPORTS
from ninja_analytics.schedule.records import slug
from ninja_analytics.schedule.running import refuse_unknown, usable
from ninja_analytics.schedule.sources import Source, parameters_of, source_of


@dataclass(frozen=True, slots=True)
class Run:
    """One source with its parameters; `customer` is the organization's name, "" for all of them."""

    source: Source
    job: Job
    parameters: Mapping[str, Any]
    out: Path
    customer: str = ""

    @property
    def label(self) -> str:
        """What a line about it begins with."""
        name = f"{self.source.title} for {self.job.profile}"
        return f"{name}, {self.customer}" if self.customer else name


def sources_of(job: Job) -> list[Source]:
    """What the job names; UsageError for what is not there."""
    return [source_of(name, job.folder) for name in job.run]


def check(job: Job, *, now: datetime) -> list[tuple[Source, dict[str, Any]]]:
    """Each source of the job with its parameters, without asking NinjaOne anything.

    Of several sources each gets those of the job's parameters that it has. Raises UsageError for the
    first thing that cannot be.
    """
    for name in job.formats:
        if name not in FORMATS:
            raise UnknownNameError.among("format of a report", name, FORMATS)
    if job.period is not None:
        period_of(job.period, now=now)
    known = {source: parameters_of(source) for source in sources_of(job)}
    given = {**job.parameters, **({"formats": list(job.formats)} if job.formats else {})}
    for source, names in known.items():
        if len(known) == 1:
            refuse_unknown(given, names, source)
        _refuse_missing(job, source, names)
    every = set().union(*known.values())
    for name in given:
        if name not in every:
            raise UnknownNameError.among(f"parameter of {', '.join(job.run)}", name, every)
    if job.period is not None:
        given["period"] = job.period
    return [
        (source, {name: value for name, value in given.items() if name in names})
        for source, names in known.items()
    ]


def _refuse_missing(job: Job, source: Source, known: set[str]) -> None:
    """Raise UsageError where *source* cannot be told what the job wants of each of its sources."""
    if (job.period is not None or "period" in job.parameters) and "period" not in known:
        raise _no_such("period", source, known)
    if job.organizations and not {"organization", "organizations"} & known:
        raise _no_such("organization", source, known)
    spec = REPORTS.get(source.report)
    if spec and spec.compares == "must" and not job.parameters.get("since"):
        raise UsageError(
            f"The report {source.report} compares with an earlier snapshot: add -p since=30d, "
            'or parameters = { since = "30d" } to its job.'
        )


def _no_such(name: str, source: Source, known: Iterable[str]) -> UsageError:
    listed = ", ".join(sorted(known)) or "none"
    add = "" if source.report else f" Add `{name} = None` to its cell tagged `parameters`."
    what = f"{source.what[0].upper()}{source.what[1:]}" if source.report else source.what
    return UsageError(f"{what} has no parameter {name!r}; it has: {listed}.{add}")


def plan(job: Job, *, now: datetime) -> list[Run]:
    """The runs of *job*, in the order of its sources and then of the customers' names.

    Asks NinjaOne for the organizations if the job names any. Raises ConsentRequiredError when its
    profile cannot pull with nobody there, UsageError for what cannot be, UnknownNameError for an
    organization that is not there.
    """
    usable(job.profile)  # first: reading a notebook takes an import of more than a second
    checked = check(job, now=now)
    chosen = _organizations(job)
    return [run for source, values in checked for run in _runs(job, source, values, chosen)]


def _runs(
    job: Job, source: Source, values: Mapping[str, Any], chosen: Mapping[int, str]
) -> Iterator[Run]:
    plain = Run(source, job, values, job.out)
    several = "organizations" in parameters_of(source)
    if not chosen:
        yield plain
    elif several and job.organizations != "each":
        yield replace(plain, parameters={**values, "organizations": list(chosen)})
    else:
        for number, name in chosen.items():
            narrowed = {"organizations": [number]} if several else {"organization": number}
            folder = job.out / "-".join(filter(None, (slug(name), str(number))))
            yield replace(plain, parameters={**values, **narrowed}, out=folder, customer=name)


def _organizations(job: Job) -> dict[int, str]:
    """The names of the organizations that *job* is about, by id; none where it is about all."""
    if not job.organizations:
        return {}
    ninja = connect(job.profile, interactive=False)
    frame = ninja.table("organizations", progress="log")
    names = dict(zip(frame["organization_id"], frame["organization_name"], strict=True))
    known = {int(number): str(name) for number, name in names.items()}
    if job.organizations == "each":
        devices = ninja.table("devices", progress="log")
        managed = {int(number) for number in devices["organization_id"].dropna()}
        found = {number: known.get(number, "") for number in managed}
        if not found:
            raise UsageError("No organization has a device: there is nothing to run for each.")
        return dict(sorted(found.items(), key=lambda one: (one[1].casefold(), one[0])))
    return {number: known[number] for number in (_one(asked, known) for asked in job.organizations)}


def _one(asked: str | int, known: Mapping[int, str]) -> int:
    """The id of the organization that *asked* names or is the id of."""
    text = str(asked).strip()
    if text.isdecimal() and int(text) in known:
        return int(text)
    for same in (str, str.casefold):
        found = [number for number, name in known.items() if same(name) == same(text)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(
                f"Several organizations are called {text!r}. Give the id of one: "
                f"{', '.join(map(str, found))}."
            )
    raise UnknownNameError.among("organization", asked, known.values())
