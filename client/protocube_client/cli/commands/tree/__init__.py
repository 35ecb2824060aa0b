"""``cubectl tree``: what an object belongs to, and what belongs to it."""
