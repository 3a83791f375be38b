"""Long lists, page by page: how they are walked, how an answer is read, and whether a row is missing."""

from __future__ import annotations

from ninja_analytics.pages.checks import CursorError
from ninja_analytics.pages.read import Page, latest, read
from ninja_analytics.pages.walks import Get, Place, pages

__all__ = ["CursorError", "Get", "Page", "Place", "latest", "pages", "read"]
