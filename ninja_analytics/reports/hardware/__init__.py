"""What is out of warranty, old or too weak: the report hardware_refresh."""
