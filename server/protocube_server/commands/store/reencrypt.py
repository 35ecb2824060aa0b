"""``store reencrypt``: seal what a store holds with today's keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from protocube import errors
from protocube_server.commands.store import flags, objects, progress
from protocube_server.storage import resealing
from protocube_server.storage.sealed import SealedStore

if TYPE_CHECKING:
    from protocube_server.storage.resealing import Resealed


@click.command("reencrypt")
@flags.store_flags
def reencrypt(url: str, *, encryption_config: str, **etcd: str) -> None:
    """Write all values anew that are not sealed with the first key of their kind.

    Servers on an etcd go on meanwhile, and no write of theirs is lost; give all of them the new
    configuration first. Objects get new versions, and watches tell of them. It can be interrupted
    and done again. An SQLite store must not be open in a server. Exit code 1 when a value cannot be
    opened.
    """
    with flags.reported():
        if not encryption_config:
            raise errors.BadRequest("--encryption-config says what is to be sealed, and how")
    done = flags.run(_reencrypt(url, {**etcd, "encryption_config": encryption_config}))
    for fault in done.faults:
        click.echo(f"cannot be opened: {fault}")
    click.echo(f"{done.written} values are sealed anew")
    if done.faults:
        sys.exit(1)


async def _reencrypt(url: str, how: dict[str, str]) -> Resealed:
    async with flags.writable(url, **how) as opened:
        assert isinstance(opened.store, SealedStore)  # noqa: S101  # see reencrypt
        with progress.bar("sealing", await objects.total(opened)) as shown:
            return await resealing.reseal(opened.store, opened.prefix, shown.update)
