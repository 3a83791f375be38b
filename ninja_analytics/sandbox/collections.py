"""Which function makes the rows of which table: a row here for every table but the largest two.

    WHOLE       all rows of the tenant:   rows(tenant, asked)
    PER_DEVICE  the rows of one device:   rows(tenant, index, asked); the tenant's filter picks devices
    OF          what is asked for by id:  answer(tenant, ids, asked), ids as the path has them; None
                where there is nothing of that id, which is answered with 404

*asked* are the query parameters as NinjaOne names them. `software` and `activities` are too large for
this: the tenant pages through them itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ninja_analytics.sandbox import (
    assets,
    automation,
    backups,
    checklists,
    contacts,
    custom_fields,
    definitions,
    disks,
    documents,
    groups,
    health,
    jobs,
    knowledge,
    licenses,
    logons,
    machines,
    networks,
    of_device,
    people_rows,
    places,
    scripting,
    services,
    threats,
    tickets,
    volumes,
)

if TYPE_CHECKING:
    from ninja_analytics.sandbox.tenant import Tenant

Asked = Mapping[str, str]
Row = dict[str, Any]
Whole = Callable[["Tenant", Asked], Iterable[Row]]
PerDevice = Callable[["Tenant", int, Asked], list[Row]]
Of = Callable[["Tenant", tuple[str, ...], Asked], Any]

WHOLE: dict[str, Whole] = {
    "organizations": lambda tenant, _: places.organization_rows(tenant.fleet),
    "locations": lambda tenant, _: places.location_rows(tenant.fleet),
    "roles": lambda tenant, _: places.role_rows(tenant.fleet),
    "policies": lambda tenant, _: places.policy_rows(tenant.fleet),
    "organizations_detailed": lambda tenant, _: places.organization_details(tenant.fleet),
    "node_roles": lambda tenant, asked: places.node_role_rows(
        tenant.fleet, asked.get("isAssignable", "").lower() == "true"
    ),
    "groups": lambda tenant, _: groups.group_rows(tenant.fleet),
    "users": lambda tenant, asked: people_rows.user_rows(tenant.fleet, tenant.people, asked),
    "technicians": lambda tenant, _: people_rows.technician_rows(tenant.fleet),
    "end_users": lambda tenant, _: people_rows.end_user_rows(tenant.people),
    "contacts": lambda tenant, _: people_rows.contact_rows(tenant.fleet),
    "user_roles": lambda tenant, asked: people_rows.role_rows(tenant.people, asked),
    "scoped_custom_fields": lambda tenant, asked: custom_fields.scoped_rows(
        tenant, asked, detailed=False
    ),
    "scoped_custom_fields_detailed": lambda tenant, asked: custom_fields.scoped_rows(
        tenant, asked, detailed=True
    ),
    "custom_field_definitions": lambda tenant, asked: definitions.definition_rows(
        tenant.fleet, asked
    ),
    "custom_field_definitions_paged": lambda tenant, _: definitions.all_definition_rows(
        tenant.fleet
    ),
    "tasks": lambda tenant, _: automation.task_rows(tenant.first),
    "automation_scripts": lambda tenant, _: automation.script_rows(tenant.first),
    "software_products": lambda _, __: automation.product_rows(),
    "notification_channels": lambda _, __: automation.channel_rows(enabled_only=False),
    "notification_channels_enabled": lambda _, __: automation.channel_rows(enabled_only=True),
    # ticketing, documents, assets and licenses
    "ticket_attributes": lambda tenant, _: tickets.attribute_rows(tenant.first),
    "ticket_statuses": lambda _, __: tickets.status_rows(),
    "ticket_forms": lambda tenant, _: tickets.form_rows(tenant.first),
    "ticket_boards": lambda tenant, _: tickets.board_rows(tenant.first),
    "ticketing_contacts": lambda tenant, _: contacts.contact_rows(tenant.first),
    "ticketing_people": lambda tenant, asked: contacts.everybody(
        tenant.first, people_rows.end_user_rows(tenant.people), asked
    ),
    "documents": lambda tenant, asked: documents.document_rows(tenant.first, asked),
    "document_templates": lambda tenant, asked: documents.template_rows(tenant.first, asked),
    "checklists": lambda tenant, asked: checklists.checklist_rows(tenant.first, asked),
    "checklist_templates": lambda tenant, asked: checklists.template_rows(tenant.first, asked),
    "global_articles": lambda tenant, asked: knowledge.global_article_rows(tenant.first, asked),
    "organization_articles": lambda tenant, asked: knowledge.organization_article_rows(
        tenant.first, asked
    ),
    "related_items": lambda tenant, _: knowledge.related_rows(tenant.first),
    "tags": lambda tenant, _: assets.tag_rows(tenant.first),
    "asset_relations": lambda tenant, _: assets.relation_rows(tenant.first),
    "asset_relation_types": lambda _, __: assets.relation_type_rows(),
    "global_tabs": lambda _, __: assets.tab_rows("SYSTEM"),
    "organization_tabs": lambda _, __: assets.tab_rows("ORGANIZATION"),
    "end_user_tabs": lambda _, __: assets.tab_rows("END_USER"),
    "vulnerability_scan_groups": lambda tenant, _: assets.scan_group_rows(tenant.first),
    "software_licenses": lambda tenant, _: licenses.license_rows(tenant.first),
    "billing_accounts": lambda tenant, _: licenses.account_rows(tenant.first),
    "billing_agreements": lambda tenant, _: licenses.agreement_rows(tenant.first),
    "billing_invoices": lambda tenant, _: licenses.invoice_rows(tenant.first),
    "billing_products": lambda _, __: licenses.product_rows(),
}

PER_DEVICE: dict[str, PerDevice] = {
    # hardware
    "operating_systems": lambda tenant, n, _: machines.operating_system_rows(tenant.fleet, n),
    "computer_systems": lambda tenant, n, _: machines.computer_system_rows(tenant.fleet, n),
    "processors": lambda tenant, n, _: machines.processor_rows(tenant.fleet, n),
    "disks": lambda tenant, n, _: disks.disk_rows(tenant.fleet, n),
    "raid_controllers": lambda tenant, n, _: disks.raid_controller_rows(tenant.fleet, n),
    "raid_drives": lambda tenant, n, _: disks.raid_drive_rows(tenant.fleet, n),
    "network_interfaces": lambda tenant, n, _: networks.interface_rows(tenant.fleet, n),
    "volumes": lambda tenant, n, asked: volumes.volume_rows(
        tenant.fleet, n, bitlocker="bl" in asked.get("include", "").split(",")
    ),
    # how it is, and who is on it
    "device_health": lambda tenant, n, _: [
        health.health_row(tenant.fleet, n, tenant.alerts, tenant.patches, tenant.software_patches)
    ],
    "logged_on_users": lambda tenant, n, _: logons.logon_rows(tenant.fleet, n),
    "policy_overrides": lambda tenant, n, _: logons.override_rows(tenant.fleet, n),
    "custom_fields": custom_fields.device_rows,
    "custom_fields_detailed": custom_fields.detailed_device_rows,
    "alerts": lambda tenant, n, _: [tenant.alerts.row(alert) for alert in tenant.alerts.of(n)],
    "jobs": lambda tenant, n, _: jobs.job_rows(tenant, n),
    # software and patches
    "windows_services": lambda tenant, n, _: services.service_rows(tenant, n),
    "os_patches": lambda tenant, n, _: tenant.patches.open_rows(n),
    "os_patch_installs": lambda tenant, n, _: tenant.patches.install_rows(n),
    "software_patches": lambda tenant, n, _: tenant.software_patches.open_rows(n),
    "software_patch_installs": lambda tenant, n, _: tenant.software_patches.install_rows(n),
    # security
    "antivirus_status": lambda tenant, n, _: health.antivirus_rows(tenant.fleet, n),
    "antivirus_threats": lambda tenant, n, _: threats.threat_rows(tenant.fleet, n, tenant.patches),
    # backups
    "backup_jobs": lambda tenant, n, _: backups.job_rows(tenant.fleet, n),
    "integrity_check_jobs": lambda tenant, n, _: backups.check_rows(tenant.fleet, n),
    "backup_usage": lambda tenant, n, asked: backups.usage_rows(
        tenant.fleet, n, times=asked.get("includeLastBackupJobTimes", "").lower() == "true"
    ),
}


def _backup_usage_of(tenant: Tenant, ids: tuple[str, ...], _: Asked) -> list[Row] | None:
    known = {str(one.id): one for one in tenant.fleet.organizations}
    return backups.location_usage_rows(tenant.fleet, known[ids[0]]) if ids[0] in known else None


def _documents_of(tenant: Tenant, ids: tuple[str, ...], _: Asked) -> list[Row] | None:
    """The documents of an organization; one that was added lately has none."""
    found = documents.organization_document_rows(tenant.first, ids[0])
    return [] if found is None and tenant.place_of(ids[0]) is not None else found


OF: dict[str, Of] = {
    # devices
    "device_activities": of_device.activities,
    "device_alerts": of_device.rows("alerts", whole=True),
    "device_disks": of_device.rows("disks"),
    "device_jobs": of_device.rows("jobs", whole=True),
    "device_last_logged_on_user": of_device.row("logged_on_users", {}),
    "device_network_interfaces": of_device.rows("network_interfaces"),
    "device_os_patch_installs": of_device.rows("os_patch_installs"),
    "device_os_patches": of_device.rows("os_patches"),
    "device_policy_overrides": of_device.row("policy_overrides", {"overrides": []}),
    "device_processors": of_device.rows("processors"),
    "device_scripting_options": scripting.options_of,
    "device_software": of_device.software,
    "device_software_patch_installs": of_device.rows("software_patch_installs"),
    "device_software_patches": of_device.rows("software_patches"),
    "device_volumes": of_device.rows("volumes"),
    "device_windows_services": of_device.rows("windows_services"),
    # organizations
    "organization_backup_usage": _backup_usage_of,
    # what belongs to one
    "organization_devices": lambda tenant, ids, asked: tenant.devices_at(ids[0], asked),
    "organization_locations": lambda tenant, ids, _: places.locations_at(
        tenant.fleet, tenant.place_of(ids[0])
    ),
    "organization_end_users": lambda tenant, ids, asked: people_rows.organization_users(
        tenant.people, tenant.place_of(ids[0]), asked
    ),
    "group_device_ids": lambda tenant, ids, _: groups.members(tenant.fleet, ids[0]),
    "device_custom_fields": custom_fields.fields_of_device,
    "organization_custom_fields": custom_fields.fields_of_organization,
    "location_custom_fields": custom_fields.fields_of_location,
    "end_user_custom_fields": custom_fields.fields_of_end_user,
    "policy_custom_field_conditions": lambda _, ids, __: automation.field_conditions(ids[0]),
    "policy_windows_event_conditions": lambda _, ids, __: automation.event_conditions(ids[0]),
    # what has to do with ticketing, documents, assets and licenses
    "tickets": lambda tenant, ids, _: tickets.ticket_row(tenant.first, *ids),
    "ticket_log_entries": lambda tenant, ids, asked: tickets.log_rows(tenant.first, ids[0], asked),
    "organization_documents": _documents_of,
    "article_folders": lambda tenant, ids, asked: knowledge.folder_row(tenant.first, ids[0], asked),
    "entity_related_items": lambda tenant, ids, asked: knowledge.entity_related_rows(
        tenant.first, ids[0], ids[1], asked
    ),
    "entity_asset_relations": lambda tenant, ids, _: assets.entity_relation_rows(
        tenant.first, *ids
    ),
    "role_tabs": lambda _, ids, __: assets.role_tab_rows(*ids),
    "custom_tabs": lambda tenant, ids, _: assets.tab_row(tenant.first, *ids),
    "software_license_assignments": lambda tenant, ids, _: licenses.assignment_rows(
        tenant.first, *ids
    ),
    "billing_ticket_products": lambda tenant, ids, _: licenses.ticket_product_rows(
        tenant.first, *ids
    ),
}
