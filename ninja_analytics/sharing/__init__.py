"""Frames that can be shown to others: people, places and machines under stable aliases.

What a column is about decides what becomes of it; `about.py` holds that as one table. A column
about which nothing is known is left out, so that nothing slips through.

For a reader who is to see some customers only, `others.py` leaves their own frames as they are and
takes the names of others out of what anybody may have written.
"""

from ninja_analytics.sharing.about import about
from ninja_analytics.sharing.mentions import mentions
from ninja_analytics.sharing.others import owned_by, owners, without_others, written
from ninja_analytics.sharing.shared import shared

__all__ = ["about", "mentions", "owned_by", "owners", "shared", "without_others", "written"]
