"""Packs recorded cases for these tests: ``python -m tests.semantics.pack FOLDER``.

``FOLDER`` has a folder a topic and in it a JSON file a case.
"""

from __future__ import annotations

import json
import lzma
import sys
from pathlib import Path

from tests.semantics import cases


def main(folder: Path) -> None:
    """Write one file a topic."""
    for topic in sorted(path for path in folder.iterdir() if path.is_dir()):
        texts = [json.loads(path.read_text()) for path in sorted(topic.glob("*.json"))]
        lines = "".join(json.dumps(text, separators=(",", ":")) + "\n" for text in texts)
        _write(cases.DATA / f"{topic.name}{cases.CASES}", lines)


def _write(path: Path, text: str) -> None:
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
