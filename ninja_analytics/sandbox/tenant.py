"""One tenant: the rows of every table, encoded, for the parameters of a request."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from ninja_analytics import catalog
from ninja_analytics.sandbox import backup_filters, backups, machines
from ninja_analytics.sandbox.activities import KINDS, Activities, Day
from ninja_analytics.sandbox.alerts import Alerts
from ninja_analytics.sandbox.collections import OF, PER_DEVICE, WHOLE
from ninja_analytics.sandbox.device_filter import select
from ninja_analytics.sandbox.fleet import APPROVED, ORPHAN, PENDING, Fleet, Numbers
from ninja_analytics.sandbox.moving import moved
from ninja_analytics.sandbox.patches import Patches
from ninja_analytics.sandbox.people import People
from ninja_analytics.sandbox.software import Software
from ninja_analytics.sandbox.software_patches import SoftwarePatches
from ninja_analytics.sandbox.switches import Switches
from ninja_analytics.sandbox.times import parse_time

Parameters = Mapping[str, str]
Row = dict[str, Any]

# A parameter that asks for one word, and the field that must have it.
_WORDS = {
    "status": "status",
    "type": "type",
    "severity": "severity",
    "health": "healthStatus",
    "productState": "productState",
    "productName": "productName",
    "sourceType": "sourceType",
    "jobType": "jobType",
    "impact": "impact",
    "productIdentifier": "productIdentifier",
    "name": "name",
    "state": "state",
}
# A parameter that is a time, the field that it bounds, and whether from below.
_TIMES = {
    "ts": ("timestamp", True),
    "installedAfter": ("installedAt", True),
    "installedBefore": ("installedAt", False),
}
_WINDOWS = ("installedAfter", "installedBefore", "after", "before", "newerThan")
_AT_ONCE = 500  # rows that are made together
_ROWS_KEPT = 150_000  # rows of devices that are kept, encoded, so that a pull waits for none again

# The lists of devices themselves, which know nothing of those that were removed; and what else does not.
_LISTS = ("devices", "devices_detailed")
_OF_THOSE_THERE = (*_LISTS, "alerts", "backup_usage", "device_health", "jobs", "policy_overrides")
_BACKUPS = ("backup_jobs", "integrity_check_jobs")


class Tenant:
    """A fleet with all its details; `switches` say how rows are written.

    `first` is the fleet when the sandbox began. Tickets, documents, licenses and the like tell of that.
    """

    def __init__(self, fleet: Fleet, switches: Switches) -> None:
        self.first: Fleet = fleet
        self.fleet: Fleet = fleet
        self.switches: Switches = switches
        self.alerts: Alerts = Alerts(fleet)
        self.patches: Patches = Patches(fleet)
        self.software: Software = Software(fleet)
        self.software_patches: SoftwarePatches = SoftwarePatches(fleet, self.software, self.patches)
        self.activities: Activities = Activities(fleet, self.alerts)
        self.people: People = People(fleet)
        self._rows: dict[tuple[str, int], bytes] = {}

    def advance(self, hours: int) -> None:
        """Move on in time: the fleet as it is so many hours later, and all that follows from it."""
        self.fleet, happened = moved(self.fleet, hours)
        self.alerts = Alerts(self.fleet)
        self.patches = Patches(self.fleet)
        self.software.move(self.fleet)
        self.software_patches = SoftwarePatches(self.fleet, self.software, self.patches)
        self.activities.move(self.fleet, happened)
        self.people = People(self.fleet)
        self._rows.clear()

    def chunks(self, table: str, asked: Parameters) -> Iterator[list[bytes]]:
        """All rows of a table that *asked* lets pass, some at a time; ValueError for a bad time."""
        if table in WHOLE:
            return self._whole_chunks(table, WHOLE[table](self, asked))
        if table == "activities":
            return self._activity_chunks(asked)
        devices = self.devices(table, asked)
        if table == "software":
            return self._software_chunks(devices, asked)
        return self._device_chunks(table, devices, asked)

    def of(self, table: str, ids: tuple[str, ...], asked: Parameters) -> Any:
        """What *table* has of these ids: rows, one row, or what else it answers; None for nothing."""
        return OF[table](self, ids, asked)

    def index_of(self, device_id: str) -> int | None:
        """The index of the device of this id, as the path has it; None if there is none to see."""
        if not device_id.isdecimal():
            return None
        found = np.flatnonzero(self.fleet.ids == int(device_id))
        seen = len(found) > 0 and self.fleet.status[found[0]] != ORPHAN
        return int(found[0]) if seen else None

    def place_of(self, organization_id: str) -> int | None:
        """Where in the fleet's organizations the one of this id is; None if there is none."""
        ids = [str(one.id) for one in self.fleet.organizations]
        return ids.index(organization_id) if organization_id in ids else None

    def devices_at(self, organization_id: str, asked: Parameters) -> list[Row] | None:
        """The rows of an organization's devices after the one asked for, as many as a page takes."""
        place = self.place_of(organization_id)
        if place is None:
            return None
        fleet, after = self.fleet, _number(asked, "after")
        here = (fleet.organization == place) & (fleet.status == APPROVED)
        found = np.flatnonzero(here & (fleet.ids > (-1 if after is None else after)))
        size = asked.get("pageSize", "")
        found = found[: int(size)] if size.isdecimal() else found
        return [machines.device_row(fleet, index) for index in found.tolist()]

    def devices(self, table: str, asked: Parameters) -> Numbers:
        """The indexes of the devices whose rows *asked* may have."""
        ignore = self.switches.unknown_filter == "ignore"
        if table in _BACKUPS:
            return backup_filters.devices(self.fleet, asked, ignore_unknown=ignore)
        deleted_too = asked.get("includeDeletedDevices", "").lower() == "true"
        found = select(
            self.fleet,
            asked.get("df") if self._obeys(table) else None,
            orphans=table not in _OF_THOSE_THERE or deleted_too,
            class_counts=self.switches.class_in_patch_filter
            or not catalog.TABLES[table].filter_ignores,
            ignore_unknown=ignore,
        )
        hidden = (ORPHAN,) if table in _LISTS else (PENDING,)
        return found[~np.isin(self.fleet.status[found], hidden)] if len(found) else found

    def _obeys(self, table: str) -> bool:
        return catalog.TABLES[table].device_filter and self.switches.device_filter == "obey"

    def rows_of(self, table: str, index: int, asked: Parameters) -> list[Row]:
        """The rows of one device that *asked* lets pass, of a table that is made by device."""
        passes = self._test(table, asked)
        return [row for row in PER_DEVICE[table](self, index, asked) if passes(row)]

    def device_rows(self, table: str, devices: Iterable[int], asked: Parameters) -> list[bytes]:
        """The rows of /v2/devices or /v2/devices-detailed of these devices."""
        expand = frozenset(asked.get("expand", "").split(",")) - {""}
        if expand or self.switches.explicit_nulls:
            made = [self._device_row(table, index, expand) for index in devices]
            return self.encode(table, made)
        return [self._plain_row(table, index) for index in devices]

    def _plain_row(self, table: str, index: int) -> bytes:
        """The row of one device as it is mostly asked for; it never changes, so it is kept."""
        row = self._rows.get((table, index))
        if row is None:
            row = _encode(self._device_row(table, index, frozenset()))
            if len(self._rows) < _ROWS_KEPT:
                self._rows[table, index] = row
        return row

    def _device_row(self, table: str, index: int, expand: frozenset[str]) -> Row:
        make = machines.detailed_row if table == "devices_detailed" else machines.device_row
        row = make(self.fleet, index, expand=expand)
        if "backupUsage" in expand:
            row.setdefault("references", {})["backupUsage"] = backups.usage(self.fleet, index)
        return row

    def encode(self, table: str, rows: Iterable[Row]) -> list[bytes]:
        """Each row as a JSON object."""
        if self.switches.explicit_nulls:
            fields = (column.field.split(".")[0] for column in catalog.TABLES[table].columns)
            empty = dict.fromkeys(field for field in fields if not field.startswith("@"))
            rows = [empty | row for row in rows]
        return [_encode(row) for row in rows]

    def recent(self, asked: Parameters) -> Iterator[tuple[Day, int]]:
        """The activities that *asked* lets pass, newest id first, as days and places in them."""
        asked = self._in_time(asked)
        after, before = _bounds(asked, "after", "before")
        older, newer = _number(asked, "olderThan"), _number(asked, "newerThan")
        if late := self.switches.late_activities:
            arrived = self.activities.newest_id + 1 - late
            older = arrived if older is None else min(older, arrived)
        devices = self.devices("activities", asked) if asked.get("df") else None
        for number in reversed(self.activities.days_between(after, before)):
            if number < self.activities.oldest:
                return  # the sandbox moved on meanwhile
            first, last = self.activities.ids_of(number)
            if (older is not None and first >= older) or (newer is not None and last <= newer):
                continue
            day = self.activities.day(number)
            keep = (day.at > after) & (day.at < before) & self._asked_for(day, asked)
            if older is not None:
                keep &= day.ids < older
            if newer is not None:
                keep &= day.ids > newer
            if devices is not None:
                keep &= np.isin(day.device, devices)
            yield from zip(itertools.repeat(day), np.flatnonzero(keep)[::-1].tolist(), strict=False)

    def activity_rows(self, found: Iterable[tuple[Day, int]]) -> list[bytes]:
        """The rows of these activities."""
        rows = [self.activities.row(day, place) for day, place in found]
        return self.encode("activities", rows)

    def _asked_for(self, day: Day, asked: Parameters) -> Numbers:
        """Which activities of a day have the class, type, status, user and series asked for."""
        keep = np.ones(len(day.ids), dtype=bool)
        for parameter, attribute in (("type", "type"), ("status", "code")):
            if asked.get(parameter):
                words = asked[parameter].upper().split(",")
                kinds = [n for n, kind in enumerate(KINDS) if getattr(kind, attribute) in words]
                keep &= np.isin(day.kind, kinds)
        if asked.get("user"):
            users = [int(word) for word in asked["user"].split(",") if word.strip().isdigit()]
            keep &= np.isin(day.user, users) & (day.user > 0)
        if asked.get("seriesUid"):
            series = self.activities.series_of(asked["seriesUid"])
            keep &= (day.series == series) & (day.series > 0)
        group = asked.get("class", "ALL")
        if group != "ALL":
            keep &= _of_class(day, group)
        return keep

    def _activity_chunks(self, asked: Parameters) -> Iterator[list[bytes]]:
        found = self.recent(asked)
        while batch := list(itertools.islice(found, 1000)):
            yield self.activity_rows(batch)

    def _software_chunks(self, devices: Numbers, asked: Parameters) -> Iterator[list[bytes]]:
        wanted = None
        if asked.get("installedAfter") or asked.get("installedBefore"):
            low, high = _bounds(asked, "installedAfter", "installedBefore")

            def wanted(day: Numbers) -> Numbers:  # what has no day is not wanted
                found: Numbers = (day > low) & (day < high)
                return found

        return self.software.chunks(
            devices,
            nulls=self.switches.explicit_nulls,
            iso=self.switches.iso_install_dates,
            wanted=wanted,
        )

    def _whole_chunks(self, table: str, rows: Iterable[Row]) -> Iterator[list[bytes]]:
        """The rows of the whole tenant, some at a time, so that they are never all there."""
        rest = iter(rows)
        while batch := list(itertools.islice(rest, _AT_ONCE)):
            yield self.encode(table, batch)

    def _device_chunks(
        self, table: str, devices: Numbers, asked: Parameters
    ) -> Iterator[list[bytes]]:
        """The rows of the tables that are made a device at a time."""
        passes = self._test(
            table, asked
        )  # at once, so that a bad time is refused with the first page
        return self._made(table, devices, asked, passes)

    def _made(
        self, table: str, devices: Numbers, asked: Parameters, passes: Callable[[Row], bool]
    ) -> Iterator[list[bytes]]:
        if table in _LISTS:
            for start in range(0, len(devices), _AT_ONCE):
                yield self.device_rows(table, devices[start : start + _AT_ONCE].tolist(), asked)
            return
        for index in devices.tolist():
            rows = [row for row in PER_DEVICE[table](self, index, asked) if passes(row)]
            if rows:
                yield self.encode(table, rows)

    def _in_time(self, asked: Parameters) -> Parameters:
        """*asked* without its bounds in time, if these are to be passed over."""
        if self.switches.windows == "obey":
            return asked
        return {name: value for name, value in asked.items() if name not in _WINDOWS}

    def _test(self, table: str, asked: Parameters) -> Callable[[Row], bool]:
        """Whether a row has what is asked for by the parameters of its table."""
        asked = self._in_time(asked)
        known = {parameter.api for parameter in catalog.TABLES[table].parameters}
        tests = [_fields_test({name: asked[name] for name in known & set(asked)})]
        if table in _BACKUPS:
            ignore = self.switches.unknown_filter == "ignore"
            tests += backup_filters.tests(asked, ignore_unknown=ignore)
        return lambda row: all(test(row) for test in tests)


