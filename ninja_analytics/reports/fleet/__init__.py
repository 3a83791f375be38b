"""What do we manage, and is it healthy: the report fleet_overview."""
