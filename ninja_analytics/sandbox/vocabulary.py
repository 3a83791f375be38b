"""What the sandbox's fleet is made of, as data: names, places, machines, roles and policies.

People, companies and addresses are invented; products and builds are those that really exist.
"""

from __future__ import annotations

from typing import NamedTuple

ORGANIZATIONS = tuple(
    line.strip()
    for line in """
    Harbor & Finch Logistics|Brightwater Dental Group|Oakline Architects|Silverpine School District
    Meridian Valley Clinic|Copperfield Foods|Larkspur Legal|Tidewater Credit Union|Quillon Press
    Bluestone Quarries|Juniper Ridge Winery|Fernhill Veterinary|Ashgrove Accounting|Redcliff Motors
    Summit Orthopedics|Willowbend Housing Trust|Pinnacle Freight|Maplecrest Pharmacy
    Ironbridge Castings|Saltmarsh Fisheries|Kestrel Aviation Parts|Northgate Insurance Brokers
    Amberley Hotels|Foxglove Nurseries|Lakeshore Title|Cobalt Bay Robotics|Hollis & Wren Interiors
    Greyfriars Museum|Sandpiper Travel|Thornbury Textiles|Elmstead Surveyors|Verity Translation
    Pebblebrook Daycare|Granite Peak Solar|Millrace Brewing|Old Quay Marina|Starling Media
    Birchwood Optics|Caldera Geothermal|Driftwood Studios
    """.replace("\n", "|").split("|")
    if line.strip()
)
ORGANIZATION_KINDS = ("Holdings", "Partners", "Services", "North", "West", "Group", "Labs")
PLACES = (
    "Main Office", "Warehouse", "Riverside", "Airport Road", "Old Town", "Plant 2", "Showroom",
    "Data Center", "Training Center", "East Branch", "West Branch", "Harbor Depot", "Remote Staff",
)  # fmt: skip
STREETS = (
    "Alder Street", "Quarry Lane", "Station Road", "Lighthouse Avenue", "Mill Yard",
    "Orchard Way", "Foundry Street", "Canal Walk", "Beacon Hill", "Sycamore Drive",
)  # fmt: skip
TOWNS = (
    "Eastmere",
    "Port Calder",
    "Wexbridge",
    "Hallow Falls",
    "Stonehaven Bay",
    "Dunmore Heights",
)
FIRST_NAMES = (
    "amira", "ben", "carla", "dmitri", "elena", "farid", "grace", "hugo", "ines", "jonas",
    "kavya", "liam", "mei", "noah", "olga", "priya", "quentin", "rosa", "samuel", "tara",
)  # fmt: skip
LAST_NAMES = (
    "abbas", "brandt", "castillo", "dubois", "eriksen", "fontaine", "garcia", "hansen", "ito",
    "jansen", "kowalski", "lindqvist", "moreau", "novak", "okafor", "petrov", "quinn", "rossi",
    "schmidt", "tanaka",
)  # fmt: skip
TAGS = ("vip", "kiosk", "lab", "finance", "field-staff", "loaner", "decommission-soon")
TECHNICIANS = ((3, "Avery Stone"), (4, "Robin Calder"), (7, "Jo Marsh"), (11, "Sasha Reed"))

_MS, _APPLE = "Microsoft Corporation", "Apple Inc."


class System(NamedTuple):
    """An operating system: the node classes that run it, its weight in them, names and builds."""

    classes: tuple[str, ...]
    weight: float
    name: str
    build: str
    release: str
    manufacturer: str
    family: str


_WORKSTATION, _SERVER = ("WINDOWS_WORKSTATION",), ("WINDOWS_SERVER",)
_MAC, _LINUX = ("MAC", "MAC_SERVER"), ("LINUX_SERVER", "LINUX_WORKSTATION")

