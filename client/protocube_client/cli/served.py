"""What the server says about itself: its version, and the kinds that it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.discovery.v1.discovery_pb2 import GetServerInfoResponse, ResourceInfo
    from protocube_client.cli.session import Session

_SERVICE = "/protocube.discovery.v1.Discovery"


async def info(session: Session) -> GetServerInfoResponse:
    """Return what the server is. Raises the exceptions of :mod:`protocube.errors`."""
    from protocube.discovery.v1 import discovery_pb2
    from protocube_client.request import Request

    body = discovery_pb2.GetServerInfoRequest().SerializeToString()
    answer = await Request(method=f"{_SERVICE}/GetServerInfo", body=body).send(session.connection)
    return discovery_pb2.GetServerInfoResponse.FromString(answer.body)


async def resources(session: Session, group: str | None = None) -> Sequence[ResourceInfo]:
    """Return the kinds of a group, or of all groups, in every version that is served.

    Raises the exceptions of :mod:`protocube.errors`.
    """
    from protocube.discovery.v1 import discovery_pb2
    from protocube_client.request import Request

    body = discovery_pb2.ListResourcesRequest(group=group).SerializeToString()
    answer = await Request(method=f"{_SERVICE}/ListResources", body=body).send(session.connection)
    return discovery_pb2.ListResourcesResponse.FromString(answer.body).resources
