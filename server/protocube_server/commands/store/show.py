"""``store show``: the objects that a store holds, decoded."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from google.protobuf import text_format
from google.protobuf.message import DecodeError

from protocube import errors
from protocube_server.commands.store import flags, kinds, objects
from protocube_server.kinds import kept
from protocube_server.storage import format as store_format
from protocube_server.storage import keys, paging

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from protocube.catalog import Catalog
    from protocube_server.storage.base import Record

_PAGE = 100
_HEX_ROW = 16


@click.command("show")
@click.argument("key", default="")
@flags.store_flags
@click.option("--bytes", "as_bytes", is_flag=True, help="Also show the stored bytes.")
def show(key: str, url: str, *, as_bytes: bool, **etcd: str) -> None:
    """Print the objects that the store holds, decoded.

    KEY is the beginning of the keys to show, such as pods/default/; without it all
    are shown. A value is the object's own protobuf bytes, decoded here by the
    descriptors that the package ships.

    \b
    Examples:
      cube-apiserver store show pods/default/web
      cube-apiserver store show --store etcd://127.0.0.1:2379 namespaces/
    """  # noqa: D301  # click wants the character itself
    shown = flags.run(_show(key, url, etcd, as_bytes=as_bytes))
    if not shown:
        click.echo("No keys found.", err=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A record, and what its store has kinds of."""

    catalog: Catalog
    prefix: str
    record: Record


async def _show(key: str, url: str, etcd: dict[str, str], *, as_bytes: bool) -> int:
    shown = 0
    async with contextlib.aclosing(_records(key, url, etcd)) as records:
        async for found in records:
            click.echo(_described(found, as_bytes=as_bytes))
            shown += 1
    return shown


async def _records(key: str, url: str, etcd: dict[str, str]) -> AsyncGenerator[_Found, None]:
    async with flags.existing(url, **etcd) as opened:
        try:
            store_format.require_readable(await store_format.read(opened.store, opened.prefix))
        except errors.ApiError as error:
            click.echo(f"may be shown wrongly: {error}", err=True)
        begin = keys.absolute(opened.prefix, key)
        catalog = await kinds.catalog(opened)
        async with contextlib.aclosing(paging.pages(opened.store, begin, limit=_PAGE)) as pages:
            async for page in pages:
                for record in page.records:
                    yield _Found(catalog=catalog, prefix=opened.prefix, record=record)


def _described(found: _Found, *, as_bytes: bool) -> str:
    record = found.record
    key = record.key.decode(errors="backslashreplace")
    written = f"revision {record.mod_revision}, created at {record.create_revision}"
    lines = [f"{key}  {written}, {len(record.value)} bytes"]
    if as_bytes:
        lines += [
            f"  {offset:04x}  {record.value[offset : offset + _HEX_ROW].hex(' ')}"
            for offset in range(0, len(record.value), _HEX_ROW)
        ]
    if sealed := objects.sealed(record):
        return "\n".join([*lines, f"  ({sealed})"])
    parsed = keys.parse(found.prefix, record.key)
    if isinstance(parsed, keys.SystemKey):
        text = record.value.decode(errors="backslashreplace")
        return "\n".join([*lines, "  (an entry of the server's own)", f"  {text}"])
    resource = found.catalog.stored(parsed.resource) if parsed else None
    if resource is None:
        return "\n".join([*lines, "  (no kind is stored under this key)"])
    try:
        beside = kept.read(record.value)
        message = resource.message_class.FromString(kept.message(record.value))
    except (DecodeError, ValueError, errors.ApiError) as error:
        return "\n".join([*lines, f"  (damaged: not a {resource.message}: {error})"])
    if beside:
        lines.append(f"  ({len(beside)} bytes that the server keeps with it: {beside.hex()})")
    text = text_format.MessageToString(message, as_utf8=True, indent=4)
    return "\n".join([*lines, f"  {resource.message}", text.rstrip("\n")])
