"""Many writes in one stream: each has the outcome that a call of its own would have had."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import any_pb2

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from protocube.meta.v1 import requests_pb2
from tests.server.bulk_writes import (
    call,
    config_map,
    create,
    delete,
    error_of,
    names,
    outcomes,
    packed,
    responses,
)

if TYPE_CHECKING:
    from tests.server.caller import Caller
    from tests.server.conftest import Serve
    from tests.server.repeating import Served


async def test_objects_of_any_kinds_are_created(api: Caller) -> None:
    """Outcomes have the order of the writes, and say what a client needs to go on."""
    spec = {"containers": [{"name": "c", "image": "nginx"}]}
    made = await outcomes(
        api,
        create(config_map(api, "a", k="v")),
        create(api.make("pods", "p", spec=spec)),
        create(config_map(api, "b")),
    )
    assert [each.written.name for each in made] == ["a", "p", "b"]
    pod = await api.get("pods", "p")
    assert made[1].written.uid == pod.metadata.uid
    assert made[1].written.resource_version == pod.metadata.resource_version
    assert made[1].written.namespace == "default"
    assert pod.spec.restart_policy == "Always", "defaults are those of any create"
    assert not made[1].written.HasField("object")


async def test_a_write_that_fails_stops_no_other(api: Caller) -> None:
    """It has the error that a call alone would have had, with its fields."""
    bad = api.make("pods", "p", spec={"containers": [{"name": "C", "image": "x"}]})
    with pytest.raises(errors.Invalid) as alone:
        await api.create(bad)
    made = await outcomes(
        api, create(config_map(api, "a")), create(bad), create(config_map(api, "b"))
    )
    found = error_of(made[1])
    assert isinstance(found, errors.Invalid)
    assert (found.message, found.violations) == (alone.value.message, alone.value.violations)
    assert await names(api) == ["a", "b"]


async def test_a_write_sees_what_those_before_it_did(api: Caller) -> None:
    """Of one object, of its namespace, of a role: the order of the stream holds."""
    namespace = api.make("ns", "other")
    inside = api.make("cm", "x", metadata={"namespace": "other"})
    patch = api.resource("cm").request_class("Patch")(
        name="a", merge_patch='{"data": {"k": "patched"}}'
    )
    again = config_map(api, "a", k="last")
    made = await outcomes(
        api,
        create(config_map(api, "a", k="first")),
        call("protocube.core.v1.ConfigMaps/Patch", patch),
        create(inside),
        create(namespace),
        create(inside),
        bulk_pb2.Write(update=packed(again)),
        create(config_map(api, "a")),
        delete("protocube.core.v1.ConfigMaps", "a"),
        create(config_map(api, "a", k="new")),
        include_objects=True,
    )
    kinds = [each.WhichOneof("outcome") for each in made]
    assert kinds == ["written"] * 2 + ["failure"] + ["written"] * 3 + ["failure"] + ["written"] * 2
    assert isinstance(error_of(made[2]), errors.NotFound)
    assert isinstance(error_of(made[6]), errors.AlreadyExists)
    patched: Any = api.resource("cm").message_class.FromString(made[1].written.object.value)
    assert patched.data["k"] == "patched"
    assert dict((await api.get("cm", "a")).data) == {"k": "new"}


async def test_what_a_request_says_is_for_all_of_its_writes(api: Caller) -> None:
    """The manager, and that it is only checked; a call's own request may say otherwise."""
    made = await outcomes(api, create(config_map(api, "a", k="v")), field_manager="me")
    assert made[0].written.name == "a"
    entries = (await api.get("cm", "a", include_managed_fields=True)).metadata.managed_fields
    assert [each.manager for each in entries] == ["me"]
    checked = await outcomes(
        api,
        create(config_map(api, "b")),
        delete("protocube.core.v1.ConfigMaps", "a"),
        dry_run=True,
    )
    assert [each.WhichOneof("outcome") for each in checked] == ["written", "written"]
    assert await names(api) == ["a"]


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (bulk_pb2.Write(), "the write says nothing: it is create, update or another"),
        (
            bulk_pb2.Write(create=any_pb2.Any(type_url="x/protocube.Nope")),
            'no kind has the message "protocube.Nope"',
        ),
        (
            call("protocube.core.v1.Pods/List", requests_pb2.ListRequest()),
            '"protocube.core.v1.Pods/List" is no method that writes one object',
        ),
        (
            call("protocube.core.v1.Pods/DeleteCollection", requests_pb2.ListRequest()),
            '"protocube.core.v1.Pods/DeleteCollection" is no method that writes one object',
        ),
        (
            call("protocube.core.v1.Pods/Delete", requests_pb2.ListRequest()),
            (
                "protocube.core.v1.Pods/Delete takes a protocube.meta.v1.DeleteRequest, and the "
                'write has "protocube.meta.v1.ListRequest"'
            ),
        ),
        (
            bulk_pb2.Write(
                create=any_pb2.Any(type_url="x/protocube.core.v1.Pod", value=b"\xff\xff")
            ),
            (
                "the request cannot be decoded as a protocube.core.v1.CreatePodRequest: "
                "its bytes are no such message"
            ),
        ),
    ],
)
async def test_what_is_no_write_fails_alone(api: Caller, write: Any, text: str) -> None:
    """The others are made."""
    made = await outcomes(api, write, create(config_map(api, "a")))
    assert error_of(made[0]).message == text
    assert made[1].written.name == "a"


