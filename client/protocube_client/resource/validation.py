"""How strictly a manifest's fields are taken: ``--validate``."""

from __future__ import annotations

import enum

from protocube.errors import quote
from protocube.manifests.manifest_error import ManifestError


class Validation(enum.Enum):
    """What happens to fields that the kind does not have."""

    STRICT = "strict"
    """The object is refused and every unknown field named."""
    WARN = "warn"
    """They are dropped, with a warning each."""
    IGNORE = "ignore"
    """They are dropped."""

    @classmethod
    def parse(cls, text: str) -> Validation:
        """Read a ``--validate`` value. Raises :class:`ManifestError` for another one."""
        match text:
            case "strict" | "true":
                return cls.STRICT
            case "warn":
                return cls.WARN
            case "ignore" | "false":
                return cls.IGNORE
        message = (
            f"invalid - validate option {quote(text)}; "
            "must be one of: strict (or true), warn, ignore (or false)"
        )
        raise ManifestError(message)
