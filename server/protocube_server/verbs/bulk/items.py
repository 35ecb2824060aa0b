"""One write of a stream: the call that it is, and what is told of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_server import turns
from protocube_server.calls import status_room
from protocube_server.calls.verb import RequestClass
from protocube_server.kinds import encoded, splice

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_server.calls.admission import Admission
    from protocube_server.calls.call import Call
    from protocube_server.calls.user import User
    from protocube_server.calls.verb import FindTarget, Parse
    from protocube_server.kinds.registry import Registry
    from protocube_server.storage.base import Record
    from protocube_server.verbs.entrance import Door, Entrance

_METHODS: Final = {"create": "Create", "update": "Update", "update_status": "UpdateStatus"}
_OPTIONS: Final = ("dry_run", "field_manager", "field_validation")
"""What a WriteRequest says for all of its writes."""
_OBJECT: Final = 0x0A
"""The tag of the object in a request that carries one."""
_ROOM: Final = 256 * 1024
"""Bytes of a failure: what a call of its own may be told at most."""
_LONGEST_NAME: Final = 256
_WARNING: Final = 256
"""Characters of a warning, as of those of a call of its own."""
_WARNINGS: Final = 4096
"""Characters of the warnings of one write."""
_SEVERAL_WRITES: Final = frozenset({"Evict"})
"""Methods whose work is more than one write: of the budget, of the pod, and its removal."""
_LOG = logging.getLogger("protocube.server")


@dataclass(slots=True, kw_only=True, eq=False)
class Item:
    """A write that can be carried out."""

    door: Door
    call: Call
    is_apart: bool
    """Others may depend on it: what is before it is done first, and what follows waits for it."""

    @property
    def object(self) -> object:
        """What it writes, to be compared; a new object without a name is like no other."""
        target = self.call.target
        return (self.door.kind.prefix(), target) if target.name else self

    @property
    def has_several_writes(self) -> bool:
        """Tell whether it is more than one write of the object."""
        return self.door.verb.method in _SEVERAL_WRITES

    def is_ended_by(self, record: Record, *, is_gone: bool) -> bool:
        """Tell whether it has ended once ``record`` of its object was written, or removed."""
        if is_gone or not self.has_several_writes:
            return True
        return bool(self.door.kind.read(record).metadata.HasField("deletion_timestamp"))


class Reader:
    """Makes calls of the writes of one request."""

    def __init__(
        self,
        entrance: Entrance,
        request: Any,
        user: User,
        sign: Callable[[Call], None],
        admission: Admission | None = None,
    ) -> None:
        """``admission`` tells which objects others are judged by, beside those of some kinds."""
        self._entrance = entrance
        self._admission = admission
        self._request = request
        self._user = user
        self._sign = sign
        self._readings: dict[str, _Reading] = {}

    async def read(self, kinds: Registry, write: Any) -> Item:
        """Return a write as a call that is parsed already.

        Raises ``errors.BadRequest`` and ``errors.TooLarge``.
        """
        door, sent, tag = self._door(kinds, write)
        reading = self._reading_of(door)
        own = sent.value if tag is None else splice.framed(tag, sent.value)
        call = door.call(self._user, reading.defaults + own)
        self._sign(call)
        if len(call.raw) > encoded.SMALL:
            await turns.taken(encoded.bounded(reading.parse.message_class, call.raw))
        call.request = reading.parse(call.raw)
        call.target = reading.target(call.request)
        is_apart = reading.is_apart
        if not is_apart and self._admission is not None:
            is_apart = self._admission.judges_by(call)
        return Item(door=door, call=call, is_apart=is_apart)

    def _door(self, kinds: Registry, write: Any) -> tuple[Door, Any, int | None]:
        """Return the door of a write, and its Any: a request, or an object with its tag in one."""
        which = write.WhichOneof("write")
        if which is None:
            raise errors.BadRequest("the write says nothing: it is create, update or another")
        if which == "call":
            return self._door_of_method(write.call), write.call.request, None
        sent = getattr(write, which)
        kind = kinds.for_message(_message(sent.type_url))
        method = _METHODS[which]
        if kind is None:
            text = f"no kind has the message {_quoted(_message(sent.type_url))}"
            raise errors.NotFound(text)
        door = self._entrance.door(kind.resource.service, method)
        # What is answered and not stored is no write either.
        if door is None or not door.verb.writes:
            raise errors.MethodNotSupported(f"{kind.resource.qualified} have no {method}")
        return door, sent, _OBJECT

    def _door_of_method(self, call: Any) -> Door:
        service, _, method = call.method.removeprefix("/").partition("/")
        door = self._entrance.door(service, method)
        if door is None or door.verb.request_class is not RequestClass.WRITE:
            text = f"{_quoted(call.method)} is no method that writes one object"
            raise errors.MethodNotSupported(text)
        wanted = self._reading_of(door).parse.message_class.DESCRIPTOR.full_name
        found = _message(call.request.type_url)
        if found != wanted:
            text = f"{call.method} takes a {wanted}, and the write has {_quoted(found)}"
            raise errors.BadRequest(text)
        return door

    def _reading_of(self, door: Door) -> _Reading:
        service = door.kind.resource.service
        name = f"{service}/{door.verb.method}"
        known = self._readings.get(name)
        if known is None or known.door is not door:
            known = self._readings[name] = _Reading.of(door, self._request)
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How the requests of one method are read."""

    door: Door
    parse: Parse
    target: FindTarget
    is_apart: bool
    defaults: bytes
    """The bytes of the options that all writes have. What comes behind them goes before."""

    @classmethod
    def of(cls, door: Door, request: Any) -> Self:
        """Return it for the writes of a WriteRequest."""
        kind, parse = door.kind, door.verb.parser(door.kind)
        options: Any = parse.message_class()
        for option in _OPTIONS:
            if option in options.DESCRIPTOR.fields_by_name:
                setattr(options, option, getattr(request, option))
        return cls(
            door=door,
            parse=parse,
            target=door.verb.target(kind),
            is_apart=not kind.resource.namespaced
            or kind.resource.options.judges_others
            or _takes_back(door),
            defaults=options.SerializeToString(),
        )


