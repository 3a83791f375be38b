"""Which function makes the rows of which table: a row here for every table but the largest two.

    WHOLE       all rows of the tenant:   rows(tenant, asked)
    PER_DEVICE  the rows of one device:   rows(tenant, index, asked); the tenant's filter picks devices
    OF          what is asked for by id:  answer(tenant, ids, asked), ids as the path has them; None
                where there is nothing of that id, which is answered with 404

*asked* are the query parameters as NinjaOne names them. `software` and `activities` are too large for
this: the tenant pages through them itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ninja_analytics.sandbox import health, machines, places, volumes

if TYPE_CHECKING:
    from ninja_analytics.sandbox.tenant import Tenant

Asked = Mapping[str, str]
Row = dict[str, Any]
Whole = Callable[["Tenant", Asked], list[Row]]
PerDevice = Callable[["Tenant", int, Asked], list[Row]]
Of = Callable[["Tenant", tuple[str, ...], Asked], Any]

WHOLE: dict[str, Whole] = {
    "organizations": lambda tenant, _: places.organization_rows(tenant.fleet),
    "locations": lambda tenant, _: places.location_rows(tenant.fleet),
    "roles": lambda tenant, _: places.role_rows(tenant.fleet),
    "policies": lambda tenant, _: places.policy_rows(tenant.fleet),
}

PER_DEVICE: dict[str, PerDevice] = {
    "operating_systems": lambda tenant, n, _: machines.operating_system_rows(tenant.fleet, n),
    "device_health": lambda tenant, n, _: [
        health.health_row(tenant.fleet, n, tenant.alerts, tenant.patches)
    ],
    "os_patches": lambda tenant, n, _: tenant.patches.open_rows(n),
    "os_patch_installs": lambda tenant, n, _: tenant.patches.install_rows(n),
    "antivirus_status": lambda tenant, n, _: health.antivirus_rows(tenant.fleet, n),
    "volumes": lambda tenant, n, asked: volumes.volume_rows(
        tenant.fleet, n, bitlocker="bl" in asked.get("include", "").split(",")
    ),
    "alerts": lambda tenant, n, _: [tenant.alerts.row(alert) for alert in tenant.alerts.of(n)],
}

OF: dict[str, Of] = {}
