"""``cubectl replace``."""
