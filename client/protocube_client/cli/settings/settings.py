"""What a command works with: flags first, then the environment, then the config file."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from protocube_client.cli.app import SEPARATOR
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags import durations
from protocube_client.cli.settings import config_path, first_admin, transport_settings
from protocube_client.connection.address import DEFAULT_SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from protocube_client.cli.settings.config import Context
    from protocube_client.connection.acting import ActingAs
    from protocube_client.connection.exec_plugin import ExecPlugin
    from protocube_client.connection.transport import Transport

_DEFAULT_NAMESPACE = "default"
_CREDENTIALS: Final = frozenset(
    {"PROTOCUBE_TOKEN", "PROTOCUBE_CLIENT_CERTIFICATE", "PROTOCUBE_CLIENT_KEY"}
)
"""Variables that prove who calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where to and in which namespace."""

    server: str
    namespace: str
    namespace_given: bool
    """The namespace was named on the command line, so objects must not disagree."""
    timeout: float | None
    """Seconds that one request may take; ``None`` for any time."""
    transport: Transport | None = None
    """How the connection is secured; ``None`` for what suits the server's address."""
    token: str = field(default="", repr=False)
    """What proves who calls; empty for nothing."""
    token_file: str = ""
    """Where it lies, instead."""
    plugin: ExecPlugin | None = None
    """What gives it, or a certificate, where neither is said."""
    acting_as: ActingAs | None = None
    """Whom the caller wants to be."""
    verbosity: int = 0
    """How much is told of the calls."""


def complete(flags: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Put the settings together; ``flags`` holds the global flags that were given.

    Raises :class:`CommandError` for a value or a config file that cannot be used.
    """
    timeout = _timeout(flags.get("request_timeout", "0"))
    context = _context(flags, environ)
    if flags.get("user"):
        # A user that is named on the command line goes before the environment, as flags do.
        environ = {key: text for key, text in environ.items() if key not in _CREDENTIALS}
    configured = context.server if context else ""
    # A context that is named on the command line goes before the environment, as flags do.
    named = configured if "context" in flags else ""
    server = flags.get("server") or named
    elsewhere = not server and bool(environ.get("PROTOCUBE_SERVER"))
    server = server or environ.get("PROTOCUBE_SERVER") or configured or DEFAULT_SERVER
    namespace = flags.get("namespace", "")
    # The context's certificates and token are not for a server that only the environment names.
    said = _user(flags, environ) if elsewhere else context
    given = flags.get("token") or environ.get("PROTOCUBE_TOKEN") or ""
    token = given or (said.token if said else "")
    token_file = said.token_file if said and not given else ""
    plugin = said.exec if said and not given else None
    transport = transport_settings.complete(flags, environ, said)
    if not (token or token_file or plugin or getattr(transport, "client_certificate", None)):
        token_file = first_admin.token_file(server, environ)
    return Settings(
        server=server,
        namespace=namespace or (context.namespace if context else "") or _DEFAULT_NAMESPACE,
        namespace_given=bool(namespace),
        timeout=timeout or None,
        transport=transport,
        token=token,
        token_file=token_file,
        plugin=plugin,
        acting_as=_acting_as(flags, context.user if context else ""),
        verbosity=int(flags.get("v", "0")),
    )


def _acting_as(flags: Mapping[str, str], user: str) -> ActingAs | None:
    """Return whom to be. ``user`` is what the config file calls the caller, if anything.

    Raises :class:`UsageError` for groups, or a uid, of nobody.
    """
    if not any(flags.get(name) for name in ("as", "as_group", "as_uid")):
        return None
    if not flags.get("as"):
        # As kubectl says it, whose user has a name in every case.
        raise UsageError(
            "Error in configuration: requesting uid, groups or user-extra for "
            f"{user or 'the caller'} without impersonating a user"
        )
    from protocube_client.connection.acting import ActingAs

    groups = tuple(flags["as_group"].split(SEPARATOR)) if "as_group" in flags else ()
    return ActingAs(user=flags.get("as", ""), groups=groups, uid=flags.get("as_uid", ""))


def _context(flags: Mapping[str, str], environ: Mapping[str, str]) -> Context | None:
    """Return the context to use; ``None`` without a config file."""
    named = config_path.given(flags, environ) or "context" in flags or flags.get("user")
    # Not Path.exists(), which raises for a folder that is closed to us.
    if not named and not os.path.lexists(config_path.of(flags, environ)):
        return None
    from protocube_client.cli.settings import config

    return config.context(flags, environ)


def _user(flags: Mapping[str, str], environ: Mapping[str, str]) -> Context | None:
    """Return what the user that ``--user`` names says; ``None`` when none is named."""
    if not flags.get("user"):
        return None
    from protocube_client.cli.settings import config

    return config.user(flags, environ)


def _timeout(text: str) -> float:
    """Read ``30`` or ``1m30s`` as seconds."""
    if text.isascii() and text.isdecimal():
        return float(text)
    if durations.fault(text):
        raise CommandError(
            "Invalid timeout value. Timeout must be a single integer in seconds, or an integer "
            "followed by a corresponding time unit (e.g. 1s | 2m | 3h)"
        )
    return durations.seconds(text)
