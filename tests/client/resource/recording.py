"""A server's place in tests of the pipeline: it keeps what it is sent and answers.

It stands for the network, at the one seam where the pipeline meets it. What a real
server answers is tested in tests/client and tests/server.
"""

from __future__ import annotations

from typing import Any

from protocube import errors
from protocube.catalog import Catalog
from protocube_client.connection.connection import Answer


class RecordingCaller:
    """Stores what is created by kind, namespace and name; refuses a second one."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.methods: list[str] = []
        self.timeout: float | None = None
        self.patience = 0.0
        self.failures: dict[str, Exception] = {}
        """What to raise, by the object's name."""

    async def call(self, method: str, request: bytes, *, timeout: float | None = None) -> Answer:  # noqa: ASYNC109  # the seam's signature
        """Answer a Create with the object as it was sent, at the next revision."""
        del timeout
        service = method.split("/")[1]
        resource = next(item for item in Catalog.shipped().resources if item.service == service)
        message: Any = resource.create_request_class.FromString(request)
        self.methods.append(method)
        name = message.object.metadata.name
        if name in self.failures:
            raise self.failures[name]
        if any(
            before.object.metadata == message.object.metadata
            and before.object.kind == message.object.kind
            for before in self.requests
        ):
            raise errors.already_exists(resource.qualified, name)
        self.requests.append(message)
        message = resource.create_request_class.FromString(request)
        message.object.metadata.resource_version = str(len(self.requests))
        return Answer(body=message.object.SerializeToString(), warnings=())

    @property
    def names(self) -> list[str]:
        """Return the names that were created, in order."""
        return [request.object.metadata.name for request in self.requests]
