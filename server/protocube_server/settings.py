"""What an operator can set. Every flag has an environment variable ``PROTOCUBE_<FLAG>``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from protocube_server.audit.file import Rotation
from protocube_server.audit.log import WhenFull
from protocube_server.authentication import admin_token
from protocube_server.calls.limits import Limits
from protocube_server.edge.gate import CallLimits
from protocube_server.kinds.named.allocation import Ranges
from protocube_server.storage import url
from protocube_server.storage.etcd.security import PLAIN, Security

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_server.edge.tls import TlsFiles

DEFAULT_LISTEN = "127.0.0.1:7443"
DEFAULT_ISSUER = "https://protocube.default.svc"
"""What tokens of service accounts say of where they come from."""


def default_data_folder() -> Path:
    """Return the user's data directory."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "protocube"


def default_store() -> str:
    """Return the SQLite store in the user's data directory."""
    return f"sqlite:{default_data_folder() / 'protocube.db'}"


def default_admin_token(store: str) -> Path:
    """Return where the first administrator's token is left: beside the file of a store.

    For another store it is the user's data directory. Raises ``errors.BadRequest`` for a wrong
    store.
    """
    location = url.parse(store)
    if isinstance(location, url.SqliteLocation) and not location.is_in_memory:
        return Path(location.path).parent / admin_token.NAME
    return default_data_folder() / admin_token.NAME


def make_default_folder(store: str) -> None:
    """Make the user's data directory where the store is the one in it. Raises ``OSError``.

    The folders of other stores are there, or were mistyped.
    """
    if store == default_store():
        default_data_folder().mkdir(mode=0o700, parents=True, exist_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What is written down of calls, and where."""

    log: str = ""
    """A file, ``-`` for standard output, or ``none``; empty leaves it to where calls come from."""
    policy: Path | None = None
    """A file that says which calls; without one it is writes, reads of secrets, and refusals."""
    when_full: WhenFull = WhenFull.BLOCK
    rotation: Rotation = field(default_factory=Rotation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one server. Durations are seconds, sizes bytes."""

    listen: str = DEFAULT_LISTEN
    """``HOST:PORT``; port 0 takes a free one, which the ready line names."""
    store: str = field(default_factory=default_store)
    """``sqlite:PATH``, ``sqlite::memory:`` or ``etcd://HOST:PORT[,HOST:PORT...][/PREFIX]``."""
    kinds: tuple[Path, ...] = ()
    """Descriptor sets of kinds that are served from the start, beside those that are shipped."""
    etcd: Security = PLAIN
    """Whom we are towards etcd; a file needs none."""
    etcd_quota: int = 0
    """The bytes that etcd's database may have, where etcd does not tell; 0 is its default."""
    encryption: Path | None = None
    """A file that says what is sealed in the store, and with which keys."""
    reencrypt: bool = False
    """Write anew what is sealed with older keys; it needs :attr:`encryption`."""
    tls: TlsFiles | None = None
    """The files of transport security; ``None`` serves plaintext."""
    listen_mtls: str = ""
    """Where to listen, too, for callers who show certificates; those of :attr:`listen` then show
    tokens. ``HOST:PORT``; empty: :attr:`listen` asks for certificates where :attr:`tls` does."""
    insecure_plaintext: bool = False
    """Serve plaintext where other machines can reach it, too."""
    token_file: Path | None = None
    """Who may call, by which bearer token; it is read again when it changes."""
    service_account_keys: tuple[Path, ...] = ()
    """What tokens of service accounts are verified by; the first file has what signs them."""
    service_account_issuers: tuple[str, ...] = (DEFAULT_ISSUER,)
    """Whom those tokens come from: the first is named in new ones, all are accepted."""
    authentication_config: Path | None = None
    """Kubernetes' AuthenticationConfiguration: whose tokens of OpenID Connect are taken; it is read
    again when it changes."""
    admin_token: Path | None = None
    """Where the first administrator's token is left, while roles make nobody else one; ``None``
    makes none."""
    anonymous: bool = False
    """Let in callers who show no credential, as ``system:anonymous``."""
    authentication_required: bool = False
    """Let in nobody who is not known, also where only this machine can call."""
    authorization: str = ""
    """``rbac`` asks roles what callers may do, ``always-allow`` lets those who are known do
    everything; empty is ``rbac`` where callers are asked who they are."""
    allow_everyone: bool = False
    """Ask nobody who they are where other machines can call, too."""
    audit: Audit = field(default_factory=Audit)
    data_folder: Path = field(default_factory=default_data_folder)
    """Where the server keeps files of its own, beside a store that is no file."""
    admission_on: frozenset[str] = frozenset()
    """Plugins of admission that work beside those that always do, by Kubernetes' names."""
    admission_off: frozenset[str] = frozenset()
    """Plugins of admission that do not work."""
    limits: Limits = field(default_factory=Limits)
    call_limits: CallLimits = field(default_factory=CallLimits)
    ranges: Ranges = field(default_factory=Ranges)
    """What Services are given addresses and ports from."""
    compact_interval: float = 300.0
    """How often history is compacted, and how much of it is kept at least; 0 keeps all."""
    request_ids: float = 600.0
    """How long it is remembered what a request with an id did."""
    lifetimes: Mapping[str, float] = field(default_factory=dict)
    """How long objects are kept after their last write, by the name that ``time_to_live.setting``
    of their kind has; 0 keeps them for ever. Where nothing is set, the kind says it."""
    watch_cache: bool = True
    """Answer watches from one feed and lists from memory, where that is as good as the store."""
    grace: float = 10.0
    """How long calls in flight may take after SIGTERM."""
