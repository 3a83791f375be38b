"""The activity log of 90 days: worked out a day at a time, never held as a whole.

While the sandbox moves on in time, hours follow the days that were there at first; what is noted of
each is only how many devices were there and what happened to them. What is older goes.

How many activities each day has is drawn once; what they are is drawn again, the same way, when
the day is asked for. Ids grow from day to day but within a day not strictly with time, as with
NinjaOne, where an activity gets its id when it arrives.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.alerts import (
    CONDITIONS,
    Alerts,
    Condition,
    condition_of,
    raised_at_first,
    series_mask,
    series_uid,
)
from ninja_analytics.sandbox.fleet import ORPHAN, Fleet, Numbers
from ninja_analytics.sandbox.happened import ALERTED, CREATED, DELETED, REBOOTED, Happened
from ninja_analytics.sandbox.life import HOUR, marked
from ninja_analytics.sandbox.times import DAY, stamp

DAYS = 90
FIRST_ID = 1_200_000
HOURS = DAYS * 24
_KEPT_DAYS = 6
_KEPT_HOURS = 72
_PER_DEVICE_AND_DAY = 6.5
_ALERT_SERIES = 1 << 40  # series of active alerts are numbered from here


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of activity: its share of the log, its codes, and what follows it within hours."""

    share: float
    type: str
    code: str
    status: str
    message: str
    follow: int = -1
    severity: str | None = None
    source: str | None = None
    by_user: bool = False
    fails: float | None = None


