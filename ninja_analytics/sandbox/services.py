"""The Windows services of the fleet, consistent with installed programs, antivirus and alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja_analytics.sandbox.health import antivirus_rows
from ninja_analytics.sandbox.times import stamp

if TYPE_CHECKING:
    from ninja_analytics.sandbox.tenant import Tenant

Row = dict[str, Any]

_USERS = {"S": "LocalSystem", "L": "NT AUTHORITY\\LocalService", "N": "NT AUTHORITY\\NetworkService"}  # fmt: skip
_STARTS = {"A": "AUTO_START", "D": "AUTO_START_DELAYED", "M": "DEMAND_START", "X": "DISABLED", "B": "BOOT_START", "Y": "SYSTEM_START"}  # fmt: skip

# name | title | how it starts | share that runs, in percent | account | only with this program, or on domain controllers
_LINES = """
AppIDSvc|Application Identity|M|4|L|
Appinfo|Application Information|M|88|S|
AudioEndpointBuilder|Windows Audio Endpoint Builder|A|97|S|
Audiosrv|Windows Audio|A|97|L|
BDESVC|BitLocker Drive Encryption Service|M|40|S|
BFE|Base Filtering Engine|A|100|L|
BITS|Background Intelligent Transfer Service|D|55|S|
BrokerInfrastructure|Background Tasks Infrastructure Service|A|100|S|
CertPropSvc|Certificate Propagation|M|30|S|
ClickToRunSvc|Microsoft Office Click-to-Run Service|A|99|S|Office 16 Click-to-Run Extensibility Component
CoreMessagingRegistrar|CoreMessaging|A|100|L|
CryptSvc|Cryptographic Services|A|100|N|
DcomLaunch|DCOM Server Process Launcher|A|100|S|
Dhcp|DHCP Client|A|99|L|
DiagTrack|Connected User Experiences and Telemetry|A|82|S|
Dnscache|DNS Client|A|100|N|
DPS|Diagnostic Policy Service|A|99|L|
EventLog|Windows Event Log|A|100|L|
EventSystem|COM+ Event System|A|100|L|
FontCache|Windows Font Cache Service|A|98|L|
gpsvc|Group Policy Client|A|99|S|
iphlpsvc|IP Helper|A|98|S|
KeyIso|CNG Key Isolation|M|70|S|
LanmanServer|Server|A|98|S|
LanmanWorkstation|Workstation|A|99|N|
lmhosts|TCP/IP NetBIOS Helper|M|90|L|
MapsBroker|Downloaded Maps Manager|D|2|N|
MpsSvc|Windows Defender Firewall|A|99|L|
MSSQLSERVER|SQL Server (MSSQLSERVER)|A|97|N|Microsoft SQL Server 2019 (64-bit)
NcbService|Network Connection Broker|M|90|S|
Netlogon|Netlogon|A|70|S|
netprofm|Network List Service|M|85|L|
NinjaRMMAgent|NinjaRMMAgent|A|100|S|NinjaRMMAgent
NlaSvc|Network Location Awareness|A|95|N|
nsi|Network Store Interface Service|A|100|L|
PlugPlay|Plug and Play|M|99|S|
Power|Power|A|100|S|
ProfSvc|User Profile Service|A|100|S|
RemoteRegistry|Remote Registry|X|0|L|
RpcEptMapper|RPC Endpoint Mapper|A|100|N|
RpcSs|Remote Procedure Call (RPC)|A|100|N|
SamSs|Security Accounts Manager|A|100|S|
Schedule|Task Scheduler|A|100|S|
SENS|System Event Notification Service|A|99|S|
SessionEnv|Remote Desktop Configuration|M|60|S|
Spooler|Print Spooler|A|96|S|
sppsvc|Software Protection|D|10|N|
StateRepository|State Repository Service|A|99|S|
SysMain|SysMain|A|88|S|
TermService|Remote Desktop Services|M|62|N|
Themes|Themes|A|97|S|
TrustedInstaller|Windows Modules Installer|M|8|S|
UserManager|User Manager|A|99|S|
VaultSvc|Credential Manager|M|75|S|
VSS|Volume Shadow Copy|M|3|S|
W32Time|Windows Time|M|80|L|
WinDefend|Microsoft Defender Antivirus Service|A|100|S|
Winmgmt|Windows Management Instrumentation|A|100|S|
WinRM|Windows Remote Management (WS-Management)|D|55|N|
WlanSvc|WLAN AutoConfig|A|70|S|
WSearch|Windows Search|D|90|S|
wuauserv|Windows Update|M|45|S|
DHCPServer|DHCP Server|A|97|N|controller
DNS|DNS Server|A|98|S|controller
NTDS|Active Directory Domain Services|A|100|S|controller
"""
_SERVICES = [line.split("|") for line in _LINES.strip().splitlines()]
_CONTROLLER = 14  # the role of domain controllers


def service_rows(tenant: Tenant, index: int) -> list[Row]:
    """The rows of queries/windows-services of one device."""
    fleet = tenant.fleet
    if not fleet.class_name(index).startswith("WINDOWS") or not fleet.software_rows[index]:
        return []
    there = {one.product.name for one in tenant.software.installed(index)}
    there |= {"controller"} if fleet.role[index] == _CONTROLLER else set()
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    dice = fleet.chance(index, 213)
    rows = []
    for name, title, start, share, user, needs in _SERVICES:
        draw, moved = dice.random(), dice.random()
        if needs and needs not in there:
            continue
        state = "RUNNING" if draw * 100 < float(share) else "STOPPED"
        row = {
            "name": name,
            "displayName": title,
            "startType": _STARTS[start],
            "state": _STATES.get(name, _as_drawn)(tenant, index, state),
            "userName": _USERS[user],
        }
        if moved < 0.004 and row["state"] == "STOPPED":
            row["state"] = "START_PENDING"
        if moved < 0.9:
            row["description"] = f"{title} of this computer."
        rows.append(row | known)
    return rows


def _as_drawn(_tenant: Tenant, _index: int, state: str) -> str:
    return state


def _spooler(tenant: Tenant, index: int, state: str) -> str:
    """Stopped where an alert says so."""
    stopped = any("Print Spooler" in one.condition.message for one in tenant.alerts.of(index))
    return "STOPPED" if stopped else state


def _defender(tenant: Tenant, index: int, state: str) -> str:
    """Running unless the products say that another one took over."""
    products = {row["productName"]: row["productState"] for row in antivirus_rows(tenant.fleet, index)}  # fmt: skip
    told = products.get("Microsoft Defender Antivirus", "ON" if not products else "OFF")
    return state if told == "ON" else "STOPPED"


_STATES = {"Spooler": _spooler, "WinDefend": _defender}
