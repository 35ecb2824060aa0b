"""``cubectl drain``."""
