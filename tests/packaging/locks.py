"""The lock files of Python, read as pip reads them."""

from __future__ import annotations

import functools
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "locks"
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One version of a package, where its marker holds."""

    name: str
    version: str
    requirement: Requirement
    hashes: tuple[str, ...]

    def holds(self, environment: Mapping[str, str] | None = None) -> bool:
        """Tell whether this version is installed in ``environment``, by default in this one."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(environment or {}))


def read(path: Path) -> list[Locked]:
    """Return the entries of a lock file. Anything else than exact versions fails."""
    found: list[tuple[Requirement, str, list[str]]] = []
    text = re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE)
    for entry in text.replace(" \\\n", "\n").split("\n"):
        if not entry.startswith(" ") and entry:
            requirement = Requirement(entry)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", entry
            found.append((requirement, specifier.version, []))
        elif entry:
            matched = _HASH.search(entry)
            assert matched is not None, entry
            found[-1][2].append(matched[1])
    return [
        Locked(
            name=canonicalize_name(requirement.name),
            version=version,
            requirement=requirement,
            hashes=tuple(hashes),
        )
        for requirement, version, hashes in found
    ]


def versions(
    locked: Iterable[Locked], environment: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the version of each package in ``environment``, by default in this one."""
    return {entry.name: entry.version for entry in locked if entry.holds(environment)}


@functools.cache
def constraints() -> Path:
    """Write the versions of the low set without their hashes, and return the file.

    What is built by a test has no hash, so pip takes it only beside others without.
    """
    text = "".join(f"{entry.requirement}\n" for entry in read(LOCKS / "low" / "dev.txt"))
    file = ROOT / ".cache" / "constraints.txt"
    file.parent.mkdir(exist_ok=True)
    # Other processes read it: it is written aside and put there whole.
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as aside:
        aside.write(text)
    return Path(aside.name).replace(file)
