"""Which devices lack a control: the report security_posture."""
