"""The answers about custom fields: queries in two shapes, with scopes, and one entity by its ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ninja_analytics.sandbox.definitions import scopes_of
from ninja_analytics.sandbox.field_values import (
    Value,
    inherited,
    of_device,
    of_end_user,
    of_location,
    of_organization,
    plain,
)
from ninja_analytics.sandbox.field_words import SCOPES
from ninja_analytics.sandbox.people import staff_email
from ninja_analytics.sandbox.times import parse_time, stamp

if TYPE_CHECKING:
    from ninja_analytics.sandbox.tenant import Tenant

Asked = Mapping[str, str]
Ids = tuple[str, ...]
Row = dict[str, Any]


def device_rows(tenant: Tenant, index: int, asked: Asked) -> list[Row]:
    """The row of queries/custom-fields of one device, if it has a field that is asked for."""
    values = _chosen(asked)(of_device(tenant.fleet, index))
    return [{"deviceId": int(tenant.fleet.ids[index]), "fields": plain(values)}] if values else []


def detailed_device_rows(tenant: Tenant, index: int, asked: Asked) -> list[Row]:
    """The row of queries/custom-fields-detailed of one device."""
    values = _chosen(asked)(of_device(tenant.fleet, index))
    if not values:
        return []
    number, old = int(tenant.fleet.ids[index]), tenant.switches.old_field_details
    head = {"deviceId": number} if old else {"entityId": number, "entityType": "NODE"}
    return [head | {"fields": _details(values, old=old)}]


def scoped_rows(tenant: Tenant, asked: Asked, *, detailed: bool) -> Iterator[Row]:
    """The rows of queries/scoped-custom-fields(-detailed): devices, then what they belong to."""
    chosen, letters = _chosen(asked), scopes_of(asked)
    old = tenant.switches.old_field_details
    return (
        {
            "scope": SCOPES[letter],
            "entityId": number,
            "fields": _details(values, old=old) if detailed else plain(values),
        }
        for letter, number, found in _entities(tenant, letters)
        if (values := chosen(found))
    )


def fields_of_device(tenant: Tenant, ids: Ids, asked: Asked) -> Row | None:
    """The fields of the device of this id."""
    index = tenant.index_of(ids[0])
    if index is None:
        return None
    values = of_device(tenant.fleet, index)
    if _inherits(asked):
        home = tenant.fleet.home(index)
        place = next(one for one in home.locations if one.id == tenant.fleet.location[index])
        values = inherited(values, of_location(tenant.fleet, place), "N")
        values = inherited(values, of_organization(tenant.fleet, home), "N")
    return plain(values)


def fields_of_organization(tenant: Tenant, ids: Ids, _asked: Asked) -> Row | None:
    """The fields of the organization of this id."""
    place = tenant.place_of(ids[0])
    if place is None:
        return None
    return plain(of_organization(tenant.fleet, tenant.fleet.organizations[place]))


def fields_of_location(tenant: Tenant, ids: Ids, asked: Asked) -> Row | None:
    """The fields of the location of this id, in the organization of that id."""
    place = tenant.place_of(ids[0])
    if place is None:
        return None
    home = tenant.fleet.organizations[place]
    found = next((one for one in home.locations if str(one.id) == ids[1]), None)
    if found is None:
        return None
    values = of_location(tenant.fleet, found)
    if _inherits(asked):
        values = inherited(values, of_organization(tenant.fleet, home), "L")
    return plain(values)


def fields_of_end_user(tenant: Tenant, ids: Ids, _asked: Asked) -> Row | None:
    """The fields of the end user of this id."""
    one = tenant.people.end_user(ids[0])
    return None if one is None else plain(of_end_user(tenant.fleet, one))


def _entities(tenant: Tenant, letters: set[str]) -> Iterator[tuple[str, int, list[Value]]]:
    """Every entity of these scopes: its scope, its id and its values."""
    fleet = tenant.fleet
    if "N" in letters:
        for index in tenant.devices("custom_fields", {}).tolist():
            yield "N", int(fleet.ids[index]), of_device(fleet, index)
    for one in fleet.organizations:
        if "L" in letters:
            yield from (("L", place.id, of_location(fleet, place)) for place in one.locations)
        if "O" in letters:
            yield "O", one.id, of_organization(fleet, one)
    if "E" in letters:
        for who in tenant.people.end_users():
            yield "E", who.id, of_end_user(fleet, who)


def _chosen(asked: Asked) -> Callable[[list[Value]], list[Value]]:
    """What picks the values that have the names and the age that are asked for."""
    names = {word.strip() for word in asked.get("fields", "").split(",") if word.strip()}
    after = parse_time(asked["updatedAfter"]) if asked.get("updatedAfter") else None

    def chosen(values: list[Value]) -> list[Value]:
        return [
            one
            for one in values
            if (not names or one.name in names) and (after is None or one.at > after)
        ]

    return chosen


def _details(values: list[Value], *, old: bool) -> list[Row]:
    """Each value with its past; *old* as instances have it that do not name a writer."""
    found: list[Row] = []
    for one in values:
        row: Row = {"name": one.name, "value": one.value}
        row["updated" if old else "updateTime"] = stamp(one.at)
        if not old:
            row["updatedBy"] = {"source": one.source}
            if one.user:
                user = {"id": one.user.id, "name": one.user.name, "email": staff_email(one.user)}
                row["updatedBy"]["user"] = {key: text for key, text in user.items() if text}
        found.append(row)
    return found


def _inherits(asked: Asked) -> bool:
    return asked.get("withInheritance", "").lower() == "true"
