"""Software licenses and what is billed; NinjaOne's specification says little about either."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C, Table

TABLES = (
    Table(
        "software_licenses", "/v2/software-license/licenses", "none",
        "licenses of software: how many were bought, how many are in use", ("license_id",),
        (
            C("license_id", "id", "id", "the license"),
            C("license_name", "name", "text", "its name"),
            C("description", "description", "text", "what was noted about it"),
            C("type", "type", "category", "PER_DEVICE, PER_END_USER or CUSTOM"),
            C("automated", "automated", "boolean", "assigned by a rule"),
            C("purchased_at", "purchaseDate", "time", "when it was bought; epoch milliseconds at NinjaOne"),
            C("publisher_id", "publisherId", "id", "who publishes the software"),
            C("publisher_name", "publisher.name", "text", "the name of the publisher"),
            C("vendor_id", "vendorId", "id", "who sold it"),
            C("vendor_name", "vendor.name", "text", "the name of the vendor"),
            C("for_all_organizations", "scope.global", "boolean", "every organization may use it"),
            C("organization_ids", "scope.organizationIds", "ids", "organizations that may use it"),
            C("location_ids", "scope.locationIds", "ids", "locations that may use it"),
            C("quantity", "quantity", "integer", "how many were bought"),
            C("used", "currentUsage", "integer", "how many are in use; may be more than were bought"),
            C("term_unit", "term.renewalUnit", "category", "MONTH or YEAR"),
            C("term_length", "term.value", "integer", "how many of them it runs"),
            C("expires_at", "term.expirationDate", "time", "when it ends; missing if it never does"),
            C("renews_itself", "term.autoRenewal", "boolean", "goes on by itself"),
            C("warns", "term.generateActivityAlert", "boolean", "an activity is written before it ends"),
            C("warns_days_before", "term.daysBeforeExpiration", "integer", "how long before", "days"),
            C("warned_of_end", "term.hasNotifiedExpirationDate", "boolean", "that was written"),
            C("warned_of_renewal", "term.hasNotifiedUpToRenewal", "boolean", "the same for the renewal"),
            C("notification", "notificationChannelInfo", "json", "who is told"),
            C("assignment_rule", "assigmentAutomationSettings", "json", "the rule that assigns it"),
            C("expired", "expired", "boolean", "it has ended"),
            C("days_to_expire", "daysToExpire", "integer", "how long it still runs", "days"),
            C("note", "note", "text", "what was noted"),
        ),
        licence="ITAM", known="unknown", shape_known=False,
    ),
    Table(
        "software_license_assignments", "/v2/software-license/{license_id}/assignments", "none",
        "who has a software license: devices or end users, by its type", ("license_id", "licensee_id"),
        (
            C("license_id", "@license_id", "id", "the license asked for"),
            C("licensee_id", "licenseeId", "id", "a device or an end user, by the type of the license"),
            C("licensee_name", "licenseeName", "text", "the name"),
            C("licensee_email", "licenseeEmail", "text", "the mail address of an end user"),
            C("organization_id", "licenseeOrganizationId", "id", "the organization"),
            C("organization_name", "licenseeOrganizationName", "text", "its name"),
        ),
        per=("license_id",), licence="ITAM", known="unknown", shape_known=False,
    ),
    Table(
        "billing_accounts", "/v2/billing/accounts", "none",
        "who is billed; without the right to it NinjaOne may answer with an error 500", ("account_id",),
        (
            C("account_id", "id", "id", "the account"),
            C("account_name", "name", "text", "its name"),
        ),
        licence="Billing", known="unknown", shape_known=False,
    ),
    Table(
        "billing_agreements", "/v2/billing/agreements", "none",
        "what was agreed with whom; ticket log entries name them", ("agreement_id",),
        (
            C("agreement_id", "id", "id", "the agreement"),
            C("agreement_name", "name", "text", "its name"),
        ),
        licence="Billing", known="unknown", shape_known=False,
    ),
    Table(
        "billing_invoices", "/v2/billing/invoices", "none",
        "the invoices; ticket log entries name them", ("invoice_id",),
        (
            C("invoice_id", "id", "id", "the invoice"),
            C("invoice_name", "name", "text", "its name, where it has one"),
        ),
        licence="Billing", known="unknown", shape_known=False,
    ),
    Table(
        "billing_products", "/v2/billing/products", "none",
        "what can be billed", ("product_id",),
        (
            C("product_id", "id", "id", "the product"),
            C("product_name", "name", "text", "its name"),
        ),
        licence="Billing", known="unknown", shape_known=False,
    ),
    Table(
        "billing_ticket_products", "/v2/billing/ticket-products/ticket/{ticket_id}", "none",
        "what is billed for a ticket", ("ticket_id", "ticket_product_id"),
        (
            C("ticket_id", "@ticket_id", "id", "the ticket asked for"),
            C("ticket_product_id", "id", "id", "the item"),
            C("name", "name", "text", "its name"),
        ),
        per=("ticket_id",), licence="Billing", known="unknown", shape_known=False,
    ),
)  # fmt: skip
