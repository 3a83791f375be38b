"""What the sandbox's tenant can run and whom it tells, as data."""

from __future__ import annotations

from typing import NamedTuple

_WINDOWS, _MAC, _LINUX = "Windows", "Mac", "Linux"


class Script(NamedTuple):
    """An automation script; author and editor are names of technicians."""

    id: int
    name: str
    language: str
    systems: tuple[str, ...]
    author: str
    editor: str
    days: tuple[int, int]
    description: str | None = None
    parameters: tuple[str, ...] = ()
    active: bool = True


SCRIPTS = (
    Script(21, "Clear temporary files", "powershell", (_WINDOWS,), "Avery Stone", "Avery Stone",
           (1200, 400), "Everything older than a week", ("-Days 7", "-Days 30")),
    Script(24, "Collect local administrators", "powershell", (_WINDOWS,), "Robin Calder", "Jo Marsh",
           (800, 35), "Writes the custom field localAdministrators"),
    Script(25, "Read TPM and Secure Boot", "powershell", (_WINDOWS,), "Robin Calder", "Robin Calder",
           (640, 640)),
    Script(26, "FileVault status", "sh", (_MAC,), "Sasha Reed", "Sasha Reed", (500, 12)),
    Script(31, "Restart print spooler", "batchfile", (_WINDOWS,), "Jo Marsh", "Jo Marsh", (1400, 1400)),
    Script(32, "Update packages", "sh", (_LINUX, _MAC), "Sasha Reed", "Avery Stone", (300, 90), None,
           ("--security-only",)),
    Script(33, "Set wallpaper", "vbscript", (_WINDOWS,), "Pat Ellery", "Pat Ellery", (1900, 1900),
           None, (), False),
)  # fmt: skip

# of a script: id, name, type, source, default, required, choices
VARIABLES: dict[int, tuple[tuple[str, str, str, str | None, bool, tuple[str, ...]], ...]] = {
    21: (
        ("b3c0", "Days", "INTEGER", "7", True, ()),
        ("b3c1", "Report only", "CHECKBOX", "false", False, ()),
    ),
    32: (("c7d0", "Restart", "DROPDOWN", "later", True, ("now", "later", "never")),),
}

# id, name, description, enabled, days since it was made, days between runs (None: never ran)
TASKS = (
    (5, "Weekly inventory", "Software and hardware, Sundays", True, 1100, 7.0),
    (6, "Collect local administrators", None, True, 790, 1.0),
    (8, "Monthly restart of servers", "Second Saturday", True, 600, 30.5),
    (9, "Migrate mailboxes", "Done", False, 420, 1.0),
    (14, "Year-end clean-up", None, True, 20, None),
)

# id, name, description, enabled, type
CHANNELS = (
    (1, "Service desk mail", "Goes to the queue", True, "EMAIL"),
    (2, "On call", None, True, "SMS"),
    (4, "Operations channel", None, True, "MICROSOFT_TEAMS"),
    (5, "Old pager", "Until 2024", False, "PAGER_DUTY"),
    (7, "Status page", None, True, "WEBHOOK"),
    (8, "Everybody", "All of the above", True, "META_CHANNEL"),
)

# of a policy: display name, severity, priority, channel ids, script ids, all and any comparisons
# (custom field, operator, value; an option of a choice by its name)
FIELD_CONDITIONS = {
    101: (("No runbook", "NONE", "NONE", (), (), (("runbook", "EQUALS", ""),), ()),),
    103: (
        ("Recovery key is not escrowed", "MAJOR", "MEDIUM", (1,), (),
         (("bitlockerEscrowed", "EQUALS", "false"),), ()),
        ("Weak start-up", "MODERATE", "LOW", (1, 4), (25,), (),
         (("secureBoot", "CONTAINS_ANY", "Off"), ("tpmPresent", "EQUALS", "false"))),
    ),
    106: (
        ("FileVault is off", "CRITICAL", "HIGH", (1,), (26,),
         (("filevaultstatus", "CONTAINS_ANY", "Off"),), ()),
    ),
}  # fmt: skip

# of a policy: display name, severity, priority, channels, scripts, source, events, words, often
EVENT_CONDITIONS = {
    101: (
        ("Disk reports errors", "CRITICAL", "HIGH", (1, 2), (), "disk", (7, 11, 51), (), None),
        ("Unexpected shutdown", "MAJOR", "MEDIUM", (1,), (), "EventLog", (6008,), (), (2, 30)),
    ),
    103: (
        ("Spooler crashed", "MINOR", "LOW", (), (31,), "Service Control Manager", (7031, 7034),
         ("Print Spooler",), (3, 60)),
    ),
}  # fmt: skip
