"""The kinds that a server has and that are not shipped, as the server describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.discovery.v1 import discovery_pb2
from protocube_client.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube.discovery.v1.discovery_pb2 import ResourceInfo
    from protocube_client.request import Caller

_SERVICE = "/protocube.discovery.v1.Discovery"
_AT_ONCE = 100
"""Kinds that are asked for in one call, whose answer has its bound."""


async def resources(caller: Caller) -> Sequence[ResourceInfo]:
    """Return all kinds of a server. Raises the exceptions of :mod:`protocube.errors`."""
    body = discovery_pb2.ListResourcesRequest().SerializeToString()
    answer = await _reading("ListResources", body).send(caller)
    return discovery_pb2.ListResourcesResponse.FromString(answer.body).resources


async def files(
    caller: Caller, kinds: Sequence[ResourceInfo], *, comments: bool = True
) -> list[FileDescriptorProto]:
    """Return the files of some kinds of a server with their imports, in dependency order.

    Without ``comments`` there are none in them, and they are there sooner. Raises as
    :func:`resources`.
    """
    found: dict[str, FileDescriptorProto] = {}
    for first in range(0, len(kinds), _AT_ONCE):
        some = kinds[first : first + _AT_ONCE]
        symbols = [name for info in some for name in (info.message, info.service)]
        while symbols:
            asked = discovery_pb2.GetDescriptorsRequest(
                symbols=symbols, without_comments=not comments
            )
            body = asked.SerializeToString()
            answer = await _reading("GetDescriptors", body).send(caller)
            described = discovery_pb2.GetDescriptorsResponse.FromString(answer.body)
            for file in described.file_descriptor_set.file:
                found.setdefault(file.name, file)
            # What does not fit into one answer is asked for next.
            symbols = list(described.left_out)
    return list(found.values())


def _reading(method: str, body: bytes) -> Request:
    return Request(method=f"{_SERVICE}/{method}", body=body, is_repeatable=True)
