"""``cubectl run``."""
