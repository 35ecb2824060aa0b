"""``cubectl auth``: who may do what."""
