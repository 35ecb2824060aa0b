"""``cubectl taint``."""
