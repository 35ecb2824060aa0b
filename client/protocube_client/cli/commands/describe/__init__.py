"""``cubectl describe``: objects in words, with what happened to them."""
