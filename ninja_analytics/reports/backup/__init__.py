"""What is backed up, how recently, and what fails: the report backup_health."""
