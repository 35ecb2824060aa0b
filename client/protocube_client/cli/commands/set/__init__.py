"""``cubectl set``."""
