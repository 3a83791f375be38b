"""Antivirus products and threats."""

from __future__ import annotations

from ninja_analytics.catalog.columns import COLLECTED_AT, COLLECTED_SINCE, DEVICE_ID
from ninja_analytics.catalog.shapes import C, Parameter, Table

TABLES = (
    Table(
        "antivirus_status", "/v2/queries/antivirus-status", "cursor",
        "antivirus products per device; several rows per device are normal", ("device_id", "product_name"),
        (
            DEVICE_ID,
            C("product_name", "productName", "category", "the product"),
            C("product_state", "productState", "category", "ON, OFF, SNOOZED, EXPIRED, …"),
            C("definition_status", "definitionStatus", "category", "Up-to-Date, Out-of-Date or Unknown"),
            C("version", "version", "text", "version of the product"),
            COLLECTED_AT,
        ),
        (
            Parameter("product_state", "productState", "text", "only products in this state"),
            Parameter("product_name", "productName", "text", "only this product"),
            COLLECTED_SINCE,
        ), True, rows_in="results", rows_per_device=0.95, known="seen",
    ),
    Table(
        "antivirus_threats", "/v2/queries/antivirus-threats", "cursor",
        "threats that antivirus products found and still tell of, per device", ("device_id", "threat_id", "quarantine_id", "name"),
        (
            DEVICE_ID,
            C("threat_id", "threatId", "id", "the threat in its product's own numbers, often missing"),
            C("quarantine_id", "quarantineId", "text", "where it is held, if it is in quarantine"),
            C("name", "name", "text", "the threat, as its product calls it"),
            C("product_code", "productCode", "category", "the product that found it"),
            C("status", "status", "category", "active, quarantined, blocked or what the product says"),
            C("level", "level", "category", "how grave, in mixed case"),
            C("type", "type", "category", "what was found: a file, a process, …"),
            C("category", "category", "category", "what kind of threat, e.g. TROJAN"),
            C("detection_source", "detectionSource", "category", "what noticed it"),
            C("trace_list", "traceList", "text", "the files it was found in, in one text"),
            COLLECTED_AT,
        ),
        (COLLECTED_SINCE,), True, rows_in="results", rows_per_device=0.1,
    ),
    Table(
        "vulnerability_scan_groups", "/v2/vulnerability/scan-groups", "none",
        "the scanners whose findings are uploaded, and the last upload of each", ("scan_group_id",),
        (
            C("scan_group_id", "id", "id", "the group"),
            C("scan_group_name", "groupName", "text", "its name"),
            C("file_name", "fileName", "text", "the file last uploaded"),
            C("status", "status", "category", "COMPLETE, IN_PROGRESS or FAILED"),
            C("vendor", "vendor", "category", "whose scanner it is"),
            C("third_party_api", "thirdPartyApiTile", "text", "the integration that brings the findings, if no file does"),
            C("device_header", "deviceIdHeader", "text", "the column of the file that names the device"),
            C("device_field", "deviceInternalMapping", "text", "the field of the device with which it is matched"),
            C("cve_header", "cveIdHeader", "text", "the column of the file that names the CVE"),
            C("last_upload", "lastFileUploadDate", "text", "when that was, as NinjaOne writes it: the form is not documented"),
            C("records_processed", "recordsProcessed", "integer", "findings in the last upload"),
        ),
        licence="Vulnerability Management", known="unknown",
    ),
)  # fmt: skip
