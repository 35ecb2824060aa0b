"""Many writes in one stream: each takes the way of a call of its own, some of them together."""
