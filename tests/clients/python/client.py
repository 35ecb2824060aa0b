"""Walks the API as a service written in Python would.

client.py ADDRESS NAMESPACE [CA [TOKEN | CERT KEY]]

It knows the generated stubs alone, which are in ``gen`` on PYTHONPATH. It speaks TLS when
CA names the server's authority, and shows a token or a certificate. Its lines are compared
with those of the clients in other languages.
"""
# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import protovalidate
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure
from google.rpc.status_pb2 import Status
from violations import paths

from protocube.bulk.v1.bulk_pb2 import Write, WriteRequest
from protocube.bulk.v1.bulk_pb2_grpc import BulkStub
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.core.v1.config_map_service_pb2 import (
    ApplyConfigMapRequest,
    CreateConfigMapRequest,
    PatchConfigMapRequest,
    UpdateConfigMapRequest,
)
from protocube.core.v1.config_map_service_pb2_grpc import ConfigMapsStub
from protocube.core.v1.container_pb2 import Container, ContainerPort
from protocube.core.v1.namespace_pb2 import Namespace
from protocube.core.v1.namespace_service_pb2 import CreateNamespaceRequest
from protocube.core.v1.namespace_service_pb2_grpc import NamespacesStub
from protocube.core.v1.pod_pb2 import Pod
from protocube.core.v1.pod_service_pb2 import CreatePodRequest
from protocube.core.v1.pod_service_pb2_grpc import PodsStub
from protocube.core.v1.pod_spec_pb2 import PodSpec
from protocube.core.v1.resources_pb2 import ResourceRequirements
from protocube.meta.v1.object_meta_pb2 import ObjectMeta, OwnerReference
from protocube.meta.v1.requests_pb2 import (
    DeleteRequest,
    EventType,
    GetRequest,
    ListRequest,
    WatchRequest,
)
from protocube.watch.v1.watches_pb2 import WatchManyRequest
from protocube.watch.v1.watches_pb2_grpc import WatchesStub

if TYPE_CHECKING:
    from collections.abc import Awaitable


async def walk(address: str, namespace: str, *secured: str) -> None:
    """Use every verb, over TLS when there is an authority to trust."""
    async with connect(address, *secured) as channel:
        made = Namespace(metadata=ObjectMeta(name=namespace))
        await NamespacesStub(channel).Create(CreateNamespaceRequest(object=made))
        maps = Maps(channel, namespace)
        for name in ("a", "b", "c"):
            await maps.create(name)
        await maps.list()
        await maps.update()
        await maps.patch()
        await maps.apply()
        await maps.watch()
        await maps.late()
        await maps.warned()
        await maps.cancelled()
        await refused(PodsStub(channel), namespace)
        await bulk(BulkStub(channel), namespace)
        alone = CreatePodRequest(object=bad_pod(namespace))
        print(f"alone: {await told(PodsStub(channel).Create(alone))}")
        for name in ("x", "y"):
            print(f"read {(await maps.get(name)).metadata.name}")
        print(f"deleted {(await maps.delete('a')).metadata.name}")
        print(f"get: {await told(maps.get('a'))}")


def connect(address: str, authority: str = "", *shown: str) -> grpc.aio.Channel:
    """Return a channel that closes with its context."""
    if not authority:
        return grpc.aio.insecure_channel(address)
    trusted = Path(authority).read_bytes()
    if len(shown) == 1:
        return with_token(address, trusted, *shown)
    pair = [Path(file).read_bytes() for file in shown]
    return with_certificate(address, trusted, *pair)


def with_token(address: str, trusted: bytes, token: str) -> grpc.aio.Channel:
    """Return a channel that shows a token with each call."""
    bearer = grpc.access_token_call_credentials(token)
    secured = grpc.composite_channel_credentials(grpc.ssl_channel_credentials(trusted), bearer)
    return grpc.aio.secure_channel(address, secured)


def with_certificate(
    address: str, trusted: bytes, certificate: bytes | None = None, key: bytes | None = None
) -> grpc.aio.Channel:
    """Return a channel that shows a certificate, where there is one."""
    secured = grpc.ssl_channel_credentials(trusted, key, certificate)
    return grpc.aio.secure_channel(address, secured)


