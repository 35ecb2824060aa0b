"""Where servers are: ``HOST:PORT``, several of them, or a name that stands for several."""

from __future__ import annotations

from dataclasses import dataclass

from protocube import errors, hosts

DEFAULT_SERVER = "127.0.0.1:7443"
"""Where ``cube-apiserver`` listens unless it is told otherwise."""
DNS = "dns:///"
"""What a name begins with of which all addresses are servers."""
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one server is, or the servers of one name are."""

    host: str
    """A name or an address, without brackets."""
    port: int
    text: str
    """As gRPC takes it: ``HOST:PORT``, or ``dns:///NAME:PORT``."""

    @property
    def is_many(self) -> bool:
        """Whether each address of the name is a server of its own."""
        return self.text.startswith(DNS)


def parse(server: str) -> tuple[Address, ...]:
    """Return the addresses that ``server`` names.

    They are ``HOST:PORT``, several of those with commas between them, or ``dns:///NAME:PORT``.
    Raises ``ValueError`` for what is none.
    """
    if "," not in server:
        return (_parse(server),)
    found = tuple(_parse(part.strip()) for part in server.split(","))
    for one in found:
        if one.is_many:
            raise ValueError(
                f"the server {errors.quote(one.text)} stands for several, and is given alone"
            )
    twice = {one.text for one in found if sum(other.text == one.text for other in found) > 1}
    if twice:
        raise ValueError(f"the server {errors.quote(min(twice))} is given twice")
    return found


def _parse(server: str) -> Address:
    text = server
    if server.startswith(DNS):
        text = server.removeprefix(DNS)
    elif "://" in server:
        raise ValueError(
            f"the server {errors.quote(server)} is not HOST:PORT: "
            f"leave out {errors.quote(server.partition('://')[0] + '://')}"
        )
    host, colon, port = text.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else 0
    # gRPC would take port 99999 modulo 65536.
    if not colon or not host or not 0 < number <= _LAST_PORT:
        raise ValueError(f"the server {errors.quote(server)} is not HOST:PORT")
    if hosts.lacks_brackets(host):
        raise ValueError(f"the server {errors.quote(server)} is not HOST:PORT; [{host}]:{port} is")
    return Address(host=host.strip("[]"), port=number, text=server)
