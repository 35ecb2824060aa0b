"""Where a server is: ``HOST:PORT``."""

from __future__ import annotations

from protocube import errors, hosts

DEFAULT_SERVER = "127.0.0.1:7443"
"""Where ``cube-apiserver`` listens unless it is told otherwise."""
_LAST_PORT = 65535


def parse(server: str) -> tuple[str, int]:
    """Return host and port of an address. Raises ``ValueError`` for what is none."""
    if "://" in server:
        raise ValueError(
            f"the server {errors.quote(server)} is not HOST:PORT: "
            f"leave out {errors.quote(server.partition('://')[0] + '://')}"
        )
    host, colon, port = server.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    # gRPC would take port 99999 modulo 65536.
    if not colon or not host or not 0 < number <= _LAST_PORT:
        raise ValueError(f"the server {errors.quote(server)} is not HOST:PORT")
    if hosts.lacks_brackets(host):
        raise ValueError(f"the server {errors.quote(server)} is not HOST:PORT; [{host}]:{port} is")
    return host.strip("[]"), number
