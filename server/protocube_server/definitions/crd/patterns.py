"""Regular expressions as Kubernetes has them: RE2's, of which none takes long."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MISSING: Final = (
    "patterns need the Python package google-re2 in the server's installation: "
    "pip install 'protocube[cel]'"
)
_MEMORY: Final = 1 << 22
"""Bytes that one expression may take."""


class BadPattern(ValueError):
    """A text is no regular expression; ``str()`` says why."""


@functools.cache
def _options() -> Any:
    try:
        import re2
    except ImportError:
        raise BadPattern(_MISSING) from None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def compile_pattern(text: str) -> Callable[[str], object | None]:
    """Return what finds the expression anywhere in a text. Raises :class:`BadPattern`."""
    options = _options()
    import re2

    try:
        found: Callable[[str], object | None] = re2.compile(text, options=options).search
    except re2.error as error:
        said = error.args[0] if error.args else ""
        what = said.decode() if isinstance(said, bytes) else str(said)
        raise BadPattern(f"error parsing regexp: {_as_in_go(what, text)}") from None
    return found


_WORDS: Final = {
    "missing )": "missing closing )",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "bad repetition operator": "invalid nested repetition operator",
    "no argument for repetition operator": "missing argument to repetition operator",
}


def _as_in_go(what: str, text: str) -> str:
    """Return what is wrong in the words of Go, which puts the place between back quotes."""
    words, _, place = what.partition(": ")
    if not place:
        place = text
    return f"{_WORDS.get(words, words)}: `{place}`"
