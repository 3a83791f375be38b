"""The rows of organizations, locations, device roles and policies."""

from __future__ import annotations

from typing import Any

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.tenants import Location, Organization
from ninja_analytics.sandbox.times import DAY, stamp

_ROLES = {row[0]: row for row in vocabulary.ROLES}
_POLICIES = {row[0]: row for row in vocabulary.POLICIES}


def organization_row(organization: Organization) -> dict[str, Any]:
    """A row of /v2/organizations."""
    row: dict[str, Any] = {
        "id": organization.id,
        "name": organization.name,
        "nodeApprovalMode": organization.approval_mode,
    }
    if organization.description:
        row["description"] = organization.description
    if organization.id % 7 == 0:
        row["userData"] = {"contract": f"C-{organization.id:04d}"}
    return row


def location_row(location: Location, organization_id: int | None = None) -> dict[str, Any]:
    """A row of /v2/locations, or, without the organization, what a reference holds."""
    row: dict[str, Any] = {"id": location.id, "name": location.name}
    if location.address:
        row["address"] = location.address
    if location.id % 5 == 0:
        row["description"] = "Deliveries at the back"
    return row if organization_id is None else row | {"organizationId": organization_id}


def role_row(number: int, now: float) -> dict[str, Any]:
    """A row of /v2/roles."""
    _, name, node_class, custom, chassis, parent = _ROLES[number]
    row: dict[str, Any] = {
        "id": number,
        "name": name,
        "description": f"Role for {name.lower()}s",
        "nodeClass": node_class,
        "custom": custom,
        "chassisType": chassis,
        "created": stamp(now // DAY * DAY - (2000 - 9 * number) * DAY),
    }
    return row if parent is None else row | {"nodeRoleParentId": parent, "icon": "server"}


def policy_row(number: int, now: float) -> dict[str, Any]:
    """A row of /v2/policies."""
    _, name, node_class, default, parent = _POLICIES[number]
    row: dict[str, Any] = {
        "id": number,
        "name": name,
        "nodeClass": node_class,
        "nodeClassDefault": default,
        "updated": stamp(now // DAY * DAY - 3 * (number - 90) * DAY),
    }
    if default:
        row["description"] = f"Default for {node_class.replace('_', ' ').lower()}"
    return row if parent is None else row | {"parentPolicyId": parent}


def organization_detail(organization: Organization) -> dict[str, Any]:
    """A row of /v2/organizations-detailed: every role has the policy of its node class."""
    default = {row[2]: row[0] for row in vocabulary.POLICIES if row[3]}
    return organization_row(organization) | {
        "locations": [location_row(place) for place in organization.locations],
        "policies": [
            {"nodeRoleId": role[0], "policyId": default[role[2]]} for role in vocabulary.ROLES
        ],
        "settings": _settings(organization),
    }


def _settings(organization: Organization) -> dict[str, Any]:
    """Which features are on; an organization that never had one is silent about it."""
    number = organization.id
    found: dict[str, Any] = {
        "trayicon": {"product": "TRAYICON", "enabled": number % 4 != 0, "targets": ["WORKSTATION"]}
    }
    if number % 2:
        found["backup"] = {
            "product": "NINJA_BACKUP",
            "enabled": True,
            "targets": ["SERVER", *(["WORKSTATION"] if number % 3 == 0 else [])],
            "options": {"retention": {"days": 30}},
        }
    if number % 5 == 0:
        found["splashtop"] = {"product": "SPLASHTOP", "enabled": False, "targets": []}
        found["teamviewer"] = {"product": "TEAMVIEWER", "enabled": number % 10 == 0, "targets": []}
    if number % 3 == 0:
        found["psa"] = {"product": "PSA", "enabled": True, "options": {"board": {"id": number}}}
    return found


def organization_rows(fleet: Fleet) -> list[dict[str, Any]]:
    """All organizations, by id."""
    return [organization_row(one) for one in fleet.organizations]


def location_rows(fleet: Fleet) -> list[dict[str, Any]]:
    """All locations, by id."""
    return [location_row(place, one.id) for one in fleet.organizations for place in one.locations]


def locations_at(fleet: Fleet, place: int | None) -> list[dict[str, Any]] | None:
    """The locations of the organization at *place* of the fleet's; None where there is none."""
    if place is None:
        return None
    return [location_row(one) for one in fleet.organizations[place].locations]


def organization_details(fleet: Fleet) -> list[dict[str, Any]]:
    """All organizations in detail, by id."""
    return [organization_detail(one) for one in fleet.organizations]


def node_role_rows(fleet: Fleet, assignable: bool) -> list[dict[str, Any]]:
    """The device roles as /v2/noderole/list may have them; monitored targets have theirs for ever."""
    rows = [{**role_row(number, fleet.born), "isAssignable": number != 13} for number in _ROLES]
    return [row for row in rows if row["isAssignable"] or not assignable]


def role_rows(fleet: Fleet) -> list[dict[str, Any]]:
    """All device roles."""
    return [role_row(number, fleet.born) for number in _ROLES]


def policy_rows(fleet: Fleet) -> list[dict[str, Any]]:
    """All policies."""
    return [policy_row(number, fleet.born) for number in _POLICIES]
