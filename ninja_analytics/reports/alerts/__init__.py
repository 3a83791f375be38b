"""Which conditions make the noise: the report alert_noise."""
