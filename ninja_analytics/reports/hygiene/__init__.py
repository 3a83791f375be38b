"""Which devices are silent, duplicated or forgotten: the report availability_hygiene."""
