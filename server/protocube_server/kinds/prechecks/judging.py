"""What expressions become in Python calls these functions. Each knows an answer or is not sure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 512
"""Characters of a text that is held against a pattern. Python goes back in a text that does not
match, and protovalidate does not."""
_MOST_KNOWN: Final = 4096
_LONGEST_KNOWN: Final = 128
_NUMBER: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4: Final = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{3}}\Z")
_NOT_OF_PATTERNS: Final = re.compile(
    r"\\[0-9A-Za-z]|\(\?|&&|--|~~|\[\[|\[:|[^\x20-\x7e]|[*+?}][?+]"
)
"""What means something else in Python, or to another implementation."""
_OF_CLASSES: Final = re.compile(r"\[\^?\]?[^\]\\[]*\]|\\.|\$", re.DOTALL)
_ODD_SPACE: Final = re.compile(r"[^\x20-\x7e\t\n\r]")


class NotSureError(Exception):
    """It is not seen that the rule is kept."""


def unsure() -> Any:
    """Raise :class:`NotSureError`."""
    raise NotSureError


def pattern(text: str) -> Callable[[str], object] | None:
    """Return the search for a pattern of CEL, ``None`` for one that Python may read otherwise."""
    if _NOT_OF_PATTERNS.search(text):
        return None

    def at_end(found: re.Match[str]) -> str:
        # Python's own goes before a line break at the end, too.
        return r"\Z" if found[0] == "$" else found[0]

    try:
        return re.compile(_OF_CLASSES.sub(at_end, text)).search
    except re.error:
        return None


def matches(search: Callable[[str], object], text: str) -> bool:
    """Tell whether a pattern is in a text."""
    if len(text) > LONGEST:
        raise NotSureError
    return search(text) is not None


def trim(text: str) -> str:
    """Return a text without the white space around it."""
    if _ODD_SPACE.search(text):
        raise NotSureError
    return text.strip(" \t\n\r")


def is_ip(text: str) -> bool:
    """Tell that a text is an address; only of the fourth version is that seen."""
    if not _IPV4.match(text):
        raise NotSureError
    return True


def of_map(entries: Any, key: Any) -> Any:
    """Return the value of a key that is there."""
    found = entries.get(key)  # Not by the key itself, which would add it.
    if found is None:
        raise NotSureError
    return found


def of_list(items: Any, index: int) -> Any:
    """Return an element that is there."""
    if not 0 <= index < len(items):
        raise NotSureError
    return items[index]


class Known:
    """Texts that were seen to keep a rule. Many objects have the same few labels and names."""

    def __init__(self, holds: Callable[[str], bool]) -> None:
        self._holds = holds
        self._texts: set[str] = set()
        self.texts = self._texts
        """To be looked into before this is called."""

    def __call__(self, text: str) -> bool:
        """Tell whether a text keeps the rule; see :class:`NotSureError`."""
        if not self._holds(text):
            return False
        if len(text) <= _LONGEST_KNOWN:
            if len(self._texts) >= _MOST_KNOWN:
                self._texts.clear()
            self._texts.add(text)
        return True
