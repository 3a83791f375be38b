"""What NinjaOne has, as data: instances, scopes, platforms and tables.

A new table is a new row here; nothing else knows a path or a field name. The facts come from
NinjaOne's public API documentation (2.0) and from what its clients have met; where a page size
or a parameter is undocumented, the row says so.

Kinds of columns, and the pandas dtype that each becomes:

    id        Int64               never a float
    integer   Int64
    number    Float64
    text      str
    category  category            an open vocabulary of few words; unknown words pass through
    boolean   boolean
    time      datetime64[us, UTC] from epoch seconds (or milliseconds); 0 and absurd values are missing
    date      datetime64[us, UTC] a day, at midnight
    texts     list<string>[pyarrow]
    json      str                 free objects and lists of objects, as JSON text
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "id", "integer", "number", "text", "category", "boolean", "time", "date", "texts", "json"
]
Grant = Literal["authorization_code", "client_credentials", "implicit"]
Paging = Literal["after", "cursor", "older_than", "none"]


@dataclass(frozen=True, slots=True)
class Instance:
    """One of NinjaOne's regions: its short name, base URL and what people call it."""

    name: str
    base_url: str
    title: str


@dataclass(frozen=True, slots=True)
class Platform:
    """A kind of client app, as NinjaOne's Apps > API form offers it.

    `grant` is how it usually connects, `grants` are all the ways that a profile may choose, `ticks`
    is what to tick in the form, in the words of the form.
    """

    name: str
    title: str
    grant: Grant
    grants: tuple[Grant, ...]
    ticks: tuple[str, ...]
    has_secret: bool
    refreshes: bool
    redirect_uri: str
    advice: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter of a table: our name, NinjaOne's name, its kind and its bounds."""

    name: str
    api: str
    kind: Literal["text", "integer", "time", "iso_time", "boolean"]
    meaning: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame: its name, the field of the JSON row (dots descend), kind and meaning."""

    name: str
    field: str
    kind: Kind
    meaning: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A collection that can be pulled: where it is, how it pages and what its columns are.

    `page_size` is what we ask for, `page_size_range` what the documentation states (None: nothing).
    `row_key` names the columns that together identify a row; treat it as soft, NinjaOne repeats rows.
    """

    name: str
    path: str
    paging: Paging
    holds: str
    row_key: tuple[str, ...]
    columns: tuple[Column, ...] = field(repr=False)
    parameters: tuple[Parameter, ...] = field(default=(), repr=False)
    device_filter: bool = False
    page_size: int = 1000
    page_size_range: tuple[int, int] | None = None
    rows_in: str | None = None

    def column(self, name: str) -> Column:
        """The column named *name*."""
        return next(column for column in self.columns if column.name == name)


INSTANCES = MappingProxyType(
    {
        instance.name: instance
        for instance in (
            Instance("us", "https://app.ninjarmm.com", "United States"),
            Instance("us2", "https://us2.ninjarmm.com", "United States 2"),
            Instance("ca", "https://ca.ninjarmm.com", "Canada"),
            Instance("eu", "https://eu.ninjarmm.com", "Europe"),
            Instance("oc", "https://oc.ninjarmm.com", "Oceania"),
            Instance("jp", "https://jp.ninjarmm.com", "Japan"),
            Instance("fed", "https://fed.ninjarmm.com", "United States, government"),
        )
    }
)

SCOPES = MappingProxyType(
    {
        "monitoring": "read monitoring data; cannot change anything",
        "management": "change devices, organizations and settings",
        "control": "run scripts and open remote sessions on devices",
        "offline_access": "stay connected by refreshing the access token",
    }
)

DEFAULT_SCOPE = ("monitoring", "offline_access")

_BY_CODE: tuple[Grant, ...] = ("authorization_code", "implicit")

