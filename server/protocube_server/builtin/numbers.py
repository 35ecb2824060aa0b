"""Rules on numbers that stay what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.named.change import Change, UpdateRule


def _fixed_number(change: Change) -> Iterator[errors.Violation]:
    """A number that others have been compared with cannot change: that is forbidden, not invalid.

    ``immutable`` would say ``Invalid value``.
    """
    if change.old != change.new:
        yield violations.forbidden(change.path, "may not be changed in an update.")


BY_NAME: dict[str, UpdateRule] = {"fixed_number": _fixed_number}
