"""Analytics for NinjaOne in Jupyter: connect, pull typed tables, make reports.

>>> ninja = na.connect("sandbox")
>>> devices = ninja.table("devices", where=na.device.offline)
>>> ninja.report("fleet_overview").save("out/")
>>> ninja.record()
>>> ninja.as_of("2026-11-01").report("fleet_overview")
"""

from ninja_analytics import accessor as accessor  # registers frame.ninja
from ninja_analytics.connecting import begin_consent, connect, open_history
from ninja_analytics.errors import NinjaError
from ninja_analytics.filters import device
from ninja_analytics.ninja import Ninja
from ninja_analytics.sandbox import Sandbox

__version__ = "0.1.0"

__all__ = ["Ninja", "NinjaError", "Sandbox", "begin_consent", "connect", "device", "open_history"]