PLATFORMS = MappingProxyType(
    {
        platform.name: platform
        for platform in (
            Platform(
                "native", "Native", "authorization_code", _BY_CODE,
                ("Authorization Code", "Refresh Token"), False, True, "http://127.0.0.1",
                "tick Authorization Code and Refresh Token; there is no secret and the redirect "
                "address is fixed to the local machine",
            ),
            Platform(
                "web", "Web", "authorization_code", _BY_CODE,
                ("Authorization Code", "Refresh Token"), True, True, "http://localhost:8725/",
                "tick Authorization Code and Refresh Token, register the redirect URI to the "
                "letter and keep the secret that is shown once",
            ),
            Platform(
                "single-page", "Single Page", "authorization_code", _BY_CODE,
                ("Authorization Code",), False, False, "http://localhost:8725/",
                "tick Authorization Code and register the redirect URI to the letter; there is no "
                "refresh token, so consent lasts as long as one access token",
            ),
            Platform(
                "api-services", "API Services", "client_credentials", ("client_credentials",),
                ("Client Credentials",), True, False, "",
                "tick Client Credentials and keep the secret that is shown once; nobody has to "
                "consent, so it suits schedules",
            ),
        )
    }
)  # fmt: skip

# How a client secret is sent: in the form, or in the header by HTTP Basic.
AUTH_METHODS = ("post", "basic")

SANDBOX_URL = "http://127.0.0.1:8724"
SANDBOX_CLIENT_IDS = MappingProxyType(
    {name: f"sandbox-{name}" for name in ("native", "web", "single-page", "api-services")}
)

NODE_CLASSES = (
    "WINDOWS_SERVER", "WINDOWS_WORKSTATION", "LINUX_SERVER", "LINUX_WORKSTATION", "MAC",
    "MAC_SERVER", "ANDROID", "APPLE_IOS", "APPLE_IPADOS", "VMWARE_VM_HOST", "VMWARE_VM_GUEST",
    "HYPERV_VMM_HOST", "HYPERV_VMM_GUEST", "CLOUD_MONITOR_TARGET", "NMS_SWITCH", "NMS_ROUTER",
    "NMS_FIREWALL", "NMS_PRIVATE_NETWORK_GATEWAY", "NMS_PRINTER", "NMS_SCANNER",
    "NMS_DIAL_MANAGER", "NMS_WAP", "NMS_IPSLA", "NMS_COMPUTER", "NMS_VM_HOST", "NMS_APPLIANCE",
    "NMS_OTHER", "NMS_SERVER", "NMS_PHONE", "NMS_VIRTUAL_MACHINE",
    "NMS_NETWORK_MANAGEMENT_AGENT", "UNMANAGED_DEVICE", "MANAGED_DEVICE",
)  # fmt: skip

_C = Column

_DEVICE_ID = _C("device_id", "deviceId", "id", "the device")
_COLLECTED_AT = _C("collected_at", "timestamp", "time", "when the agent collected the row")

_INSTALLED_AFTER = Parameter(
    "installed_after", "installedAfter", "time", "only what was installed or tried after this time"
)
_INSTALLED_BEFORE = Parameter(
    "installed_before",
    "installedBefore",
    "time",
    "only what was installed or tried before this time",
)
_COLLECTED_SINCE = Parameter(
    "collected_since",
    "ts",
    "time",
    "only rows collected at or after this time (undocumented; check what comes back)",
)

