"""``find`` and ``findAll``: what of a text a regular expression matches.

The expressions are RE2's, as those of ``matches``: none takes longer than its text is long.
"""

from __future__ import annotations

import functools
from typing import Any, Final

from protocube_server.cel.functions.declared import member

_MISSING: Final = (
    "find and findAll need the Python package google-re2: pip install 'protocube[cel]'"
)


@functools.lru_cache(maxsize=256)
def _pattern(text: str) -> Any:
    try:
        import re2
    except ImportError:
        raise ValueError(_MISSING) from None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(text, options=options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        what = said.decode() if isinstance(said, bytes) else str(said)
        raise ValueError(f"error parsing regexp: {what}") from None


def _find(text: str, pattern: str) -> str:
    found = _pattern(pattern).search(text)
    return found[0] if found else ""


def _find_all(text: str, pattern: str, most: int = -1) -> list[str]:
    found: list[str] = []
    for each in _pattern(pattern).finditer(text):
        if 0 <= most <= len(found):
            break
        found.append(each[0])
    return found


FUNCTIONS: Final = (
    member("find", ("string", "string"), "string", _find),
    member("findAll", ("string", "string"), "list<string>", _find_all),
    member("findAll", ("string", "string", "int"), "list<string>", _find_all),
)
