"""Editing by editors that are shell scripts."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import Done


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """Edits the objects of a namespace."""

    server: str
    folder: Path
    namespace: str

    @property
    def cubectl(self) -> CommandLine:
        """The command line without an editor."""
        return CommandLine(environ=self.environ)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the commands."""
        return {
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "PROTOCUBE_SERVER": self.server,
            "TMPDIR": str(self.folder),
        }

    def script(self, text: str) -> str:
        """Return the path of an editor that is a shell script."""
        path = self.folder / "editor"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)

    def edit(self, script: str, *args: str) -> Done:
        """Edit objects by a shell script, to which the file is ``$1``."""
        run = CommandLine(environ={**self.environ, "KUBE_EDITOR": self.script(script)})
        return run("-n", self.namespace, "edit", *args)

    def data(self, name: str = "conf") -> dict[str, str]:
        """Return what a ConfigMap has."""
        found = self.cubectl("-n", self.namespace, "get", "cm", name, "-o=json")
        data: dict[str, str] = json.loads(found.out).get("data", {})
        return data

    @property
    def left(self) -> list[Path]:
        """The files that are left."""
        return sorted(self.folder.glob("cubectl-edit-*"))