def written(item: Item, answer: bytes, *, whole: bool) -> Any:
    """Return the outcome of a write that was answered."""
    outcome: Any = bulk_pb2.Outcome()
    if item.call.warnings:
        outcome.warnings.extend(_told(item.call.warnings))
    _describe(outcome.written, answer)
    if whole:
        outcome.written.object.type_url = f"type.googleapis.com/{_answered(item.door)}"
        outcome.written.object.value = answer
    outcome.written.SetInParent()
    return outcome


def retold(item: Item, value: bytes, revision: int, *, whole: bool) -> Any:
    """Return the outcome of a write that was made at a revision: it stored, or removed, ``value``.

    Raises ``errors.Damaged``.
    """
    answer = item.door.kind.answer(value, revision)
    is_object = _answered(item.door) == item.door.kind.resource.message
    outcome = written(item, answer, whole=whole and is_object)
    # Those of the kind, which was not asked again.
    del outcome.warnings[:]
    return outcome


def _describe(said: Any, answer: bytes) -> None:
    """Say whose bytes these are, of an object or of what was stored of one."""
    try:
        metadata = ObjectMeta.FromString(splice.metadata(answer))
    except ValueError:
        return  # Not all methods answer with an object.
    said.namespace, said.name = metadata.namespace, metadata.name
    said.uid, said.resource_version = metadata.uid, metadata.resource_version


def failed(error: BaseException, call: Call | None = None) -> Any:
    """Return the outcome of a write that failed."""
    if not isinstance(error, errors.ApiError) or isinstance(error, errors.Internal):
        _LOG.error("a write of a bulk stream: internal error", exc_info=error)
    status = status_room.fit(errors.to_status(error), _ROOM)
    outcome: Any = bulk_pb2.Outcome()
    if call is not None and call.warnings:
        outcome.warnings.extend(_told(call.warnings))
    outcome.failure.code, outcome.failure.message = status.code, status.message
    outcome.failure.details.extend(status.details)
    return outcome


def _answered(door: Door) -> str:
    """Return the message that a method answers with."""
    methods: Any = door.kind.resource.service_descriptor.methods_by_name
    found: str = methods[door.verb.method].output_type.full_name
    return found


def _told(warnings: list[str]) -> list[str]:
    """Return warnings within their bounds, of which there may be as many as an object has parts."""
    found: list[str] = []
    room = _WARNINGS
    for text in warnings:
        short = text[:_WARNING]
        room -= len(short)
        if room < 0:
            found.append(f"... and {len(warnings) - len(found)} more warnings")
            break
        found.append(short)
    return found


def _quoted(name: str) -> str:
    """Return what is called a name, quoted: it may be of any length."""
    return errors.quote(name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}...")


def _takes_back(door: Door) -> bool:
    """Tell whether a write may let go of an address or a port, which a later one asks for."""
    return door.kind.allocation is not None and door.verb.method != "Create"


def _message(type_url: str) -> str:
    return type_url.rpartition("/")[2]
