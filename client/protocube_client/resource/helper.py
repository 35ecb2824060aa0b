"""What kubectl's Helper does around a verb: judges the manifest, settles the namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from google.protobuf.message import DecodeError, EncodeError

from protocube import errors
from protocube.manifests.report import CLEAN, Report
from protocube_client import verbs
from protocube_client.resource.trace import station
from protocube_client.resource.validation import Validation
from protocube_client.target import Target

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.connection.connection import Answer
    from protocube_client.options import PatchType, Propagation, WriteOptions
    from protocube_client.request import Caller, Request
    from protocube_client.resource.trace import Trace

_VERSION: Final = "metadata.resourceVersion"
_TOO_DEEP = (
    "the object is nested too deeply: protobuf reads no more than 100 messages in each other"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a write gave."""

    object: Message
    """The object as the server stored it."""
    warnings: tuple[str, ...]


class Helper:
    """Reads and writes objects of one kind as kubectl does."""

    def __init__(
        self,
        client: Caller,
        mapping: Resource,
        *,
        dry_run: bool = False,
        field_manager: str = "",
        validation: Validation = Validation.STRICT,
        managed_fields: bool = False,
        timeout: float | None = None,
        trace: Trace | None = None,
    ) -> None:
        """Prepare calls for ``mapping``'s kind.

        With ``dry_run`` the server checks everything and changes nothing. With
        ``managed_fields`` answers say who owns which field. ``timeout``
        is in seconds for each call, the client's own when it is ``None``.
        """
        self._client = client
        self._mapping = mapping
        self._target = Target(resource=mapping, message_class=mapping.message_class)
        self._dry_run = dry_run
        self._field_manager = field_manager
        self._validation = validation
        self._managed_fields = managed_fields
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
    ) -> Written:
        """Create ``object`` and return it as the server stored it.

        ``namespace`` is the one asked for, ``""`` for a cluster-scoped kind. With
        ``modify`` a resource version that the object still carries is cleared, in
        place. ``decoded`` is what of a manifest did not fit into the object: it is
        refused here, because the typed request cannot show it to the server. Raises the
        exceptions of :mod:`protocube.errors`.
        """
        name = f"Helper.create namespace={namespace!r} modify={modify}"
        with station(self._trace, name) as leave:
            placed, warnings = self.prepared(
                namespace=namespace, modify=modify, object=object, decoded=decoded
            )
            request = verbs.create(self._target, placed, **self._options(request_id))
            answer = await self._send(request)
            created: Any = self._target.parse(answer.body)
            revision = created.metadata.resource_version
            leave(f"revision {revision}" if revision else "nothing stored: a dry run")
        return Written(object=created, warnings=(*warnings, *answer.warnings))

    def prepared(
        self,
        *,
        namespace: str,
        modify: bool,
        object: Message,  # noqa: A002  # as of create
        decoded: Report = CLEAN,
    ) -> tuple[Message, tuple[str, ...]]:
        """Return what :meth:`create` would send, and the warnings. Raises what it refuses here."""
        warnings = self._judge(object, decoded)
        return self._placed(object, namespace, modify=modify), warnings

    async def replace(
        self,
        *,
        namespace: str,
        object: Message,  # noqa: A002  # the name it has in the request
        decoded: Report = CLEAN,
        status: bool = False,
    ) -> Written:
        """Replace the object that has the name of ``object``, or its ``status`` alone.

        An ``object`` without a resource version replaces what is there, whatever it is by
        now. The other arguments are those of :meth:`create`, and so is what it raises.
        """
        warnings = self._judge(object, decoded)
        placed: Any = self._placed(object, namespace, modify=False)
        metadata = placed.metadata
        has_version = bool(metadata.resource_version)
        # Most kinds replace what is there where no version is named. Of others it has to be read.
        if not has_version and not self._mapping.options.unconditional_update:
            metadata.resource_version = await self._version(metadata.name, namespace)
        write = verbs.update_status if status else verbs.update
        try:
            answer = await self._send(write(self._target, placed, **self._options()))
        except errors.Invalid as error:
            if has_version or not any(each.field == _VERSION for each in error.violations):
                raise
            # A server of another release asks for it.
            metadata.resource_version = await self._version(metadata.name, namespace)
            answer = await self._send(write(self._target, placed, **self._options()))
        replaced = self._target.parse(answer.body)
        return Written(object=replaced, warnings=(*warnings, *answer.warnings))

    async def get(self, name: str, *, namespace: str) -> Message:
        """Return the object ``name``. Raises the exceptions of :mod:`protocube.errors`."""
        request = verbs.get(
            self._target,
            name,
            namespace=namespace,
            include_managed_fields=self._managed_fields,
        )
        return self._target.parse((await self._send(request)).body)

    async def patch(self, name: str, change: str, *, namespace: str, form: PatchType) -> Written:
        """Change the object ``name`` by a patch as JSON text, read as ``form`` says.

        Raises the exceptions of :mod:`protocube.errors`.
        """
        request = verbs.patch(
            self._target, name, change, namespace=namespace, type=form, **self._options()
        )
        return self._written(await self._send(request))

    async def apply(
        self,
        name: str,
        manifest: str,
        *,
        namespace: str,
        force: bool = False,
        subresource: Literal["", "status"] = "",
    ) -> Written:
        """Give the object ``name``, or its status, the fields of a manifest.

        With ``force`` they are taken from other managers. Raises the exceptions of
        :mod:`protocube.errors`.
        """
        request = verbs.apply_manifest(
            self._target,
            name,
            manifest,
            namespace=namespace,
            force=force,
            subresource=subresource,
            **self._options(),
        )
        return self._written(await self._send(request))

    async def apply_scale(
        self, name: str, replicas: int, *, namespace: str, force: bool = False
    ) -> Written:
        """Give the object ``name`` a number of replicas, and return its Scale.

        With ``force`` the number is taken from other managers. Raises the exceptions of
        :mod:`protocube.errors`.
        """
        from protocube.autoscaling.v1 import scale_pb2

        request = verbs.apply_scale(
            self._target, name, replicas, namespace=namespace, force=force, **self._options()
        )
        answer = await self._send(request)
        return Written(object=scale_pb2.Scale.FromString(answer.body), warnings=answer.warnings)

    async def delete(
        self,
        name: str,
        *,
        namespace: str,
        propagation: Propagation,
        grace_period_seconds: int | None = None,
    ) -> Message:
        """Delete the object ``name`` and return it as it last was.

        Raises the exceptions of :mod:`protocube.errors`.
        """
        request = verbs.delete(
            self._target,
            name,
            namespace=namespace,
            propagation=propagation,
            grace_period_seconds=grace_period_seconds,
            dry_run=self._dry_run,
        )
        return self._target.parse((await self._send(request)).body)

    async def _version(self, name: str, namespace: str) -> str:
        """Return the version of the object that there is, nothing when it cannot be read."""
        try:
            found: Any = await self.get(name, namespace=namespace)
        except errors.ApiError:
            # What is wrong is told of the write.
            return ""
        return str(found.metadata.resource_version)

    def _written(self, answer: Answer) -> Written:
        return Written(object=self._target.parse(answer.body), warnings=answer.warnings)

    def _options(self, request_id: str = "") -> WriteOptions:
        return {
            "dry_run": self._dry_run,
            "field_manager": self._field_manager,
            "request_id": request_id,
            "validation": self._validation.value,
            "include_managed_fields": self._managed_fields,
        }

    async def _send(self, request: Request) -> Answer:
        return await request.send(self._client, timeout=self._timeout, trace=self._trace)

    def _placed(self, message: Message, namespace: str, *, modify: bool) -> Message:
        """Return a copy of ``message`` as it is sent: in its namespace, without a version."""
        try:
            # Parsed as the server will parse it; the class may come from another pool.
            placed: Any = self._target.parse(message.SerializeToString())
        except (DecodeError, EncodeError):
            # An object that was built is well-formed: only its depth can be refused.
            raise errors.BadRequest(_TOO_DEEP) from None
        metadata = placed.metadata
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
        found: Message = placed
        return found

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
