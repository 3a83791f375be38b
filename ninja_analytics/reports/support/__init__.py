"""What falls out of support when: the report os_lifecycle."""
