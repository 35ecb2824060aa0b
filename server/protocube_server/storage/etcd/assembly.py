"""From etcd's watch responses to whole revisions, each exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_server.storage import base, revisions
from protocube_server.storage.etcd import transactions
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator


class Assembly:
    """Puts the responses of one watch together, over any number of streams.

    ``position`` is the revision up to which nothing is missing: a new stream goes on
    behind it. ``marks`` says whether the server's progress marks can be trusted.
    """

    def __init__(self, *, position: int, marks: bool) -> None:
        self.position = position
        self._marks = marks
        self._unfinished: list[base.Event] = []

    def restart(self) -> None:
        """Forget the first parts of a response whose other parts were lost with its stream."""
        self._unfinished = []

    def take(self, response: rpc_pb2.WatchResponse) -> Iterator[base.Revision]:
        """Yield the revisions that ``response`` completes, or a progress mark."""
        if not response.events:
            # The answer to the request is no mark: what it skips is still to come.
            if self._marks and not response.created and not self._unfinished:
                self.position = max(self.position, response.header.revision)
                yield base.Revision(number=self.position, events=())
            return
        # A stream begins with the revision that we have already.
        events = [event for event in _events(response) if event.revision > self.position]
        events = self._unfinished + events
        self._unfinished = []
        if response.fragment and events:
            # Parts follow, and the last revision may go on in them.
            last = events[-1].revision
            self._unfinished = [event for event in events if event.revision == last]
            events = events[: -len(self._unfinished)]
        for revision in revisions.whole(events):
            # Not the header's revision, which may be ahead of the events.
            self.position = revision.number
            yield revision


def _events(response: rpc_pb2.WatchResponse) -> Iterator[base.Event]:
    for event in response.events:
        is_gone = event.type == mvcc_pb2.Event.DELETE
        yield base.Event(
            key=event.kv.key,
            revision=event.kv.mod_revision,
            record=None if is_gone else transactions.record(event.kv),
            previous=transactions.record(event.prev_kv) if event.HasField("prev_kv") else None,
        )
