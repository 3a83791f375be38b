"""Columns of what devices consist of, shared by the queries, the device rows and the device tables."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C

NOTE = (C("text", "text", "text", "what was noted"),)

VOLUME = (
    C("name", "name", "text", "the volume"),
    C("drive_letter", "driveLetter", "category", "its letter, on Windows"),
    C("label", "label", "text", "its label"),
    C("device_type", "deviceType", "category", "e.g. Local Disk or Removable Disk"),
    C("file_system", "fileSystem", "category", "e.g. NTFS, APFS, ext4"),
    C("capacity_bytes", "capacity", "integer", "its size", "bytes"),
    C("free_bytes", "freeSpace", "integer", "what is free", "bytes"),
    C("serial_number", "serialNumber", "text", "its serial number"),
    C("auto_mount", "autoMount", "boolean", "mounted by itself"),
    C("compressed", "compressed", "boolean", "compressed"),
    C("bitlocker_conversion_status", "bitLockerStatus.conversionStatus", "category", "how far it is encrypted (include=\"bl\")"),
    C("bitlocker_encryption_method", "bitLockerStatus.encryptionMethod", "category", "with which cipher (include=\"bl\")"),
    C("bitlocker_protection_status", "bitLockerStatus.protectionStatus", "category", "whether its key is guarded (include=\"bl\")"),
    C("bitlocker_lock_status", "bitLockerStatus.lockStatus", "category", "whether it can be read (include=\"bl\")"),
    C("bitlocker_initialized", "bitLockerStatus.initializedForProtection", "boolean", "set up for protection (include=\"bl\")"),
)  # fmt: skip

PROCESSOR = (
    C("name", "name", "text", "the model"),
    C("architecture", "architecture", "category", "e.g. x64 or arm64"),
    C("core_count", "numCores", "integer", "its cores"),
    C("logical_core_count", "numLogicalCores", "integer", "its cores with hyper-threading"),
    C("max_clock_speed", "maxClockSpeed", "integer", "its highest clock rate", "Hz"),
    C("clock_speed", "clockSpeed", "integer", "its clock rate when it was looked at", "Hz"),
)  # fmt: skip

DISK = (
    C("name", "name", "text", "the drive as the system calls it, e.g. \\\\.\\PHYSICALDRIVE0"),
    C("model", "model", "text", "its model; behind a RAID controller that of the virtual drive"),
    C("manufacturer", "manufacturer", "text", "who made it, often only (Standard disk drives)"),
    C("description", "description", "text", "what the system says it is"),
    C("serial_number", "serialNumber", "text", "its serial number"),
    C("size_bytes", "size", "integer", "its size", "bytes"),
    C("media_type", "mediaType", "category", "SSD, HDD or Windows' own words, in no fixed form"),
    C("interface_type", "interfaceType", "category", "how it is connected, e.g. NVMe, SCSI, USB"),
    C("partition_count", "partitionCount", "integer", "its partitions"),
    C("sector_bytes", "bytesPerSector", "integer", "size of a sector", "bytes"),
    C("smart_capable", "smartCapable", "boolean", "it watches itself (S.M.A.R.T.)"),
    C("status", "status", "category", "OK, Pred Fail, Degraded, …; OK where nothing is known"),
)  # fmt: skip

NETWORK_INTERFACE = (
    C("interface_index", "interfaceIndex", "text", "its number on the device"),
    C("interface_name", "interfaceName", "text", "its name, e.g. Ethernet or en0"),
    C("adapter_name", "adapterName", "text", "the adapter behind it"),
    C("interface_type", "interfaceType", "category", "what kind it is, e.g. ETHERNET or WIFI"),
    C("status", "status", "category", "UP or DOWN"),
    C("ip_addresses", "ipAddress", "texts", "its addresses, IPv4 and IPv6"),
    C("mac_addresses", "macAddress", "texts", "its hardware addresses"),
    C("subnet_mask", "subnetMask", "text", "the mask of its network"),
    C("default_gateway", "defaultGateway", "text", "the way out of its network"),
    C("dns_servers", "dnsServers", "text", "who resolves names for it, with commas between"),
    C("dns_host_name", "dnsHostName", "text", "the name of the device in DNS"),
    C("link_speed", "linkSpeed", "text", "its speed as text, in bits per second"),
    C("mtu", "mtu", "text", "the largest packet in bytes, as text"),
)  # fmt: skip

SERVICE = (
    C("name", "name", "text", "the service"),
    C("display_name", "displayName", "text", "its name for people, in the language of the system"),
    C("description", "description", "text", "what it says it does"),
    C("start_type", "startType", "category", "AUTO_START, AUTO_START_DELAYED, DEMAND_START, DISABLED, …"),
    C("state", "state", "category", "RUNNING, STOPPED, …, when it was looked at"),
    C("user_name", "userName", "text", "the account under which it runs"),
)  # fmt: skip

PROGRAM = (
    C("name", "name", "text", "the program"),
    C("version", "version", "text", "its version, as it reports it"),
    C("publisher", "publisher", "category", "who publishes it"),
    C("installed_on", "installDate", "date", "the day of installation, often missing"),
    C("size_bytes", "size", "integer", "size on disk", "bytes"),
    C("path", "location", "text", "where it is installed"),
    C("product_code", "productCode", "text", "the installer's product code"),
    C("system_component", "isSystemComponent", "boolean", "part of the system (newer instances)"),
)  # fmt: skip

OS_PATCH = (
    C("patch_id", "id", "text", "the patch; the same on every device"),
    C("name", "name", "text", "the title of the patch"),
    C("kb_number", "kbNumber", "text", "the knowledge base article, e.g. KB5031356"),
    C("severity", "severity", "category", "how grave; two vocabularies in mixed case"),
    C("status", "status", "category", "MANUAL, APPROVED, REJECTED, INSTALLED, FAILED, …"),
    C("type", "type", "category", "the kind of update; often UNKNOWN or UNSPECIFIED"),
    C("installed_at", "installedAt", "time", "when it was tried; missing in about one attempt of a hundred"),
)  # fmt: skip

SOFTWARE_PATCH = (
    C("patch_id", "id", "text", "the patch; the same on every device"),
    C("product_id", "productIdentifier", "text", "the product, in NinjaOne's own catalog"),
    C("title", "title", "text", "product and version to which it updates; there is no release date"),
    C("impact", "impact", "category", "how grave, in mixed case; the severity of OS patches is another scale"),
    C("status", "status", "category", "MANUAL, APPROVED, REJECTED, INSTALLED, FAILED, …; may be missing"),
    C("type", "type", "category", "PATCH or INSTALLER"),
    C("installed_at", "installedAt", "time", "when it was tried"),
)  # fmt: skip
