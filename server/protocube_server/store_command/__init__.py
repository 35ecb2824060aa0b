"""``cube-apiserver store``: look after a store without a server.

``show``, ``check`` and ``backup`` only read, and a server may go on meanwhile; ``show``
and the commands that write need an SQLite file for themselves.
"""

from __future__ import annotations

import click

from protocube_server.store_command.backup import backup
from protocube_server.store_command.check import check
from protocube_server.store_command.compact import compact
from protocube_server.store_command.exporting import export
from protocube_server.store_command.importing import import_
from protocube_server.store_command.restore import restore
from protocube_server.store_command.show import show


@click.group("store")
def store() -> None:
    """Look after a store without a server."""


for _command in (show, check, compact, backup, restore, export, import_):
    store.add_command(_command)

__all__ = ["store"]
