"""``cubectl events``: what happened lately."""
