"""Where disk space is low and disks fail: the report storage."""
