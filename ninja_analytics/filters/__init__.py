"""Device filters as Python expressions, turned into the text that NinjaOne's `df` parameter takes.

    device.organization == "Heron Ltd"                    org = 7, once the name is looked up
    device.node_class.isin(["MAC", "LINUX_SERVER"])       class in (MAC, LINUX_SERVER)
    device.offline & (device.location != 3)               offline AND loc != 3
    device.created > "2026-01-01"                         created > 2026-01-01T00:00:00.000Z

NinjaOne joins clauses by AND only. An expression that it cannot be asked may be made all the same;
it is refused when it is to be sent, or the rows are chosen here, where that is asked for.
"""

from ninja_analytics.filters.checked import Checked, checked
from ninja_analytics.filters.fields import Device, device
from ninja_analytics.filters.filter import Filter, as_filter
from ninja_analytics.filters.ready import Held, Ready, ready

__all__ = [
    "Checked",
    "Device",
    "Filter",
    "Held",
    "Ready",
    "as_filter",
    "checked",
    "device",
    "ready",
]
