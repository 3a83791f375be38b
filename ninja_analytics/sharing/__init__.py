"""Frames that can be shown to others: people, places and machines under stable aliases.

What a column is about decides what becomes of it; `about.py` holds that as one table. A column
about which nothing is known is left out, so that nothing slips through.
"""

from ninja_analytics.sharing.about import about
from ninja_analytics.sharing.shared import shared

__all__ = ["about", "shared"]
