"""``cubectl edit``."""
