"""Which etcd versions to refuse, and what to trust of the others."""

from __future__ import annotations

import re
from dataclasses import dataclass

from protocube import errors


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """A release of etcd, without the suffix of a preview."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Return ``3.4.23``."""
        return f"{self.major}.{self.minor}.{self.patch}"


def parse(text: str) -> Version | None:
    """Read what etcd says of itself; ``None`` where it is no version."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    if match is None:
        return None
    major, minor, patch = map(int, match.groups())
    return Version(major=major, minor=minor, patch=patch)


def check(version: Version, address: str) -> None:
    """Raise ``errors.Unavailable`` for a version that is known to lose data."""
    first, last = Version(major=3, minor=5, patch=0), Version(major=3, minor=5, patch=2)
    if first <= version <= last:
        message = (
            f"etcd {version} at {address} is refused: 3.5.0, 3.5.1 and 3.5.2 can leave members"
            " with different data after a crash; upgrade it to 3.5.3 or newer"
        )
        raise errors.Unavailable(message)


def has_progress(version: Version) -> bool:
    """Tell whether a progress notification never overtakes an event.

    Older ones do, so that resuming after a notification would lose events. The
    bounds are Kubernetes' own.
    """
    if (version.major, version.minor) == (3, 4):
        return version.patch >= 31  # noqa: PLR2004  # the release that mended it
    return version >= Version(major=3, minor=5, patch=13)