_encode = msgspec.json.Encoder().encode


def _fields_test(asked: Parameters) -> Callable[[Row], bool]:
    """Whether a row has what is asked for; a row without the field has it not."""
    words = {field: asked[name].upper() for name, field in _WORDS.items() if asked.get(name)}
    times = [
        (field, parse_time(asked[name]), from_below)
        for name, (field, from_below) in _TIMES.items()
        if asked.get(name)
    ]

    def passes(row: Row) -> bool:
        if any(str(row.get(field, "")).upper() != word for field, word in words.items()):
            return False
        return all(
            field in row and (float(bytes(row[field])) >= bound) == from_below
            for field, bound, from_below in times
        )

    return passes


def _bounds(asked: Parameters, after: str, before: str) -> tuple[float, float]:
    low = parse_time(asked[after]) if asked.get(after) else -1e18
    return low, parse_time(asked[before]) if asked.get(before) else 1e18


def _number(asked: Parameters, name: str) -> int | None:
    return int(asked[name]) if asked.get(name) else None


def _of_class(day: Day, group: str) -> Numbers:
    if group == "DEVICE":
        return np.asarray(day.device >= 0)
    if group == "USER":
        return np.asarray(day.user > 0)
    return np.asarray((day.device < 0) | np.isin(day.kind, _SYSTEM))


_SYSTEM = [n for n, kind in enumerate(KINDS) if kind.type == "SYSTEM"]
