"""What a case leaves open: its namespaces, and values out of the answers to earlier steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\$(?:STEP(\d+)\.(rv|uid|name|continue)|(NS2|NS)(?![A-Z0-9]))")
_REPEATED = re.compile(r"(.) repeated (\d+) times")


class Missing(Exception):
    """An earlier answer has not the value that a step needs of it."""


@dataclass(slots=True, kw_only=True)
class Placeholders:
    """The values of one replay."""

    namespaces: Mapping[str, str]
    """By ``NS`` and ``NS2``."""
    answers: dict[int, Mapping[str, str]] = field(default_factory=dict)
    """By the number of a step: ``rv``, ``uid``, ``name`` and ``continue`` of its answer."""

    def filled(self, value: Any) -> Any:
        """Return JSON data with every placeholder replaced, in keys and in values.

        A long value that is described (``v repeated 300 times``) and a long list of operations
        (``{repeat, operation, then}``) are written out. Raises :class:`Missing`.
        """
        if isinstance(value, dict):
            if value.keys() == {"repeat", "operation", "then"}:
                operation = self.filled(value["operation"])
                return [operation] * value["repeat"] + self.filled(value["then"])
            return {self.text(key): self.filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Return a text with every placeholder replaced."""
        repeated = _REPEATED.fullmatch(text)
        if repeated:
            return repeated[1] * int(repeated[2])
        return _PLACEHOLDER.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        if found[3]:
            return self.namespaces[found[3]]
        value = self.answers.get(int(found[1]), {}).get(found[2])
        if not value:
            raise Missing(f"the answer to step {found[1]} had no {found[2]}")
        return value
