"""The flag that says what is sealed: the server and ``store`` have the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from protocube import errors

if TYPE_CHECKING:
    from protocube_server.storage.sealing.sealing import Sealing

_F = TypeVar("_F", bound=Callable[..., Any])


def encryption_flag(command: _F) -> _F:
    """Add ``--encryption-config`` to a command; :func:`sealing` reads what it gives."""
    return click.option(
        "--encryption-config",
        metavar="FILE",
        default="",
        show_default=False,
        envvar="PROTOCUBE_ENCRYPTION_CONFIG",
        help="What is encrypted in the store, and with which keys: an EncryptionConfiguration of "
        "apiserver.config.k8s.io/v1.",
    )(command)


def reencrypt_flag(command: _F) -> _F:
    """Add ``--reencrypt`` to the server."""
    return click.option(
        "--reencrypt",
        is_flag=True,
        help="Write anew, once and beside the calls, what is encrypted with older keys.",
    )(command)


def sealing(encryption_config: str) -> Sealing | None:
    """Return what the flag says is sealed, if anything.

    Raises ``errors.BadRequest`` for a file that cannot be used.
    """
    from protocube_server.config_files import ConfigFileError
    from protocube_server.storage.sealing import configuration

    if not encryption_config:
        return None
    try:
        return configuration.read(Path(encryption_config))
    except ConfigFileError as error:
        raise errors.BadRequest(str(error)) from None
