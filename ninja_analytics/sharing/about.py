"""What each column is about, as one table: it decides what of a frame others may see.

    organization, location, device, user, …   replaced by an alias: "Device 7QK3-M9XA"
    free text                                  left out: anybody may have written any name into it
    plain                                      stays: a word of NinjaOne's or a vendor's, a version

Ids become other numbers, times and numbers stay, free JSON is left out; that is by the kind of the
column and needs no row here. A text column that no row fits is None, and left out.
"""

from __future__ import annotations

import re

from ninja_analytics.catalog import TABLES, Column

PLAIN, FREE_TEXT, NUMBER, MEASURED = "plain", "free text", "number", "measured"

# Columns whose name means another thing in another table.
OF_TABLE = {
    ("antivirus_threats", "name"): PLAIN,
    ("computer_systems", "name"): "device",
    ("disks", "name"): PLAIN,
    ("operating_systems", "name"): PLAIN,
    ("os_patch_installs", "name"): PLAIN,
    ("os_patches", "name"): PLAIN,
    ("processors", "name"): PLAIN,
    ("software", "name"): PLAIN,
    ("software_patch_installs", "title"): PLAIN,
    ("software_patches", "title"): PLAIN,
    ("volumes", "name"): "volume",
    ("windows_services", "display_name"): PLAIN,
    ("windows_services", "name"): PLAIN,
}

# The first row that fits the whole name of a column wins.
RULES = (
    # people
    (r".*e_?mails?|.*sender|.*recipients?|.*phone(_number)?s?", "address"),
    (r"(first|last|full|logon|login|account)_name", "user"),
    (r"(.*_)?(user|owner|technician|author|contact|assignee|requester)(_name)?", "user"),
    (r"(created|updated|changed|approved|closed)_by(_name)?|.*user_name", "user"),
    # machines and their addresses
    (r"(system|display|dns|netbios|host|device|mobile|system_reported|vm_full)_name", "device"),
    (r"dns_host_name|device|computer(_name)?", "device"),
    (r"(.*_)?(ip|mac)(_address(es)?)?|.*gateway|.*dns_servers?|.*subnet_mask", "address"),
    (r"monitor_target|.*url|.*uri|.*web_?site", "address"),
    (r".*serial(_number)?|.*service_tag|.*imei|.*asset_tag|.*license_key", "serial"),
    (r"(.*_)?domain", "domain"),
    # places and what the tenant has named
    (r"(.*_)?organization(_name)?|customer|client(_name)?", "organization"),
    (r"(.*_)?(location|site)(_name)?", "location"),
    (r"(.*_)?address(es)?", "address"),
    (r"(.*_)?(policy|group|role|ticket|board|folder|document|template|checklist)_name", "named"),
    (r"(.*_)?(task|script|form|channel|plan|field|article|attribute|tag|status)_name", "named"),
    (r"source_name|condition_name", "named"),
    (r"(.*_)?tags?", "tag"),
    (r"(.*_)?(uids?|guids?|uuids?)|patch_id|quarantine_id|(source_)?job_id", "identifier"),
    # what a vendor or NinjaOne says
    (r"(os|product|vendor|driver|adapter|threat|patch|publisher)_name", PLAIN),
    (r"(.*_)?(manufacturer|model|vendor|publisher|version|build|edition|family)", PLAIN),
    (
        r"(.*_)?(build|release|kb|revision)_(number|id|name)|(product|status)_(code|identifier)",
        PLAIN,
    ),
    (r"(.*_)?(status|state|type|class|category|severity|priority|impact|level|kind)", PLAIN),
    (r"(.*_)?(architecture|locale|language|icon|unit|color|time_?zone|scope|mode)", PLAIN),
    (r"(.*_)?(os|guest_os|domain_role|release_name)", PLAIN),
    (r"(.*_)?(result|method|file_system|drive_letter)|vm_guest_os_id", PLAIN),
    (r"pending_reboot_reason|.*_speed|mtu|slot|interface_index|protection_info", PLAIN),
    # what anybody may have written
    (r"(.*_)?(description|message|subject|notes?|comments?|reason|label|title|text)", FREE_TEXT),
    (r"(.*_)?(path|files?|location|command|arguments|query|value|body|content|html)", FREE_TEXT),
    (r"(.*_)?(trace_list|interface_name|instructions|summary)", FREE_TEXT),
)
_RULES = tuple((re.compile(pattern), answer) for pattern, answer in RULES)

_MEASURED = ("integer", "number", "boolean", "time", "date")

# Whose id it is, by the last word before `_id` that is one of these.
_WHOSE = re.compile(
    r"(?:.*_)?(organization|location|device|user|role|policy|group|technician|owner|alert|activity"
    r"|ticket|document|template|checklist|script|task|job|contact)_ids?"
)
_SAME = {"technician": "user", "owner": "user"}


def about(table: str, column: str) -> str | None:
    """What the text in *column* of *table* is about; None if no rule fits."""
    if (table, column) in OF_TABLE:
        return OF_TABLE[table, column]
    return next((answer for rule, answer in _RULES if rule.fullmatch(column)), None)


def whose_id(column: str) -> str:
    """Whose id the column holds: "device" for parent_device_id, "policy" for role_policy_id."""
    found = _WHOSE.fullmatch(column)
    whose = found[1] if found else re.sub(r"_ids?$", "", column)
    return _SAME.get(whose, whose)


def fate(table: str, name: str) -> str | None:
    """What becomes of a column of the catalogue: a NUMBER for an id, else what it is about.

    MEASURED is a number or time, which stays.

    A column that *table* does not have, e.g. of two merged frames, is taken as the strictest of its
    namesakes; None for one that no table has, or about which nothing is known.
    """
    fates = [
        _fate(one.name, column)
        for one in TABLES.values()
        if table not in TABLES or one.name == table or name not in _columns(table)
        for column in one.columns
        if column.name == name
    ]
    return min(fates, key=_strictness) if fates else None


def _fate(table: str, column: Column) -> str | None:
    if column.kind == "json":
        return FREE_TEXT
    if column.kind == "id" or (column.kind == "integer" and column.name.endswith("_id")):
        return NUMBER
    return MEASURED if column.kind in _MEASURED else about(table, column.name)


def _columns(table: str) -> set[str]:
    return {column.name for column in TABLES[table].columns}


def _strictness(answer: str | None) -> int:
    return {None: 0, FREE_TEXT: 1, NUMBER: 3, PLAIN: 4, MEASURED: 4}.get(answer, 2)
