"""``cubectl get``: objects and tables, once or as they change."""
