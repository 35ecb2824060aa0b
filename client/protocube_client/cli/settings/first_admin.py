"""The token that a server on this machine leaves for its first administrator."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LISTENS = "0A"
"""The state of a socket that listens, in Linux' tables."""
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")


def token_file(server: str, environ: Mapping[str, str]) -> str:
    """Return the file with the token, for a ``server`` on loopback; empty where there is none.

    It must be the user's own, and private. Where the machine tells whose programs listen, a
    token goes to a server of that user alone: another user could wait at its address.
    """
    if sys.platform == "win32":
        return ""  # Servers do not run there.
    file = _place(environ)
    try:
        status = file.lstat()
    except OSError:
        return ""
    is_private = stat.S_ISREG(status.st_mode) and not status.st_mode & _OF_OTHERS
    if not is_private or status.st_uid != os.geteuid():
        return ""
    from protocube_client.connection import address, transport

    try:
        servers = address.parse(server)
    except ValueError:
        return ""  # Whoever connects to it is told.
    are_ours = all(transport.is_loopback(each.host) and _is_ours(each.port) for each in servers)
    return str(file) if are_ours else ""


def _place(environ: Mapping[str, str]) -> Path:
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    base = environ.get("XDG_DATA_HOME") or home / ".local" / "share"
    return Path(base) / "protocube" / "admin.token"


def _is_ours(port: int) -> bool:
    """Tell whether all that listens at a port is of this user, as far as the machine tells."""
    users: set[int] = set()
    for table in _TABLES:
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except (OSError, ValueError):
            continue
        for line in lines:
            _, local, _, state, _, _, _, user, *_ = line.split()
            if state == _LISTENS and int(local.rpartition(":")[2], 16) == port:
                users.add(int(user))
    return users <= {os.geteuid()}
