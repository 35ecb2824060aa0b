"""``store backup``: a copy of an SQLite store, while it is in use."""

from __future__ import annotations

from pathlib import Path

import click

from protocube_server.commands.store import flags, progress
from protocube_server.storage.sqlite import file, maintenance


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace TARGET.")
@flags.store_flags
def backup(target: Path, url: str, *, force: bool, **etcd: str) -> None:  # noqa: ARG001  # all commands take them
    """Copy an SQLite store to the file TARGET, and its checksum to TARGET.sha256.

    A server may go on writing: the copy is the store at one revision. It is a store by
    itself, and "store restore" puts it in the place of another.
    """
    with flags.reported():
        path = file.locate(flags.sqlite_path(url))
        flags.require_absent(target, force=force)
        with progress.bar("copying", 100) as shown:
            done = 0

            def told(copied: int, total: int) -> None:
                nonlocal done
                percent = copied * 100 // max(total, 1)
                shown.update(percent - done)
                done = percent

            copy = maintenance.backup(path, target, told)
    click.echo(f"{target}: revision {copy.revision}, {copy.size} bytes, sha256 {copy.sha256}")
