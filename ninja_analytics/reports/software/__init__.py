"""What is installed, and what should not be there: the report software_inventory."""
