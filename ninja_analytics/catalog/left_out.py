"""What NinjaOne answers to a GET and is no table, and why; also what is read with another verb."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import LeftOut

LEFT_OUT = (
    # one row of a table
    LeftOut("/v2/contact/{id}", "single object", "contacts"),
    LeftOut("/v2/device/{id}", "single object", "devices_detailed"),
    LeftOut("/v2/organization/{id}", "single object", "organizations_detailed"),
    LeftOut("/v2/user/end-user/{id}", "single object", "end_users"),
    LeftOut("/v2/user/technician/{id}", "single object", "technicians"),
    LeftOut("/v2/custom-fields/field-name/{fieldName}", "single object", "custom_field_definitions"),
    LeftOut("/v2/policies/{policy_id}/condition/custom-fields/{condition_id}", "single object", "policy_custom_field_conditions"),
    LeftOut("/v2/policies/{policy_id}/condition/windows-event/{condition_id}", "single object", "policy_windows_event_conditions"),
    LeftOut("/v2/organization/{id}/locations/{locationId}/backup/usage", "single object", "organization_backup_usage"),
    LeftOut("/v2/organization/checklist/{checklistId}", "single object", "checklists"),
    LeftOut("/v2/document-templates/{documentTemplateId}", "single object", "document_templates"),
    LeftOut("/v2/ticketing/ticket-form/{id}", "single object", "ticket_forms"),
    LeftOut("/v2/vulnerability/scan-groups/{scan-group-id}", "single object", "vulnerability_scan_groups"),
    LeftOut("/v2/software-license/{licenseId}", "single object", "software_licenses"),
    LeftOut("/v2/billing/accounts/{id}", "single object", "billing_accounts"),
    LeftOut("/v2/billing/agreements/{id}", "single object", "billing_agreements"),
    LeftOut("/v2/billing/invoices/{id}", "single object", "billing_invoices"),
    LeftOut("/v2/billing/products/{id}", "single object", "billing_products"),
    LeftOut("/v2/tab/{tabId}/end-user", "single object", "custom_tabs", "with what extends it for end users"),
    LeftOut("/v2/tab/{tabId}/organization", "single object", "custom_tabs", "with what extends it for organizations"),
    LeftOut("/v2/tab/{tabId}/role/{roleId}", "single object", "custom_tabs", "with what extends it for a role"),
    # what a table has already, chosen or cut in another way
    LeftOut("/v2/knowledgebase/folder", "same rows", "article_folders", "a folder by its path; without one, the top folder"),
    LeftOut("/v2/related-items/with-entity-type/{entityType}", "same rows", "related_items", "those with one entity_type"),
    LeftOut("/v2/related-items/with-related-entity-type/{relatedEntityType}", "same rows", "related_items", "those with one related_entity_type"),
    LeftOut("/v2/related-items/with-related-entity/{relEntityType}/{relEntityId}", "same rows", "related_items", "the links to one thing"),
    LeftOut("/v2/devices/search", "search", "devices", "guesses by name, user or address; a filter is exact"),
    # files, and addresses that lead to them or to pages
    LeftOut("/v2/knowledgebase/article/{articleId}/download", "download"),
    LeftOut("/v2/related-items/{relatedItemId}/attachment/download", "download"),
    LeftOut("/v2/organization/checklist/{checklistId}/signed-urls", "signed URL"),
    LeftOut("/v2/organization/document/{clientDocumentId}/signed-urls", "signed URL"),
    LeftOut("/v2/knowledgebase/article/{articleId}/signed-urls", "signed URL"),
    LeftOut("/v2/custom-fields/entity-type/{entityType}/{entityId}/signed-urls", "signed URL"),
    LeftOut("/v2/related-items/with-entity/{entityType}/{entityId}/attachments/signed-urls", "signed URL"),
    LeftOut("/v2/device/{id}/dashboard-url", "link", why="to the device in NinjaOne's console"),
    LeftOut("/v2/organization/{id}/location/{location_id}/installer/{installer_type}", "link", why="to an installer, made for the asking"),
    # read with another verb than the one this toolkit has
    LeftOut("/v2/ticketing/trigger/board/{boardId}/run", "not a GET", "tickets", "lists the tickets of a board by a POST; bring ids to tickets"),
)  # fmt: skip