KINDS = (
    Kind(0.13, "PATCH_MANAGEMENT", "PATCH_MANAGEMENT_SCAN_STARTED", "OS patch scan started", "OS patch scan started on {name}", 1),
    Kind(0.0, "PATCH_MANAGEMENT", "PATCH_MANAGEMENT_SCAN_COMPLETED", "OS patch scan completed", "OS patch scan completed on {name}", fails=0.02),
    Kind(0.06, "CONDITION", "TRIGGERED", "Triggered", "Condition '{source}' triggered on {name}", 3, "MODERATE", "Disk free space"),
    Kind(0.0, "CONDITION", "RESET", "Reset", "Condition '{source}' reset on {name}", -1, "MODERATE", "Disk free space"),
    Kind(0.05, "CONDITION", "TRIGGERED", "Triggered", "Condition '{source}' triggered on {name}", 5, "CRITICAL", "Device offline"),
    Kind(0.0, "CONDITION", "RESET", "Reset", "Condition '{source}' reset on {name}", -1, "CRITICAL", "Device offline"),
    Kind(0.04, "CONDITION", "TRIGGERED", "Triggered", "Condition '{source}' triggered on {name}", 7, "MINOR", "High CPU"),
    Kind(0.0, "CONDITION", "RESET", "Reset", "Condition '{source}' reset on {name}", -1, "MINOR", "High CPU"),
    Kind(0.08, "ACTION", "START_REQUESTED", "Start requested", "Run '{source}' on {name}", 9, None, "Clear temporary files"),
    Kind(0.0, "ACTION", "COMPLETED", "Completed", "Action completed: Run '{source}' on {name}", -1, None, "Clear temporary files", fails=0.07),
    Kind(0.05, "SCHEDULED_TASK", "STARTED", "Started", "Scheduled task '{source}' started on {name}", 11, None, "Weekly inventory"),
    Kind(0.0, "SCHEDULED_TASK", "COMPLETED", "Completed", "Scheduled task '{source}' completed on {name}", -1, None, "Weekly inventory", fails=0.03),
    Kind(0.07, "MONITOR", "USER_LOGGED_IN", "User logged in", "User '{person}' logged in on {name}", 13),
    Kind(0.0, "MONITOR", "USER_LOGGED_OUT", "User logged out", "User '{person}' logged out of {name}"),
    Kind(0.07, "MONITOR", "SOFTWARE_UPDATED", "Software updated", "Software 'Google Chrome' updated on {name}"),
    Kind(0.02, "MONITOR", "SOFTWARE_ADDED", "Software added", "Software 'Zoom Workplace (64-bit)' added on {name}"),
    Kind(0.01, "MONITOR", "SOFTWARE_REMOVED", "Software removed", "Software 'Mozilla Firefox' removed from {name}"),
    Kind(0.03, "MONITOR", "SYSTEM_REBOOTED", "System rebooted", "{name} was restarted"),
    Kind(0.025, "PATCH_MANAGEMENT", "PATCH_MANAGEMENT_INSTALLED", "OS patch installed", "OS patch installed on {name}", fails=0.0),
    Kind(0.004, "PATCH_MANAGEMENT", "PATCH_MANAGEMENT_INSTALL_FAILED", "OS patch not installed", "OS patch could not be installed on {name}", fails=1.0),
    Kind(0.02, "NINJA_REMOTE", "RDP_CONNECTION_INITIATED", "Connection initiated", "{person} connected to {name}", by_user=True),
    Kind(0.008, "SYSTEM", "APP_USER_LOGGED_IN", "App user logged in", "Technician '{person}' logged in", by_user=True),
    Kind(0.002, "SYSTEM", "APP_USER_AUDIT_FAILED_LOGIN", "Failed login", "Failed login of technician '{person}'", by_user=True),
    Kind(0.002, "SYSTEM", "POLICY_UPDATED", "Policy updated", "Policy 'Windows Workstation' updated by '{person}'", by_user=True),
    Kind(0.0, "SYSTEM", "NODE_CREATED", "Device added", "Device {name} added"),
    Kind(0.0, "SYSTEM", "NODE_DELETED", "Device deleted", "Device {name} deleted by '{person}'", by_user=True),
    Kind(0.0, "CONDITION", "TRIGGERED", "Triggered", "Condition '{source}' triggered on {name}"),
    Kind(0.0, "CONDITION", "RESET", "Reset", "Condition '{source}' reset on {name}"),
)  # fmt: skip
_WITHOUT_DEVICE = np.array([kind.code.startswith(("APP_USER", "POLICY")) for kind in KINDS])
_BY_USER = np.array([kind.by_user for kind in KINDS])
_FOLLOW = np.array([kind.follow for kind in KINDS])
# More happens while people work: the hours of a day in UTC.
_HOURS = np.array([2, 2, 2, 2, 2, 3, 4, 7, 9, 9, 8, 8, 7, 8, 9, 9, 8, 7, 5, 4, 3, 3, 2, 2], float)


@dataclass(frozen=True, slots=True)
class Day:
    """The activities of one day, by ascending id, as columns; device -1 is none."""

    ids: Numbers
    at: Numbers
    kind: Numbers
    device: Numbers
    series: Numbers
    user: Numbers


