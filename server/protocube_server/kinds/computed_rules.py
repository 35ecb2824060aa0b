"""Rules that protovalidate cannot say, by the name that a field option gives them.

Each is asked when the field is set, and gives what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from protocube_server.kinds import quantities, violations

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from protocube import errors
    from protocube_server.kinds.marked import Found

ComputedRule = Callable[["Found"], "Iterator[errors.Violation]"]


def named(name: str, kind: Descriptor) -> ComputedRule:
    """Give the rule that a field of ``kind`` asks for. Raises ``ValueError``."""
    try:
        return _BY_NAME[name]
    except KeyError:
        known = ", ".join(sorted(_BY_NAME))
        message = f"{kind.full_name}: no computed rule {name!r}; there are {known}"
        raise ValueError(message) from None


def _requests_within_limits(found: Found) -> Iterator[errors.Violation]:
    """What is asked for may not be more than the most that is given."""
    for name, text in found.value.items():
        limit = found.parent.limits.get(name)
        if limit is None:
            continue
        asked, most = quantities.parse(text), quantities.parse(limit)
        if asked is not None and most is not None and asked > most:
            detail = f"must be less than or equal to {name} limit of {limit}"
            yield violations.invalid(found.path, text, detail)


_BY_NAME: dict[str, ComputedRule] = {
    "requests_within_limits": _requests_within_limits,
}
