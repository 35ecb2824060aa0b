"""The server's flags that say who may call, and what they may do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from protocube_server.settings import DEFAULT_ISSUER

_NONE = "none"
_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--token-file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Callers show a bearer token of this file: CSV with token, user, uid and, in quotes, "
        "groups; a changed file is read again.",
    ),
    click.option(
        "--listen-mtls",
        metavar="HOST:PORT",
        default="",
        show_default=False,
        help="Where to listen for callers with certificates (--client-ca); the callers of "
        "--listen then show tokens, in TLS.",
    ),
    click.option(
        "--service-account-key",
        "service_account_keys",
        metavar="FILE",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Callers show tokens of service accounts: a key in PEM, RSA or ECDSA. The first file "
        "has the private key that signs them, those of all files verify them; changed files are "
        "read again. May be repeated.",
    ),
    click.option(
        "--service-account-issuer",
        "service_account_issuers",
        metavar="URL",
        multiple=True,
        default=(DEFAULT_ISSUER,),
        help="Whom tokens of service accounts come from: the first is named in new tokens, all "
        "are accepted. May be repeated.",
    ),
    click.option(
        "--authentication-config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Callers show tokens of OpenID Connect: Kubernetes' AuthenticationConfiguration, in "
        "YAML or JSON; a changed file is read again.",
    ),
    click.option(
        "--admin-token-file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        show_default="admin.token beside the store's file, or in the user's data directory",
        help="Where the first administrator's token is left as long as roles make nobody else "
        "one; none makes none.",
    ),
    click.option(
        "--anonymous",
        is_flag=True,
        help="Let in callers without any credential, as system:anonymous.",
    ),
    click.option(
        "--authentication",
        type=click.Choice(["auto", "required"]),
        default="auto",
        help="auto asks nobody on loopback who they are, unless it is set how callers are known: "
        "everybody on this machine is system:admin. required never does that.",
    ),
    click.option(
        "--authorization",
        type=click.Choice(["rbac", "always-allow"]),
        show_default="rbac, as soon as it is set how callers are known",
        help="What those who are known may do: what roles and bindings allow, or everything.",
    ),
    click.option(
        "--allow-everyone",
        is_flag=True,
        help="Ask nobody who they are on other addresses than loopback: whoever reaches the "
        "server may do everything.",
    ),
)


def caller_flags(command: _F) -> _F:
    """Add the flags to a command; :func:`settings` reads what they give."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings(
    *,
    token_file: Path | None,
    listen_mtls: str,
    service_account_keys: tuple[Path, ...],
    service_account_issuers: tuple[str, ...],
    authentication_config: Path | None,
    admin_token_file: Path | None,
    store: str,
    anonymous: bool,
    authentication: str,
    authorization: str | None,
    allow_everyone: bool,
) -> dict[str, Any]:
    """Return what the flags say, as keywords of ``Settings``; ``store`` is that of ``--store``."""
    return {
        "token_file": token_file,
        "listen_mtls": listen_mtls,
        "service_account_keys": service_account_keys,
        "service_account_issuers": service_account_issuers,
        "authentication_config": authentication_config,
        "admin_token": _admin_token(admin_token_file, store),
        "anonymous": anonymous,
        "authentication_required": authentication == "required",
        "authorization": authorization or "",
        "allow_everyone": allow_everyone,
    }


def _admin_token(given: Path | None, store: str) -> Path | None:
    from protocube import errors
    from protocube_server.settings import default_admin_token

    if given is not None:
        return None if str(given) == _NONE else given
    # What is wrong with a store is told when it is opened.
    with contextlib.suppress(errors.BadRequest):
        return default_admin_token(store)
    return None
