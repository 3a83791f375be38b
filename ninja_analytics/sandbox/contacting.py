"""Who is in contact from hour to hour, when devices tell of themselves, and when they restart."""

from __future__ import annotations

import numpy as np

from ninja_analytics.sandbox.draws import fractions
from ninja_analytics.sandbox.fleet import AGENT, APPROVED, ORPHAN, Fleet, Numbers, indexes
from ninja_analytics.sandbox.happened import REBOOTED, Event
from ninja_analytics.sandbox.life import HOUR, LEAVES, mark
from ninja_analytics.sandbox.times import DAY

_DESKS = indexes("WORKSTATION") + indexes("MAC")
_SERVERS = indexes("SERVER")
# Per hour: the share of those there that leave, of desks and of others, and of those gone that return.
_LEAVES, _LEAVES_RARELY = 0.0075, 0.001
_RETURNS, _RETURNS_RARELY = 0.026, 0.0006
_FOR_LONG = 0.02  # of those that leave
_REPORTS = 12  # hours between two collections of data
_LONG = 3 * DAY  # an absence that is remembered
# Per hour: how often a restart becomes due, and how often desks and servers restart.
_DESKS_DUE, _SERVERS_DUE = 0.0028, 0.0008
_DESKS_RESTART, _SERVERS_RESTART = 0.0055, 0.0006
_DUE_DESKS_RESTART, _DUE_SERVERS_RESTART = 0.016, 0.006


def contact(fleet: Fleet, dice: np.random.Generator) -> None:
    """Let devices come and go within the hour that ends now, and tell of themselves."""
    life, step, begin = fleet.life, fleet.step - 1, fleet.now - HOUR
    draw, for_long = dice.random(len(fleet)), dice.random(len(fleet)) < _FOR_LONG
    there = (fleet.status != ORPHAN) & ~fleet.offline
    gone = (fleet.status != ORPHAN) & fleet.offline
    desk = np.isin(fleet.kind, _DESKS)
    leaves = there & (draw < np.where(desk, _LEAVES, _LEAVES_RARELY))
    returns = gone & (draw < np.where(life.away, _RETURNS_RARELY, _RETURNS))
    for index in np.flatnonzero(returns & (begin - fleet.last_contact > _LONG)).tolist():
        absence = (float(fleet.last_contact[index]), begin)
        life.absences[index] = (*life.absences.get(index, ()), absence)
    moment = begin + HOUR * fractions(fleet.seed, LEAVES, fleet.identity, step)
    fleet.last_contact[leaves] = np.round(moment[leaves], 3)
    fleet.offline[leaves], life.away[leaves] = True, for_long[leaves]
    fleet.offline[returns], life.away[returns] = False, False
    online = (there & ~leaves) | returns
    seen = np.round(fleet.now - dice.uniform(5, 280, len(fleet)), 3)
    fleet.last_contact[online] = seen[online]
    told = returns | (online & ((step + fleet.identity) % _REPORTS == 0))
    at = np.round(fleet.now - dice.uniform(300, 1800, len(fleet)), 3)
    fleet.collected[told] = at[told]
    mark(life, step, online & AGENT[fleet.kind] & (fleet.status == APPROVED))


def reboot(fleet: Fleet, dice: np.random.Generator) -> list[Event]:
    """Let restarts become due, and devices restart within the hour that ends now."""
    draw, server = dice.random(len(fleet)), np.isin(fleet.kind, _SERVERS)
    due = dice.random(len(fleet)) < np.where(server, _SERVERS_DUE, _DESKS_DUE)
    at = np.round(fleet.now - dice.uniform(1900, 3500, len(fleet)), 3)
    there = fleet.agents & (fleet.software_rows > 0) & ~fleet.offline & (fleet.status == APPROVED)
    there &= fleet.created < fleet.now - HOUR
    restarts = there & (draw < _restarts(fleet, server))
    fleet.last_boot[restarts] = at[restarts]
    fleet.needs_reboot[restarts] = False
    fleet.needs_reboot[there & due & ~restarts] = True
    found = np.flatnonzero(restarts).tolist()
    return [Event(float(at[index]), REBOOTED, index) for index in found]


def _restarts(fleet: Fleet, server: Numbers) -> Numbers:
    """The share of devices of each kind that restart in an hour."""
    usual = np.where(server, _SERVERS_RESTART, _DESKS_RESTART)
    due = np.where(server, _DUE_SERVERS_RESTART, _DUE_DESKS_RESTART)
    return np.where(fleet.needs_reboot, due, usual)
