"""``cubectl scale``."""
