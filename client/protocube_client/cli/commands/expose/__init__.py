"""``cubectl expose``."""
