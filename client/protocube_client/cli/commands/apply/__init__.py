"""``cubectl apply``, and the commands below it."""
