"""``--dry-run``: how far a command goes."""

from __future__ import annotations

import enum

from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

_BARE = "unchanged"


class DryRun(enum.Enum):
    """Whether anything is changed."""

    NONE = "none"
    """Everything happens."""
    CLIENT = "client"
    """Nothing is sent."""
    SERVER = "server"
    """The server checks everything and changes nothing."""

    @classmethod
    def parse(cls, text: str) -> DryRun:
        """Read the flag's value; the bare flag means ``client``. Raises :class:`CommandError`."""
        if text == _BARE:
            return cls.CLIENT
        try:
            return cls(text)
        except ValueError:
            raise CommandError(
                f'Invalid dry-run value ({text}). Must be "none", "server", or "client".'
            ) from None

    @property
    def suffix(self) -> str:
        """Return what result lines add: `` (dry run)``."""
        return {self.NONE: "", self.CLIENT: " (dry run)"}.get(self, " (server dry run)")


def flag() -> Flag:
    """Return the flag."""
    return Flag(
        ["--dry-run"],
        bare=_BARE,
        default="none",
        metavar="MODE",
        help="none; client: send nothing; server: check everything, change nothing.",
        values=tuple(mode.value for mode in DryRun),
    )