class Maps:
    """The config maps of one namespace."""

    def __init__(self, channel: grpc.aio.Channel, namespace: str) -> None:
        self._stub = ConfigMapsStub(channel)
        self._watches = WatchesStub(channel)
        self._namespace = namespace

    async def create(self, name: str) -> None:
        """Create a map and read it back."""
        metadata = ObjectMeta(namespace=self._namespace, name=name)
        wanted = ConfigMap(metadata=metadata, data={"key": name})
        made = await self._stub.Create(CreateConfigMapRequest(object=wanted))
        got = await self.get(name)
        same = got.metadata.resource_version == made.metadata.resource_version
        print(f"created {name}: uid {shown(made.metadata.uid)}, read back {shown(same)}")

    async def get(self, name: str) -> ConfigMap:
        """Read a map."""
        return await self._stub.Get(GetRequest(namespace=self._namespace, name=name))

    async def put(self, read: ConfigMap, value: str) -> None:
        """Change a map that was read before."""
        read.data["key"] = value
        await self._stub.Update(UpdateConfigMapRequest(object=read))

    async def delete(self, name: str) -> ConfigMap:
        """Delete a map and give it as it last was."""
        return await self._stub.Delete(DeleteRequest(namespace=self._namespace, name=name))

    async def list(self) -> None:
        """Read page after page."""
        request = ListRequest(namespace=self._namespace, limit=2)
        while True:
            page = await self._stub.List(request)
            print("page", *(item.metadata.name for item in page.items))
            request.continue_token = page.metadata.continue_token
            if not request.continue_token:
                return

    async def update(self) -> None:
        """Change a map twice from one reading: the second is refused."""
        stale = await self.get("a")
        await self.put(stale, "first")
        print(f"stale update: {await told(self.put(stale, 'second'))}")
        print(f"kept {(await self.get('a')).data['key']}")

    async def patch(self) -> None:
        """Change parts of a map without reading it: by a text, and by fields of a message."""
        one: dict[str, Any] = {"namespace": self._namespace, "name": "a"}
        by_text = PatchConfigMapRequest(**one, merge_patch='{"data": {"more": "yes"}}')
        patched = await self._stub.Patch(by_text)
        print(f"patched by text: {patched.data['key']} {patched.data['more']}")
        by_fields = PatchConfigMapRequest(
            **one,
            object=ConfigMap(metadata=ObjectMeta(labels={"by": "fields"})),
            update_mask=FieldMask(paths=["metadata.labels"]),
        )
        patched = await self._stub.Patch(by_fields)
        print(f"patched by fields: {patched.metadata.labels['by']} {patched.data['more']}")
        # A version in the patch is a condition.
        stale = PatchConfigMapRequest(**one, merge_patch='{"metadata": {"resourceVersion": "1"}}')
        print(f"stale patch: {await told(self._stub.Patch(stale))}")

    async def apply(self) -> None:
        """Say what each of two managers wants of a map: by a message, and by a manifest."""
        namespace = self._namespace
        wanted = ConfigMap(metadata=ObjectMeta(namespace=namespace, name="a"))
        wanted.data["colour"] = "red"
        by_message = ApplyConfigMapRequest(object=wanted, field_manager="shop")
        applied = await self._stub.Apply(by_message)
        print(f"applied by message: {applied.data['colour']} {applied.data['key']}")
        by_text = ApplyConfigMapRequest(
            namespace=namespace,
            name="a",
            manifest="{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {colour: blue}}",
            field_manager="shop",
            dry_run=True,
        )
        applied = await self._stub.Apply(by_text)
        print(f"dry run by text: {applied.data['colour']}")
        print(f"kept {(await self.get('a')).data['colour']}")
        wanted.data["colour"] = "green"
        taking = ApplyConfigMapRequest(object=wanted, field_manager="paint")
        refused = await refusal(self._stub.Apply(taking))
        print(f"refused apply: {described(refused)}")
        for detail in refused.details:
            failure = PreconditionFailure()
            if detail.Unpack(failure):
                for owned in failure.violations:
                    print(f"owned by {owned.subject}: {owned.description}")
        taking.force = True
        applied = await self._stub.Apply(taking)
        print(f"applied by force: {applied.data['colour']}")

    async def watch(self) -> None:
        """Stop after the first event and go on from its revision: nothing is lost."""
        page = await self._stub.List(ListRequest(namespace=self._namespace))
        await self.create("d")
        await self.watch_all(page.metadata.resource_version)
        seen = await self.follow(page.metadata.resource_version, events=1)
        await self.put(await self.get("d"), "changed")
        await self.delete("d")
        await self.follow(seen, events=2)

    async def watch_all(self, seen: str) -> None:
        """Follow all kinds of the namespace in one stream, here up to the first event."""
        request = WatchManyRequest(namespace=self._namespace, resource_version=seen)
        call = self._watches.Watch(request)
        async for response in call:
            for event in response.events:
                made = ConfigMap()
                if event.object.Unpack(made):
                    kind = EventType.Name(event.type).removeprefix("EVENT_TYPE_")
                    print(f"among all kinds: {kind} {made.metadata.name}")
            break
        call.cancel()

    async def follow(self, seen: str, *, events: int) -> str:
        """Watch until there were so many events, and give the revision to go on from."""
        call = self._stub.Watch(WatchRequest(namespace=self._namespace, resource_version=seen))
        async for response in call:
            for event in response.events:
                kind = EventType.Name(event.type).removeprefix("EVENT_TYPE_")
                print(f"event {kind} {event.object.metadata.name} {event.object.data['key']}")
            events -= len(response.events)
            seen = response.resource_version
            if events <= 0:
                break
        call.cancel()
        return seen

    async def late(self) -> None:
        """Give a call so long; one without a deadline waits as long as it takes."""
        call = self._stub.Watch(self._nothing(), timeout=0.3)
        print(f"late: code {(await call.code()).value[0]}")

    async def warned(self) -> None:
        """Send metadata, and read what the server warns of in the trailers."""
        uid = "6f1d3a52-0000-4000-8000-000000000001"
        owner = OwnerReference(api_version="v1", kind="ConfigMap", name="a", uid=uid)
        metadata = ObjectMeta(namespace=self._namespace, name="owned")
        metadata.owner_references.extend([owner, owner])
        request = CreateConfigMapRequest(object=ConfigMap(metadata=metadata), dry_run=True)
        call = self._stub.Create(request, metadata=(("protocube-max-trailers", "16384"),))
        await call
        for name, value in await call.trailing_metadata():
            if name == "warning" and isinstance(value, str):
                print(f"warned: {value.partition(';')[0]}")

    async def cancelled(self) -> None:
        """End a call from outside; cancelling the task that waits for it does so, too."""
        call = self._stub.Watch(self._nothing())
        call.cancel()
        print(f"cancelled: code {(await call.code()).value[0]}")

    def _nothing(self) -> WatchRequest:
        """Ask for what does not happen."""
        return WatchRequest(namespace=self._namespace, field_selector="metadata.name=none")


