"""``store delete``: take one key out of a store, whatever is under it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.commands.store import flags, objects
from protocube_server.storage import keys
from protocube_server.storage.base import ConditionFailed

if TYPE_CHECKING:
    from protocube_server.storage.base import Done, Record
    from protocube_server.storage.url import OpenedStore

_ESCAPE = re.compile(rb"\\x([0-9a-f]{2})")


@click.command("delete")
@click.argument("key")
@click.option("--force", is_flag=True, help="Also delete what is sound.")
@flags.store_flags
def delete(key: str, url: str, *, force: bool, **etcd: str) -> None:
    """Delete what is under KEY, as "store check" names it.

    Meant for what no server can read: nothing looks at finalizers or at what relies on the
    object. What is sound is left alone, because "cubectl delete" does it better. An SQLite
    store must not be open in a server; watches of servers on an etcd hear of the deletion.

    \b
    Examples:
      cube-apiserver store delete configmaps/default/settings
    """  # noqa: D301  # click wants the character itself
    done = flags.run(_delete(key, url, etcd, force=force))
    click.echo(f"deleted {key} at revision {done.revision}")


async def _delete(key: str, url: str, etcd: dict[str, str], *, force: bool) -> Done:
    async with flags.existing(url, **etcd) as opened:
        record = await _find(opened, key)
        if record is None:
            raise errors.NotFound(f"there is no key {key}")
        if not (force or objects.wrong(opened.prefix, record, Catalog.shipped())):
            message = f"{key} is sound: delete it with cubectl, or with --force"
            raise errors.BadRequest(message)
        try:
            return await opened.store.delete(record.key, expected=record.mod_revision)
        except ConditionFailed:
            raise errors.Conflict(f"{key} has changed meanwhile; look at it again") from None


async def _find(opened: OpenedStore, key: str) -> Record | None:
    """Return what is under a key, which may be written as :func:`keys.relative` gives it."""
    exact = keys.absolute(opened.prefix, key)
    found = await opened.store.get(exact)
    if found is None and (unescaped := _ESCAPE.sub(_byte, exact)) != exact:
        found = await opened.store.get(unescaped)
    return found


def _byte(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode())
