"""``cubectl patch``."""
