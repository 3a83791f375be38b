"""Who is patched, what is missing and what keeps failing: patch_compliance and patch_backlog."""
