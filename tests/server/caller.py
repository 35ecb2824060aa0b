"""A bare client of a server's typed services: bytes over a channel, messages around them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

import grpc
import grpc.aio
from google.protobuf import json_format
from google.rpc import status_pb2

from protocube import errors
from protocube.autoscaling.v1 import scale_pb2
from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from protocube.catalog import Catalog, Resource

DETAILS = "grpc-status-details-bin"
SECONDS = 20.0
"""No call of a test takes longer than this."""

OWN = (("grpc.use_local_subchannel_pool", 1),)
"""Options of a caller with a connection of its own. Others to one address share one."""

Metadata = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a unary call gave: the answer's bytes, and the warnings in its trailers."""

    body: bytes
    warnings: tuple[str, ...]


def rebuilt(error: grpc.aio.AioRpcError) -> errors.ApiError:
    """Return the exception that the server raised, as its trailers tell it."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS:
            return errors.from_status(status_pb2.Status.FromString(value))
    code: int = error.code().value[0]
    return errors.from_status(status_pb2.Status(code=code, message=error.details() or ""))


class Caller:
    """Calls one server. Its methods raise the exceptions of ``protocube.errors``."""

    def __init__(
        self, address: str, catalog: Catalog, options: Sequence[tuple[str, int]] = ()
    ) -> None:
        self.address = address
        self.catalog = catalog
        self.channel: Any = grpc.aio.insecure_channel(address, options=[*options])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close(None)

    def resource(self, word: str) -> Resource:
        """Find a resource as a person names it."""
        found = self.catalog.find(word)
        assert found is not None, word
        return found

    def make(self, word: str, name: str = "", **fields: Any) -> Any:
        """Return an object from its JSON form; ``name`` goes into its metadata."""
        fields.setdefault("metadata", {})
        if name:
            fields["metadata"] = {"name": name, **fields["metadata"]}
        return json_format.ParseDict(fields, self.resource(word).message_class())

    async def send(
        self, method: str, request: bytes, *, metadata: Metadata = (), seconds: float = SECONDS
    ) -> Reply:
        """Call a unary method by its full name."""
        call = self.channel.unary_unary(method, None, None)(
            request, metadata=[*metadata], timeout=seconds
        )
        try:
            body: bytes = await call
            trailers = await call.trailing_metadata()
        except grpc.aio.AioRpcError as error:
            raise rebuilt(error) from None
        warnings = tuple(unquote(str(value)) for key, value in trailers if key == "warning")
        return Reply(body=body, warnings=warnings)

    async def write(self, method: str, message: Any, **options: Any) -> Any:
        """Send a CreateXRequest or an UpdateXRequest around ``message``."""
        reply = await self.written(method, message, **options)
        return self._of(message).message_class.FromString(reply.body)

    async def written(self, method: str, message: Any, **options: Any) -> Reply:
        """Do as :meth:`write`, and return the whole reply."""
        resource = self._of(message)
        request: Any = resource.request_class(method)(**options)
        request.object.CopyFrom(message)
        return await self.send(f"/{resource.service}/{method}", request.SerializeToString())

    async def create(self, message: Any, **options: Any) -> Any:
        """Create an object and give it as the server answers it."""
        return await self.write("Create", message, **options)

    async def update(self, message: Any, **options: Any) -> Any:
        """Replace an object."""
        return await self.write("Update", message, **options)

    async def patch(self, word: str, name: str, **fields: Any) -> Any:
        """Change parts of an object. A patch that is no text is written as JSON."""
        resource = self.resource(word)
        for form in ("json_patch", "merge_patch", "strategic_merge_patch"):
            if form in fields and not isinstance(fields[form], str):
                fields[form] = json.dumps(fields[form])
        request: Any = resource.request_class("Patch")(name=name, **fields)
        return await self._read(word, "Patch", request, resource.message_class)

    async def apply(self, wanted: Any, manager: str = "m1", **fields: Any) -> Any:
        """Apply an object, or a manifest: a message, or data that is written as JSON."""
        if isinstance(wanted, dict):
            word = wanted["kind"]
            name = wanted["metadata"]["name"]
            fields |= {"name": fields.get("name", name), "manifest": json.dumps(wanted)}
        else:
            word = self._of(wanted).qualified
            fields["object"] = wanted
        resource = self.resource(word)
        request: Any = resource.request_class("Apply")(field_manager=manager, **fields)
        return await self._read(word, "Apply", request, resource.message_class)

    async def scale(self, method: str, word: str, request: Message) -> Any:
        """Call GetScale, UpdateScale or PatchScale of a kind."""
        return await self._read(word, method, request, scale_pb2.Scale)

    async def get(self, word: str, name: str, **fields: Any) -> Any:
        """Read one object."""
        request = requests_pb2.GetRequest(name=name, **fields)
        return await self._read(word, "Get", request, self.resource(word).message_class)

    async def list(self, word: str, **fields: Any) -> Any:
        """Read one page."""
        request = requests_pb2.ListRequest(**fields)
        return await self._read(word, "List", request, self.resource(word).list_class)

    async def delete(self, word: str, name: str, **fields: Any) -> Any:
        """Delete one object."""
        request = requests_pb2.DeleteRequest(name=name, **fields)
        return await self._read(word, "Delete", request, self.resource(word).message_class)

    async def delete_collection(self, word: str, **fields: Any) -> Any:
        """Delete what matches."""
        request = requests_pb2.DeleteCollectionRequest(**fields)
        return await self._read(word, "DeleteCollection", request, self.resource(word).list_class)

    async def watch(self, word: str, **fields: Any) -> AsyncGenerator[Any, None]:
        """Follow changes: give the responses as they come. Close it to end the watch."""
        resource = self.resource(word)
        request = requests_pb2.WatchRequest(**fields).SerializeToString()
        method = f"/{resource.service}/Watch"
        call = self.channel.unary_stream(method, None, None)(request, timeout=SECONDS)
        try:
            async for response in call:
                yield resource.watch_response_class.FromString(response)
        except grpc.aio.AioRpcError as error:
            raise rebuilt(error) from None
        finally:
            call.cancel()

    async def until_gone(self, word: str, name: str, *, namespace: str = "") -> None:
        """Return when an object is there no more, told by a watch."""
        listed = await self.list(word, namespace=namespace)
        if name not in {item.metadata.name for item in listed.items}:
            return
        version = listed.metadata.resource_version
        watch = self.watch(word, namespace=namespace, resource_version=version)
        async with asyncio.timeout(SECONDS), aclosing(watch) as responses:
            async for response in responses:
                for event in response.events:
                    is_end = event.type == requests_pb2.EVENT_TYPE_DELETED
                    if is_end and event.object.metadata.name == name:
                        return
        raise AssertionError("a watch does not end by itself")

    async def until(self, word: str, name: str, is_so: Callable[[Any], bool]) -> Any:
        """Return an object as soon as something is so of it, told by a watch."""
        watch = self.watch(word, field_selector=f"metadata.name={name}")
        async with asyncio.timeout(SECONDS), aclosing(watch) as responses:
            async for response in responses:
                for event in response.events:
                    if is_so(event.object):
                        return event.object
        raise AssertionError("a watch does not end by itself")

    async def _read(self, word: str, method: str, request: Message, answer: type[Message]) -> Any:
        service = self.resource(word).service
        reply = await self.send(f"/{service}/{method}", request.SerializeToString())
        return answer.FromString(reply.body)

    def _of(self, message: Message) -> Resource:
        found = self.catalog.for_message(message.DESCRIPTOR.full_name)
        assert found is not None
        return found
