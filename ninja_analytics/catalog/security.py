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
        ), True, rows_in="results",
    ),
)  # fmt: skip
