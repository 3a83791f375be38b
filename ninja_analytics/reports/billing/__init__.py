"""Devices against contracts, and what moved: the report billing_reconciliation."""
