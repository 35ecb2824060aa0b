"""The server's flags that say what is written down of calls, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--audit-log",
        metavar="FILE",
        show_default="none on loopback; elsewhere beside an SQLite store, or in the user's data "
        "directory",
        help="Write down who did what, as lines of JSON: FILE, - for stdout, or none.",
    ),
    click.option(
        "--audit-policy",
        metavar="FILE",
        type=click.Path(path_type=Path),
        show_default="writes, reads of secrets, and refusals",
        help="What is written down: a Policy of audit.k8s.io/v1.",
    ),
    click.option(
        "--audit-when-full",
        type=click.Choice(["block", "drop"]),
        default="block",
        help="What happens while the log cannot be written: block answers no call that belongs "
        "there, drop loses the lines.",
    ),
    click.option(
        "--audit-log-maxsize",
        metavar="MEGABYTES",
        type=click.IntRange(0, 1 << 20),
        default=100,
        help="Size from which on the log makes way for a new one; 0 lets it grow.",
    ),
    click.option(
        "--audit-log-maxbackup",
        type=click.IntRange(0),
        default=10,
        help="How many old logs are kept; 0 keeps all.",
    ),
)


def audit_flags(command: _F) -> _F:
    """Add the flags to a command; :func:`settings` reads what they give."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings(
    *,
    audit_log: str | None,
    audit_policy: Path | None,
    audit_when_full: str,
    audit_log_maxsize: int,
    audit_log_maxbackup: int,
) -> Any:
    """Return what the flags say, as ``settings.Audit``."""
    from protocube_server.audit.file import Rotation
    from protocube_server.audit.log import WhenFull
    from protocube_server.settings import Audit

    return Audit(
        log=audit_log or "",
        policy=audit_policy,
        when_full=WhenFull(audit_when_full),
        rotation=Rotation(size=audit_log_maxsize * 1024 * 1024, backups=audit_log_maxbackup),
    )
