"""To which family each activity belongs: patterns of status codes, as data, and how they are matched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

OTHER = "other"
"""The family of codes that nothing here knows."""

# family -> kind -> patterns of status codes, in their order: the first that fits counts.
FAMILIES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "alerts": {
            "condition": (
                "TRIGGERED", "RESET", "ACKNOWLEDGED", "DISABLED", "EVALUATION_FAILURE",
                "CUSTOM_HEALTH_STATUS_*", "RESET_BY_PSA_TICKET_CALLBACK",
            ),
        },
        "access": {
            "failed login": ("*_AUDIT_FAILED_LOGIN",),
            "login": ("APP_USER_LOGGED_*", "END_USER_LOGGED_*"),
            "remote session": (
                "RDP_CONNECTION_INITIATED", "TEAMVIEWER_CONNECTION_ESTABLISHED",
                "SPLASHTOP_CONNECTION_ESTABLISHED", "QC_SESSION_STARTED",
                "CONNECTWISECONTROL_ATTEMPT",
            ),
            "remote tool": (
                "RDP_*", "TEAMVIEWER_CONNECTION_*", "SPLASHTOP_*", "QC_*", "REMOTE_TOOLS_*",
                "REMOTE_SUPPORT_*", "NINJA_REMOTE_*",
            ),
            "secret read": (
                "SECURITY_CREDENTIAL_ACCESS_*", "NODE_ACCESS_*", "*_DECRYPTED",
                "*_PUBLIC_TOKEN_CREATED", "*_PUBLIC_LINK_*",
            ),
        },
        "changes": {
            "policy": ("POLICY_*", "SENTINEL_ONE_POLICY_CHANGED", "SCHEDULE_INSTALL_OPTION_CHANGED"),
            "permission": (
                "TECHNICIAN_*", "APP_USER_*", "END_USER_*", "CREDENTIAL_*", "OAUTH2_*",
            ),
            "configuration": (
                "CLIENT_CREATED", "CLIENT_UPDATED", "CLIENT_DELETED", "LOCATION_*",
                "DEVICE_GROUP_*", "NODE_ROLE_*", "TIME_ZONE_UPDATED", "LANGUAGE_TAG_UPDATED",
                "REPORT_*", "SCRIPT_*", "SCHEDULED_TASK_*", "CONTACT_*",
            ),
            "device": ("NODE_*", "REJECTED_NODE_*", "MOBILE_DEVICE_UNREGISTERED"),
        },
        "patching": {
            "patch": ("PATCH_MANAGEMENT_*", "SOFTWARE_PATCH_MANAGEMENT_*"),
        },
        "protection": {
            "antivirus": (
                "VIPREAV_*", "WEBROOT_*", "BITDEFENDER_*", "BDAS_*", "COMPETITOR_*",
                "GRAVITYZONE_*", "SENTINEL_ONE_*", "CROWDSTRIKE_*",
            ),
            "encryption": ("BITLOCKER_*", "FILEVAULT_*", "TRUSTED_PLATFORM_MODULE_*"),
            "backup": (
                "SHADOWPROTECT_*", "IMAGEMANAGER_*", "CLOUDBERRY_*", "NINJA_BACKUP_*", "BACKUP_*",
            ),
        },
        "monitoring": {
            "software": ("SOFTWARE_*",),
            "hardware": (
                "ADAPTER_*", "CPU_*", "MEMORY_*", "DISK_*", "RAID_*",
            ),
            "system": (
                "SYSTEM_REBOOTED", "USER_LOGGED_*", "USER_ACCOUNT_*", "CREDENTIALS_CHANGED",
                "PORT_*", "PROCESS_*", "WINDOWS_SERVICE_*", "MAC_DAEMON_*",
            ),
        },
        "services": {
            "ticket": (
                "PSA_*", "CONNECTWISE_*", "AUTOTASK_*", "SERVICE_NOW_*", "ZENDESK_*",
                "FRESHSERVICE_*", "NINJA_TICKETING_*", "TICKET_TEMPLATE_*", "HELP_REQUEST_*",
            ),
            "document": (
                "KNOWLEDGE_BASE_*", "DOCUMENT_TEMPLATE_*", "CLIENT_DOCUMENT*", "CLIENT_CHECKLIST_*",
                "CHECKLIST_TEMPLATE_*", "RELATED_ITEM_*", "ATTACHMENT_FILE_SUSPICIOUS",
            ),
            "message": ("COMMENT", "SMTP_SEND_ERROR", "TEAMVIEWER_*"),
            "mobile": ("MDM_*",),
        },
    }
)  # fmt: skip
# Codes that say how far something has come, whatever it is; the activity type says what.
PROGRESS = (
    "START_REQUESTED", "STARTED", "IN_PROCESS", "COMPLETED", "CANCEL_REQUESTED", "CANCELLED",
    "BLOCKED",
)  # fmt: skip
# activity type -> family and kind of a code of progress.
BY_TYPE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("ACTION", "ACTIONSET", "CONDITION_ACTION", "CONDITION_ACTIONSET", "SCHEDULED_TASK",
             "SCRIPTING"),
            ("automation", "run"),
        ),
        "CONDITION": ("alerts", "condition"),
        "PATCH_MANAGEMENT": ("patching", "patch"),
        "SOFTWARE_PATCH_MANAGEMENT": ("patching", "patch"),
        **dict.fromkeys(("ANTIVIRUS", "SECURITY"), ("protection", "antivirus")),
        **dict.fromkeys(
            ("SHADOWPROTECT", "IMAGEMANAGER", "CLOUDBERRY", "CLOUDBERRY_BACKUP", "NINJA_BACKUP"),
            ("protection", "backup"),
        ),
        **dict.fromkeys(
            ("TEAMVIEWER", "SPLASHTOP", "RDP", "REMOTE_TOOLS", "NINJA_REMOTE",
             "NINJA_QUICK_CONNECT"),
            ("access", "remote tool"),
        ),
        **dict.fromkeys(
            ("MONITOR", "SYSTEM", "VIRTUALIZATION", "NINJA_NETWORK_DISCOVERY"),
            ("monitoring", "system"),
        ),
        **dict.fromkeys(
            ("PSA", "NINJA_TICKETING", "HELP_REQUEST"), ("services", "ticket")
        ),
        **dict.fromkeys(
            ("KNOWLEDGE_BASE", "RELATED_ITEM", "CLIENT_CHECKLIST", "CHECKLIST_TEMPLATE",
             "DOCUMENTATION"),
            ("services", "document"),
        ),
        **dict.fromkeys(("MDM", "MICROSOFT_INTUNE"), ("services", "mobile")),
        "DYNAMIC_POLICY": ("changes", "policy"),
    }
)  # fmt: skip
NAMES = ("automation", *FAMILIES, OTHER)
"""The families that come with the package, in the order in which they are shown."""


def family_of(
    code: str, activity_type: str = "", own: Mapping[str, Iterable[str]] = MappingProxyType({})
) -> tuple[str, str]:
    """The family and the kind of a status code; those that are the user's *own* come first."""
    found, kind = _packaged(code, activity_type)
    for family, patterns in own.items():
        if _fits(code, patterns):
            return family, kind
    return found, kind


def _packaged(code: str, activity_type: str) -> tuple[str, str]:
    if code in PROGRESS:
        return BY_TYPE.get(activity_type, (OTHER, ""))
    for family, kinds in FAMILIES.items():
        for kind, patterns in kinds.items():
            if _fits(code, patterns):
                return family, kind
    return OTHER, ""


def _fits(code: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(code, pattern) for pattern in patterns)


def failed_by_name(code: str) -> bool:
    """Whether a status code itself says that something failed, where no result does."""
    return code.endswith(("_FAILED", "_FAILURE"))


def ended_by_name(code: str) -> bool:
    """Whether a status code says that something came to an end, of which a result is expected."""
    return code == "COMPLETED" or code.endswith("_COMPLETED")
