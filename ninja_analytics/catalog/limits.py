"""Columns that say what may be entered in a field which a tenant has defined."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C

LIMITS = (
    C("file_max_size", "content.advancedSettings.fileMaxSize", "integer", "largest file; in which unit is not documented"),
    C("file_extensions", "content.advancedSettings.fileExtensions", "texts", "which files may be attached"),
    C("date_filter", "content.advancedSettings.dateFilters.type", "category", "which days may be picked, e.g. PAST_DATES_ONLY"),
    C("date_filter_days", "content.advancedSettings.dateFilters.selected", "texts", "the days of that filter"),
    C("max_characters", "content.advancedSettings.maxCharacters", "integer", "longest text", "characters"),
    C("needs_digit", "content.advancedSettings.complexityRules.mustContainOneInteger", "boolean", "a digit is demanded"),
    C("needs_lowercase", "content.advancedSettings.complexityRules.mustContainOneLowercaseLetter", "boolean", "a small letter is demanded"),
    C("needs_uppercase", "content.advancedSettings.complexityRules.mustContainOneUppercaseLetter", "boolean", "a capital letter is demanded"),
    C("needs_six_characters", "content.advancedSettings.complexityRules.greaterOrEqualThanSixCharacters", "boolean", "six characters or more are demanded"),
    C("range_min", "content.advancedSettings.numericRange.min", "number", "smallest number"),
    C("range_max", "content.advancedSettings.numericRange.max", "number", "largest number"),
    C("only_organization_ids", "content.advancedSettings.org", "ids", "organizations from which one may choose"),
    C("only_node_classes", "content.advancedSettings.nodeClass", "texts", "node classes from which one may choose"),
    C("ip_address_type", "content.advancedSettings.ipAddressType", "category", "ALL, IPV4 or IPV6"),
    C("expands_large_value", "content.advancedSettings.expandLargeValueOnRender", "boolean", "long values are shown unfolded"),
    C("identifier_automatic", "content.advancedSettings.identifier.automaticGenerationEnabled", "boolean", "identifiers are given by NinjaOne"),
    C("identifier_scope", "content.advancedSettings.identifier.scope", "category", "where an identifier is unique: NONE, GLOBAL or ORGANIZATION"),
    C("identifier_assign_to", "content.advancedSettings.identifier.assignTo", "category", "who gets one: new assets, or old ones too"),
    C("identifier_type", "content.advancedSettings.identifier.type", "category", "CUSTOM or SEQUENCE"),
    C("identifier_next", "content.advancedSettings.identifier.nextSequenceNumber", "integer", "the next number of the sequence"),
    C("identifier_prefix", "content.advancedSettings.identifier.prefix", "text", "what stands before the number"),
    C("identifier_suffix", "content.advancedSettings.identifier.suffix", "text", "what stands after it"),
    C("currency", "content.advancedSettings.monetary.currency", "category", "currency of an amount, e.g. USD"),
    C("only_document_template_ids", "content.advancedSettings.templates", "ids", "document templates from which one may choose"),
)  # fmt: skip
