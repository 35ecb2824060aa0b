"""The format of what a store holds, and which servers may write to it.

A format is a number that grows when a release stores something that earlier releases would
misread or lose. It lies under the system key ``format``, as JSON, with the least version of a
server that may write. A store without that key is of the first format, whose servers do not
look for it. docs/stores.md lists the formats.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import protocube
from protocube import errors
from protocube_server.storage import keys
from protocube_server.storage.base import ConditionFailed

if TYPE_CHECKING:
    from protocube_server.storage.base import Store

_LOG = logging.getLogger("protocube.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: its number, and the least version of a server that may write it."""

    number: int
    least_version: str


FIRST = Format(number=1, least_version="0.1.0")
"""That of a store without the key."""
OURS = Format(number=2, least_version="0.2.0")
"""What this server writes: keys of the system, and fields of the server's own in values."""


class TooNew(errors.Forbidden):
    """A store, or a copy of one, that only newer programs may use."""


def key(prefix: str) -> bytes:
    """Return the key of the format."""
    return keys.system(prefix, keys.Area.FORMAT)


def parse(value: bytes | None) -> Format:
    """Read the value of the key, ``None`` where there is no key.

    Raises ``errors.Internal`` for a value that is not understood.
    """
    if value is None:
        return FIRST
    try:
        found = json.loads(value)
        number, least_version = int(found["format"]), str(found["least_version"])
        _release(least_version)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        text = value.decode(errors="backslashreplace")
        raise errors.Internal(f"the store's format cannot be read: {text}") from error
    return Format(number=number, least_version=least_version)


def encode(found: Format) -> bytes:
    """Return the value of the key."""
    values = {"format": found.number, "least_version": found.least_version}
    return json.dumps(values, separators=(",", ":")).encode()


def require_readable(found: Format, what: str = "the store") -> None:
    """Raise :class:`TooNew` for a format that this program does not know."""
    if found.number > OURS.number:
        raise _too_new(found, what)


def require_writable(found: Format, what: str = "the store") -> None:
    """Raise :class:`TooNew` for a format that this program may not write."""
    require_readable(found, what)
    if _release(found.least_version) > _release(protocube.__version__):
        raise _too_new(found, what)


async def read(store: Store, prefix: str) -> Format:
    """Return the format of a store. Raises what :func:`parse` and the store raise."""
    record = await store.get(key(prefix))
    return parse(record.value if record else None)


async def claim(store: Store, prefix: str, *, holding: Format = FIRST) -> None:
    """Mark a store as one of our format, before anything else is written to it.

    It is also marked as ``holding`` values of another one, which this program may write.
    Raises :class:`TooNew` when this program may not write to it, and then changes nothing.
    """
    while True:
        record = await store.get(key(prefix))
        found = parse(record.value if record else None)
        require_writable(found)
        wanted = _newest(found, holding, OURS)
        if record is not None and wanted == found:
            return
        try:
            if record is not None:
                await store.update(record.key, encode(wanted), expected=record.mod_revision)
            else:
                await _create(store, prefix, wanted)
        except ConditionFailed:
            continue  # Another server was faster; what it wrote decides.
        return


async def _create(store: Store, prefix: str, wanted: Format) -> None:
    is_empty = not (await store.list(keys.root(prefix), limit=1)).count
    await store.create(key(prefix), encode(wanted))
    if not is_empty:
        _LOG.warning(
            "the store is now of format %d: servers before %s must not use it any more",
            wanted.number,
            wanted.least_version,
        )


def _newest(*formats: Format) -> Format:
    """Return the format of a store that holds values of all of ``formats``."""
    return max(formats, key=lambda one: (one.number, _release(one.least_version)))


def _too_new(found: Format, what: str) -> TooNew:
    return TooNew(
        f"{what} is of format {found.number}, which versions from {found.least_version} on may "
        f"write; this is version {protocube.__version__}, which knows formats up to {OURS.number}: "
        "install a newer version, or go back to a backup or an export from before its upgrade"
    )


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with, to be compared.

    Raises ``ValueError`` when it begins with none.
    """
    found = re.match(r"\d+(\.\d+)*", version)
    if found is None:
        raise ValueError(f"{version!r} is no version")
    numbers = [int(number) for number in found[0].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
