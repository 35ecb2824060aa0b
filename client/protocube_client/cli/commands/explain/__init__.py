"""``cubectl explain``: what the fields of a kind mean, from the comments of its schema."""
