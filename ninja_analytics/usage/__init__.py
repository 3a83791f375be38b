"""How fast a profile may ask, shared by all its threads and processes, and what it has asked.

limits   what a user may set: requests at once, requests per minute
ledger   the file of a profile: requests on their way, the common pace, requests made
budget   a slot for every request, waited for where there is none
frame    the requests made, as a frame
"""

from ninja_analytics.usage.budget import Budget
from ninja_analytics.usage.frame import usage_frame
from ninja_analytics.usage.ledger import Ledger, ledger_of
from ninja_analytics.usage.limits import Limits, limits

__all__ = ["Budget", "Ledger", "Limits", "ledger_of", "limits", "usage_frame"]
