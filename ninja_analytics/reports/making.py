"""How a report is put together: what all of them are asked with, and what all of them tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pandas as pd

from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import actions
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.population import Names, Population, population, several, utc
from ninja_analytics.reports.quality import panel, sources
from ninja_analytics.reports.report import Chart, Report
from ninja_analytics.reports.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report was asked for: the frames, of which time, about whom, and with which parameters."""

    about: About
    frames: Mapping[str, pd.DataFrame]
    now: pd.Timestamp
    settings: Settings
    people: Population
    parameters: Mapping[str, object]

    @property
    def eligible(self) -> pd.DataFrame:
        """The devices that count: approved, and seen in the last active_days."""
        return self.people.eligible

    def has(self, *tables: str) -> bool:
        """Whether all of the *tables* could be read."""
        return all(table in self.frames for table in tables)

    def kpi(self, key: str, **numbers: Any) -> Kpi:
        """The KPI *key* with its *numbers*; without any where a table that it needs is missing."""
        definition = self.settings.definitions[key]
        if not self.has(*definition.tables):
            return Kpi(definition, None)
        return Kpi(definition, **numbers)


def asked(
    about: About,
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    **own: object,
) -> Asked:
    """What a report stands on; *own* are the parameters of this report alone, for its last page.

    Raises UnknownNameError for an organization or a node class that nobody has.
    """
    time = utc(now)
    people = population(
        frames,
        now=time,
        active_days=active_days,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
    )
    parameters: dict[str, object] = {
        "organizations": several(organizations) or "all",
        "exclude_organizations": several(exclude_organizations) or "none",
        "node_classes": several(node_classes) or "all",
        "active_days": active_days,
        **own,
        "now": time,
        **({"settings": settings.file} if settings.file else {}),
    }
    return Asked(about, frames, time, settings, people, parameters)


def made(
    ask: Asked,
    *,
    kpis: Iterable[Kpi],
    tables: Mapping[str, pd.DataFrame],
    captions: Mapping[str, str],
    charts: Mapping[str, Chart],
    to_do: Iterable[pd.DataFrame] = (),
    notes: Iterable[str] = (),
    expected: Mapping[str, pd.DataFrame] | None = None,
    unmatched: Mapping[str, Iterable[str]] | None = None,
) -> Report:
    """The report out of its parts.

    *expected* names the tables that should have a row per device, and the devices that should have
    one; *unmatched* the values of a table that nothing here knows. *to_do* are parts of the action
    list, as actions.to_do makes them.
    """
    about, told = ask.about, sources(ask.frames, tuple(ask.about.tables))
    every = ask.frames.get("devices")
    people = ask.people
    return Report(
        name=about.name,
        title=about.title,
        question=about.question,
        created_at=ask.now,
        kpis=tuple(kpis),
        tables=dict(tables),
        charts=dict(charts),
        sources=told,
        quality=panel(
            ask.frames,
            told,
            now=ask.now,
            device_ids=people.devices["device_id"] if every is None else every["device_id"],
            expected=expected or {},
            degrades=about.degrades,
            unmatched=unmatched or {},
        ),
        parameters=ask.parameters,
        version=version("ninja-analytics"),
        captions=dict(captions),
        notes=(*about_people(people), *notes),
        actions=_with_organizations(actions(*to_do), people),
        dimensions=dimensions(people),
    )


def _with_organizations(told: pd.DataFrame, people: Population) -> pd.DataFrame:
    """The actions, with the organization of those that name a device only."""
    known = people.devices.dropna(subset=["device_id"]).set_index("device_id")["organization_id"]
    ids = told["organization_id"].fillna(told["device_id"].map(known).astype("Int64"))
    return told.assign(organization_id=ids)


def about_people(people: Population) -> tuple[str, ...]:
    """What a reader should know about who was counted."""
    devices = people.devices
    counted = f"{len(people.eligible):,} of {len(people.managed):,} managed devices."
    told = [
        f"Eligible devices are approved and were seen in the last {people.active_days:g} days: {counted}"
    ]
    orphans = int((devices["managed"] & devices["organization_name"].isna()).sum())
    if orphans:
        told.append(f"Managed devices whose organization has no name here: {orphans:,}.")
    if people.duplicates:
        told.append(
            "Repeated device rows, left out for the one with the latest contact: "
            f"{people.duplicates:,}."
        )
    return tuple(told)


def dimensions(people: Population) -> dict[str, pd.DataFrame]:
    """The organizations and devices that the report is about, a row each, for files by keys."""
    devices = people.devices
    columns = ["device_id", "device", "organization_id", "location", "node_class", "class_group"]
    more = ["approval_status", "active", "created_at", "last_contact_at"]
    return {
        "organization": people.organizations,
        "device": devices[[*columns, *more]].dropna(subset=["device_id"]).reset_index(drop=True),
    }
