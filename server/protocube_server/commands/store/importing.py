"""``store import``: put the objects of an export into a store."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from protocube import errors
from protocube.catalog import Catalog
from protocube_server.commands.store import exporting, flags, kinds, progress, readable
from protocube_server.storage import format as store_format
from protocube_server.storage import keys, limits
from protocube_server.storage.base import Done, Put, Refused
from protocube_server.storage.sqlite import SqliteStore
from protocube_server.storage.url import OpenedStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from protocube_server.storage.base import Outcome, Store

_BATCH = 100
_MARK = keys.relative("", store_format.key(""))
"""The name that the format's key has in an export of release 0.1.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object of an export."""

    name: str
    value: bytes = b""
    told: Mapping[str, Any] | None = None
    """What a readable line says; its value is found once the kinds are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What an export has: the format of the store that it is of, and its objects."""

    format: store_format.Format
    items: tuple[Item, ...]


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace objects that exist and differ.")
@flags.store_flags
def import_(source: Path, url: str, *, overwrite: bool, **etcd: str) -> None:
    """Put the objects of the export SOURCE into a store.

    SOURCE is read as a whole, and its checksum compared, before anything is written. An
    object that exists already and is equal is left alone; one that differs, too, and the
    exit code is then 1. Doing it again after a failure goes on where it was. The store is
    of this program's format afterwards; an export, or a store, of a newer one is refused.
    """
    counts = flags.run(_import(source, url, etcd, overwrite=overwrite))
    said = ", ".join(f"{counts[word]} {word}" for word in ("imported", "unchanged", "differing"))
    click.echo(said, err=True)
    if counts["differing"]:
        sys.exit(1)


async def _import(source: Path, url: str, etcd: dict[str, str], *, overwrite: bool) -> Counter[str]:
    export = read(source)
    if any(item.told for item in export.items):
        export = replace(export, items=await _stored(export.items))
    counts: Counter[str] = Counter()
    async with flags.opened(url, **etcd) as opened:
        await store_format.claim(opened.store, opened.prefix, holding=export.format)
        with progress.bar("importing", len(export.items)) as shown:
            for batch in _batches(export.items):
                counts += await _put(opened, batch, overwrite=overwrite)
                shown.update(len(batch))
    return counts


async def _stored(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items with their values, as the shipped kinds have them and those among them.

    Raises ``errors.BadRequest`` for one that fits no kind.
    """
    shipped = Catalog.shipped(comments=False)
    found = {item.name: item for item in items}
    late = []
    for item in items:
        try:
            found[item.name] = _item_of(item, shipped)
        except errors.BadRequest:
            late.append(item)
    if late:
        # The definitions among them say the kinds of the rest.
        store = await SqliteStore.open_in_memory()
        try:
            opened = OpenedStore(store=store, prefix=keys.DEFAULT_PREFIX)
            known = [item for item in found.values() if item.told is None]
            for batch in _batches(known):
                await _put(opened, batch, overwrite=False)
            catalog = await kinds.catalog(opened)
        finally:
            await store.close()
        found |= {item.name: _item_of(item, catalog) for item in late}
    return tuple(found.values())


def _item_of(item: Item, catalog: Catalog) -> Item:
    if item.told is None:
        return item
    try:
        return Item(name=item.name, value=readable.stored(item.told, catalog))
    except (LookupError, TypeError, ValueError) as error:
        raise errors.BadRequest(f"{item.name} cannot be read: {error}") from error


def read(source: Path) -> Export:
    """Return what is in an export, once all of it was checked.

    Raises ``errors.BadRequest`` that says what is wrong with it, and ``format.TooNew``.
    """
    try:
        lines = source.read_bytes().splitlines(keepends=True)
    except OSError as error:
        message = f"cannot read {source}: {error.strerror or error}"
        raise errors.BadRequest(message) from error
    if not lines:
        raise errors.BadRequest(f"{source} is no export: it is empty")
    try:
        head = json.loads(lines[0])
        of = _format(source, head)
        last = _last(lines[-1])
        if last.get("objects") != len(lines) - 2:
            raise errors.BadRequest(f"{source} is cut off: its last line is missing")
        if last.get("sha256") != hashlib.sha256(b"".join(lines[:-1])).hexdigest():
            raise errors.BadRequest(f"{source} is damaged: its checksum differs")
        is_readable = head["version"] == exporting.READABLE_VERSION
        items = {item.name: item for item in map(_told if is_readable else _item, lines[1:-1])}
        if (marked := items.pop(_MARK, None)) and marked.told is None:
            # Release 0.1.0 takes the key for an object's, and its head says nothing of it.
            of = store_format.parse(marked.value)
            store_format.require_writable(of, _store_of(source))
        return Export(format=of, items=tuple(items.values()))
    except (LookupError, AttributeError, TypeError, ValueError, RecursionError) as error:
        raise errors.BadRequest(f"{source} is no export: {error}") from error


def _last(line: bytes) -> dict[str, Any]:
    """Return what the last line of an export says; nothing for a line that is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _item(line: bytes) -> Item:
    item = json.loads(line)
    return Item(name=item["key"], value=base64.b64decode(item["value"], validate=True))


def _told(line: bytes) -> Item:
    item = json.loads(line)
    return Item(name=item["key"], told=item)


def _format(source: Path, head: dict[str, Any]) -> store_format.Format:
    """Return the format of the store that an export is of. Raises for one of a newer format."""
    unknown = errors.BadRequest(f"{source} is no export of a version that is known here")
    if head.get("format") != exporting.FORMAT:
        raise unknown
    if head.get("version") == exporting.FIRST_VERSION:
        return store_format.FIRST
    if "store_format" not in head:
        raise unknown
    # Before the version: it says more, and also of a newer one.
    found = store_format.Format(
        number=int(head["store_format"]), least_version=str(head["least_version"])
    )
    store_format.require_writable(found, _store_of(source))
    if head.get("version") not in {exporting.VERSION, exporting.READABLE_VERSION}:
        raise unknown
    return found


def _store_of(source: Path) -> str:
    return f"the store that {source} is an export of"


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) == _BATCH or size + len(item.value) > limits.MAX_BYTES // 2):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += len(item.value)
    if batch:
        yield batch


async def _put(opened: OpenedStore, items: Sequence[Item], *, overwrite: bool) -> Counter[str]:
    puts = [
        Put(key=keys.absolute(opened.prefix, item.name), value=item.value, expected=0)
        for item in items
    ]
    counts: Counter[str] = Counter()
    for put, outcome in zip(puts, await _write(opened.store, puts), strict=True):
        if isinstance(outcome, Done):
            counts["imported"] += 1
            continue
        current = outcome.current if isinstance(outcome, Refused) else None
        if current is not None and current.value == put.value:
            counts["unchanged"] += 1
        elif current is not None and overwrite:
            await opened.store.update(put.key, put.value, expected=current.mod_revision)
            counts["imported"] += 1
        else:
            name = keys.relative(opened.prefix, put.key)
            click.echo(f"differs: {name}", err=True)
            counts["differing"] += 1
    return counts


async def _write(store: Store, puts: Sequence[Put]) -> Sequence[Outcome]:
    try:
        return await store.write(puts)
    except errors.MethodNotSupported:
        # kine has no batches.
        return [(await store.write((put,)))[0] for put in puts]
