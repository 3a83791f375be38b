"""Software licenses and billing; where the specification is silent, what a row holds is a guess."""

from __future__ import annotations

from typing import Any

import numpy as np

from ninja_analytics.sandbox.asked import Row, number_of
from ninja_analytics.sandbox.fleet import APPROVED, Fleet
from ninja_analytics.sandbox.tickets import ticket_ids
from ninja_analytics.sandbox.times import DAY, day_text, months_back, stamp
from ninja_analytics.sandbox.writings import LICENSES, PRODUCTS

_MONTHS = 3


def license_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/software-license/licenses; as many are in use as are assigned."""
    return [_license(fleet, *row) for row in LICENSES]


def assignment_rows(fleet: Fleet, license_id: str) -> list[Row] | None:
    """The devices that have a license; None if there is no such license."""
    uses = {row[0]: row[6] for row in LICENSES}
    number = number_of(license_id)
    if number not in uses:
        return None
    return [_licensee(fleet, index) for index in _licensees(fleet, number, uses[number])]


def account_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/billing/accounts: one of every organization that has devices."""
    return [
        {"id": home.id * 10, "name": home.name, "organizationId": home.id, "currency": "USD"}
        for home in fleet.organizations
        if home.devices
    ]


def agreement_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/billing/agreements: one of every account, which has ended for some."""
    return [
        {
            "id": account["id"] + 1,
            "name": f"{account['name']}, managed service",
            "accountId": account["id"],
            "status": "INACTIVE" if account["organizationId"] % 9 == 0 else "ACTIVE",
            "startDate": day_text(fleet.now - (account["id"] % 900 + 100) * DAY),
            "products": [product_id for product_id, *_ in PRODUCTS[:3]],
        }
        for account in account_rows(fleet)
    ]


def invoice_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/billing/invoices: one of every active agreement and month, newest first."""
    sizes = {home.id * 10: home.devices for home in fleet.organizations}
    active = [row for row in agreement_rows(fleet) if row["status"] == "ACTIVE"]
    return [
        {
            "id": agreement["id"] * 100 + back,
            "name": f"{year}-{month:02d} {agreement['name']}",
            "agreementId": agreement["id"],
            "accountId": agreement["accountId"],
            "status": "DRAFT" if back == 0 else "APPROVED",
            "total": round(sizes[agreement["accountId"]] * PRODUCTS[0][2], 2),
            "currency": "USD",
        }
        for back, (year, month) in enumerate(months_back(fleet.now, _MONTHS))
        for agreement in active
    ]


def product_rows() -> list[Row]:
    """The rows of /v2/billing/products."""
    return [
        {"id": product_id, "name": name, "price": price, "unit": unit, "active": True}
        for product_id, name, price, unit in PRODUCTS
    ]


def ticket_product_rows(fleet: Fleet, ticket_id: str) -> list[Row] | None:
    """What is billed for a ticket, often nothing; None if there is no such ticket."""
    number = number_of(ticket_id)
    if number not in ticket_ids(fleet):
        return None
    taken = PRODUCTS[2 : 2 + number % 4]
    return [
        {"id": number * 10 + place, "name": name, "productId": product_id, "price": price}
        for place, (product_id, name, price, _) in enumerate(taken)
    ]


def _licensees(fleet: Fleet, license_id: int, count: int) -> list[int]:
    """The devices that have a license, as many as there are, spread over the fleet."""
    there = np.flatnonzero(fleet.agents & (fleet.status == APPROVED)).tolist()
    return sorted(fleet.dice("license", license_id).sample(there, min(count, len(there))))


def _licensee(fleet: Fleet, index: int) -> Row:
    home = fleet.home(index)
    return {
        "licenseeId": int(fleet.ids[index]),
        "licenseeName": fleet.system_name(index),
        "licenseeOrganizationId": home.id,
        "licenseeOrganizationName": home.name,
    }


def _license(
    fleet: Fleet,
    license_id: int,
    name: str,
    kind: str,
    publisher: tuple[int, str],
    vendor: tuple[int, str],
    bought: int,
    used: int,
    months: int | None,
    days: int | None,
) -> Row:
    row: dict[str, Any] = {
        "id": license_id,
        "name": name,
        "type": kind,
        "automated": False,
        "publisherId": publisher[0],
        "publisher": {"name": publisher[1]},
        "vendorId": vendor[0],
        "vendor": {"name": vendor[1]},
        "scope": {"global": True, "organizationIds": [], "locationIds": []},
        "quantity": bought,
        "currentUsage": len(_licensees(fleet, license_id, used)),
        "purchaseDate": int((fleet.now - license_id * 9 * DAY) * 1000),
    }
    if months is None or days is None:
        return row
    term = {
        "renewalUnit": "MONTH",
        "value": months,
        "expirationDate": stamp(fleet.now + days * DAY),
    }
    return row | {
        "term": term | {"autoRenewal": days > 60},
        "expired": days < 0,
        "daysToExpire": days,
    }
