"""From watch responses to whole revisions."""

from __future__ import annotations

from protocube_server.storage.base import Revision
from protocube_server.storage.etcd.assembly import Assembly
from protocube_server.storage.etcd.proto import mvcc_pb2, rpc_pb2


def _response(
    *events: tuple[bytes, int], fragment: bool = False, created: bool = False, header: int = 99
) -> rpc_pb2.WatchResponse:
    return rpc_pb2.WatchResponse(
        header=rpc_pb2.ResponseHeader(revision=header),
        created=created,
        fragment=fragment,
        events=[
            mvcc_pb2.Event(kv=mvcc_pb2.KeyValue(key=key, mod_revision=revision))
            for key, revision in events
        ],
    )


def _names(revisions: list[Revision]) -> list[tuple[int, bytes]]:
    return [(each.number, b"".join(event.key for event in each.events)) for each in revisions]


def test_one_response_of_many_revisions() -> None:
    """Events of one revision come together, and the position is the last one's."""
    assembly = Assembly(position=1, marks=False)
    taken = list(assembly.take(_response((b"a", 2), (b"b", 2), (b"c", 5))))
    assert _names(taken) == [(2, b"ab"), (5, b"c")]
    assert assembly.position == 5


def test_fragments_never_split_a_revision() -> None:
    """What may go on in the next fragment is held back until it is whole."""
    assembly = Assembly(position=1, marks=True)
    assert _names(list(assembly.take(_response((b"a", 2), (b"b", 3), fragment=True)))) == [
        (2, b"a")
    ]
    assert assembly.position == 2
    assert _names(list(assembly.take(_response((b"c", 3), fragment=True)))) == []
    assert assembly.position == 2
    assert _names(list(assembly.take(_response((b"d", 3), (b"e", 4))))) == [(3, b"bcd"), (4, b"e")]
    assert assembly.position == 4


def test_a_stream_lost_between_fragments() -> None:
    """A new stream gives a half-received revision again, whole and once."""
    assembly = Assembly(position=1, marks=False)
    list(assembly.take(_response((b"a", 2), (b"b", 3), fragment=True)))
    assembly.restart()
    again = _response((b"a", 2), (b"b", 3), (b"c", 3))
    assert _names(list(assembly.take(again))) == [(3, b"bc")]


def test_the_answer_to_the_request_is_no_mark() -> None:
    """The revision in the first response says nothing of what is still to come."""
    assembly = Assembly(position=1, marks=True)
    assert list(assembly.take(_response(created=True))) == []
    assert assembly.position == 1


def test_marks() -> None:
    """A response without events moves the position, unless the server's are not to be trusted."""
    trusting, careful = (Assembly(position=1, marks=marks) for marks in (True, False))
    assert list(trusting.take(_response(header=7))) == [Revision(number=7, events=())]
    assert list(careful.take(_response(header=7))) == []
    assert (trusting.position, careful.position) == (7, 1)


def test_a_mark_between_fragments() -> None:
    """A mark does not move the position over a revision that is half received."""
    assembly = Assembly(position=1, marks=True)
    list(assembly.take(_response((b"a", 2), fragment=True)))
    assert list(assembly.take(_response(header=7))) == []
    assert assembly.position == 1


def test_the_header_is_not_the_position() -> None:
    """A response with events may carry a newer revision than theirs; that is not used."""
    assembly = Assembly(position=1, marks=True)
    list(assembly.take(_response((b"a", 2), header=50)))
    assert assembly.position == 2
