"""Where in a manifest an error is: what a terminal shows below kubectl's text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.cli.known_kinds import KnownKinds
    from protocube_client.resource.info import Info

_MOST = 10
"""More would only scroll the errors away."""


class Places:
    """Remembers the objects that errors are about, and shows where they are written."""

    def __init__(self) -> None:
        self._infos: dict[int, tuple[Exception, Info]] = {}
        self._kinds: KnownKinds | None = None

    def hint_at(self, kinds: KnownKinds) -> None:
        """Let hints name the kinds that a session knows, also those it has learned by then."""
        self._kinds = kinds

    def remember(self, error: Exception, info: Info) -> None:
        """Keep in mind that ``error`` is about ``info``; only of as many as are shown."""
        if len(self._infos) < _MOST:
            self._infos[id(error)] = (error, info)

    def lines(self, error: Exception) -> Iterator[str]:
        """Yield lines that show where ``error``, and those in it, come from."""
        from protocube.catalog import Catalog
        from protocube_client.cli.places import excerpts, findings

        catalog = self._kinds.catalog if self._kinds else Catalog.shipped(comments=False)
        shown = 0
        for leaf in _leaves(error):
            _, info = self._infos.get(id(leaf), (leaf, None))
            for finding in findings.of(leaf, info, catalog):
                if shown == _MOST:
                    return
                shown += 1
                yield from excerpts.lines(finding)


def _leaves(error: Exception) -> Iterator[Exception]:
    from protocube_client.resource.aggregate import Aggregate

    if isinstance(error, Aggregate):
        for inner in error.errors:
            yield from _leaves(inner)
    else:
        yield error