async def test_too_many_writes_end_the_stream(api: Caller) -> None:
    """The error says which request it was; what came before stays done."""
    small = bulk_pb2.WriteRequest(writes=[create(config_map(api, "a"))])
    large = bulk_pb2.WriteRequest(writes=[bulk_pb2.Write()] * 1001)
    with pytest.raises(errors.BadRequest) as refused:
        async for _ in responses(api, [small, large]):
            pass
    assert refused.value.message == (
        "request 1 of the stream has 1001 writes, the limit of a request is 1000"
    )
    assert await names(api) == ["a"]


async def test_outcomes_are_numbered_through_the_stream(api: Caller) -> None:
    """Also where a request is answered in several parts."""
    requests = [
        bulk_pb2.WriteRequest(writes=[create(config_map(api, f"{r}-{n}")) for n in range(count)])
        for r, count in enumerate((3, 250, 1))
    ]
    seen = 0
    async for response in responses(api, requests):
        assert response.first == seen
        seen += len(response.outcomes)
        assert all(each.HasField("written") for each in response.outcomes)
    assert seen == 254
    assert len(await names(api)) == 254


class TestAtomic:
    """All writes of a request, or none."""

    async def test_happens_at_one_revision(self, served: Served) -> None:
        """Of several kinds, in the order of the writes."""
        api = served.caller
        old = await api.create(config_map(api, "old", k="v"))
        old.data["k"] = "w"
        made = await outcomes(
            api,
            create(config_map(api, "a")),
            create(api.make("secrets", "s")),
            bulk_pb2.Write(update=packed(old)),
            delete("protocube.core.v1.ConfigMaps", "gone-later"),
            atomic=True,
        )
        assert isinstance(error_of(made[3]), errors.NotFound)
        for each in made[:3]:
            assert isinstance(error_of(each), errors.NotDone)
            assert each.failure.message == "not done: the request is atomic, and its write 3 failed"
        assert await names(api) == ["old"]
        made = await outcomes(
            api,
            create(config_map(api, "a")),
            create(api.make("secrets", "s")),
            bulk_pb2.Write(update=packed(old)),
            atomic=True,
        )
        (revision,) = {each.written.resource_version for each in made}
        assert (await api.get("cm", "old")).metadata.resource_version == revision

    @pytest.mark.parametrize("request_id", ["", "r"])
    async def test_a_condition_that_does_not_hold_stops_all(
        self, served: Served, request_id: str
    ) -> None:
        """An object that exists, and a version that is not the newest."""
        api = served.caller
        await api.create(config_map(api, "b"))
        writes = (create(config_map(api, name)) for name in "abc")
        made = await outcomes(api, *writes, atomic=True, request_id=request_id)
        assert isinstance(error_of(made[1]), errors.AlreadyExists)
        assert await names(api) == ["b"]

    async def test_cannot_write_an_object_twice(self, api: Caller) -> None:
        """There is no order within a transaction."""
        made = await outcomes(
            api, create(config_map(api, "a")), create(config_map(api, "a")), atomic=True
        )
        assert [each.failure.message for each in made] == [
            "not done: the request is atomic, and its write 1 failed",
            "an atomic request cannot write the same twice: /registry/configmaps/default/a",
        ]
        assert isinstance(error_of(made[0]), errors.NotDone)
        assert await names(api) == []

    async def test_several_go_on_beside_each_other(self, served: Served) -> None:
        """Large and small: none waits for what another one has."""
        api = served.caller
        text = "x" * 17_000

        async def one(number: int) -> list[Any]:
            writes = [create(config_map(api, f"{number}-{n}", k=text)) for n in range(20)]
            return await outcomes(api, *writes, atomic=True)

        found = await asyncio.gather(*map(one, range(10)))
        assert all(each.HasField("written") for some in found for each in some)
        assert len(await names(api)) == 200


