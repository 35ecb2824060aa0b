"""Which folders hold the programs and their tests, and what tells whether they have changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PROGRAMS: Final = ("protos", "server", "client")


def digest(tree: Path, *folders: str) -> str:
    """Return a text that changes when the content of one of these folders of a tree does."""
    whole = hashlib.sha256()
    for folder in folders:
        for file in sorted((tree / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                whole.update(repr(file.relative_to(tree)).encode())
                whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:16]