SYSTEMS = (
    System(_WORKSTATION, 20, "Windows 10 Pro", "19045", "22H2", _MS, "windows-10"),
    System(_WORKSTATION, 6, "Windows 10 Enterprise", "19045", "22H2", _MS, "windows-10"),
    System(_WORKSTATION, 2, "Windows 10 Enterprise LTSC 2021", "19044", "21H2", _MS, "windows-10"),
    System(_WORKSTATION, 1, "Windows 10 Pro", "18363", "1909", _MS, "windows-10"),
    System(_WORKSTATION, 1.5, "Windows 11 Pro", "22000", "21H2", _MS, "windows-11"),
    System(_WORKSTATION, 3, "Windows 11 Pro", "22621", "22H2", _MS, "windows-11"),
    System(_WORKSTATION, 12, "Windows 11 Pro", "22631", "23H2", _MS, "windows-11"),
    System(_WORKSTATION, 5, "Windows 11 Enterprise", "22631", "23H2", _MS, "windows-11"),
    System(_WORKSTATION, 22, "Windows 11 Pro", "26100", "24H2", _MS, "windows-11"),
    System(_WORKSTATION, 8, "Windows 11 Enterprise", "26100", "24H2", _MS, "windows-11"),
    System(_WORKSTATION, 2, "Windows 11 Home", "26100", "24H2", _MS, "windows-11"),
    System(_WORKSTATION, 15, "Windows 11 Pro", "26200", "25H2", _MS, "windows-11"),
    System(_WORKSTATION, 0.5, "Windows 7 Professional", "7601", "", _MS, "windows-7"),
    System(_SERVER, 22, "Windows Server 2016 Standard", "14393", "1607", _MS, "windows-server"),
    System(_SERVER, 28, "Windows Server 2019 Standard", "17763", "1809", _MS, "windows-server"),
    System(_SERVER, 5, "Windows Server 2019 Datacenter", "17763", "1809", _MS, "windows-server"),
    System(_SERVER, 30, "Windows Server 2022 Standard", "20348", "21H2", _MS, "windows-server"),
    System(_SERVER, 10, "Windows Server 2025 Standard", "26100", "24H2", _MS, "windows-server"),
    System(_SERVER, 5, "Windows Server 2012 R2 Standard", "9600", "", _MS, "windows-server"),
    System(_MAC, 3, "macOS Monterey", "21H1320", "12.7.6", _APPLE, "macos"),
    System(_MAC, 8, "macOS Ventura", "22H625", "13.7.8", _APPLE, "macos"),
    System(_MAC, 20, "macOS Sonoma", "23J30", "14.8.1", _APPLE, "macos"),
    System(_MAC, 45, "macOS Sequoia", "24G222", "15.7.1", _APPLE, "macos"),
    System(_MAC, 24, "macOS Tahoe", "25A362", "26.0.1", _APPLE, "macos"),
    System(_LINUX, 3, "Ubuntu 18.04.6 LTS", "4.15.0-213-generic", "18.04", "Canonical", "linux"),
    System(_LINUX, 14, "Ubuntu 20.04.6 LTS", "5.4.0-216-generic", "20.04", "Canonical", "linux"),
    System(_LINUX, 28, "Ubuntu 22.04.5 LTS", "5.15.0-157-generic", "22.04", "Canonical", "linux"),
    System(_LINUX, 20, "Ubuntu 24.04.3 LTS", "6.8.0-85-generic", "24.04", "Canonical", "linux"),
    System(_LINUX, 8, "Debian GNU/Linux 11 (bullseye)", "5.10.0-35-amd64", "11", "Debian", "linux"),
    System(_LINUX, 12, "Debian GNU/Linux 12 (bookworm)", "6.1.0-40-amd64", "12", "Debian", "linux"),
    System(_LINUX, 3, "CentOS Linux 7 (Core)", "3.10.0-1160.el7.x86_64", "7", "CentOS", "linux"),
    System(_LINUX, 6, "Red Hat Enterprise Linux 8.10 (Ootpa)", "4.18.0-553.el8_10.x86_64", "8.10", "Red Hat", "linux"),
    System(_LINUX, 6, "Red Hat Enterprise Linux 9.6 (Plow)", "5.14.0-570.el9_6.x86_64", "9.6", "Red Hat", "linux"),
)  # fmt: skip

# node class, share of the fleet, letters in its names, mean of its software rows, role ids
CLASSES = (
    ("WINDOWS_WORKSTATION", 0.690, "WS", 106, (2, 3)),
    ("WINDOWS_SERVER", 0.130, "SRV", 88, (1, 14)),
    ("MAC", 0.075, "MAC", 92, (4, 5)),
    ("LINUX_SERVER", 0.040, "LNX", 150, (6,)),
    ("LINUX_WORKSTATION", 0.010, "LWS", 140, (7,)),
    ("NMS_SWITCH", 0.014, "SW", 0, (10,)),
    ("NMS_FIREWALL", 0.010, "FW", 0, (11,)),
    ("VMWARE_VM_HOST", 0.008, "ESX", 0, (8,)),
    ("VMWARE_VM_GUEST", 0.012, "VM", 0, (9,)),
    ("NMS_PRINTER", 0.006, "PRN", 0, (12,)),
    ("CLOUD_MONITOR_TARGET", 0.005, "MON", 0, (13,)),
)
AGENT_CLASSES = frozenset(
    {"WINDOWS_WORKSTATION", "WINDOWS_SERVER", "MAC", "LINUX_SERVER", "LINUX_WORKSTATION"}
)
DEVICE_TYPES = {
    "VMWARE_VM_HOST": "VMHost",
    "VMWARE_VM_GUEST": "VMGuest",
    "CLOUD_MONITOR_TARGET": "CloudMonitorPing",
}

# id, name, node class, made by the tenant, chassis type, parent role
ROLES = (
    (1, "Windows Server", "WINDOWS_SERVER", False, "UNKNOWN", None),
    (2, "Windows Desktop", "WINDOWS_WORKSTATION", False, "DESKTOP", None),
    (3, "Windows Laptop", "WINDOWS_WORKSTATION", False, "LAPTOP", None),
    (4, "Mac Desktop", "MAC", False, "DESKTOP", None),
    (5, "Mac Laptop", "MAC", False, "LAPTOP", None),
    (6, "Linux Server", "LINUX_SERVER", False, "UNKNOWN", None),
    (7, "Linux Workstation", "LINUX_WORKSTATION", False, "UNKNOWN", None),
    (8, "VMware Host", "VMWARE_VM_HOST", False, "UNKNOWN", None),
    (9, "VMware Guest", "VMWARE_VM_GUEST", False, "UNKNOWN", None),
    (10, "Switch", "NMS_SWITCH", False, "UNKNOWN", None),
    (11, "Firewall", "NMS_FIREWALL", False, "UNKNOWN", None),
    (12, "Printer", "NMS_PRINTER", False, "UNKNOWN", None),
    (13, "Ping Monitor", "CLOUD_MONITOR_TARGET", False, "UNKNOWN", None),
    (14, "Domain Controller", "WINDOWS_SERVER", True, "UNKNOWN", 1),
)
LAPTOP_ROLES = (3, 5)

