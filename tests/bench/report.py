"""The file of a run: everything that was measured, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.bench.figures import Results

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run: the machine, how it was measured, and the samples."""

    machine: dict[str, str]
    settings: dict[str, Any]
    results: Results

    def write(self, path: Path) -> None:
        """Write the file; its folder is made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "format": _FORMAT,
            "machine": self.machine,
            "settings": self.settings,
            "samples": self.results.samples,
            "notes": self.results.notes,
        }
        path.write_text(json.dumps(content, indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Report:
        """Read a file. Raises ``ValueError`` or ``OSError`` when it is not one."""
        content = json.loads(path.read_text())
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise ValueError(f"{path} is not a report of scripts/bench")
        results = Results(samples=content["samples"], notes=content["notes"])
        return cls(machine=content["machine"], settings=content["settings"], results=results)
