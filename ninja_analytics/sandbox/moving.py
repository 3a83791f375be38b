"""Moves a fleet on in time, an hour at a time: the same hours, however they are put together.

Every hour has dice of its own, by the seed and its number since the sandbox began, and what happens
in it follows from them and from the fleet as it then is. The fleet that was is left as it is.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from ninja_analytics.sandbox import alerts, arriving, changing, contacting
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.happened import Event, Happened, happened
from ninja_analytics.sandbox.life import HOUR, First, copied, marked
from ninja_analytics.sandbox.times import DAY

_AWAY = 20 * DAY  # whoever has been silent so long comes back rarely


def moved(fleet: Fleet, hours: int) -> tuple[Fleet, list[Happened]]:
    """The fleet so many hours later, and what happened in each of them."""
    fleet = _own(fleet)
    if fleet.now == fleet.born:
        _begin(fleet)
    told = []
    for _ in range(hours):
        fleet, events = _hour(fleet)
        told.append(happened(events, living=len(marked(fleet.life, fleet.step - 1))))
    return fleet, told


def _own(fleet: Fleet) -> Fleet:
    """The same fleet with arrays of its own, which can be written on."""
    arrays: dict[str, Any] = {}
    for one in fields(fleet):
        value = getattr(fleet, one.name)
        if isinstance(value, np.ndarray):
            arrays[one.name] = value.copy()
    first = First(**{one.name: getattr(fleet.first, one.name).copy() for one in fields(First)})
    return replace(fleet, **arrays, first=first, life=copied(fleet.life))


def _begin(fleet: Fleet) -> None:
    """Write down what was only drawn until now and changes from now on."""
    life = fleet.life
    life.away[:] = fleet.offline & (fleet.now - fleet.last_contact > _AWAY)
    life.watched[:] = alerts.watched(fleet)
    for index, found in alerts.Alerts(fleet).by_device.items():
        for one in found:
            life.raised[index, alerts.CONDITIONS.index(one.condition)] = one.at
    changing.look_up_free(fleet)


def _hour(fleet: Fleet) -> tuple[Fleet, list[Event]]:
    """The fleet an hour later, and what happened."""
    step = fleet.step
    dice = np.random.default_rng((fleet.seed, 400, step))
    fleet = replace(fleet, now=fleet.born + (step + 1) * HOUR)
    contacting.contact(fleet, dice)
    events = contacting.reboot(fleet, dice)
    events += arriving.remove(fleet, dice)
    arriving.approve(fleet, dice)
    fleet, came = arriving.arrive(fleet, dice)
    events += came
    if (step + 1) % 24 == 0:
        changing.day(fleet, np.random.default_rng((fleet.seed, 401, step)))
    return fleet, events + alerts.change(fleet, dice)
