"""``cubectl wait``: until objects are as they should be."""
