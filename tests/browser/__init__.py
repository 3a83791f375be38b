"""Tests that click: a real JupyterLab, a real Chromium, the sandbox."""
