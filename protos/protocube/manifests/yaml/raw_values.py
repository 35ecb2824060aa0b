"""Parts of a YAML document that JSON does not have, as they were read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from protocube.manifests import numbers

if TYPE_CHECKING:
    from protocube.manifests.yaml.scalars import Scalar

MOST_INTEGER = 2**63 - 1
"""Greater ones are unsigned in Go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that is no text. Two are equal when their types are, too: ``1`` is not ``1.0``."""

    type: str
    """The type that Go holds it in."""
    value: Scalar
    line: int = field(compare=False)
    """Where its value is, counted from 1."""

    @classmethod
    def of(cls, value: Scalar, *, line: int) -> Key:
        """Return the key that ``value`` is."""
        match value:
            case None:
                kind = "nil"
            case bool():
                kind = "bool"
            case int():
                kind = "int" if value <= MOST_INTEGER else "uint64"
            case _:
                kind = "float64"
        return cls(type=kind, value=value, line=line)


class NotFinite(float):
    """A number of YAML that is no number of JSON, and the line that it stands in."""

    __slots__ = ("line",)

    line: int


def key_text(key: Scalar) -> str | None:
    """Return the text that a key becomes which is none; ``None`` when it cannot become one."""
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, float):
        return numbers.key(key)
    if isinstance(key, int) and key <= MOST_INTEGER:
        return str(key)
    return None
