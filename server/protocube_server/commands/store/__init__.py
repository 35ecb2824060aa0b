"""``cube-apiserver store``: look after a store without a server.

``show``, ``check`` and ``backup`` only read, and a server may go on meanwhile; ``show``
and the commands that write need an SQLite file for themselves.
"""

from __future__ import annotations

import click

from protocube_server.commands.store.backup import backup
from protocube_server.commands.store.check import check
from protocube_server.commands.store.compact import compact
from protocube_server.commands.store.deleting import delete
from protocube_server.commands.store.exporting import export
from protocube_server.commands.store.importing import import_
from protocube_server.commands.store.keys import keys
from protocube_server.commands.store.reencrypt import reencrypt
from protocube_server.commands.store.restore import restore
from protocube_server.commands.store.show import show


@click.group("store")
def store() -> None:
    """Look after a store without a server."""


for _command in (show, check, delete, compact, backup, restore, export, import_, keys, reencrypt):
    store.add_command(_command)

__all__ = ["store"]
