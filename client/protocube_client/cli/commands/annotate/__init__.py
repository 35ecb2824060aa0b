"""``cubectl annotate``."""