_NODE = (
    _C("device_id", "id", "id", "the device"),
    _C("device_uid", "uid", "text", "the device, across instances"),
    _C("parent_device_id", "parentDeviceId", "id", "the host of a virtual machine or monitored target"),
    _C("organization_id", "organizationId", "id", "the organization that owns the device"),
    _C("location_id", "locationId", "id", "the location of the device"),
    _C("node_class", "nodeClass", "category", "what kind of device it is, e.g. WINDOWS_SERVER"),
    _C("role_id", "nodeRoleId", "id", "the device role"),
    _C("role_policy_id", "rolePolicyId", "id", "the policy that organization and role give the device"),
    _C("policy_id", "policyId", "id", "a policy assigned to the device itself, over the role's"),
    _C("approval_status", "approvalStatus", "category", "PENDING, STAGED, APPROVED or DECOMMISSIONED"),
    _C("offline", "offline", "boolean", "offline at the moment of the pull; see last_contact_at"),
    _C("system_name", "systemName", "text", "the name that the operating system reports"),
    _C("display_name", "displayName", "text", "the name given by a technician, mostly missing"),
    _C("dns_name", "dnsName", "text", "the DNS name"),
    _C("netbios_name", "netbiosName", "text", "the NetBIOS name"),
    _C("created_at", "created", "time", "when the device was enrolled"),
    _C("last_contact_at", "lastContact", "time", "when the agent was last heard of"),
    _C("last_update_at", "lastUpdate", "time", "when the agent last sent data"),
    _C("tags", "tags", "texts", "tags on the device"),
    _C("owner_uid", "assignedOwnerUid", "text", "the user to whom the device is assigned"),
    _C("user_data", "userData", "json", "attributes set through the API"),
    _C("maintenance_status", "maintenance.status", "category", "PENDING, IN_MAINTENANCE or FAILED"),
    _C("maintenance_start_at", "maintenance.start", "time", "when maintenance begins"),
    _C("maintenance_end_at", "maintenance.end", "time", "when maintenance ends"),
    _C("maintenance_reason", "maintenance.reasonMessage", "text", "why it is in maintenance"),
    _C("warranty_start_at", "references.warranty.startDate", "time", "start of warranty (expand=\"warranty\")"),
    _C("warranty_end_at", "references.warranty.endDate", "time", "end of warranty (expand=\"warranty\")"),
)  # fmt: skip

_SPECIAL_DEVICE = (
    _C("system_reported_name", "system.name", "text", "the name in the system information"),
    _C("asset_serial_number", "system.assetSerialNumber", "text", "the asset tag in its BIOS"),
    _C("usable_memory_bytes", "system.totalPhysicalMemory", "integer", "memory that the operating system sees", "bytes"),
    _C("os_service_pack_major", "os.servicePackMajorVersion", "integer", "service pack, major number"),
    _C("os_service_pack_minor", "os.servicePackMinorVersion", "integer", "service pack, minor number"),
    _C("os_locale", "os.locale", "category", "regional setting"),
    _C("os_language", "os.language", "category", "language"),
    _C("host_name", "name", "text", "virtual machine host: its name"),
    _C("host_vendor", "vendor", "text", "virtual machine host: who made it"),
    _C("host_model", "model", "text", "virtual machine host: its model"),
    _C("host_service_tag", "serviceTag", "text", "virtual machine host: its service tag"),
    _C("host_release_name", "releaseName", "text", "virtual machine host: name of the hypervisor"),
    _C("host_version", "version", "text", "virtual machine host: version of the hypervisor"),
    _C("host_build_number", "buildNumber", "text", "virtual machine host: build of the hypervisor"),
    _C("host_cpu_model", "cpuModel", "text", "virtual machine host: processor"),
    _C("host_cpu_mhz", "cpuMhz", "integer", "virtual machine host: clock rate", "MHz"),
    _C("host_cpu_packages", "cpuPackages", "integer", "virtual machine host: processor sockets"),
    _C("host_cpu_threads", "cpuThreads", "integer", "virtual machine host: logical processors"),
    _C("host_hyper_threading_active", "htActive", "boolean", "virtual machine host: hyper-threading is on"),
    _C("host_hyper_threading_available", "htAvailable", "boolean", "virtual machine host: hyper-threading is possible"),
    _C("vm_cpu_cores", "cpuCores", "integer", "virtual machine or host: processor cores"),
    _C("vm_memory_bytes", "memorySize", "integer", "virtual machine or host: memory", "bytes"),
    _C("vm_last_boot_at", "lastBootTime", "time", "virtual machine or host: last boot"),
    _C("vm_cores_per_socket", "coresPerSocket", "integer", "virtual machine: cores per socket"),
    _C("vm_full_name", "fullName", "text", "virtual machine: its name with its path"),
    _C("vm_files", "files", "text", "virtual machine: its files"),
    _C("vm_power_state", "powerState", "category", "virtual machine: on, off or suspended"),
    _C("vm_guest_os", "guestOSFullName", "text", "virtual machine: its operating system"),
    _C("vm_guest_os_family", "guestOSFamily", "category", "virtual machine: family of its operating system"),
    _C("vm_guest_os_id", "guestOSId", "category", "virtual machine: identifier of its operating system"),
    _C("vm_tools_install_type", "toolsInstallType", "category", "virtual machine: how the guest tools were installed"),
    _C("vm_tools_status", "toolStatus", "category", "virtual machine: state of the guest tools"),
    _C("vm_tools_version", "toolsVersion", "text", "virtual machine: version of the guest tools"),
    _C("vm_tools_version_status", "toolsVersionStatus", "category", "virtual machine: whether that version is current"),
    _C("vm_snapshot_count", "snapshotCount", "integer", "virtual machine: its snapshots"),
    _C("vm_snapshot_bytes", "snapshotTotalSize", "integer", "virtual machine: size of its snapshots", "bytes"),
    _C("mobile_name", "system.displayName", "text", "mobile device: its name"),
    _C("mobile_build", "system.build", "text", "mobile device: build of its operating system"),
    _C("mobile_network", "network", "json", "mobile device: its networks"),
    _C("monitor_enabled", "enabled", "boolean", "cloud monitor: it is switched on"),
    _C("monitor_target", "target", "text", "cloud monitor: what it watches"),
    _C("monitor_interval", "interval", "integer", "cloud monitor: time between two looks", "seconds"),
    _C("monitor_timeout", "timeout", "integer", "cloud monitor: how long it waits", "seconds"),
    _C("monitor_smtp_port", "smtpPort", "integer", "cloud monitor of mail: the port"),
    _C("monitor_sender", "senderEmail", "text", "cloud monitor of mail: the sender"),
    _C("monitor_recipient", "recipientEmail", "text", "cloud monitor of mail: the recipient"),
)  # fmt: skip

