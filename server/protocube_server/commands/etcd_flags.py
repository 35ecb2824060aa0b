"""The flags that say who we are towards etcd: the server and ``store`` have the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from protocube_server.storage.etcd.security import Security

_F = TypeVar("_F", bound=Callable[..., Any])

_PASSWORD = "PROTOCUBE_ETCD_PASSWORD"  # noqa: S105  # the name of a variable
_FLAGS = (
    ("--etcd-cacert", "FILE", "TLS to etcd: certificates (PEM) that vouch for its own."),
    ("--etcd-cert", "FILE", "Our certificate (PEM), for an etcd that asks for one."),
    ("--etcd-key", "FILE", "The key (PEM) of --etcd-cert."),
    ("--etcd-user", "NAME", f"User of etcd; the password is in {_PASSWORD}, never in a flag."),
)


def etcd_flags(command: _F) -> _F:
    """Add the flags to a command; :func:`security` reads what they give."""
    for flag, metavar, text in reversed(_FLAGS):
        variable = "PROTOCUBE_" + flag[2:].upper().replace("-", "_")
        command = click.option(
            flag, metavar=metavar, envvar=variable, default="", show_default=False, help=text
        )(command)
    return command


def security(*, etcd_cacert: str, etcd_cert: str, etcd_key: str, etcd_user: str) -> Security:
    """Return what the flags say, with the password from the environment."""
    return Security(
        cacert=etcd_cacert,
        cert=etcd_cert,
        key=etcd_key,
        user=etcd_user,
        password=os.environ.get(_PASSWORD, ""),
    )
