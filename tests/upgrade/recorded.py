"""What a folder of tests/upgrade holds: two stores of one release, and what was in them.

Each store is one packed file, and beside it lies a packed listing of what a client of that
release read from it: ``sqlite.db.xz`` with ``sqlite.json.xz``, and ``etcd.snapshot.xz`` with
``etcd.json.xz``. Objects are listed in the JSON form of protobuf, which later releases read.
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Catalog

STORES = {"sqlite": "sqlite.db", "etcd": "etcd.snapshot"}
"""Each kind of store and the name of its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change that the history of a store tells: its type, and the object after it."""

    type: str
    object: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a client read from a store when it was recorded."""

    release: str
    objects: tuple[Any, ...]
    """Every object of every kind, a kind's objects in the order of its list."""
    since: str
    """A resource version that the history goes back to."""
    events: tuple[Event, ...]
    """The changes of ConfigMaps after ``since``."""

    def of(self, message: str) -> tuple[Any, ...]:
        """Return the objects of the kind whose message has this full name."""
        return tuple(item for item in self.objects if item.DESCRIPTOR.full_name == message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A copy of a recorded store, and what was in it."""

    url: str
    contents: Contents


def folders() -> list[Path]:
    """Return the folders of all recorded releases."""
    return [path.parent for path in sorted(Path(__file__).parent.glob("*/sqlite.json.xz"))]


def pack(data: bytes, target: Path) -> None:
    """Write ``data`` to ``target``, compressed as far as it goes."""
    target.write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def unpack(folder: Path, name: str, target: Path) -> None:
    """Write the file ``name`` of a recorded release to ``target``."""
    target.write_bytes(lzma.decompress((folder / f"{name}.xz").read_bytes()))


def write(contents: Contents, target: Path) -> None:
    """Write a listing, packed."""
    values = {
        "release": contents.release,
        "since": contents.since,
        "events": [{"type": item.type, **_to_json(item.object)} for item in contents.events],
        "objects": [_to_json(item) for item in contents.objects],
    }
    pack(json.dumps(values, indent=1, ensure_ascii=False).encode(), target)


def read(source: Path, catalog: Catalog) -> Contents:
    """Read a listing. Raises ``ValueError`` for a kind or field that ``catalog`` does not have."""
    values = json.loads(lzma.decompress(source.read_bytes()))
    return Contents(
        release=values["release"],
        since=values["since"],
        events=tuple(
            Event(type=item["type"], object=_from_json(item, catalog)) for item in values["events"]
        ),
        objects=tuple(_from_json(item, catalog) for item in values["objects"]),
    )


def _to_json(item: Message) -> dict[str, Any]:
    return {"message": item.DESCRIPTOR.full_name, "object": json_format.MessageToDict(item)}


def _from_json(values: dict[str, Any], catalog: Catalog) -> Message:
    resource = catalog.for_message(values["message"])
    if resource is None:
        raise ValueError(f"{values['message']} is served no more")
    return json_format.ParseDict(values["object"], resource.message_class())
