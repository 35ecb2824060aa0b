"""Where a server is taken to be unless it is named."""

DEFAULT_SERVER = "127.0.0.1:7443"
"""Where ``cube-apiserver`` listens unless it is told otherwise."""
