"""``cubectl stubs``."""
