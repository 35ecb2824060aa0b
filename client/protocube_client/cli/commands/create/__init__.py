"""``cubectl create KIND``: objects made of flags in place of a manifest. One kind a file."""
