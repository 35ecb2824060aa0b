"""Where a server is when nobody says where."""

DEFAULT_SERVER = "127.0.0.1:7443"
"""Where ``cube-apiserver`` listens unless it is told otherwise."""
