"""``store check``: whether a store is sound, and every object in it can be read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from protocube_server.commands.store import flags, kinds, objects, progress
from protocube_server.storage import format as store_format
from protocube_server.storage import url as urls
from protocube_server.storage.sqlite import file, maintenance

if TYPE_CHECKING:
    from pathlib import Path


@click.command("check")
@flags.store_flags
def check(url: str, **etcd: str) -> None:
    """Tell whether a store is sound.

    The file of an SQLite store is read as a whole, and a server may go on writing to it
    meanwhile; the objects in it are decoded when no server has it open. Exit code 1 when
    something is wrong.
    """
    wrong = flags.run(_check(url, etcd))
    for text in wrong:
        click.echo(f"wrong: {text}")
    if wrong:
        sys.exit(1)


async def _check(url: str, etcd: dict[str, str]) -> list[str]:
    location = urls.parse(url)
    wrong: list[str] = []
    if isinstance(location, urls.SqliteLocation):
        path = file.locate(location.path)
        wrong += maintenance.problems(path)
        if not wrong:
            click.echo(f"{path}: the file is sound")
        if _is_in_use(path):
            click.echo("a server has it open: its objects were not decoded")
            return wrong
    async with flags.readable(url, **etcd) as opened:
        catalog = await kinds.catalog(opened)
        found = await objects.decode_all(opened, catalog, progress.bar)
        of = await store_format.read(opened.store, opened.prefix)
    click.echo(f"{found.count} objects at revision {found.revision}, {found.size} bytes")
    if found.entries:
        click.echo(f"{found.entries} entries of the server's own")
    click.echo(f"format {of.number}, which versions from {of.least_version} on may write")
    for text in found.notes:
        click.echo(text)
    return [*wrong, *found.damaged]


def _is_in_use(path: Path) -> bool:
    from protocube import errors

    try:
        file.Lock(path).release()
    except errors.Unavailable:
        return True
    return False
