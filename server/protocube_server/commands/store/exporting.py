"""``store export``: all objects of a store, as lines of JSON.

The first line says what it is; then one object a line, its key without the store's
prefix and its bytes in base64, or with ``--readable`` its manifest; the last line has their
number and the SHA-256 of all lines before it. Either kind of store imports it. The server's own
entries that are about objects are among them (:func:`objects.is_exported`). Of a store of the
first format it is as release 0.1.0 wrote and reads it; of another one the first line names the
format.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import sys
from pathlib import Path
from typing import IO, Any

import click

from protocube import errors
from protocube_server.commands.store import flags, kinds, objects, progress
from protocube_server.commands.store import readable as readable_lines
from protocube_server.storage import format as store_format
from protocube_server.storage import keys, private_file

FORMAT = "protocube-export"
FIRST_VERSION, VERSION = 1, 2
READABLE_VERSION = 3
"""That of an export whose lines are those of :mod:`readable`."""


@click.command("export")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True, help="Replace TARGET.")
@click.option(
    "--readable", is_flag=True, help="Write each object as its manifest, with its key and version."
)
@flags.store_flags
def export(target: Path, url: str, *, force: bool, readable: bool, **etcd: str) -> None:
    """Write all objects of a store to the file TARGET (- for stdout).

    They are of one revision. Their history, and revisions, are not exported. What is sealed in the
    store is not in the file: it needs --encryption-config to be read.

    Either form is imported again; the readable one is about twice as large. It needs no tool of
    ours to be searched, or to be compared with another one.

    \b
    Examples:
      cube-apiserver store export all.jsonl --store sqlite:cube.db
      cube-apiserver store export - --readable | grep '"kind":"Pod"'
      cube-apiserver store import all.jsonl --store etcd://127.0.0.1:2379
    """  # noqa: D301  # click wants the character itself
    with flags.reported():
        if str(target) == "-":
            count = flags.run(_write(sys.stdout.buffer, url, etcd, readable=readable))
        else:
            flags.require_absent(target, force=force)
            count = _to_file(target, url, etcd, readable=readable)
    click.echo(f"{count} objects exported", err=True)


def _to_file(target: Path, url: str, etcd: dict[str, str], *, readable: bool) -> int:
    """Write the file, for its owner alone; it appears whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    try:
        with private_file.create(part) as sink:
            count = flags.run(_write(sink, url, etcd, readable=readable))
        private_file.put(part, target)
    except OSError as error:
        raise errors.Unavailable(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return count


async def _write(sink: IO[bytes], url: str, etcd: dict[str, str], *, readable: bool) -> int:
    digest = hashlib.sha256()

    def line(values: dict[str, Any]) -> None:
        # Without escapes, so that people read any language; a line is one whatever is in it.
        text = json.dumps(values, separators=(",", ":"), ensure_ascii=not readable)
        data = text.encode() + b"\n"
        digest.update(data)
        sink.write(data)

    count = 0
    async with flags.readable(url, **etcd) as opened:
        of = await store_format.read(opened.store, opened.prefix)
        catalog = await kinds.catalog(opened) if readable else None
        with progress.bar("exporting", await objects.total(opened)) as shown:
            is_first = True
            async for page in objects.pages(opened):
                if is_first:
                    line({**_head(of, readable=readable), "revision": page.revision})
                    is_first = False
                for record in page.records:
                    if objects.is_exported(opened, record.key):
                        name = keys.relative(opened.prefix, record.key)
                        if sealed := objects.sealed(record):
                            message = f"{name} {sealed}: an export holds what is in it"
                            raise errors.BadRequest(message)
                        if catalog is not None:
                            line(readable_lines.line(opened.prefix, record, catalog))
                        else:
                            value = base64.b64encode(record.value).decode()
                            line({"key": name, "value": value})
                        count += 1
                shown.update(len(page.records))
    line({"objects": count, "sha256": digest.hexdigest()})
    return count


def _head(of: store_format.Format, *, readable: bool) -> dict[str, Any]:
    if of == store_format.FIRST and not readable:
        return {"format": FORMAT, "version": FIRST_VERSION}
    return {
        "format": FORMAT,
        "version": READABLE_VERSION if readable else VERSION,
        "store_format": of.number,
        "least_version": of.least_version,
    }
