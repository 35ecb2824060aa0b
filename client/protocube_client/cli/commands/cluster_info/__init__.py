"""``cubectl cluster-info``: where the server is, and what is on it."""
