"""Watch responses over several kinds: ``protocube.watch.v1.WatchManyResponse``, from revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.cache import encoding
from protocube_server.kinds import splice
from protocube_server.storage import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from protocube_server.cache.seen import SeenEvents
    from protocube_server.cache.selection import Selection
    from protocube_server.storage.base import Event, Revision

_URL, _VALUE = 0x0A, 0x12
"""Tags of an Any."""
_URL_PREFIX = "type.googleapis.com/"


class ManySelections:
    """What a watch over several kinds selects: a selection each, of one kind each.

    ``root`` is what the keys of all objects begin with. ``seen`` keeps what is read of events.
    """

    def __init__(self, root: bytes, selections: Sequence[Selection], seen: SeenEvents) -> None:
        self._root = root
        self._seen = seen
        self._members: dict[bytes, list[_Member]] = {}
        """By the beginning of the keys of a kind; two versions of a kind have the same."""
        for selection in selections:
            member = _Member(selection)
            self._members.setdefault(selection.kind.prefix(), []).append(member)

    def responses(self, revision: Revision) -> tuple[bytes, ...]:
        """Return what to send of one revision, as :func:`encoding.responses` does."""
        return encoding.in_parts(list(self._events(revision)), revision.number)

    def _events(self, revision: Revision) -> Iterator[bytes]:
        for event in revision.events:
            collection = keys.collection_of(self._root, event.key)
            for member in self._members.get(collection or b"", ()):
                encoded = member.change(event, self._seen)
                if encoded is not None:
                    yield encoded


class _Member:
    """One of the selections, and how its events are written."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._written = packed(selection)

    def change(self, event: Event, seen: SeenEvents) -> bytes | None:
        selection = self._selection
        if not event.key.startswith(selection.prefix):
            return None
        return encoding.change(selection, seen.of(selection.kind, event), self._written)


def packed(selection: Selection) -> Callable[[int, bytes], bytes]:
    """Return what writes an event of a type of change and an object, packed into an Any."""
    name = _URL_PREFIX + selection.kind.resource.message
    url = splice.framed(_URL, name.encode())

    def written(change: int, value: bytes) -> bytes:
        return encoding.event(change, url + splice.framed(_VALUE, value))

    return written