class Activities:
    """The activity log of a fleet."""

    def __init__(self, fleet: Fleet, alerts: Alerts) -> None:
        self._born = self._fleet = fleet
        self._alerts = [alert for found in alerts.by_device.values() for alert in found]
        self._by_uid = {alert.uid: n for n, alert in enumerate(self._alerts)}
        self._places = {
            (alert.device, CONDITIONS.index(alert.condition)): n
            for n, alert in enumerate(self._alerts)
        }
        self._mask = series_mask(fleet.seed)
        self._technicians = dict(vocabulary.TECHNICIANS)
        self._start = fleet.now - DAYS * DAY
        self._single = self._singles()
        self._drawn = self._draw_counts()
        counts = self._drawn * (1 + (_FOLLOW >= 0))
        total = counts.sum(axis=1) + np.bincount(self._single[0], minlength=DAYS)[:DAYS]
        self._first = np.concatenate([[0], np.cumsum(total)]) + FIRST_ID
        self._days: OrderedDict[int, Day] = OrderedDict()
        self._hours: deque[tuple[int, Happened]] = deque(maxlen=HOURS)
        self._next = int(self._first[-1])

    def move(self, fleet: Fleet, hours: list[Happened]) -> None:
        """Go on with what happened in these hours, which led to *fleet*."""
        step = self._fleet.step
        self._fleet = fleet
        self._days.clear()
        for number, happened in enumerate(hours, step):
            self._hours.append((self._next, self._among_those_of_the_start(happened)))
            counts = self._counts(number, happened.living)
            self._next += int((counts * (1 + (_FOLLOW >= 0))).sum()) + len(happened.at)

    def _among_those_of_the_start(self, happened: Happened) -> Happened:
        """The same events; what is about alerts of the start has their series."""
        series = happened.series.copy()
        for place, number in enumerate(series.tolist()):
            if found := raised_at_first(number):
                series[place] = _ALERT_SERIES + self._places[found]
        return replace(happened, series=series)

    @property
    def newest_id(self) -> int:
        """The newest id in the tenant, whatever is asked for."""
        return self._next - 1

    def day(self, number: int) -> Day:
        """The activities of a day, by number, or of an hour: these follow the days of the start."""
        if number not in self._days:
            early = number < DAYS
            self._days[number] = self._make(number) if early else self._make_hour(number - DAYS)
            if len(self._days) > (_KEPT_DAYS if early else _KEPT_HOURS):
                self._days.popitem(last=False)
        return self._days[number]

    def ids_of(self, number: int) -> tuple[int, int]:
        """The first and the last id of a day; the last is less than the first if it is empty."""
        if number < DAYS:
            return int(self._first[number]), int(self._first[number + 1]) - 1
        place = number - DAYS - self._forgotten
        last = place == len(self._hours) - 1
        end = self._next if last else self._hours[place + 1][0]
        return self._hours[place][0], end - 1

    def days_between(self, after: float, before: float) -> range:
        """The days and hours that can have activities between two times."""
        first, last = self._number_at(after), self._number_at(before)
        return range(max(first, self.oldest), min(last, DAYS + self._fleet.step - 1) + 1)

    @property
    def oldest(self) -> int:
        """The number of the oldest day or hour that is still in the log."""
        step = self._fleet.step
        return DAYS + self._forgotten if step > HOURS else step // 24

    @property
    def _forgotten(self) -> int:
        """How many hours after the start are too long ago to be in the log."""
        return self._fleet.step - len(self._hours)

    def _number_at(self, moment: float) -> int:
        since = moment - self._born.now
        return int((moment - self._start) // DAY) if since < 0 else DAYS + int(since // HOUR)

    def series_of(self, uid: str) -> int | None:
        """The number of the series with this identifier, or None if it is none of ours."""
        if uid in self._by_uid:
            return _ALERT_SERIES + self._by_uid[uid]
        try:
            number = uuid.UUID(uid).int ^ self._mask
        except ValueError:
            return None
        return number & 0xFFFFFFFFFFFF if number >> 48 == 0 else None

    def row(self, day: Day, place: int) -> dict[str, Any]:
        """A row of /v2/activities."""
        kind, device = KINDS[day.kind[place]], int(day.device[place])
        activity = int(day.ids[place])
        source, severity = kind.source, kind.severity
        series = int(day.series[place])
        if condition := self._condition(series):
            source, severity = condition.name, condition.severity
        name = self._fleet.system_name(device) if device >= 0 else ""
        person = self._person(day, place, kind)
        message = kind.message.format(name=name, source=source, person=person)
        row = {
            "id": activity,
            "activityTime": stamp(day.at[place]),
            "deviceId": int(self._fleet.ids[device]) if device >= 0 else None,
            "severity": severity,
            "priority": {"CRITICAL": "HIGH", "MODERATE": "MEDIUM"}.get(severity or ""),
            "seriesUid": self._series_uid(series) if series else None,
            "activityType": kind.type,
            "statusCode": kind.code,
            "status": kind.status,
            "activityResult": _result(kind, activity),
            "sourceName": source,
            "subject": source or kind.status,
            "userId": int(day.user[place]) or None,
            "message": message,
            "type": kind.type.replace("_", " ").capitalize(),
            "data": {"message": {"code": kind.code.lower(), "params": {"device": name}}},
        }
        return {key: value for key, value in row.items() if value is not None}

    def _condition(self, series: int) -> Condition | None:
        """The condition of the alert of a series, if it is one of an alert."""
        if later := condition_of(series):
            return later
        return self._alerts[series - _ALERT_SERIES].condition if series >= _ALERT_SERIES else None

    def _series_uid(self, series: int) -> str:
        if series >= _ALERT_SERIES and not condition_of(series):
            return self._alerts[series - _ALERT_SERIES].uid
        return series_uid(self._fleet.seed, series)

    def _person(self, day: Day, place: int, kind: Kind) -> str:
        if kind.by_user:
            return self._technicians[int(day.user[place])]
        # Whoever logs in also logs out: the name follows the series.
        number = int(day.series[place]) or int(day.ids[place])
        first = vocabulary.FIRST_NAMES[number % len(vocabulary.FIRST_NAMES)]
        return f"{first[0]}.{vocabulary.LAST_NAMES[number // 7 % len(vocabulary.LAST_NAMES)]}"

    def _singles(self) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
        """What the rest of the fleet proves to have happened: day, time, kind, device, series."""
        fleet = self._born
        made = np.flatnonzero(fleet.created > self._start)
        lost = np.flatnonzero((fleet.status == ORPHAN) & (fleet.last_contact + DAY < fleet.now))
        lost = lost[fleet.last_contact[lost] + DAY > self._start]
        fired = [n for n, alert in enumerate(self._alerts) if alert.at > self._start]
        at = np.concatenate(
            [
                fleet.created[made],
                fleet.last_contact[lost] + DAY,
                [self._alerts[n].at for n in fired],
            ]
        )
        kind = np.repeat([CREATED, DELETED, ALERTED], [len(made), len(lost), len(fired)])
        device = np.concatenate([made, lost, [self._alerts[n].device for n in fired]]).astype(int)
        series = np.zeros(len(at), dtype=np.int64)
        series[len(at) - len(fired) :] = _ALERT_SERIES + np.array(fired, dtype=np.int64)
        number = np.clip((at - self._start) // DAY, 0, DAYS - 1).astype(int)
        return number, at, kind, device, series

    def _draw_counts(self) -> Numbers:
        """How many activities of each kind start on each day; weekends are quiet."""
        dice = np.random.default_rng((self._born.seed, 91))
        weekday = ((np.arange(DAYS) + self._start // DAY + 4) % 7).astype(int)
        busy = np.where((weekday == 0) | (weekday == 6), 0.45, 1.15) * dice.lognormal(0, 0.08, DAYS)
        living = [len(self._living(number)) for number in range(DAYS)]
        share = np.array([kind.share for kind in KINDS])
        mean = np.outer(busy * living, share / (share * (1 + (_FOLLOW >= 0))).sum())
        mean[np.array(living) == 0] = 0
        return dice.poisson(mean * _PER_DEVICE_AND_DAY)

    def _living(self, number: int) -> Numbers:
        """The devices that were there and in contact for all of a day."""
        fleet, begin = self._born, self._start + number * DAY
        there = (fleet.created <= begin) & (fleet.last_contact >= min(begin + DAY, fleet.now - 600))
        return np.flatnonzero(there & fleet.agents)

    def _make(self, number: int) -> Day:
        dice = np.random.default_rng((self._fleet.seed, 92, number))
        living = self._living(number)
        kind = np.repeat(np.arange(len(KINDS)), self._drawn[number])
        device = dice.choice(living, len(kind)) if len(kind) else np.zeros(0, dtype=int)
        hour = dice.choice(24, len(kind), p=_HOURS / _HOURS.sum())
        at = self._at_hour(number, hour + dice.random(len(kind)))
        series = (number + 1) * 10_000_000 + np.arange(1, len(kind) + 1)
        single = tuple(column[self._single[0] == number] for column in self._single[1:])
        end = self._start + (number + 1) * DAY - 60
        first = int(self._first[number])
        return self._day(first, end, dice, kind, device, at, series, single)

    @staticmethod
    def _day(
        first: int,
        end: float,
        dice: np.random.Generator,
        kind: Numbers,
        device: Numbers,
        at: Numbers,
        series: Numbers,
        single: tuple[Numbers, ...],
    ) -> Day:
        """A day or an hour with what follows what was drawn, and with single events."""
        user = dice.choice([number for number, _ in vocabulary.TECHNICIANS], len(kind))
        followed = _FOLLOW[kind] >= 0
        later = at + (end - at) * dice.beta(1, 6, len(kind))
        at = np.concatenate([at, later[followed], single[0]])
        series = np.where(followed | np.isin(kind, _FOLLOW), series, 0)
        series = np.concatenate([series, series[followed], single[3]])
        device = np.concatenate([device, device[followed], single[2]])
        user = np.concatenate([user, user[followed], np.full(len(single[0]), 3)])
        kind = np.concatenate([kind, _FOLLOW[kind[followed]], single[1]])
        order = np.argsort(at + dice.exponential(25, len(at)), kind="stable")
        device = np.where(_WITHOUT_DEVICE[kind], -1, device)
        user = np.where(_BY_USER[kind], user, 0)
        ids = first + np.arange(len(at))
        return Day(
            ids, np.round(at, 3)[order], kind[order], device[order], series[order], user[order]
        )

    def _counts(self, step: int, living: int) -> Numbers:
        """How many activities of each kind start in an hour after the start."""
        dice = np.random.default_rng((self._born.seed, 93, step))
        begin = self._born.now + step * HOUR
        weekday, hour = int(begin // DAY + 4) % 7, int(begin % DAY // HOUR)
        busy = (0.45 if weekday in (0, 6) else 1.15) * _HOURS[hour] / _HOURS.sum()
        share = np.array([kind.share for kind in KINDS])
        mean = share / (share * (1 + (_FOLLOW >= 0))).sum() * busy * living * _PER_DEVICE_AND_DAY
        mean[REBOOTED] = 0  # those are known
        drawn: Numbers = dice.poisson(mean)
        return drawn

    def _make_hour(self, step: int) -> Day:
        first, happened = self._hours[step - self._forgotten]
        dice = np.random.default_rng((self._born.seed, 94, step))
        kind = np.repeat(np.arange(len(KINDS)), self._counts(step, happened.living))
        living = marked(self._fleet.life, step)
        device = dice.choice(living, len(kind)) if len(kind) else np.zeros(0, dtype=int)
        begin = self._born.now + step * HOUR
        at = begin + HOUR * dice.uniform(0.001, 0.98, len(kind))
        series = (DAYS + step + 1) * 10_000_000 + np.arange(1, len(kind) + 1)
        return self._day(
            first, begin + HOUR, dice, kind, device, at, series,
            (happened.at, happened.kind, happened.device, happened.series),
        )  # fmt: skip

    def _at_hour(self, number: int, hour: Numbers) -> Numbers:
        """Times on a day (which begins at the hour of now) whose hours of the clock are given."""
        begin = self._start + number * DAY
        return begin + (hour * 3600 - begin % DAY) % DAY * (1 - 120 / DAY)


def _result(kind: Kind, activity: int) -> str | None:
    if kind.fails is None:
        return None
    return "FAILURE" if activity * 2_654_435_761 % 1000 < kind.fails * 1000 else "SUCCESS"
