"""The way to a server: its address, transport security, calls, and what went wrong on the way."""
