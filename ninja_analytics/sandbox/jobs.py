"""The jobs that are under way now, as many as the health of each device counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ninja_analytics.sandbox.health import counts_of, shift_of
from ninja_analytics.sandbox.life import HOUR
from ninja_analytics.sandbox.times import stamp
from ninja_analytics.sandbox.vocabulary import TECHNICIANS

if TYPE_CHECKING:
    from ninja_analytics.sandbox.tenant import Tenant


class Kind(NamedTuple):
    """A kind of job: its family, what starts it, its name and message, and whether a person did."""

    type: str
    source: str
    name: str
    message: str
    by_person: bool


_KINDS = (
    Kind("PATCH_MANAGEMENT", "SCHEDULED_TASK", "OS patch installation", "Installing OS patches on {name}", False),
    Kind("SOFTWARE_PATCH_MANAGEMENT", "SCHEDULED_TASK", "Software patch scan", "Looking for software patches on {name}", False),
    Kind("SCRIPTING", "CONDITION_SCRIPT_RESULT", "Clear temporary files", "Run 'Clear temporary files' on {name}", True),
    Kind("SCHEDULED_TASK", "SCHEDULED_TASK", "Weekly inventory", "Scheduled task 'Weekly inventory' runs on {name}", False),
    Kind("SYSTEM", "RETRIEVE_AGENT_LOGS", "Agent logs", "Retrieving the logs of {name}", True),
    Kind("ACTION", "UI_MESSAGE_ACTION_REBOOT", "Restart", "Restart of {name}", True),
)  # fmt: skip
_STATES = ("START_REQUESTED", "STARTED", "IN_PROCESS", "IN_PROCESS", "WAITING_FOR_USER_RESPONSE")


def job_rows(tenant: Tenant, index: int) -> list[dict[str, Any]]:
    """The rows of /v2/jobs of one device."""
    fleet = tenant.fleet
    if not counts_of(fleet, index, tenant.patches.counts(index)[0]).jobs:
        return []
    shift = shift_of(fleet)
    dice = fleet.chance_of(index, 215, shift) if shift else fleet.chance(index, 215)
    kind = dice.choice(_KINDS)
    began = fleet.born + shift * 6 * HOUR  # with the shift, from which on it is there
    begun = max(began - dice.expovariate(1 / 1500), float(fleet.created[index]))
    row: dict[str, Any] = {
        "uid": fleet.uid(index, 215 + 1000 * shift),
        "deviceId": int(fleet.ids[index]),
        "jobType": kind.type,
        "jobStatus": dice.choice(_STATES),
        "sourceType": kind.source,
        "sourceName": kind.name,
        "subject": kind.name,
        "message": kind.message.format(name=fleet.system_name(index)),
        "createTime": stamp(begun),
        "updateTime": stamp(begun + (fleet.now - begun) * dice.random()),
        "data": {"message": {"code": kind.type.lower(), "params": {"start_date": int(begun * 1000)}}},
    }  # fmt: skip
    if kind.by_person:
        row["userId"] = dice.choice(TECHNICIANS)[0]
    if fleet.offline[index]:  # waits until the device comes back
        row["jobStatus"] = "START_REQUESTED"
    return [row]