# id, name, node class, default of its class, parent policy
POLICIES = (
    (101, "Windows Server", "WINDOWS_SERVER", True, None),
    (102, "Windows Server, patched monthly", "WINDOWS_SERVER", False, 101),
    (103, "Windows Workstation", "WINDOWS_WORKSTATION", True, None),
    (104, "Windows Workstation, early ring", "WINDOWS_WORKSTATION", False, 103),
    (105, "Windows Laptop, BitLocker", "WINDOWS_WORKSTATION", False, 103),
    (106, "Mac", "MAC", True, None),
    (107, "Linux Server", "LINUX_SERVER", True, None),
    (108, "Linux Workstation", "LINUX_WORKSTATION", True, None),
    (109, "VMware Host", "VMWARE_VM_HOST", True, None),
    (110, "VMware Guest", "VMWARE_VM_GUEST", True, None),
    (111, "Switches", "NMS_SWITCH", True, None),
    (112, "Firewalls", "NMS_FIREWALL", True, None),
    (113, "Printers", "NMS_PRINTER", True, None),
    (114, "Ping", "CLOUD_MONITOR_TARGET", True, None),
    (199, "Old Workstation policy", "WINDOWS_WORKSTATION", False, None),
)

# manufacturer, model, processor, cores, fits: laptop, desktop, server, mac laptop, mac desktop
MODELS = (
    ("Dell Inc.", "Latitude 5440", "13th Gen Intel(R) Core(TM) i5-1345U", 10, "laptop"),
    ("Dell Inc.", "Latitude 7420", "11th Gen Intel(R) Core(TM) i7-1185G7", 4, "laptop"),
    ("LENOVO", "21HMCTO1WW", "13th Gen Intel(R) Core(TM) i7-1365U", 10, "laptop"),
    ("LENOVO", "20W0003AUS", "11th Gen Intel(R) Core(TM) i5-1135G7", 4, "laptop"),
    ("HP", "HP EliteBook 840 14 inch G10", "13th Gen Intel(R) Core(TM) i5-1335U", 10, "laptop"),
    ("Microsoft Corporation", "Surface Laptop 5", "12th Gen Intel(R) Core(TM) i5-1245U", 10, "laptop"),
    ("Dell Inc.", "OptiPlex 7090", "11th Gen Intel(R) Core(TM) i5-11500", 6, "desktop"),
    ("Dell Inc.", "OptiPlex 3050", "Intel(R) Core(TM) i5-7500 CPU @ 3.40GHz", 4, "desktop"),
    ("HP", "HP ProDesk 600 G5 SFF", "Intel(R) Core(TM) i5-9500 CPU @ 3.00GHz", 6, "desktop"),
    ("LENOVO", "11DT003WUS", "Intel(R) Core(TM) i5-10400T CPU @ 2.00GHz", 6, "desktop"),
    ("Dell Inc.", "PowerEdge R740", "Intel(R) Xeon(R) Silver 4210 CPU @ 2.20GHz", 10, "server"),
    ("Dell Inc.", "PowerEdge R650", "Intel(R) Xeon(R) Gold 5318Y CPU @ 2.10GHz", 24, "server"),
    ("HPE", "ProLiant DL380 Gen10", "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", 20, "server"),
    ("VMware, Inc.", "VMware Virtual Platform", "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", 4, "server"),
    ("VMware, Inc.", "VMware7,1", "Intel(R) Xeon(R) Gold 5318Y CPU @ 2.10GHz", 8, "server"),
    ("Microsoft Corporation", "Virtual Machine", "AMD EPYC 7452 32-Core Processor", 4, "server"),
    ("Apple Inc.", "MacBookPro18,3", "Apple M1 Pro", 8, "mac-laptop"),
    ("Apple Inc.", "Mac14,2", "Apple M2", 8, "mac-laptop"),
    ("Apple Inc.", "Mac15,12", "Apple M3", 8, "mac-laptop"),
    ("Apple Inc.", "Mac16,10", "Apple M4", 10, "mac-desktop"),
    ("Apple Inc.", "iMac21,1", "Apple M1", 8, "mac-desktop"),
)  # fmt: skip
VIRTUAL_MODELS = frozenset({"VMware Virtual Platform", "VMware7,1", "Virtual Machine"})
LOCALES = (
    ("en-US", "English (United States)"),
    ("en-GB", "English (United Kingdom)"),
    ("de-DE", "German (Germany)"),
)
