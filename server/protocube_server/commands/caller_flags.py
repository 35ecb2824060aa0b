"""The server's flags that say who may call, and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

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
    anonymous: bool,
    authentication: str,
    authorization: str | None,
    allow_everyone: bool,
) -> dict[str, Any]:
    """Return what the flags say, as keywords of ``Settings``."""
    return {
        "token_file": token_file,
        "anonymous": anonymous,
        "authentication_required": authentication == "required",
        "authorization": authorization or "",
        "allow_everyone": allow_everyone,
    }
