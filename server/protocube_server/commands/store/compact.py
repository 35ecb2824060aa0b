"""``store compact``: forget history now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from protocube_server.commands.store import flags
from protocube_server.storage import url as urls
from protocube_server.storage.sqlite import file, maintenance

if TYPE_CHECKING:
    from pathlib import Path


@click.command("compact")
@click.option("--revision", type=click.IntRange(1), help="Keep the history from here; else none.")
@flags.store_flags
def compact(url: str, revision: int | None, **etcd: str) -> None:
    """Forget the history of a store, and give the room back to the system.

    Watches and lists that go on from before it have to begin anew. Servers do it by
    themselves (--compact-interval). An SQLite store must not be open in a server; etcd
    itself gives room back only by etcdctl defrag.
    """
    flags.run(_compact(url, revision, etcd))


async def _compact(url: str, revision: int | None, etcd: dict[str, str]) -> None:
    location = urls.parse(url)
    path = file.locate(location.path) if isinstance(location, urls.SqliteLocation) else None
    before = _size(path)
    async with flags.readable(url, **etcd) as opened:
        at = revision or await opened.store.revision()
        await opened.store.compact(at)
    click.echo(f"compacted: the history begins at revision {at}")
    if path is not None:
        await asyncio.to_thread(maintenance.vacuum, path)
        click.echo(f"{path}: {before} -> {_size(path)} bytes")


def _size(path: Path | None) -> int:
    return path.stat().st_size if path is not None and path.exists() else 0