async def refused(pods: PodsStub, namespace: str) -> None:
    """Show what is wrong with a pod twice: checked here, and by the server."""
    main = Container(
        name="main",
        ports=[ContainerPort(container_port=99999)],
        resources=ResourceRequirements(limits={"cpu": "lots"}),
    )
    pod = Pod(
        metadata=ObjectMeta(namespace=namespace, name="wrong", labels={"app": "not ok!"}),
        spec=PodSpec(containers=[main], restart_policy="Sometimes"),
    )
    found = [one.proto for one in protovalidate.collect_violations(pod)]
    lines = [
        f"checked {path}: {one.rule_id}" for one in found for path in paths(Pod.DESCRIPTOR, one)
    ]
    print("\n".join(sorted(lines)))
    print(f"create: {await told(pods.Create(CreatePodRequest(object=pod)))}")


def bad_pod(namespace: str) -> Pod:
    """Return a pod without an image."""
    return Pod(
        metadata=ObjectMeta(namespace=namespace, name="bad"),
        spec=PodSpec(containers=[Container(name="main")]),
    )


async def bulk(stub: BulkStub, namespace: str) -> None:
    """Make several writes in one stream: the middle one is refused, and stops no other."""
    objects = (
        ConfigMap(metadata=ObjectMeta(namespace=namespace, name="x")),
        bad_pod(namespace),
        ConfigMap(metadata=ObjectMeta(namespace=namespace, name="y")),
    )
    request = WriteRequest()
    for item in objects:
        packed = Packed()
        packed.Pack(item)
        request.writes.append(Write(create=packed))
    async for response in stub.Write(iter([request])):
        for number, outcome in enumerate(response.outcomes, response.first):
            said = f"made {outcome.written.name}"
            if outcome.HasField("failure"):
                failure = outcome.failure
                said = described(Status(code=failure.code, details=failure.details))
            print(f"bulk {number}: {said}")


async def told(call: Awaitable[object]) -> str:
    """Return the code, reason and violations of a call that fails."""
    return described(await refusal(call))


async def refusal(call: Awaitable[object]) -> Status:
    """Return the status of a call that fails, with its details."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return Status.FromString(error.trailing_metadata()["grpc-status-details-bin"])
    raise AssertionError("it should have failed")


def described(status: Status) -> str:
    """Return the code, reason and violations of a status."""
    text = f"code {status.code}"
    for detail in status.details:
        info, bad = ErrorInfo(), BadRequest()
        if detail.Unpack(info):
            text += f" {info.reason} {info.metadata['name']}"
        elif detail.Unpack(bad):
            for one in bad.field_violations:
                text += f"\n  {one.field}: {one.reason}: {one.description}"
    return text


def shown(value: object) -> str:
    """Write a truth as the other languages do."""
    return "true" if value else "false"


if __name__ == "__main__":
    asyncio.run(walk(*sys.argv[1:]))
