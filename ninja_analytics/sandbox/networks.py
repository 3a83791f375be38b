"""The network interfaces of the fleet; their addresses are those of the device rows."""

from __future__ import annotations

from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.machines import detailed_row
from ninja_analytics.sandbox.vocabulary import LAPTOP_ROLES

Row = dict[str, Any]

# family: names of the wired interface, the wireless one, the loopback and a second network
_NAMES = {
    "macos": ("en5", "en0", "lo0", "utun3"),
    "linux": ("ens192", "wlp2s0", "lo", "docker0"),
    "windows": ("Ethernet", "Wi-Fi", "Loopback Pseudo-Interface 1", "vEthernet (Default Switch)"),
}
_WIRED = ("Intel(R) Ethernet Connection I219-LM", "Realtek PCIe GbE Family Controller", "vmxnet3 Ethernet Adapter", "Intel(R) I350 Gigabit Network Connection")  # fmt: skip
_WIRELESS = ("Intel(R) Wi-Fi 6 AX201 160MHz", "Intel(R) Wi-Fi 6E AX211", "Qualcomm QCA61x4A")
_MANAGED = {"NMS_SWITCH": "Vlan1", "NMS_FIREWALL": "mgmt", "NMS_PRINTER": "eth0", "VMWARE_VM_HOST": "vmk0"}  # fmt: skip


def interface_rows(fleet: Fleet, index: int) -> list[Row]:
    """The rows of queries/network-interfaces of one device."""
    known = {"deviceId": int(fleet.ids[index])}
    if fleet.class_name(index) in _MANAGED:
        return [_management(fleet, index) | known]
    if not fleet.software_rows[index]:
        return []
    return [row | known for row in _of_agent(fleet, index)]


def _of_agent(fleet: Fleet, index: int) -> list[Row]:
    device, dice = detailed_row(fleet, index), fleet.chance(index, 210)
    system = fleet.system_of(index)
    wired, wireless, loop, second = _NAMES.get(system.family if system else "", _NAMES["windows"])
    laptop = fleet.role[index] in LAPTOP_ROLES
    on_air = laptop and dice.random() < 0.8
    number = dice.randint(3, 24)
    first = _connected(device, on_air, number, dice.random() < 0.05)
    first["interfaceName"] = wireless if on_air else wired
    first["adapterName"] = dice.choice(_WIRELESS if on_air else _WIRED)
    if "dnsName" in device:
        first["dnsHostName"] = device["dnsName"].split(".")[0]
    rows = [first]
    if laptop:  # the other way to connect, not used
        name, adapters = (wired, _WIRED) if on_air else (wireless, _WIRELESS)
        kind = "ETHERNET" if on_air else "WIFI"
        rows.append({"interfaceName": name, "adapterName": dice.choice(adapters), "status": "DOWN"})
        rows[-1] |= {"interfaceType": kind, "interfaceIndex": str(number + 1), "mtu": "1500"}
    if len(device["ipAddresses"]) > 1:
        rows.append({"interfaceName": second, "interfaceType": "VIRTUAL", "status": "UP"})
        rows[-1] |= {"interfaceIndex": str(number + 9), "ipAddress": device["ipAddresses"][1:]}
        rows[-1] |= {"subnetMask": "255.255.255.0", "mtu": "1500"}
    rows.append({"interfaceName": loop, "interfaceType": "LOOPBACK", "status": "UP"})
    return [*rows[:-1], rows[-1] | {"interfaceIndex": "1", "ipAddress": ["127.0.0.1", "::1"]}]


def _connected(device: Row, on_air: bool, number: int, unknown_speed: bool) -> Row:
    """The interface over which the device is in its network."""
    address, site = device["ipAddresses"][0], ".".join(device["ipAddresses"][0].split(".")[:2])
    tail = int(device["id"]) & 0xFFFF
    speed = "866700000" if on_air else "1000000000"
    return {
        "interfaceIndex": str(number),
        "interfaceType": "WIFI" if on_air else "ETHERNET",
        "status": "UP",
        "ipAddress": [address, f"fe80::{tail:x}:ff:fe00:{tail:x}"],
        "macAddress": device["macAddresses"],
        "subnetMask": "255.255.255.0",
        "defaultGateway": address.rsplit(".", 1)[0] + ".1",
        "dnsServers": f"{site}.0.10,{site}.0.11",
        "linkSpeed": "-1" if unknown_speed else speed,  # not known to the driver
        "mtu": "1500",
    }


def _management(fleet: Fleet, index: int) -> Row:
    """The one interface of a network device or host over which it is watched."""
    device = detailed_row(fleet, index)
    return {
        "interfaceIndex": "1",
        "interfaceName": _MANAGED[fleet.class_name(index)],
        "interfaceType": "ETHERNET",
        "status": "DOWN" if fleet.offline[index] else "UP",
        "ipAddress": device["ipAddresses"],
        "macAddress": device["macAddresses"],
    }