_EXPAND = Parameter(
    "expand", "expand", "text", "references to include, e.g. warranty (undocumented, may be ignored)"
)  # fmt: skip

_OS_PATCH = (
    _DEVICE_ID,
    _C("patch_id", "id", "text", "the patch; the same on every device"),
    _C("name", "name", "text", "the title of the patch"),
    _C("kb_number", "kbNumber", "text", "the knowledge base article, e.g. KB5031356"),
    _C("severity", "severity", "category", "how grave; two vocabularies in mixed case"),
    _C("status", "status", "category", "MANUAL, APPROVED, REJECTED, INSTALLED, FAILED, …"),
    _C("type", "type", "category", "the kind of update; often UNKNOWN or UNSPECIFIED"),
    _C("installed_at", "installedAt", "time", "when it was tried; missing in about one attempt of a hundred"),
    _COLLECTED_AT,
)  # fmt: skip

_PATCH_PARAMETERS = (
    Parameter("status", "status", "text", "only patches with this status"),
    Parameter("type", "type", "text", "only patches of this type"),
    Parameter("severity", "severity", "text", "only patches of this severity"),
    _COLLECTED_SINCE,
)

TABLES = MappingProxyType(
    {
        table.name: table
        for table in (
            Table(
                "organizations", "/v2/organizations", "after",
                "the organizations (customers) of the tenant", ("organization_id",),
                (
                    _C("organization_id", "id", "id", "the organization"),
                    _C("organization_name", "name", "text", "its full name"),
                    _C("description", "description", "text", "what was noted about it"),
                    _C("node_approval_mode", "nodeApprovalMode", "category", "how new devices are let in: AUTOMATIC, MANUAL or REJECT"),
                    _C("user_data", "userData", "json", "attributes set through the API"),
                ),
            ),
            Table(
                "locations", "/v2/locations", "after",
                "the locations of all organizations", ("location_id",),
                (
                    _C("location_id", "id", "id", "the location"),
                    _C("organization_id", "organizationId", "id", "the organization it belongs to"),
                    _C("location_name", "name", "text", "its name"),
                    _C("address", "address", "text", "its postal address"),
                    _C("description", "description", "text", "what was noted about it"),
                    _C("user_data", "userData", "json", "attributes set through the API"),
                ),
            ),
            Table(
                "devices", "/v2/devices", "after",
                "every device, with its place and state; pending ones only by filter", ("device_id",),
                _NODE, (_EXPAND,), True,
            ),
            Table(
                "devices_detailed", "/v2/devices-detailed", "after",
                "every device with addresses, operating system, hardware and last user", ("device_id",),
                (
                    *_NODE,
                    _C("device_type", "deviceType", "category", "the shape of the row, e.g. AgentDevice or VMHost"),
                    _C("ip_addresses", "ipAddresses", "texts", "addresses of its interfaces"),
                    _C("mac_addresses", "macAddresses", "texts", "hardware addresses of its interfaces"),
                    _C("public_ip", "publicIP", "text", "the address it is seen from"),
                    _C("notes", "notes", "json", "notes by technicians"),
                    _C("last_logged_in_user", "lastLoggedInUser", "text", "who signed in last"),
                    _C("os_name", "os.name", "text", "name of the operating system"),
                    _C("os_manufacturer", "os.manufacturer", "category", "who makes the operating system"),
                    _C("os_architecture", "os.architecture", "category", "e.g. 64-bit"),
                    _C("os_build_number", "os.buildNumber", "text", "build; 19045 and 10.0.22631 are both met"),
                    _C("os_release_id", "os.releaseId", "text", "release, e.g. 22H2"),
                    _C("os_last_boot_at", "os.lastBootTime", "time", "last boot; fast startup makes it too old"),
                    _C("os_needs_reboot", "os.needsReboot", "boolean", "a restart is pending"),
                    _C("system_manufacturer", "system.manufacturer", "text", "who made the machine"),
                    _C("system_model", "system.model", "text", "its model"),
                    _C("serial_number", "system.serialNumber", "text", "its serial number"),
                    _C("bios_serial_number", "system.biosSerialNumber", "text", "the serial number in its BIOS"),
                    _C("domain", "system.domain", "text", "the Windows domain or workgroup"),
                    _C("domain_role", "system.domainRole", "text", "its part in the domain"),
                    _C("chassis_type", "system.chassisType", "category", "the case, as reported"),
                    _C("virtual_machine", "system.virtualMachine", "boolean", "it is a virtual machine"),
                    _C("processor_count", "system.numberOfProcessors", "integer", "processor sockets"),
                    _C("memory_bytes", "memory.capacity", "integer", "installed memory", "bytes"),
                    _C("processors", "processors", "json", "its processors"),
                    _C("volumes", "volumes", "json", "its volumes; the table volumes has them as rows"),
                    *_SPECIAL_DEVICE,
                ),
                (_EXPAND,), True,
            ),
            Table(
                "roles", "/v2/roles", "none",
                "the device roles, built in and custom", ("role_id",),
                (
                    _C("role_id", "id", "id", "the device role"),
                    _C("role_name", "name", "text", "its name"),
                    _C("description", "description", "text", "what was noted about it"),
                    _C("node_class", "nodeClass", "category", "the node class it is for"),
                    _C("custom", "custom", "boolean", "made by the tenant, not built in"),
                    _C("chassis_type", "chassisType", "category", "UNKNOWN, DESKTOP, LAPTOP or MOBILE"),
                    _C("parent_role_id", "nodeRoleParentId", "id", "the role it is derived from"),
                    _C("created_at", "created", "time", "when it was made"),
                    _C("icon", "icon", "text", "the icon that NinjaOne shows"),
                ),
            ),
            Table(
                "policies", "/v2/policies", "none",
                "the policies that devices follow", ("policy_id",),
                (
                    _C("policy_id", "id", "id", "the policy"),
                    _C("policy_name", "name", "text", "its name"),
                    _C("description", "description", "text", "what was noted about it"),
                    _C("node_class", "nodeClass", "category", "the node class it is for"),
                    _C("parent_policy_id", "parentPolicyId", "id", "the policy it inherits from"),
                    _C("default_for_node_class", "nodeClassDefault", "boolean", "the default of its node class"),
                    _C("updated_at", "updated", "time", "when it was last changed"),
                ),
            ),
            Table(
                "operating_systems", "/v2/queries/operating-systems", "cursor",
                "the operating system of each device", ("device_id",),
                (
                    _DEVICE_ID,
                    _C("name", "name", "text", "name of the operating system"),
                    _C("manufacturer", "manufacturer", "category", "who makes it"),
                    _C("architecture", "architecture", "category", "e.g. 64-bit"),
                    _C("build_number", "buildNumber", "text", "build; 19045 and 10.0.22631 are both met"),
                    _C("release_id", "releaseId", "text", "release, e.g. 22H2"),
                    _C("service_pack_major", "servicePackMajorVersion", "integer", "service pack, major number"),
                    _C("service_pack_minor", "servicePackMinorVersion", "integer", "service pack, minor number"),
                    _C("locale", "locale", "category", "regional setting"),
                    _C("language", "language", "category", "language"),
                    _C("needs_reboot", "needsReboot", "boolean", "a restart is pending"),
                    _C("last_boot_at", "lastBootTime", "time", "last boot; fast startup makes it too old"),
                    _COLLECTED_AT,
                ),
                (_COLLECTED_SINCE,), True, rows_in="results",
            ),
            Table(
                "device_health", "/v2/queries/device-health", "cursor",
                "health, alerts, threats and patch counts of each device", ("device_id",),
                (
                    _DEVICE_ID,
                    _C("health_status", "healthStatus", "category", "HEALTHY, NEEDS_ATTENTION, UNHEALTHY or UNKNOWN"),
                    _C("offline", "offline", "boolean", "offline at the moment of the pull"),
                    _C("parent_device_id", "parentDeviceId", "id", "the host of a virtual machine"),
                    _C("parent_offline", "parentOffline", "boolean", "that host is offline"),
                    _C("alert_count", "alertCount", "integer", "active alerts"),
                    _C("active_job_count", "activeJobCount", "integer", "jobs under way"),
                    _C("active_threats_count", "activeThreatsCount", "integer", "threats that are active"),
                    _C("quarantined_threats_count", "quarantinedThreatsCount", "integer", "threats in quarantine"),
                    _C("blocked_threats_count", "blockedThreatsCount", "integer", "threats that were blocked"),
                    _C("pending_os_patches_count", "pendingOSPatchesCount", "integer", "OS patches to install"),
                    _C("failed_os_patches_count", "failedOSPatchesCount", "integer", "OS patches that failed"),
                    _C("pending_software_patches_count", "pendingSoftwarePatchesCount", "integer", "software patches to install"),
                    _C("failed_software_patches_count", "failedSoftwarePatchesCount", "integer", "software patches that failed"),
                    _C("pending_reboot_reason", "pendingRebootReason", "text", "why a restart is pending"),
                    _C("av_install_status", "avInstallStatus", "category", "state of the antivirus installation"),
                    _C("products_installation_statuses", "productsInstallationStatuses", "json", "installation state of integrated products"),
                    _C("installation_issues_count", "installationIssuesCount", "integer", "integrated products that did not install"),
                    _C("critical_vulnerability_count", "criticalVulnerabilityCount", "integer", "critical vulnerabilities (newer instances)"),
                    _C("high_vulnerability_count", "highVulnerabilityCount", "integer", "high vulnerabilities (newer instances)"),
                    _C("medium_vulnerability_count", "mediumVulnerabilityCount", "integer", "medium vulnerabilities (newer instances)"),
                    _C("low_vulnerability_count", "lowVulnerabilityCount", "integer", "low vulnerabilities (newer instances)"),
                ),
                (Parameter("health", "health", "text", "only devices in this health status"),), True,
                rows_in="results",
            ),
            Table(
                "software", "/v2/queries/software", "cursor",
                "every program installed on every device", ("device_id", "name", "version", "product_code", "path"),
                (
                    _DEVICE_ID,
                    _C("name", "name", "text", "the program"),
                    _C("version", "version", "text", "its version, as it reports it"),
                    _C("publisher", "publisher", "category", "who publishes it"),
                    _C("installed_on", "installDate", "date", "the day of installation, often missing"),
                    _C("size_bytes", "size", "integer", "size on disk", "bytes"),
                    _C("path", "location", "text", "where it is installed"),
                    _C("product_code", "productCode", "text", "the installer's product code"),
                    _C("system_component", "isSystemComponent", "boolean", "part of the system (newer instances)"),
                    _COLLECTED_AT,
                ),
                (_INSTALLED_AFTER, _INSTALLED_BEFORE), True, rows_in="results",
            ),
            Table(
                "os_patches", "/v2/queries/os-patches", "cursor",
                "OS patches that wait, failed or were rejected, per device", ("device_id", "patch_id"),
                _OS_PATCH, _PATCH_PARAMETERS, True, rows_in="results",
            ),
            Table(
                "os_patch_installs", "/v2/queries/os-patch-installs", "cursor",
                "attempts to install OS patches, good and bad; ask with installed_after", ("device_id", "patch_id", "installed_at"),
                _OS_PATCH, (_PATCH_PARAMETERS[0], _INSTALLED_AFTER, _INSTALLED_BEFORE), True, rows_in="results",
            ),
            Table(
                "antivirus_status", "/v2/queries/antivirus-status", "cursor",
                "antivirus products per device; several rows per device are normal", ("device_id", "product_name"),
                (
                    _DEVICE_ID,
                    _C("product_name", "productName", "category", "the product"),
                    _C("product_state", "productState", "category", "ON, OFF, SNOOZED, EXPIRED, …"),
                    _C("definition_status", "definitionStatus", "category", "Up-to-Date, Out-of-Date or Unknown"),
                    _C("version", "version", "text", "version of the product"),
                    _COLLECTED_AT,
                ),
                (
                    Parameter("product_state", "productState", "text", "only products in this state"),
                    Parameter("product_name", "productName", "text", "only this product"),
                    _COLLECTED_SINCE,
                ), True, rows_in="results",
            ),
            Table(
                "volumes", "/v2/queries/volumes", "cursor",
                "logical volumes per device, with free space", ("device_id", "name", "drive_letter"),
                (
                    _DEVICE_ID,
                    _C("name", "name", "text", "the volume"),
                    _C("drive_letter", "driveLetter", "category", "its letter, on Windows"),
                    _C("label", "label", "text", "its label"),
                    _C("device_type", "deviceType", "category", "e.g. Local Disk or Removable Disk"),
                    _C("file_system", "fileSystem", "category", "e.g. NTFS, APFS, ext4"),
                    _C("capacity_bytes", "capacity", "integer", "its size", "bytes"),
                    _C("free_bytes", "freeSpace", "integer", "what is free", "bytes"),
                    _C("serial_number", "serialNumber", "text", "its serial number"),
                    _C("auto_mount", "autoMount", "boolean", "mounted by itself"),
                    _C("compressed", "compressed", "boolean", "compressed"),
                    _C("bitlocker_conversion_status", "bitLockerStatus.conversionStatus", "category", "how far it is encrypted (include=\"bl\")"),
                    _C("bitlocker_encryption_method", "bitLockerStatus.encryptionMethod", "category", "with which cipher (include=\"bl\")"),
                    _C("bitlocker_protection_status", "bitLockerStatus.protectionStatus", "category", "whether its key is guarded (include=\"bl\")"),
                    _C("bitlocker_lock_status", "bitLockerStatus.lockStatus", "category", "whether it can be read (include=\"bl\")"),
                    _C("bitlocker_initialized", "bitLockerStatus.initializedForProtection", "boolean", "set up for protection (include=\"bl\")"),
                    _COLLECTED_AT,
                ),
                (Parameter("include", "include", "text", "bl adds BitLocker status", ("bl",)), _COLLECTED_SINCE),
                True, rows_in="results",
            ),
            Table(
                "activities", "/v2/activities", "older_than",
                "the activity log, newest first; ask with after", ("activity_id",),
                (
                    _C("activity_id", "id", "id", "the activity"),
                    _C("activity_at", "activityTime", "time", "when it happened"),
                    _C("device_id", "deviceId", "id", "the device; missing for the tenant's own activities"),
                    _C("activity_type", "activityType", "category", "family, e.g. CONDITION or PATCH_MANAGEMENT"),
                    _C("status_code", "statusCode", "category", "what happened, e.g. TRIGGERED or NODE_CREATED"),
                    _C("status", "status", "text", "the same in words"),
                    _C("activity_result", "activityResult", "category", "SUCCESS, FAILURE, UNSUPPORTED or UNCOMPLETED"),
                    _C("severity", "severity", "category", "NONE, MINOR, MODERATE, MAJOR or CRITICAL"),
                    _C("priority", "priority", "category", "NONE, LOW, MEDIUM or HIGH"),
                    _C("subject", "subject", "text", "what it is about"),
                    _C("message", "message", "text", "what the log says"),
                    _C("type", "type", "text", "the family in words"),
                    _C("user_id", "userId", "id", "who did it"),
                    _C("series_uid", "seriesUid", "text", "the alert or job to which it belongs"),
                    _C("source_config_uid", "sourceConfigUid", "text", "the condition or script behind it"),
                    _C("source_name", "sourceName", "text", "the name of that condition or script"),
                    _C("data", "data", "json", "details, as NinjaOne has them"),
                ),
                (
                    Parameter("after", "after", "iso_time", "only activities after this time"),
                    Parameter("before", "before", "iso_time", "only activities before this time"),
                    Parameter("activity_class", "class", "text", "whose activities", ("ALL", "DEVICE", "SYSTEM", "USER")),
                    Parameter("type", "type", "text", "only this activity type"),
                    Parameter("status", "status", "text", "only this status code"),
                    Parameter("user", "user", "text", "only by this user"),
                    Parameter("series_uid", "seriesUid", "text", "only of this alert or job"),
                    Parameter("newer_than", "newerThan", "integer", "only ids above this activity id (not a time)"),
                ),
                True, page_size=1000, page_size_range=(10, 1000), rows_in="activities",
            ),
            Table(
                "alerts", "/v2/alerts", "none",
                "alerts that are active now; the past is in activities", ("alert_uid",),
                (
                    _C("alert_uid", "uid", "text", "the alert; the series_uid of its activities"),
                    _DEVICE_ID,
                    _C("severity", "severity", "category", "NONE, MINOR, MODERATE, MAJOR or CRITICAL (newer instances)"),
                    _C("priority", "priority", "category", "NONE, LOW, MEDIUM or HIGH (newer instances)"),
                    _C("source_type", "sourceType", "category", "which kind of condition raised it"),
                    _C("source_name", "sourceName", "text", "the name of that condition"),
                    _C("source_config_uid", "sourceConfigUid", "text", "that condition"),
                    _C("condition_name", "conditionName", "text", "the condition (newer instances)"),
                    _C("condition_health_status", "conditionHealthStatus", "category", "what the condition says about health"),
                    _C("use_global_health_status", "useGlobalHealthStatus", "boolean", "health follows the tenant's rule"),
                    _C("subject", "subject", "text", "what it is about"),
                    _C("message", "message", "text", "what the alert says"),
                    _C("created_at", "createTime", "time", "when it was raised"),
                    _C("updated_at", "updateTime", "time", "when it last changed"),
                    _C("user_id", "userId", "id", "who acknowledged or changed it"),
                    _C("psa_ticket_id", "psaTicketId", "json", "the ticket in the PSA"),
                    _C("ticket_template_id", "ticketTemplateId", "id", "the template of that ticket"),
                    _C("data", "data", "json", "details, as NinjaOne has them"),
                    _C("device", "device", "json", "the device row, where NinjaOne sends it"),
                ),
                (
                    Parameter("source_type", "sourceType", "text", "only alerts of this kind of condition"),
                    Parameter("lang", "lang", "text", "language of the messages, e.g. en"),
                    Parameter("tz", "tz", "text", "time zone of times in messages"),
                ),
                True,
            ),
        )
    }
)  # fmt: skip
