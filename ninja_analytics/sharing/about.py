"""What each column is about, as one table: it decides what of a frame others may see.

    organization, location, device, user, …   replaced by an alias: "Device 7QK3-M9XA"
    free text                                  left out: anybody may have written any name into it
    plain                                      stays: a word of NinjaOne's or a vendor's, a version

Ids become other numbers, times and numbers stay, free JSON and lists of objects are left out; that is
by the kind of the column and needs no row here. A text column that no row fits is None, and left out.
`fates.py` has what becomes of the columns of a frame.
"""

from __future__ import annotations

import re

PLAIN, FREE_TEXT = "plain", "free text"

# Columns whose name means another thing in another table. A row holds for the table, for the list of
# that name (`part="volumes"`), and for what one device is asked for: disks are device_disks, too.
OF_TABLE = {
    ("antivirus_threats", "name"): PLAIN,
    ("billing_accounts", "account_name"): "organization",
    ("billing_products", "product_name"): "named",
    ("computer_systems", "name"): "device",
    ("disks", "name"): PLAIN,
    ("operating_systems", "name"): PLAIN,
    ("os_patch_installs", "name"): PLAIN,
    ("os_patches", "name"): PLAIN,
    ("policy_custom_field_conditions", "display_name"): "named",
    ("policy_windows_event_conditions", "display_name"): "named",
    ("processors", "name"): PLAIN,
    ("raid_drives", "location"): PLAIN,
    ("software", "name"): PLAIN,
    ("software_patch_installs", "title"): PLAIN,
    ("software_patches", "title"): PLAIN,
    ("tagged_technicians", "display_name"): "user",
    ("ticket_statuses", "display_name"): "named",
    ("ticketing_contacts", "display_name"): "user",
    ("tickets", "status"): "named",
    ("volumes", "name"): "volume",
    ("windows_services", "display_name"): PLAIN,
    ("windows_services", "name"): PLAIN,
}

# The first row that fits the whole name of a column wins.
RULES = (
    # what the tenant says to its users about fields and forms
    (r"(name|description)_for_end_user|end_user_(label|title|description)", FREE_TEXT),
    (r"end_user_name", "named"),
    # people
    (r".*e_?mails?|.*sender|.*recipients?|.*phone(_number)?s?", "address"),
    (r"(.*_)?(first|last|full|logon|login)_name|account_name", "user"),
    (r"(.*_)?(user|owner|technician|author|contact|assignee|requester)(_name)?", "user"),
    (r"(created|updated|changed|approved|closed|archived|completed)_by(_name)?", "user"),
    (r"(creator|editor)_name|.*user_name", "user"),
    (r"licensee_name", "licensee"),  # a device or a user, by the kind of the license
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
    (r"(.*_)?tags?", "tag"),
    (r"(.*_)?(uids?|guids?|uuids?)", "identifier"),
    (r"(patch|product|quarantine|(source_)?job|condition|natural)_id", "identifier"),
    (r"status_name|.*agreement_product_name", "named"),
    (r"roles|columns|field|device_field|third_party_api|event_source", "named"),
    # what a vendor or NinjaOne says
    (r"(os|product|vendor|driver|adapter|threat|patch|publisher|host_release)_name", PLAIN),
    (r"(.*_)?(manufacturer|model|vendor|publisher|version|build|edition|family)", PLAIN),
    (r"(.*_)?(build|release|kb|revision)_(number|id)|(product|status)_code", PLAIN),
    (r"(.*_)?(status|state|type|class|category|severity|priority|impact|level|kind)", PLAIN),
    (r"(.*_)?(architectures?|locale|language|icon|unit|color|time_?zone|scopes?|mode)", PLAIN),
    (r"(.*_)?(os|guest_os|operating_systems|domain_role|node_classes|credential_roles)", PLAIN),
    (r"(.*_)?(result|method|file_system|drive_letter|source|origin|destination)|run_as", PLAIN),
    (r"(.*_)?(permission|option|product|targets|overrides|billing|currency|operator)", PLAIN),
    (r"pending_reboot_reason|.*_speed|mtu|slot|interface_index|protection_info", PLAIN),
    (r"hardware_revision|drive_(id|group)|vm_guest_os_id|notification_action", PLAIN),
    (r"(file_)?(size|extensions?)|date_filter(_days)?|text_(condition|include)", PLAIN),
    (r"identifier_assigned_to", PLAIN),
    # what anybody may have written
    (r"(.*_)?(description|message|subject|notes?|comments?|reason|label|title|text)", FREE_TEXT),
    (r"(.*_)?(path|files?|location|command|arguments|query|values?|body|content|html)", FREE_TEXT),
    (r"(.*_)?(trace_list|interface_name|instructions|summary|choices|headers?)", FREE_TEXT),
    (r"(.*_)?(script_parameters?|prefix|suffix|file_name)|last_upload", FREE_TEXT),
    # any other name is one that the tenant gave
    (r"(.*_)?name", "named"),
)
_RULES = tuple((re.compile(pattern), answer) for pattern, answer in RULES)

# Whose id it is, by the last words before `_id` that are one of these: the ids of a thing have the
# same numbers in every table.
_WHOSE = re.compile(
    r"(?:.*?_)??(organization|location|device|user_role|user|role|policy|group|technician|owner|alert"
    r"|activity|ticket|document|template|checklist|script|task|job|contact|entity|folder|status|tab"
    r"|agreement_product|agreement|invoice|log_entry|organization_reference|location_reference)_ids?"
)
_SAME = {
    "technician": "user",
    "owner": "user",
    "organization_reference": "organization",
    "location_reference": "location",
}


def about(table: str, column: str) -> str | None:
    """What the text in *column* of *table* is about; None if no rule fits.

    A list of objects is a table "devices_detailed.volumes".
    """
    own = table.rpartition(".")[2]
    for like in (table, own, own.removeprefix("device_")):
        if (like, column) in OF_TABLE:
            return OF_TABLE[like, column]
    return next((answer for rule, answer in _RULES if rule.fullmatch(column)), None)


def whose_id(column: str) -> str:
    """Whose id the column holds: "device" for parent_device_id, "policy" for role_policy_id."""
    found = _WHOSE.fullmatch(column)
    whose = found[1] if found else re.sub(r"_ids?$", "", column)
    return _SAME.get(whose, whose)
