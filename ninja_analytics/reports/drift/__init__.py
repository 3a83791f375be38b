"""What changed between two snapshots: the report fleet_drift."""
