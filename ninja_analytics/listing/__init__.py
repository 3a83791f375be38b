"""What tables and reports there are, told to people: in a terminal, in a notebook, in docs/tables.md.

facts       the sentences about one table, which all of them tell
text        the list and one table as text of a given width
markup      the same as HTML
markdown    the page docs/tables.md
shown       tables that show themselves
of_reports  the list of reports and one report; imported by itself, since reports are slow to import
"""

from ninja_analytics.listing.markdown import page
from ninja_analytics.listing.markup import one_table_html, tables_html
from ninja_analytics.listing.shown import SHOWN
from ninja_analytics.listing.text import one_table, tables

__all__ = ["SHOWN", "one_table", "one_table_html", "page", "tables", "tables_html"]
