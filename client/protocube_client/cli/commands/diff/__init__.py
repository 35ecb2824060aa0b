"""``cubectl diff``."""
