"""``store restore``: put a backup in the place of an SQLite store."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from protocube import errors
from protocube_server.commands import encryption_flag
from protocube_server.commands.store import flags
from protocube_server.storage import format as store_format
from protocube_server.storage import keys
from protocube_server.storage.sealing import marks
from protocube_server.storage.sealing.keys import CannotOpen
from protocube_server.storage.sealing.kms import Kms
from protocube_server.storage.sqlite import file, maintenance

if TYPE_CHECKING:
    from protocube_server.storage.sealing.marks import Mark
    from protocube_server.storage.sealing.sealing import Sealing


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a store; it is kept as PATH.replaced.")
@flags.store_flags
def restore(source: Path, url: str, *, force: bool, **etcd: str) -> None:
    """Make a store of the backup SOURCE.

    SOURCE is checked against SOURCE.sha256, where there is one, and as a whole. Revisions
    jump ahead, so that clients who saw what the backup does not have begin anew. A backup
    of a format that this program does not know is refused, and so is one whose values are sealed
    with keys that --encryption-config does not have.
    """
    with flags.reported():
        path = file.locate(flags.sqlite_path(url))
        flags.require_absent(path, force=force)
        of = store_format.FIRST
        sealing = encryption_flag.sealing(etcd["encryption_config"])

        def accept(value: bytes | None) -> None:
            nonlocal of
            of = store_format.parse(value)
            store_format.require_writable(of, str(source))
            _require_keys(source, sealing)

        key = store_format.key(keys.DEFAULT_PREFIX)
        copy = maintenance.restore(source, path, key=key, accept=accept)
    click.echo(f"{path}: revision {copy.revision}, {copy.size} bytes, format {of.number}")


def _require_keys(source: Path, sealing: Sealing | None) -> None:
    """Raise ``errors.BadRequest`` unless all values of a backup can be opened.

    One value is tried of each key; what a plugin keeps is not tried.
    """
    known = {key.mark: key for key in sealing.keys} if sealing is not None else {}
    missing: Counter[Mark] = Counter()
    tried: set[bytes] = set()
    for place, value in maintenance.values(source):
        mark = marks.read(value)
        if mark is None:
            continue
        name, length = marks.cut(value)
        key = known.get(name)
        if key is None:
            missing[mark] += 1
        elif name not in tried and not isinstance(key, Kms):
            tried.add(name)
            try:
                key.open(value[length:], place)
            except CannotOpen as error:
                where = keys.relative(keys.DEFAULT_PREFIX, place)
                raise errors.BadRequest(f"{source}: {where} cannot be opened: {error}") from None
    if missing:
        listed = ", ".join(f"{mark} ({count})" for mark, count in missing.items())
        raise errors.BadRequest(
            f"{source} has values sealed with {listed}: give their --encryption-config"
        )
