"""Organizations in detail, what belongs to one of them, and the groups of devices."""

from __future__ import annotations

from ninja_analytics.catalog.columns import NODE
from ninja_analytics.catalog.shapes import C, Column, Parameter, Table

LOCATION = (
    C("location_id", "id", "id", "the location"),
    C("location_name", "name", "text", "its name"),
    C("address", "address", "text", "its postal address"),
    C("description", "description", "text", "what was noted about it"),
    C("user_data", "userData", "json", "attributes set through the API"),
)  # fmt: skip


def _feature(name: str, field: str, title: str) -> tuple[Column, ...]:
    """The four columns of one feature in an organization's settings."""
    place = f"settings.{field}"
    return (
        C(f"{name}_product", f"{place}.product", "category", f"{title}: the product"),
        C(f"{name}_enabled", f"{place}.enabled", "boolean", f"{title}: switched on"),
        C(f"{name}_targets", f"{place}.targets", "texts", f"{title}: for which kinds of devices"),
        C(f"{name}_options", f"{place}.options", "json", f"{title}: its own settings"),
    )


TABLES = (
    Table(
        "organizations_detailed", "/v2/organizations-detailed", "after",
        "organizations with their locations, the policies of their roles, and settings", ("organization_id",),
        (
            C("organization_id", "id", "id", "the organization"),
            C("organization_name", "name", "text", "its full name"),
            C("description", "description", "text", "what was noted about it"),
            C("node_approval_mode", "nodeApprovalMode", "category", "how new devices are let in: AUTOMATIC, MANUAL or REJECT"),
            C("user_data", "userData", "json", "attributes set through the API"),
            C("locations", "locations", "rows", "its locations", "", LOCATION),
            C(
                "policies", "policies", "rows", "which policy each device role gets here", "",
                (
                    C("role_id", "nodeRoleId", "id", "the device role"),
                    C("policy_id", "policyId", "id", "its policy in this organization"),
                ),
            ),
            *_feature("tray_icon", "trayicon", "tray icon"),
            *_feature("splashtop", "splashtop", "Splashtop"),
            *_feature("teamviewer", "teamviewer", "TeamViewer"),
            *_feature("backup", "backup", "backup"),
            *_feature("psa", "psa", "ticketing of the PSA"),
        ),
    ),
    Table(
        "organization_devices", "/v2/organization/{organization_id}/devices", "after",
        "the devices of one organization; devices with a filter gives the same", ("device_id",), NODE,
        per=("organization_id",), rows_per_device=1,
    ),
    Table(
        "organization_locations", "/v2/organization/{organization_id}/locations", "none",
        "the locations of one organization", ("location_id",),
        (C("organization_id", "@organization_id", "id", "the organization asked for"), *LOCATION),
        per=("organization_id",),
    ),
    Table(
        "groups", "/v2/groups", "none",
        "saved searches for devices; the filter takes their ids", ("group_id",),
        (
            C("group_id", "id", "id", "the group; group 5 in a device filter"),
            C("group_name", "name", "text", "its name"),
            C("description", "description", "text", "what was noted about it"),
            C("shared", "shared", "boolean", "every technician sees it"),
            C("created_at", "created", "time", "when it was made"),
            C("updated_at", "updated", "time", "when it was last changed"),
            C("device_count", "deviceCount", "integer", "members when last evaluated; an estimate, missing if that is long ago"),
            C("evaluated_at", "lastEvaluated", "time", "when its members were last worked out"),
        ),
    ),
    Table(
        "group_device_ids", "/v2/group/{group_id}/device-ids", "none",
        "which devices a group has now", ("group_id", "device_id"),
        (
            C("group_id", "@group_id", "id", "the group asked for"),
            C("device_id", "value", "id", "a device in it"),
        ),
        per=("group_id",), answer="values",
    ),
    Table(
        "node_roles", "/v2/noderole/list", "none",
        "the device roles as newer instances list them; what is in a row is undocumented", ("role_id",),
        (
            C("role_id", "id", "id", "the device role"),
            C("role_name", "name", "text", "its name"),
        ),
        (Parameter("assignable", "isAssignable", "boolean", "only roles that can be given to a device"),),
        known="unknown", shape_known=False,
    ),
)  # fmt: skip
