"""The verbs on one kind: builds the typed request and reads the typed answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError, EncodeError

from protocube import errors
from protocube.manifests.report import CLEAN, Report
from protocube_client.resource.request import Caller, Request
from protocube_client.resource.trace import station
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.connection.connection import Answer
    from protocube_client.resource.trace import Trace

_TOO_DEEP = (
    "the object is nested too deeply: protobuf reads no more than 100 messages in each other"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a call gave."""

    object: Message
    """An object of the kind, or for List its list message."""
    warnings: tuple[str, ...]


class Helper:
    """The verbs on one kind. All of them raise the exceptions of :mod:`protocube.errors`."""

    def __init__(
        self,
        client: Caller,
        mapping: Resource,
        *,
        dry_run: bool = False,
        field_manager: str = "",
        validation: Validation = Validation.STRICT,
        timeout: float | None = None,
        trace: Trace | None = None,
    ) -> None:
        """Prepare calls for ``mapping``'s kind.

        With ``dry_run`` the server checks everything and changes nothing. ``timeout``
        is in seconds for each call.
        """
        self._client = client
        self._mapping = mapping
        self._dry_run = dry_run
        self._field_manager = field_manager
        self._validation = validation
        self._timeout = timeout
        self._trace = trace

    async def create(
        self,
        *,
        namespace: str,
        modify: bool,
        object: Message,  # noqa: A002  # the name it has in the request
        decoded: Report = CLEAN,
        request_id: str = "",
    ) -> Result:
        """Create ``object`` and give it as the server stored it.

        ``namespace`` is the one asked for, ``""`` for a cluster-scoped kind. With
        ``modify`` a resource version that the object still carries is cleared, in
        place. ``decoded`` is what of a manifest did not fit into the object: it is
        refused here, because the typed request cannot show it to the server.
        """
        name = f"Helper.create namespace={namespace!r} modify={modify}"
        with station(self._trace, name) as leave:
            warnings = self._judge(object, decoded)
            request = self._create_request(object, namespace, modify=modify)
            request.request_id = request_id
            answer = await self._send("Create", request)
            created: Any = self._mapping.message_class.FromString(answer.body)
            revision = created.metadata.resource_version
            leave(f"revision {revision}" if revision else "nothing stored: a dry run")
        return Result(object=created, warnings=(*warnings, *answer.warnings))

    async def get(self, *, namespace: str, name: str) -> Result:
        """Read one object."""
        request = self._request("Get", name=name, namespace=namespace)
        answer = await self._send("Get", request)
        return self._object(answer)

    async def list(self, *, namespace: str = "", **query: Any) -> Result:
        """Read one page of the objects of a namespace, or of all with ``""``.

        ``query`` holds further fields of ``protocube.meta.v1.ListRequest``, such as
        ``label_selector``, ``limit`` and ``continue_token``.
        """
        answer = await self._send("List", self._request("List", namespace=namespace, **query))
        return Result(
            object=self._mapping.list_class.FromString(answer.body), warnings=answer.warnings
        )

    async def delete(self, *, namespace: str, name: str, **options: Any) -> Result:
        """Delete one object and give it as it last was.

        ``options`` holds further fields of ``protocube.meta.v1.DeleteRequest``, such as
        ``grace_period_seconds`` and ``propagation_policy``.
        """
        request = self._request(
            "Delete", name=name, namespace=namespace, dry_run=self._dry_run, **options
        )
        return self._object(await self._send("Delete", request))

    def _create_request(self, message: Message, namespace: str, *, modify: bool) -> Any:
        request: Any = self._mapping.create_request_class()
        try:
            # The object's class may come from another descriptor pool.
            request.object.MergeFromString(message.SerializeToString())
        except (DecodeError, EncodeError):
            # An object that was built is well-formed: only its depth can be refused.
            raise errors.BadRequest(_TOO_DEEP) from None
        metadata = request.object.metadata
        if self._mapping.namespaced:
            metadata.namespace = metadata.namespace or namespace
        if metadata.namespace != namespace:
            text = (
                "the namespace of the provided object does not match "
                "the namespace sent on the request"
            )
            raise errors.BadRequest(text)
        if modify and metadata.resource_version:
            changed: Any = message
            changed.metadata.resource_version = metadata.resource_version = ""
        request.dry_run = self._dry_run
        request.field_manager = self._field_manager
        request.field_validation = _wire_value(request, self._validation)
        return request

    def _judge(self, message: Message, decoded: Report) -> tuple[str, ...]:
        """Refuse what a server that reads JSON would refuse; give the warnings."""
        if decoded is CLEAN:
            return ()
        unknown = tuple(f"unknown field {errors.quote(path)}" for path in decoded.unknown)
        if decoded.faults:
            raise self._bad_request(message, decoded.faults[0].message)
        if unknown and self._validation is Validation.STRICT:
            raise self._bad_request(message, f"strict decoding error: {', '.join(unknown)}")
        if decoded.violations:
            named: Any = message
            kind, name = self._mapping.qualified_kind, named.metadata.name
            raise errors.invalid(kind, name, decoded.violations)
        return unknown if self._validation is Validation.WARN else ()

    def _bad_request(self, message: Message, why: str) -> errors.BadRequest:
        typed: Any = message
        kind = typed.kind or self._mapping.kind
        text = (
            f"{kind} in version {errors.quote(self._mapping.version)} cannot be handled "
            f"as a {self._mapping.kind}: {why}"
        )
        return errors.BadRequest(text)

    def _request(self, verb: str, **fields: Any) -> Message:
        from google.protobuf import message_factory

        method = self._mapping.service_descriptor.methods_by_name[verb]
        return message_factory.GetMessageClass(method.input_type)(**fields)

    def _object(self, answer: Answer) -> Result:
        message = self._mapping.message_class.FromString(answer.body)
        return Result(object=message, warnings=answer.warnings)

    async def _send(self, verb: str, message: Message) -> Answer:
        request = Request(mapping=self._mapping, verb=verb, message=message, timeout=self._timeout)
        return await request.send(self._client, trace=self._trace)


def _wire_value(request: Message, validation: Validation) -> int:
    kinds: Any = request.DESCRIPTOR.fields_by_name["field_validation"].enum_type
    return int(kinds.values_by_name[f"FIELD_VALIDATION_{validation.name}"].number)
