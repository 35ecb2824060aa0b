"""``store keys``: what the values of a store are sealed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_server.commands import encryption_flag
from protocube_server.commands.store import flags
from protocube_server.storage import resealing
from protocube_server.storage.sealing import marks

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    from protocube_server.storage.sealing.marks import Mark
    from protocube_server.storage.sealing.sealing import Sealing

_HEADER = ("RESOURCE", "PROVIDER", "KEY", "VALUES", "USE")


@click.command("keys")
@flags.store_flags
def keys(url: str, *, encryption_config: str, **etcd: str) -> None:
    """Count the values of each kind by the key that they are sealed with.

    A key that seals nothing any more can be taken out of the configuration, once the history
    before is compacted. With --encryption-config it is told what the configuration makes of each:
    write (new values get it), read, or missing (its values cannot be opened). Nothing is opened
    for that. An SQLite store must not be open in a server.
    """
    with flags.reported():
        sealing = encryption_flag.sealing(encryption_config)
    found = flags.run(_count(url, etcd))
    rows: list[Sequence[str]] = [_HEADER if sealing else _HEADER[:-1]]
    rows += [
        _row(resource, mark, count, sealing)
        for (resource, mark), count in sorted(found.items(), key=lambda item: str(item[0]))
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("   ".join(cells).rstrip())


async def _count(url: str, etcd: dict[str, str]) -> Counter[tuple[str, Mark | None]]:
    async with flags.readable(url, **etcd) as opened:
        return await resealing.count(opened.store, opened.prefix)


def _row(resource: str, mark: Mark | None, count: int, sealing: Sealing | None) -> Sequence[str]:
    row = (resource, mark.provider if mark else "-", mark.key if mark else "-", str(count))
    return (*row, _use(resource, mark, sealing)) if sealing is not None else row


def _use(resource: str, mark: Mark | None, sealing: Sealing) -> str:
    sealer = sealing.records if resource.startswith("~") else sealing.of(resource)
    if sealer is None:
        return "write" if mark is None else "missing"
    for place, key in enumerate(sealer.keys):
        if marks.read(key.mark) == mark:
            return "read" if place else "write"
    return "missing"
