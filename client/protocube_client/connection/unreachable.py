"""A server that cannot be reached, in the sentences that kubectl has for it."""

from __future__ import annotations

from protocube import errors


class CannotConnect(errors.Unavailable):
    """No connection to the server could be made, so the request cannot have arrived.

    It is no server's answer: it is printed without ``Error from server``, and has nothing to
    do with the file that was being sent.
    """


class ConnectionRefused(CannotConnect):
    """Nothing listens at the server's address."""


def cannot_connect(why: str) -> CannotConnect:
    """``Unable to connect to the server: WHY``."""
    return CannotConnect(f"Unable to connect to the server: {why}")


def refused(server: str) -> ConnectionRefused:
    """``The connection to the server HOST:PORT was refused - ...``."""
    return ConnectionRefused(
        f"The connection to the server {server} was refused"
        " - did you specify the right host or port?"
    )
