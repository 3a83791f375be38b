"""The custom fields that the sandbox's tenant has defined, as data: one of every type and more.

Old fields have camelCase names, new ones lower-case ones; labels differ from names. What a field
is worth to a report stands in its name: local administrators, TPM, Secure Boot, FileVault, escrow.
"""

from __future__ import annotations

from typing import NamedTuple


class Definition(NamedTuple):
    """A custom field: its name, label, type, and for which scopes (N, L, O, E: as SCOPES has them)."""

    name: str
    label: str
    type: str
    scopes: str
    api: str = "READ_WRITE"
    options: tuple[str, ...] = ()
    script: str = "READ_WRITE"
    description: str | None = None
    active: bool = True
    system: bool = False
    default: str | None = None


SCOPES = {"N": "NODE", "L": "LOCATION", "O": "ORGANIZATION", "E": "END_USER"}
# Types whose values are never given out in clear, and what the API may not read.
SECURE = ("TEXT_ENCRYPTED", "TOTP")
HIDDEN = ("NONE", "WRITE_ONLY")

COST_CENTERS = ("CC-100", "CC-200", "CC-210", "CC-300", "4711", "Overhead")
# Once an option, before it was renamed: values that were written then still have its label.
OLD_OPTIONS = {"secureBoot": "Enabled", "filevaultstatus": "enabled"}

DEFINITIONS = (
    Definition("assetTag", "Asset tag", "TEXT", "N"),
    Definition("localAdministrators", "Local administrators", "TEXT_MULTILINE", "N",
               description="Written by the script Collect local administrators, one name per line"),
    Definition("localadminreport", "Local admin report", "WYSIWYG", "N"),
    Definition("tpmPresent", "TPM present", "CHECKBOX", "N"),
    Definition("tpmversion", "TPM version", "TEXT", "N"),
    Definition("secureBoot", "Secure Boot", "DROPDOWN", "N", options=("On", "Off", "Unsupported")),
    Definition("filevaultstatus", "FileVault status", "DROPDOWN", "N",
               options=("On", "Off", "Encrypting")),
    Definition("bitlockerEscrowed", "BitLocker recovery key escrowed", "CHECKBOX", "N",
               default="false"),
    Definition("bitlockerrecoverykey", "BitLocker recovery key", "TEXT_ENCRYPTED", "N", "READ_ONLY"),
    Definition("warrantyEnd", "Warranty ends", "DATE", "N"),
    Definition("lastchecked", "Last checked on site", "DATE_TIME", "N"),
    Definition("backupwindow", "Backup window begins", "TIME", "NLO", default="22:00"),
    Definition("costCenter", "Cost center", "TEXT", "NLO"),
    Definition("primaryUserEmail", "Primary user", "EMAIL", "N"),
    Definition("helpdeskphone", "Help desk", "PHONE", "LO"),
    Definition("managementAddress", "Management address", "IP_ADDRESS", "N"),
    Definition("runbook", "Runbook", "URL", "NO"),
    Definition("rackphoto", "Photo of the rack", "ATTACHMENT", "NL"),
    Definition("backedUpBy", "Backed up by", "NODE_DROPDOWN", "N"),
    Definition("dependson", "Depends on", "NODE_MULTI_SELECT", "N"),
    Definition("billedto", "Billed to", "CLIENT_DROPDOWN", "NO"),
    Definition("partners", "Partner organizations", "CLIENT_MULTI_SELECT", "O"),
    Definition("usuallocation", "Usual location", "CLIENT_LOCATION_DROPDOWN", "E"),
    Definition("servedlocations", "Locations served", "CLIENT_LOCATION_MULTI_SELECT", "N"),
    Definition("contractdocument", "Contract", "CLIENT_DOCUMENT_DROPDOWN", "O"),
    Definition("relateddocuments", "Related documents", "CLIENT_DOCUMENT_MULTI_SELECT", "NO",
               active=False),
    Definition("contractSeats", "Seats in the contract", "NUMERIC", "O"),
    Definition("monthlyprice", "Monthly price per seat", "MONETARY", "O", "READ_ONLY"),
    Definition("uplinkmbps", "Uplink (Mbit/s)", "DECIMAL", "L"),
    Definition("compliance", "Compliance scopes", "MULTI_SELECT", "NO",
               options=("PCI DSS", "HIPAA", "ISO 27001", "GDPR")),
    Definition("inventorynumber", "Inventory number", "IDENTIFIER", "N", "READ_ONLY", script="NONE",
               system=True),
    Definition("vpntotp", "VPN one-time code", "TOTP", "O", "READ_ONLY", script="NONE"),
    Definition("internalNotes", "Internal notes", "TEXT_MULTILINE", "NO", "NONE", script="NONE"),
    Definition("scriptinput", "Input for scripts", "TEXT", "N", "WRITE_ONLY"),
    Definition("department", "Department", "TEXT", "E"),
    Definition("firstday", "First day", "DATE", "E"),
    Definition("criticality", "Criticality", "DROPDOWN", "N", options=("High", "Medium", "Low")),
)  # fmt: skip
