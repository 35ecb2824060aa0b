"""``cubectl config``: shows and changes the config file. One command a file."""