class TestRequestId:
    """A request that is repeated is carried out once."""

    async def test_is_answered_with_what_it_did(self, served: Served) -> None:
        """Also once the objects have changed, and are gone."""
        api = served.caller
        await api.create(config_map(api, "old"))
        writes = [
            *(create(config_map(api, f"a{n}", k="v")) for n in range(120)),
            create(api.make("cm", metadata={"generateName": "g-"})),
            delete("protocube.core.v1.ConfigMaps", "old"),
        ]
        first = await outcomes(api, *writes, request_id="r")
        assert all(each.HasField("written") for each in first)
        await api.delete("cm", "a7")
        await api.create(config_map(api, "old"))
        again = await outcomes(api, *writes, request_id="r")
        assert [each.written.name for each in again] == [each.written.name for each in first]
        assert [each.written.uid for each in again] == [each.written.uid for each in first]
        assert "a7" not in await names(api)
        assert "old" in await names(api)

    async def test_does_what_is_left(self, served: Served) -> None:
        """A write that failed is tried again."""
        api = served.caller
        await api.create(config_map(api, "b"))
        writes = [create(config_map(api, name)) for name in "abc"]
        first = await outcomes(api, *writes, request_id="r")
        assert isinstance(error_of(first[1]), errors.AlreadyExists)
        await api.delete("cm", "b")
        again = await outcomes(api, *writes, request_id="r")
        assert again[0].written.uid == first[0].written.uid
        assert again[1].HasField("written")
        assert await names(api) == ["a", "b", "c"]

    async def test_of_another_request_is_a_conflict(self, served: Served) -> None:
        """For each write, and nothing is done."""
        api = served.caller
        await outcomes(api, create(config_map(api, "a")), request_id="r")
        made = await outcomes(
            api, create(config_map(api, "b")), create(config_map(api, "c")), request_id="r"
        )
        assert [error_of(each).message for each in made] == [
            "request id was used for another request"
        ] * 2
        assert await names(api) == ["a"]

    async def test_holds_for_what_is_atomic(self, served: Served) -> None:
        """It is done as a whole, once."""
        api = served.caller
        writes = [create(config_map(api, name)) for name in "ab"]
        first = await outcomes(api, *writes, request_id="r", atomic=True)
        await api.delete("cm", "a")
        again = await outcomes(api, *writes, request_id="r", atomic=True)
        assert [each.written.uid for each in again] == [each.written.uid for each in first]
        assert await names(api) == ["b"]

    async def test_begun_twice_is_done_once(self, served: Served) -> None:
        """Who comes second takes over: what the first one has not written yet fails there."""
        api = served.caller
        writes = [create(api.make("cm", metadata={"generateName": "g-"})) for _ in range(150)]
        both = await asyncio.gather(*(outcomes(api, *writes, request_id="r") for _ in range(4)))
        last = await outcomes(api, *writes, request_id="r")
        assert all(each.HasField("written") for each in last)
        assert len(await names(api)) == 150
        uids = [each.written.uid for each in last]
        for some in both:
            for each, uid in zip(some, uids, strict=True):
                assert each.written.uid == uid or isinstance(error_of(each), errors.Conflict)


async def test_each_write_is_asked_for_its_right(serve: Serve, tmp_path: Any) -> None:
    """A stream gives no right that its caller does not have."""
    from tests.authorization.ruled import bind, role, rule, ruled

    del serve
    async with ruled(tmp_path) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        await role(admin, "maps", rule("create", "configmaps"), namespace="default")
        await bind(admin, "alice", "Role", "maps", namespace="default")
        made = await outcomes(
            alice, create(config_map(alice, "a")), create(alice.make("secrets", "s"))
        )
        assert made[0].written.name == "a"
        assert error_of(made[1]).message == (
            'secrets is forbidden: User "alice" cannot create resource "secrets" in API group "" '
            'in the namespace "default"'
        )
