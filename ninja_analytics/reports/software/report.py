"""The report software_inventory: what is installed, in which versions, and what should not be there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import grouped, to_do
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import COMPUTERS, Names, population, several
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings
from ninja_analytics.reports.software import charts as software_charts
from ninja_analytics.reports.software import tables as software_tables
from ninja_analytics.reports.software.installs import (
    NOT_ALLOWED,
    Software,
    judged,
    software_of,
    unauthorized,
)
from ninja_analytics.reports.software.licenses import licenses

ABOUT = About(
    name="software_inventory",
    title="Software inventory",
    question="What is installed, in which versions, and what should not be there?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "software": "no program is known, so nothing below can be counted",
        }
    ),
)


def software_inventory(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    newest_devices: int = 3,
    tracked: Names = None,
    system_components: bool = False,
) -> Report:
    """The programs of the eligible computers: how widespread, how old, whether allowed and licensed.

    A product is a name without version, architecture and language. Its newest version is the
    highest that *newest_devices* devices of one platform have in the whole fleet; *tracked* names the products whose
    versions matter, with * and ? as wildcards (default: all). What NinjaOne calls a component of
    the system is left out unless *system_components*. Lists of what is allowed and denied, and
    seats, are in the *settings*. Raises UnknownNameError for a name that nobody has.
    """
    if (
        isinstance(newest_devices, bool)
        or not isinstance(newest_devices, int)
        or newest_devices < 1
    ):
        raise UsageError(
            f"newest_devices is {newest_devices!r}, but must be a whole number from 1, e.g. 3."
        )
    patterns = tuple(str(one) for one in several(tracked))
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        newest_devices=newest_devices,
        tracked=list(patterns) or "all",
        system_components=system_components,
    )
    all_of_them = organizations is None and exclude_organizations is None and node_classes is None
    fleet = ask.people if all_of_them else population(frames, now=ask.now, active_days=active_days)
    told = software_of(frames, fleet.managed, ask.now, asked=ask.people.managed["device_id"])
    found = judged(told, at_least=newest_devices, system=system_components, tracked=patterns)
    bad = unauthorized(told, allowed=settings.allowed_software, denied=settings.denied_software)
    tables = _tables(ask, told, found, bad)
    return made(
        ask,
        kpis=_kpis(ask, told, found, bad, tables),
        tables=tables,
        captions=software_tables.CAPTIONS,
        charts=software_charts.charts(told, found, tables),
        to_do=_to_do(tables),
        notes=_notes(ask, told, found, tables),
        expected={"software": told.counted},
    )


def _listed(settings: Settings) -> bool:
    """Whether the user says what may or must not be there."""
    return bool(settings.allowed_software or settings.denied_software)


def _tables(
    ask: Asked, told: Software, found: pd.DataFrame, bad: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    silent = software_tables.not_reported(told)
    settings = ask.settings
    return {
        "products": software_tables.products(told, found),
        "versions": software_tables.versions(told, found),
        "organizations": software_tables.organizations(told, found, bad, _listed(settings)),
        "unauthorized_products": software_tables.unauthorized_products(told, bad),
        "unauthorized": software_tables.unauthorized(told, bad),
        "licenses": licenses(told, settings.seats),
        "behind": software_tables.behind(told, found),
        "not_reported": silent if ask.has("software") else silent[:0],
    }


def _kpis(
    ask: Asked,
    told: Software,
    found: pd.DataFrame,
    bad: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[Kpi, ...]:
    """The headline numbers."""
    counted = told.counted
    reported = int(counted["reported"].sum())
    silent = len(counted) - reported
    state = found["state"].value_counts()
    behind = int(state.get("one_behind", 0) + state.get("older", 0))
    here = told.on("counted", told.installs)
    return (
        ask.kpi("software_reported", numerator=reported, denominator=len(counted)),
        ask.kpi(
            "software_products",
            numerator=found["product"].nunique(),
            exceptions=here["product"].nunique() - found["product"].nunique(),
        ),
        ask.kpi(
            "software_unauthorized",
            numerator=bad["device"].nunique(),
            denominator=reported,
            unknown=silent,
        )
        if _listed(ask.settings)
        else _without(
            ask, "software_unauthorized", "no list of allowed or denied programs was given"
        ),
        ask.kpi(
            "software_behind",
            numerator=behind,
            denominator=behind + int(state.get("newest", 0)),
            unknown=int(state.get("unknown", 0)),
        ),
        *_seat_kpis(ask, told, tables["licenses"]),
        ask.kpi(
            "software_undated",
            numerator=int((~found["dated"]).sum()),
            denominator=len(found),
        ),
    )


def _seat_kpis(ask: Asked, told: Software, position: pd.DataFrame) -> tuple[Kpi, ...]:
    """Seats that are missing and that nobody uses; without a list of seats they are empty."""
    keys = ("software_seats_missing", "software_seats_unused")
    if ask.settings.seats is None:
        return tuple(_without(ask, key, "no list of seats was given") for key in keys)
    difference = position["difference"]
    mine = told.devices[told.devices["asked"]]
    silent = int((mine["class_group"].isin(COMPUTERS) & ~mine["reported"]).sum())
    nothing = int((position["programs"] == 0).sum())
    return tuple(
        ask.kpi(
            key,
            numerator=int((sign * difference).clip(lower=0).sum()),
            unknown=silent,
            exceptions=nothing,
            note=f"in {int((sign * difference > 0).sum()):,} of {len(position):,} products",
        )
        for key, sign in zip(keys, (1, -1), strict=True)
    )


def _without(ask: Asked, key: str, why: str) -> Kpi:
    return Kpi(ask.settings.definitions[key], None, note=why)


def _to_do(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """Denied programs go first, then versions, strays and seats."""
    bad, rest = tables["unauthorized"], tables["unauthorized_products"]
    denied = bad[bad["rule"] != NOT_ALLOWED].drop_duplicates(["device_id", "program"])
    stray = rest[rest["rule"] == NOT_ALLOWED].head(software_tables.TOP)
    late = (
        tables["products"].query("behind > 0").sort_values("behind", ascending=False, kind="stable")
    )
    late = late.head(software_tables.TOP)
    seats = tables["licenses"]
    missing, unused = seats[seats["difference"] > 0], seats[seats["difference"] < 0]
    position = (
        seats["product"] + ": " + grouped(seats["devices"]) + " devices, "
        + grouped(seats["seats"]) + " seats"
    )  # fmt: skip
    why = late["product"] + ": " + grouped(late["behind"]) + " of "
    why += grouped(late["judged"]) + " installs below the newest"
    lost = stray["product"] + ": on " + grouped(stray["devices"]) + " devices"
    return (
        to_do("fix now", "Remove the program", denied, why=denied["program"]),
        to_do("plan", "Bring the product to its newest version", late, why=why),
        to_do("plan", "Allow the product or remove it", stray, why=lost),
        to_do("plan", "Buy seats or remove the product", missing, why=position[missing.index]),
        to_do("watch", "Give back seats that nobody uses", unused, why=position[unused.index]),
        to_do("watch", "Find out why no software is reported", tables["not_reported"], why=""),
    )


def _notes(
    ask: Asked, told: Software, found: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> tuple[str, ...]:
    """What a reader should know about how things were counted."""
    notes = []
    here = told.on("counted", told.installs)
    for what, left in (
        ("on devices that are not eligible computers, counted for licenses only",
         len(told.on("asked", told.installs)) - len(here)),
        ("of system components, left out", len(here) - len(found)),
    ):  # fmt: skip
        if left:
            notes.append(f"Installs {what}: {left:,}.")
    late = int(found["state"].isin(["one_behind", "older"]).sum())
    if late > len(tables["behind"]):
        notes.append(
            f"The table behind names {len(tables['behind']):,} of {late:,} installs below the newest."
        )
    bad = int(tables["unauthorized_products"]["devices"].sum())
    if len(tables["unauthorized"]) == software_tables.MOST and bad > software_tables.MOST:
        notes.append(
            f"The table unauthorized names {software_tables.MOST:,} of at least {bad:,} installs."
        )
    if ask.settings.seats is not None:
        notes.append("Seats are held against the managed devices asked for, silent ones too.")
    return tuple(notes)
