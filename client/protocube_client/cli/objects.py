"""The objects that a command changes: by name, by selector, or out of files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests.manifest_error import ManifestError
from protocube_client.cli import absence, files, listed, targets
from protocube_client.cli.failures import CommandError
from protocube_client.cli.targets import Named, Query
from protocube_client.printers.printable import Printable
from protocube_client.resource import aggregate
from protocube_client.resource.aggregate import Aggregate
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from google.protobuf.message import Message

    from protocube.catalog import Resource
    from protocube_client.cli.files import Files
    from protocube_client.cli.session import Session
    from protocube_client.cli.targets import Targets
    from protocube_client.resource.info import Info
    from protocube_client.resource.result import Result

    Visit = Callable[["Chosen"], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which objects a command line means."""

    arguments: tuple[str, ...]
    files: Files
    every: bool = False
    selects_all: bool = False
    """All objects of the kinds are selected, so that none may be named."""
    all_namespaces: bool = False
    selector: str = ""
    field_selector: str = ""
    subresource: str = ""
    local: bool = False
    """They are in files, and no server is asked about them."""
    latest: bool = False
    """Those that files name are read from the server, too."""
    missing_ignored: bool = False
    """Those that the server does not have are no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One of the objects."""

    resource: Resource
    name: str
    namespace: str
    message: Message
    manifest: dict[str, Any] | None = None
    """The object as a file has it; ``None`` when the server was asked."""

    def data(self) -> dict[str, Any]:
        """Return the object as JSON data, which must not be changed in place."""
        return self.printable().manifest()

    def printable(self) -> Printable:
        """Return what printers show of the object as it was chosen."""
        return Printable(resource=self.resource, message=self.message, given=self.manifest)


class Objects:
    """The objects of one :class:`Choice`, which are read when they are visited."""

    def __init__(
        self, choice: Choice, session: Session, *, found: Targets, result: Result | None
    ) -> None:
        self._choice = choice
        self._session = session
        self._found = found
        self._result = result

    @property
    def single(self) -> bool:
        """Tell whether exactly one object was named, or one file."""
        if self._result is not None:
            return self._choice.files.single
        return len(self._found.named) == 1

    async def visit(self, visit: Visit) -> None:
        """Call ``visit`` with each object in order; raise all errors together at the end.

        An object that cannot be read is an error, as is what ``visit`` raises.
        """
        if self._result is not None:
            await self._result.visit(lambda info, error: self._of_file(visit, info, error))
            return
        for item in self._found.named:
            namespace = item.namespace or self._session.namespace_for(item.resource)
            await self._attempt(visit, self._read(item.resource, item.name, namespace))
        for resource in self._found.kinds:
            await self._all(visit, resource)
        aggregate.raise_all(self._session.errors)

    async def named(self) -> list[Named]:
        """Return the objects that arguments or files name, each with its namespace.

        Nothing is read of them. Raises what is wrong with the files.
        """
        named: list[Named] = []
        if self._result is None:
            for item in self._found.named:
                namespace = item.namespace or self._session.namespace_for(item.resource)
                named.append(replace(item, namespace=namespace))
            return named

        async def visit(info: Info | None, error: Exception | None) -> None:
            info = files.object_of(info, error)
            named.append(Named(resource=info.mapping, name=info.name, namespace=info.namespace))

        await self._result.visit(visit)
        return named

    async def _of_file(self, visit: Visit, info: Info | None, error: Exception | None) -> None:
        info = files.object_of(info, error)
        if self._choice.latest and not self._choice.local:
            await self._visited(visit, self._read(info.mapping, info.name, info.namespace))
            return
        await visit(
            Chosen(
                resource=info.mapping,
                name=info.name,
                namespace=info.namespace,
                message=info.object,
                manifest=info.manifest,
            )
        )

    async def _all(self, visit: Visit, resource: Resource) -> None:
        choice, session = self._choice, self._session
        try:
            listing = await listed.objects(
                resource,
                session,
                namespace=session.namespace_for(resource, everywhere=choice.all_namespaces),
                label_selector=choice.selector,
                field_selector=choice.field_selector,
            )
        except errors.ApiError as error:
            session.errors.append(error)
            return
        for message in listing:
            await self._attempt(visit, self._listed(resource, message))

    async def _listed(self, resource: Resource, message: Any) -> Chosen:
        metadata = message.metadata
        return Chosen(
            resource=resource, name=metadata.name, namespace=metadata.namespace, message=message
        )

    async def _visited(self, visit: Visit, reading: Awaitable[Chosen]) -> None:
        """Call ``visit`` with an object, unless it is missing and that is no error."""
        try:
            chosen = await reading
        except errors.NotFound:
            if self._choice.missing_ignored:
                return
            raise
        await visit(chosen)

    async def _attempt(self, visit: Visit, reading: Awaitable[Chosen]) -> None:
        try:
            await self._visited(visit, reading)
        except (errors.ApiError, CommandError, ManifestError) as error:
            self._session.errors.append(aggregate.kept(error))

    async def _read(self, resource: Resource, name: str, namespace: str) -> Chosen:
        client = self._session.client
        require_subresource(resource, self._choice.subresource)
        message: Message
        async with absence.explained(self._session, namespace):
            if self._choice.subresource == "scale":
                message = await client.get_scale(resource.message_class, name, namespace=namespace)
            else:
                message = await client.get(resource.message_class, name, namespace=namespace)
        return Chosen(resource=resource, name=name, namespace=namespace, message=message)


async def find(choice: Choice, session: Session) -> Objects:
    """Find what ``choice`` means.

    Raises :class:`CommandError` for arguments that mean nothing, and what is wrong with
    the names of files.
    """
    if choice.local or choice.files:
        result = files.result(
            choice.files,
            session,
            validation=Validation.IGNORE,
            selector=choice.selector,
            local=choice.local,
            placed=not choice.local,
        )
        if result.error is not None:
            raise result.error
        targets.refuse_beside_files(choice.arguments)
        return Objects(choice, session, found=targets.Targets(), result=result)
    query = Query(
        selects=choice.selects_all
        or bool(choice.selector.strip() or choice.field_selector.strip()),
        kinds_alone=choice.every,
        all_namespaces=choice.all_namespaces,
    )
    found = await targets.find(choice.arguments, session.kinds, query)
    return Objects(choice, session, found=found, result=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read of the objects of a :class:`Choice`."""

    chosen: list[Chosen]
    unread: Aggregate | None
    """Why others could not be read; ``None`` when all could."""

    def all(self) -> list[Chosen]:
        """Return the objects. Raises :attr:`unread` when some could not be read."""
        if self.unread is not None:
            raise self.unread
        return self.chosen


async def read(choice: Choice, session: Session) -> Reading:
    """Read what ``choice`` means. Raises what :func:`find` raises."""
    found: list[Chosen] = []

    async def keep(chosen: Chosen) -> None:
        found.append(chosen)

    chosen = await find(choice, session)
    try:
        await chosen.visit(keep)
    except Aggregate as error:
        return Reading(chosen=found, unread=error)
    return Reading(chosen=found, unread=None)


def require_subresource(resource: Resource, name: str) -> None:
    """Raise ``errors.NotFound`` when a kind has no subresource ``name``; every kind has ``""``."""
    if not name:
        return
    from protocube.api.v1 import resource_pb2

    numbers = {
        "status": resource_pb2.SUBRESOURCE_STATUS,
        "scale": resource_pb2.SUBRESOURCE_SCALE,
    }
    if numbers.get(name) not in resource.subresources:
        raise errors.NotFound("the server could not find the requested resource")
