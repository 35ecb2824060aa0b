"""``store restore``: put a backup in the place of an SQLite store."""

from __future__ import annotations

from pathlib import Path

import click

from protocube_server.commands.store import flags
from protocube_server.storage import format as store_format
from protocube_server.storage import keys
from protocube_server.storage.sqlite import file, maintenance


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a store; it is kept as PATH.replaced.")
@flags.store_flags
def restore(source: Path, url: str, *, force: bool, **etcd: str) -> None:  # noqa: ARG001  # all commands take them
    """Make a store of the backup SOURCE.

    SOURCE is checked against SOURCE.sha256, where there is one, and as a whole. Revisions
    jump ahead, so that clients who saw what the backup does not have begin anew. A backup
    of a format that this program does not know is refused.
    """
    with flags.reported():
        path = file.locate(flags.sqlite_path(url))
        flags.require_absent(path, force=force)
        of = store_format.FIRST

        def accept(value: bytes | None) -> None:
            nonlocal of
            of = store_format.parse(value)
            store_format.require_writable(of, str(source))

        key = store_format.key(keys.DEFAULT_PREFIX)
        copy = maintenance.restore(source, path, key=key, accept=accept)
    click.echo(f"{path}: revision {copy.revision}, {copy.size} bytes, format {of.number}")
