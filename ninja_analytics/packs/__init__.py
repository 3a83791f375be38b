"""One folder per customer: a report that holds nothing of any other, and an index of all.

    apart       the frames of one customer, without what names another
    peers       where a customer stands among the others, as quantiles that name nobody
    packing     the folders, the index, and what became of each customer

A pack is pulled once for all customers, and taken apart here.
"""

from ninja_analytics.packs.packing import PACKS, Customer, Packed, pack

__all__ = ["PACKS", "Customer", "Packed", "pack"]
