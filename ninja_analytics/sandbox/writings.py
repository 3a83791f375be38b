"""What people have written in the sandbox's tenant, as data: tickets, documents, articles and so on.

All of it is invented. Numbers in front are ids, or begin the ids that are made of them.
"""

from __future__ import annotations

# tickets

# id, as NinjaOne names it, as people read it, the built-in status behind it, weight
STATUSES = (
    (1000, "NEW", "New", None, 2),
    (2000, "OPEN", "Open", None, 5),
    (3000, "WAITING", "Waiting", None, 2),
    (3001, "With supplier", "With supplier", 3000, 1),
    (4000, "PAUSED", "Paused", None, 1),
    (5000, "RESOLVED", "Resolved", None, 4),
    (6000, "CLOSED", "Closed", None, 9),
)
# id, type, name, what one can choose, NinjaOne's own, in use
ATTRIBUTES = (
    (1, "DROPDOWN", "Category", ("Hardware", "Software", "Network", "Access"), True, True),
    (2, "TEXT", "Cost center", (), False, True),
    (3, "CHECKBOX", "Site visit needed", (), False, True),
    (4, "DATE", "Wanted by", (), False, True),
    (5, "NUMERIC", "Seats", (), False, True),
    (6, "DROPDOWN", "Old category", ("A", "B"), False, False),
)
# id, name, ids of its fields, the default one, in use
FORMS = (
    (1, "Default", (1, 2), True, True),
    (2, "New starter", (1, 2, 4, 5), False, True),
    (3, "Site visit", (1, 3, 4), False, True),
    (4, "Paper form 2019", (6,), False, False),
)
# id, name, the states that it shows (none: all), NinjaOne's own
BOARDS = (
    (1, "All tickets", (), True),
    (2, "Open tickets", ("NEW", "OPEN", "WAITING", "With supplier", "PAUSED"), True),
    (3, "With supplier", ("With supplier",), False),
    (4, "Closed tickets", ("CLOSED",), True),
)
SUBJECTS = (
    "Printer on the second floor prints blank pages", "Cannot reach the file share",
    "New laptop for a colleague", "VPN drops every hour", "VPN DROPS AGAIN",
    "Mailbox is full", "Password reset", "password reset", "Screen stays black after docking",
    "Please install the label software", "Disk free space is low", "Server offline",
)  # fmt: skip
REPLIES = (
    "Looked at it together, works for now.", "Restarted the service.", "Waiting for a part.",
    "Sent a replacement.", "Could not reproduce it.", "Thanks, it works again!",
)  # fmt: skip

# documents: id, name, an organization may have several, fields: id, name, label, type, options
TEMPLATES = (
    (11, "Network overview", False, (
        (101, "uplink", "Uplink", "WYSIWYG", ()), (102, "firewall", "Firewall", "NODE_DROPDOWN", ()),
        (103, "provider", "Provider", "DROPDOWN", ("Fiber", "Cable", "Radio link")),
    )),
    (12, "Line-of-business application", True, (
        (111, "vendor", "Vendor", "WYSIWYG", ()), (112, "server", "Server", "NODE_DROPDOWN", ()),
        (113, "adminPassword", "Admin password", "TEXT_ENCRYPTED", ()),
    )),
    (13, "Site access", True, ((121, "keys", "Keys", "WYSIWYG", ()),)),
    (14, "Backup plan", False, ((131, "rotation", "Rotation", "DROPDOWN", ("Daily", "Weekly")),)),
)  # fmt: skip
NOTES = (
    "Two lines, the second one by radio.", "Ask at the front desk.", "Contract ends in autumn.",
    "Behind the kitchen, mind the step.", "see the mail of last year",
)  # fmt: skip
APPLICATIONS = ("Harvest ERP", "Clinic Planner", "Quarry Scales", "harvest erp", "Till 9000")

# checklists: id, name, must be done, tasks
CHECKLISTS = (
    (
        21,
        "New customer",
        True,
        ("Walk the site", "Install agents", "Agree on patch days", "Hand over"),
    ),
    (22, "Quarterly review", True, ("Look at warranties", "Look at storage", "Talk about plans")),
    (23, "Leaving employee", False, ("Disable the account", "Collect the laptop")),
    (24, "Fax migration", False, ("Find the fax",)),
)
ARCHIVED_CHECKLIST = 24

# the knowledge base: folder id, name, folder above it
FOLDERS = (
    (31, "How to", None),
    (32, "Printers", 31),
    (33, "Remote work", 31),
    (34, "Retired", None),
)
ARCHIVED_FOLDER = 34
# id, folder, name, text (nothing: an uploaded file)
ARTICLES = (
    (301, None, "Who to call", "The help desk answers from eight to six."),
    (302, 32, "Install a printer", "Open Settings, then Printers, then Add."),
    (303, 32, "Printer lights", "Blinking amber: paper. Steady amber: toner."),
    (304, 33, "Connect from home", "Start the VPN before the mail program."),
    (305, 33, "vpn-profile.pdf", ""),
    (306, 34, "Fax numbers", "None are left."),
)

# assets
RELATION_TYPES = (
    (1, "Runs on", "Runs"),
    (2, "Depends on", "Is needed by"),
    (3, "Replaced by", "Replaces"),
)
# id, name, for what, device role, names of the custom fields on it
TABS = (
    (41, "Asset", "SYSTEM", None, ("assetTag", "inventorynumber", "warrantyEnd")),
    (42, "Contract", "ORGANIZATION", None, ("contractSeats", "monthlyprice", "costCenter")),
    (43, "Person", "END_USER", None, ("department", "firstday")),
    (44, "Server room", "NODE_ROLE", 1, ("rackphoto", "managementAddress", "backupwindow")),
    (45, "Encryption", "NODE_ROLE", 3, ("bitlockerEscrowed", "secureBoot")),
)
TAG_NOTES = {"vip": "First in the queue", "lab": "May be reinstalled", "loaner": "Comes back"}
# id, group, file, status, vendor, header of devices, field, header of CVEs, records
SCAN_GROUPS = (
    (
        51,
        "Weekly scan",
        "week-46.csv",
        "COMPLETE",
        "Tenable",
        "Hostname",
        "SYSTEM_NAME",
        "CVE",
        1840,
    ),
    (52, "Servers", "servers.csv", "IN_PROGRESS", "Qualys", "DNS", "DNS_NAME", "CVE ID", 0),
    (53, "old upload", "export(1).CSV", "FAILED", "Rapid7", "host", "SYSTEM_NAME", "vuln", 0),
)

# licenses: id, name, type, publisher, vendor, bought, in use, months it runs, days left (None: for ever)
LICENSES = (
    (61, "Microsoft 365 Apps for business", "PER_DEVICE", (1, "Microsoft Corporation"), (1, "Cloud Shop"), 40, 37, 12, 120),
    (62, "Adobe Photoshop", "PER_DEVICE", (2, "Adobe Inc."), (1, "Cloud Shop"), 3, 5, 12, 9),
    (63, "Harvest ERP", "CUSTOM", (3, "Harvest Software"), (2, "Harvest Software"), 10, 0, 36, -31),
    (64, "Label printer suite", "PER_DEVICE", (4, "Stickworks"), (1, "Cloud Shop"), 12, 2, None, None),
)  # fmt: skip
# what can be billed: id, name, price, per
PRODUCTS = (
    (71, "Managed workstation", 39.0, "device"), (72, "Managed server", 119.0, "device"),
    (73, "Support hour", 140.0, "hour"), (74, "Site visit", 220.0, "visit"),
    (75, "Cable, 3 m", 7.5, "piece"),
)  # fmt: skip
