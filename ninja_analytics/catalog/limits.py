"""Columns that say what may be entered in a field which a tenant has defined."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C

_RULES = "content.advancedSettings"

LIMITS = (
    C("file_max_size", f"{_RULES}.fileMaxSize", "integer", "attachment: largest size; the unit is undocumented"),
    C("file_extensions", f"{_RULES}.fileExtensions", "texts", "attachment: kinds of files"),
    C("date_filter", f"{_RULES}.dateFilters.type", "category", "date: which days can be chosen"),
    C("date_filter_days", f"{_RULES}.dateFilters.selected", "texts", "date: the days that the filter is about"),
    C("max_characters", f"{_RULES}.maxCharacters", "integer", "text: most characters"),
    C("needs_digit", f"{_RULES}.complexityRules.mustContainOneInteger", "boolean", "secure text: needs a digit"),
    C("needs_lower_case", f"{_RULES}.complexityRules.mustContainOneLowercaseLetter", "boolean", "secure text: needs a small letter"),
    C("needs_upper_case", f"{_RULES}.complexityRules.mustContainOneUppercaseLetter", "boolean", "secure text: needs a capital letter"),
    C("needs_six_characters", f"{_RULES}.complexityRules.greaterOrEqualThanSixCharacters", "boolean", "secure text: needs six characters"),
    C("least_number", f"{_RULES}.numericRange.min", "number", "number: least value"),
    C("greatest_number", f"{_RULES}.numericRange.max", "number", "number: greatest value"),
    C("selectable_organization_ids", f"{_RULES}.org", "ids", "entities: of which organizations"),
    C("selectable_node_classes", f"{_RULES}.nodeClass", "texts", "devices: of which node classes"),
    C("ip_address_type", f"{_RULES}.ipAddressType", "category", "address: ALL, IPV4 or IPV6"),
    C("expands_large_value", f"{_RULES}.expandLargeValueOnRender", "boolean", "long text: shown in full"),
    C("identifier_automatic", f"{_RULES}.identifier.automaticGenerationEnabled", "boolean", "identifier: made by NinjaOne"),
    C("identifier_scope", f"{_RULES}.identifier.scope", "category", "identifier: where it is unique"),
    C("identifier_assigned_to", f"{_RULES}.identifier.assignTo", "category", "identifier: who gets one"),
    C("identifier_type", f"{_RULES}.identifier.type", "category", "identifier: how it is counted"),
    C("identifier_next_number", f"{_RULES}.identifier.nextSequenceNumber", "integer", "identifier: the next number"),
    C("identifier_prefix", f"{_RULES}.identifier.prefix", "text", "identifier: what stands before the number"),
    C("identifier_suffix", f"{_RULES}.identifier.suffix", "text", "identifier: what stands after the number"),
    C("currency", f"{_RULES}.monetary.currency", "category", "money: its currency"),
    C("document_template_ids", f"{_RULES}.templates", "ids", "documents: of which templates"),
)  # fmt: skip
