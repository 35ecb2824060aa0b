"""``cubectl label``."""
