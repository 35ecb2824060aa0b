"""Two folders with a file for each object: as it is, and as it would be."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from protocube_client.cli.commands.diff import masking
from protocube_client.printers import yaml_printer

if TYPE_CHECKING:
    from types import TracebackType

    from protocube.catalog import Resource

_MANY = 10_000_000_000


class Versions:
    """A context manager that removes the folders. No one else can read them."""

    def __enter__(self) -> Self:
        """Make the folders."""
        self.live = _folder("LIVE")
        self.merged = _folder("MERGED")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove the folders with all that is in them."""
        for folder in (self.live, self.merged):
            shutil.rmtree(folder, ignore_errors=True)

    def write(
        self,
        resource: Resource,
        live: dict[str, Any] | None,
        merged: dict[str, Any] | None,
    ) -> None:
        """Write an object, as JSON data; ``None`` where there is none of it.

        What is secret in it is masked.
        """
        if (resource.version, resource.kind) == ("v1", "Secret"):
            live, merged = masking.masked(live, merged)
        known: dict[str, Any] = live or merged or {}
        metadata = known.get("metadata") or {}
        parts = [resource.version, resource.kind, metadata.get("namespace", ""), metadata["name"]]
        name = ".".join([resource.group, *parts] if resource.group else parts).replace("/", "_")
        (self.live / name).write_text(_text(live), encoding="utf-8")
        if merged is not None:
            (self.merged / name).write_text(_text(merged), encoding="utf-8")


def _text(manifest: dict[str, Any] | None) -> str:
    return "" if manifest is None else yaml_printer.text(manifest)


def _folder(name: str) -> Path:
    while True:
        path = Path(tempfile.gettempdir()) / f"{name}-{secrets.randbelow(_MANY)}"
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return path
