"""Objects that were recorded from a real API server: what was posted and what was read back.

A folder has ``GROUP_KIND/NAME.json``; ``recorded.jsonl.xz`` has those of our own, a line each.
"""

from __future__ import annotations

import json
import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Object = dict[str, Any]

PACKED = Path(__file__).with_name("recorded.jsonl.xz")
_KEPT = ("manifest", "setup", "stored", "stored_default_gates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One object."""

    name: str
    """``GROUP_KIND/NAME``."""
    manifest: Object
    setup: tuple[Object, ...]
    """What must be there before, in order."""
    stored: tuple[Object, ...]
    """What Kubernetes gives back in the manifest's version; any of them is right."""

    @property
    def kind(self) -> str:
        """The kind, as its folder is called."""
        return self.name.partition("/")[0]


def packed() -> list[Case]:
    """Return the recorded objects that are kept with the tests."""
    with lzma.open(PACKED, "rt") as lines:
        return [_case(*json.loads(line)) for line in lines]


def in_folder(folder: Path) -> list[Case]:
    """Return all objects below a folder that Kubernetes stores."""
    found = (_case(name, document) for name, document in _documents(folder))
    return [case for case in found if case.stored]


def pack(folder: Path) -> None:
    """Keep the objects below a folder with the tests."""
    with lzma.open(PACKED, "wt") as lines:
        for name, document in _documents(folder):
            if _case(name, document).stored:
                kept = {key: document[key] for key in _KEPT if document.get(key)}
                lines.write(f"{json.dumps([name, kept], separators=(',', ':'))}\n")


def _documents(folder: Path) -> Iterator[tuple[str, Object]]:
    for path in sorted(folder.glob("*/*.json")):
        yield f"{path.parent.name}/{path.stem}", json.loads(path.read_text())


def _case(name: str, document: Object) -> Case:
    version = document["manifest"]["apiVersion"]
    answers = (document.get(key, {}).get(version) for key in ("stored", "stored_default_gates"))
    return Case(
        name=name,
        manifest=document["manifest"],
        setup=tuple(document.get("setup", ())),
        stored=tuple(answer for answer in answers if answer),
    )
