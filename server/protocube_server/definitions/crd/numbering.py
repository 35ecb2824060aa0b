"""Numbers of fields that never move: which one each property of a custom kind has, and had.

The registry is kept with the definition. It knows the paths of all versions together, so a
property that two versions have, in one type, has one number, and an object that was stored in
one of them is read in the other without being converted.

A property that is removed keeps its number. When it comes back with its type it has that number
again, and what objects hold of it is there again, as in Kubernetes; with another type it has a
new number, so that no byte is ever read as what it is not.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = {"apiVersion": 1, "kind": 2, "metadata": 3, "spec": 4, "status": 5}
"""Numbers of the fields that every kind has at the same place, if it has them."""
_FIRST_FREE: Final = 6
_RESERVED: Final = range(19000, 20000)
"""protobuf's own."""
MOST: Final = 2**29 - 1
_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a registry as JSON; more is damage."""


class Damaged(ValueError):
    """Bytes that are no registry."""


@dataclass(slots=True, kw_only=True)
class Field:
    """A property under a path, now or before."""

    numbers: dict[str, int] = field(default_factory=dict)
    """By the type of the field, in the order in which they were given."""
    parts: dict[str, Level] = field(default_factory=dict)
    """What is within: by ``""`` for one message, ``[]`` for elements, ``{}`` for values."""

    def below(self, step: str) -> Level:
        """Return the level of the messages that the field holds one, a list or a map of."""
        return self.parts.setdefault(step, Level())


@dataclass(slots=True, kw_only=True)
class Level:
    """All properties that the messages at one path have, or had."""

    fields: dict[str, Field] = field(default_factory=dict)

    def allocate(self, wanted: Mapping[str, str], *, is_root: bool = False) -> dict[str, int]:
        """Return the number of each property of ``wanted``, which says its type.

        Properties that are new get the next numbers, in the order of their names.
        """
        found: dict[str, int] = {}
        following = self._following(is_root=is_root)
        for name in sorted(wanted):
            known = self.fields.setdefault(name, Field()).numbers
            number = known.get(wanted[name])
            if number is None:
                if is_root and name in ROOT and not known:
                    number = ROOT[name]
                else:
                    number, following = following, _after(following)
                known[wanted[name]] = number
            found[name] = number
        return found

    def numbers(self) -> list[int]:
        """Return the numbers that are taken, in their order."""
        return sorted(number for known in self.fields.values() for number in known.numbers.values())

    def _following(self, *, is_root: bool) -> int:
        least = _FIRST_FREE - 1 if is_root else 0
        return _after(max(least, *self.numbers(), 0))


def _after(number: int) -> int:
    following = number + 1
    return _RESERVED.stop if following in _RESERVED else following


def encode(root: Level) -> bytes:
    """Return a registry as bytes: equal ones are equal bytes."""
    text = json.dumps(_plain(root), separators=(",", ":"), sort_keys=True)
    return zlib.compress(text.encode(), 6)


def decode(data: bytes) -> Level:
    """Return the registry in ``data``; an empty one of nothing. Raises :class:`Damaged`."""
    if not data:
        return Level()
    try:
        reader = zlib.decompressobj()
        text = reader.decompress(data, _LARGEST)
        if not reader.eof:
            raise Damaged("the numbers of a custom kind end early, or are larger than any")
        return _level(json.loads(text))
    except (zlib.error, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(f"the numbers of a custom kind cannot be read: {error}") from error


def _plain(level: Level) -> dict[str, Any]:
    return {
        name: [known.numbers, {step: _plain(below) for step, below in known.parts.items()}]
        for name, known in level.fields.items()
    }


def _level(data: Mapping[str, Any]) -> Level:
    return Level(
        fields={
            name: Field(
                numbers={form: int(number) for form, number in numbers.items()},
                parts={step: _level(below) for step, below in parts.items()},
            )
            for name, (numbers, parts) in data.items()
        }
    )
