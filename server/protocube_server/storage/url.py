"""Where objects are kept, as an operator writes it.

``sqlite:PATH``, ``sqlite::memory:`` or ``etcd://HOST:PORT[,HOST:PORT...][/PREFIX]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage import base, keys
from protocube_server.storage.etcd import EtcdStore, Security
from protocube_server.storage.etcd.security import PLAIN
from protocube_server.storage.sealed import SealedStore
from protocube_server.storage.sqlite import SqliteStore, in_memory

if TYPE_CHECKING:
    from protocube_server.storage.sealing.sealing import Sealing

_FORMS = "a store is sqlite:PATH, sqlite::memory: or etcd://HOST:PORT[,HOST:PORT...][/PREFIX]"
_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteLocation:
    """A file, or memory."""

    path: str
    prefix: str = keys.DEFAULT_PREFIX

    @property
    def is_in_memory(self) -> bool:
        """Whether the store goes with its server."""
        return self.path == in_memory.PATH


@dataclass(frozen=True, slots=True, kw_only=True)
class EtcdLocation:
    """The members of a cluster, each ``host:port``, and what the keys begin with."""

    endpoints: tuple[str, ...]
    prefix: str = keys.DEFAULT_PREFIX


Location = SqliteLocation | EtcdLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStore:
    """A store, and the prefix of our keys in it."""

    store: base.Store
    prefix: str


async def open_store(
    url: str,
    security: Security = PLAIN,
    *,
    etcd_quota: int = 0,
    sealing: Sealing | None = None,
) -> OpenedStore:
    """Open the store that ``url`` names. Its owner closes it.

    With ``sealing`` the values that it names are sealed. ``security`` is for etcd, and
    ``etcd_quota`` the bytes that its database may have where it does not tell that, 0 for its
    default. Raises ``errors.BadRequest`` when the URL is wrong or a file is given any security,
    ``base.Unreachable`` when nothing answers there now, ``errors.Unavailable`` when the store
    cannot be opened; all say why.
    """
    location = parse(url)
    store: base.Store
    if isinstance(location, SqliteLocation):
        if security.is_given:
            raise errors.BadRequest(f"--etcd-* flags are of no use to a store in a file: {url}")
        if location.is_in_memory:
            store = await SqliteStore.open_in_memory()
        else:
            store = await SqliteStore.open(location.path)
    else:
        store = await EtcdStore.open(
            location.endpoints,
            home=keys.root(location.prefix),
            security=security,
            quota=etcd_quota,
        )
    if sealing is not None:
        store = SealedStore(store, location.prefix, sealing)
    return OpenedStore(store=store, prefix=location.prefix)


def parse(url: str) -> Location:
    """Read a store's URL. Raises ``errors.BadRequest``, saying what is wrong with it."""
    scheme, colon, rest = url.partition(":")
    if colon and scheme == "sqlite":
        if not rest:
            raise _wrong(url, "it names no file")
        if "\0" in rest:
            raise _wrong(url, "a path has no null byte")
        return SqliteLocation(path=rest)
    if colon and scheme == "etcd":
        return _etcd(url, rest)
    raise _wrong(url, _FORMS)


def _etcd(url: str, rest: str) -> EtcdLocation:
    if not rest.startswith("//"):
        raise _wrong(url, "etcd: is followed by //HOST:PORT")
    hosts, _, path = rest[2:].partition("/")
    if "@" in hosts:
        raise _wrong(url, "a user is named by --etcd-user")
    endpoints = tuple(_endpoint(url, text) for text in hosts.split(","))
    segments = path.rstrip("/").split("/") if path.strip("/") else []
    if not all(segments) or not {".", ".."}.isdisjoint(segments):
        raise _wrong(url, "its prefix has an empty part, or a dot for one")
    prefix = "/" + "/".join(segments) if segments else keys.DEFAULT_PREFIX
    return EtcdLocation(endpoints=endpoints, prefix=prefix)


def _endpoint(url: str, text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not text:
        raise _wrong(url, "it names no host")
    if not colon or not host or text.endswith("]"):
        raise _wrong(url, f"{errors.quote(text)} is not HOST:PORT (etcd's usual port is 2379)")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise _wrong(url, f"an IPv6 address is written [ADDRESS]:PORT, not {errors.quote(text)}")
    if not (port.isascii() and port.isdigit() and int(port) in _PORTS):
        raise _wrong(url, f"{errors.quote(port)} is not a port")
    return text


def _wrong(url: str, why: str) -> errors.BadRequest:
    # What stands before an @ is no part of a store's address, and may be a password.
    scheme, colon, rest = url.partition(":")
    shown = f"{scheme}://...@{rest.rpartition('@')[2]}" if "@" in rest and colon else url
    return errors.BadRequest(f"invalid store {errors.quote(shown)}: {why}")
