"""Columns and parameters that several tables share."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C, Parameter

NODE_CLASSES = (
    "WINDOWS_SERVER", "WINDOWS_WORKSTATION", "LINUX_SERVER", "LINUX_WORKSTATION", "MAC",
    "MAC_SERVER", "ANDROID", "APPLE_IOS", "APPLE_IPADOS", "VMWARE_VM_HOST", "VMWARE_VM_GUEST",
    "HYPERV_VMM_HOST", "HYPERV_VMM_GUEST", "CLOUD_MONITOR_TARGET", "NMS_SWITCH", "NMS_ROUTER",
    "NMS_FIREWALL", "NMS_PRIVATE_NETWORK_GATEWAY", "NMS_PRINTER", "NMS_SCANNER",
    "NMS_DIAL_MANAGER", "NMS_WAP", "NMS_IPSLA", "NMS_COMPUTER", "NMS_VM_HOST", "NMS_APPLIANCE",
    "NMS_OTHER", "NMS_SERVER", "NMS_PHONE", "NMS_VIRTUAL_MACHINE",
    "NMS_NETWORK_MANAGEMENT_AGENT", "UNMANAGED_DEVICE", "MANAGED_DEVICE",
)  # fmt: skip

DEVICE_ID = C("device_id", "deviceId", "id", "the device")
ASKED_DEVICE = C("device_id", "@device_id", "id", "the device asked for")
COLLECTED_AT = C("collected_at", "timestamp", "time", "when the agent collected the row")

INSTALLED_AFTER = Parameter(
    "installed_after", "installedAfter", "time", "only what was installed or tried after this time"
)
INSTALLED_BEFORE = Parameter(
    "installed_before",
    "installedBefore",
    "time",
    "only what was installed or tried before this time",
)
COLLECTED_SINCE = Parameter(
    "collected_since",
    "ts",
    "time",
    "only rows collected at or after this time (undocumented; check what comes back)",
)
INCLUDE = Parameter("include", "include", "text", "bl adds BitLocker status", ("bl",))

DEVICE_ROW = (
    C("device_id", "id", "id", "the device"),
    C("device_uid", "uid", "text", "the device, across instances"),
    C("parent_device_id", "parentDeviceId", "id", "the host of a virtual machine or monitored target"),
    C("organization_id", "organizationId", "id", "the organization that owns the device"),
    C("location_id", "locationId", "id", "the location of the device"),
    C("node_class", "nodeClass", "category", "what kind of device it is, e.g. WINDOWS_SERVER"),
    C("role_id", "nodeRoleId", "id", "the device role"),
    C("role_policy_id", "rolePolicyId", "id", "the policy that organization and role give the device"),
    C("policy_id", "policyId", "id", "a policy assigned to the device itself, over the role's"),
    C("approval_status", "approvalStatus", "category", "PENDING, STAGED, APPROVED or DECOMMISSIONED"),
    C("offline", "offline", "boolean", "offline at the moment of the pull; see last_contact_at"),
    C("system_name", "systemName", "text", "the name that the operating system reports"),
    C("display_name", "displayName", "text", "the name given by a technician, mostly missing"),
    C("dns_name", "dnsName", "text", "the DNS name"),
    C("netbios_name", "netbiosName", "text", "the NetBIOS name"),
    C("created_at", "created", "time", "when the device was enrolled"),
    C("last_contact_at", "lastContact", "time", "when the agent was last heard of"),
    C("last_update_at", "lastUpdate", "time", "when the agent last sent data"),
    C("tags", "tags", "texts", "tags on the device"),
    C("owner_uid", "assignedOwnerUid", "text", "the user to whom the device is assigned"),
    C("user_data", "userData", "json", "attributes set through the API"),
    C("maintenance_status", "maintenance.status", "category", "PENDING, IN_MAINTENANCE or FAILED"),
    C("maintenance_start_at", "maintenance.start", "time", "when maintenance begins"),
    C("maintenance_end_at", "maintenance.end", "time", "when maintenance ends"),
    C("maintenance_reason", "maintenance.reasonMessage", "text", "why it is in maintenance"),
)  # fmt: skip

# What a device refers to: there only if `expand` names it. Whole objects stay JSON, since names are
# joined by id and the table backup_usage has what backups take up.
REFERENCES = (
    C("warranty_start_at", "references.warranty.startDate", "time", "start of warranty (expand=\"warranty\")"),
    C("warranty_end_at", "references.warranty.endDate", "time", "end of warranty (expand=\"warranty\")"),
    C("warranty_fulfilled_at", "references.warranty.manufacturerFulfillmentDate", "time", "when the maker shipped it (expand=\"warranty\")"),
    C("organization_reference", "references.organization", "json", "its organization (expand=\"organization\"; names= joins the name)"),
    C("location_reference", "references.location", "json", "its location (expand=\"location\"; names= joins the name)"),
    C("role_reference", "references.role", "json", "its role (expand=\"role\")"),
    C("role_policy_reference", "references.rolePolicy", "json", "the policy by organization and role (expand=\"rolePolicy\")"),
    C("policy_reference", "references.policy", "json", "the policy of the device itself (expand=\"policy\")"),
    C("owner_reference", "references.assignedOwner", "json", "the user to whom it is assigned (expand=\"assignedOwner\")"),
    C("backup_usage_reference", "references.backupUsage", "json", "what its backups take up (expand=\"backupUsage\"; see the table backup_usage)"),
    C("backup_throttle_reference", "references.backupBandwidthThrottle", "json", "how fast its backups may be (expand=\"backupBandwidthThrottle\")"),
)  # fmt: skip

NODE = (*DEVICE_ROW, *REFERENCES)

EXPAND = Parameter(
    "expand", "expand", "text", "references to include, e.g. warranty (undocumented, may be ignored)"
)  # fmt: skip
