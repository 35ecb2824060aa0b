"""``cubectl rollout``."""
