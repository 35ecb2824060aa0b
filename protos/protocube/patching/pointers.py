"""JSON pointers (RFC 6901), and indices of lists as Kubernetes reads them."""

from __future__ import annotations

import re
from typing import Any, Final

from protocube.patching.refusal import DoesNotApply

_INDEX: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_END: Final = "-"


def steps(pointer: str) -> list[str]:
    """Return the members and indices that ``pointer`` names, one for each level.

    What stands before the first slash is not looked at, and a pointer without a slash leads
    nowhere: Kubernetes' library reads it so. Raises :class:`DoesNotApply` for the latter.
    """
    _, slash, rest = pointer.partition("/")
    if not slash:
        raise DoesNotApply
    return [step.replace("~1", "/").replace("~0", "~") for step in rest.split("/")]


def key(holder: Any, step: str) -> Any:
    """Return the key of ``step`` in a dict, which may be absent, or its index in a list.

    Negative indices count from the end. Raises :class:`DoesNotApply` for an index beyond the
    list, and for a holder that is neither.
    """
    if isinstance(holder, dict):
        return step
    if isinstance(holder, list):
        return _index(step, len(holder))
    raise DoesNotApply


def insertion(holder: Any, step: str) -> Any:
    """As :func:`key`, for a value that is added: it may stand behind the last element."""
    if isinstance(holder, list):
        return len(holder) if step == _END else _index(step, len(holder) + 1)
    return key(holder, step)


def _index(step: str, size: int) -> int:
    """Return the place of ``step`` among ``size`` places."""
    if not _INDEX.fullmatch(step):
        raise DoesNotApply
    index = int(step)
    if not -size <= index < size:
        raise DoesNotApply
    return index if index >= 0 else index + size
