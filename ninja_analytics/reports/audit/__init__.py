"""Who did what, and what failed: the report activity_audit."""
