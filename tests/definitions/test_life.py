"""Definitions outlive servers, are guarded by rights, and cost nothing before they are used."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format

from protocube import errors
from protocube.discovery.v1 import discovery_pb2
from protocube_server import app
from protocube_server.definitions.entries import Entry
from protocube_server.storage import keys, url
from tests import machines
from tests.definitions.defining import NAME, Definer, definition
from tests.server.test_watch_many import following

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    from protocube_server.settings import Settings

_MANY = 20
_PARTS, _FIELDS = 40, 200
_ROUNDS = 20


def _other(number: int) -> tuple[FileDescriptorProto, str]:
    """Return the file of a kind like Machine, of a group of its own, and its definition's name."""
    group = f"g{number}.example.com"
    file = machines.file(
        (
            'name: "example/v1/machine.proto" package: "example.v1"',
            f'name: "example{number}/v1/machine.proto" package: "example{number}.v1"',
        ),
        (".example.v1.", f".example{number}.v1."),
        ('group: "example.com"', f'group: "{group}"'),
        ('short_names: "ma"', ""),
    )
    return file, f"machines.{group}"


async def test_kinds_and_objects_are_there_after_a_restart(settings: Settings) -> None:
    """They are served when the server is ready, and nothing was compiled for that."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        for number in range(_MANY):
            file, name = _other(number)
            await definer.base.create(definer._own(definition(file, name=name)))
        await definer.define()
        caller = await definer.knowing()
        made = await caller.create(caller.make("machines", "a"))
    async with app.running(settings) as running, Definer(running.address) as definer:
        definitions = running.api.definitions
        assert definitions is not None
        parts = [served.part.catalog for served in definitions.all().values()]
        assert len(parts) == _MANY + 1
        caller = await definer.knowing()
        found = await caller.get("machines", "a")
        assert found.SerializeToString() == made.SerializeToString()
        compiled = [part for part in parts if getattr(part, "_made", None) is not None]
        assert [part.resources[0].message for part in compiled] == ["example.v1.Machine"]


def _large() -> FileDescriptorProto:
    """Return the file of a Machine that takes some time to be compiled."""
    file = machines.file()
    spec = file.message_type[1]
    for number in range(_PARTS):
        part = file.message_type.add(name=f"Part{number}")
        for index in range(_FIELDS):
            part.field.add(name=f"f{index}", number=index + 1, type=9, label=1)
        field = spec.field.add(name=f"part{number}", number=number + 2, type=11, label=1)
        field.type_name = f".example.v1.Part{number}"
    return file


async def test_the_first_call_of_a_kind_keeps_no_other_waiting(settings: Settings) -> None:
    """A kind is compiled beside the event loop, and its first call waits for that alone."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        await definer.define(_large())
    async with app.running(settings) as running, Definer(running.address) as definer:
        definitions = running.api.definitions
        assert definitions is not None
        served = definitions.find(NAME)
        assert served is not None
        rounds = 0

        async def going_round() -> None:
            nonlocal rounds
            while not served.defined.is_compiled:
                rounds += 1
                await asyncio.sleep(0)

        going = asyncio.create_task(going_round())
        await asyncio.gather(*(definitions.ready_for(machines.SERVICE) for _ in range(2)))
        await going
        # With the work in the loop there would be those before and behind it.
        assert rounds > _ROUNDS
        caller = await definer.knowing(_large())
        made = await caller.create(caller.make("machines", "a"))
        assert made.spec.size == "small"


async def test_a_watch_of_all_kinds_keeps_no_other_call_waiting(settings: Settings) -> None:
    """It follows kinds that nobody has called yet; they are compiled beside the event loop."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        await definer.define(_large())
        file, name = _other(1)
        await definer.base.create(definer._own(definition(file, name=name)))
    async with app.running(settings) as running, Definer(running.address) as definer:
        definitions = running.api.definitions
        assert definitions is not None
        served = [item.defined for item in definitions.all().values()]
        assert [item.is_compiled for item in served] == [False, False]
        async with aclosing(following(definer.base)) as responses:
            while not (await anext(responses)).resource_version:
                pass
            # What is compiled by its use in the loop is not marked so.
            assert [item.is_compiled for item in served] == [True, True]
            caller = await definer.knowing(_large())
            await caller.create(caller.make("machines", "a"))
            (event,) = (await anext(responses)).events
            assert event.object.TypeName() == "example.v1.Machine"


async def test_a_write_whose_answer_was_lost_can_be_repeated(definer: Definer) -> None:
    """The same request id is answered with the same definition."""
    made = await definer.define(request_id="one")
    assert await definer.define(request_id="one") == made


async def test_a_newer_option_is_read_and_not_written(settings: Settings) -> None:
    """A server that cannot compile a definition serves reads, and names its version at writes."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        made = await definer.define()
        caller = await definer.knowing()
        await caller.create(caller.make("machines", "a"))
        store = running.api.store
        prefix = url.parse(settings.store).prefix
        # What a newer server would have stored: an option that this one does not know.
        file = machines.file()
        file.message_type[1].field[0].options.MergeFromString(_unknown_option())
        wanted = definition(file)
        wanted.metadata.CopyFrom(_as_ours(made).metadata)
        kind = running.api.editions.current.kinds.for_message("protocube.definitions.v1.Definition")
        assert kind is not None
        found: Any = kind.resource.message_class.FromString(wanted.SerializeToString())
        found.api_version, found.kind = "definitions.protocube.dev/v1", "Definition"
        await _put(store, kind.key("", NAME), kind.encode(found))
        from protocube_server.definitions import building, entries

        entry = await store.get(entries.key(prefix, NAME))
        assert entry is not None
        data = json.loads(entry.value) | {"digest": building.digest(found, b"")}
        await _put(store, entry.key, json.dumps(data).encode())
    async with app.running(settings) as running, Definer(running.address) as definer:
        caller = await definer.knowing()
        assert (await caller.get("machines", "a")).spec.size == "small"
        assert len((await caller.list("machines")).items) == 1
        with pytest.raises(errors.SchemaTooNew, match=r"this server \(\d+\.\d+"):
            await caller.create(caller.make("machines", "b"))
        await caller.delete("machines", "a")


def _unknown_option() -> bytes:
    # protocube.api.v1.field (50610) with a field 1000 that no release has.
    inner = b"\xc2\x3e\x01x"
    return b"\x92\xdb\x18" + bytes([len(inner)]) + inner


def _as_ours(message: Any) -> Any:
    from protocube.definitions.v1 import definition_pb2

    return definition_pb2.Definition.FromString(message.SerializeToString())


async def _put(store: Any, key: bytes, value: bytes) -> None:
    current = await store.get(key)
    await store.update(key, value, expected=current.mod_revision)


async def test_all_keys_of_a_definition_go_with_it(settings: Settings) -> None:
    """Nothing but the namespaces and what the server needs is left."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        prefix = url.parse(settings.store).prefix
        await definer.define()
        await definer.base.delete("definitions", NAME)
        await definer.base.until_gone("definitions", NAME)
        page = await running.api.store.list(keys.system(prefix, keys.Area.DEFINITIONS))
        assert not page.records


async def test_discovery_tells_of_a_kind_at_once(definer: Definer) -> None:
    """With its options, and the revision from which on it is so."""
    await definer.define()
    method = "/protocube.discovery.v1.Discovery/ListResources"
    request = discovery_pb2.ListResourcesRequest(group="example.com")
    reply = await definer.base.send(method, request.SerializeToString())
    (info,) = discovery_pb2.ListResourcesResponse.FromString(reply.body).resources
    assert info.service == machines.SERVICE
    assert json_format.MessageToDict(info.resource)["shortNames"] == ["ma"]


async def test_its_rules_are_those_of_a_user(settings: Settings) -> None:
    """Its definition has them, once for all of its versions, and trusts no pattern in them."""
    async with app.running(settings) as running, Definer(running.address) as definer:
        await definer.define()
        caller = await definer.knowing()
        await caller.create(caller.make("machines", "a"))
        kind = running.api.editions.current.kinds.for_message("example.v1.Machine")
        assert kind is not None
        assert kind.defined is not None
        assert kind.contract is kind.defined.contract


async def test_it_works_without_a_watch_cache(settings: Settings) -> None:
    """Nothing of it rests on the cache."""
    chosen = dataclasses.replace(settings, watch_cache=False)
    async with app.running(chosen) as running, Definer(running.address) as definer:
        await definer.define()
        caller = await definer.knowing()
        await caller.create(caller.make("machines", "a"))
        await definer.base.delete("definitions", NAME)
        await definer.base.until_gone("definitions", NAME)


async def test_a_definition_of_an_earlier_release_is_served_after_the_start(
    settings: Settings,
) -> None:
    """One that cannot be served says so in a condition, and an entry alone is ended."""
    bad = machines.file(('name: "kind" number: 2', 'name: "kind" number: 9'))
    async with app.running(settings) as running, Definer(running.address) as definer:
        await definer.define()
        prefix, store = url.parse(settings.store).prefix, running.api.store
        kind = running.api.editions.current.kinds.for_message("protocube.definitions.v1.Definition")
        assert kind is not None
        page = await store.list(keys.system(prefix, keys.Area.DEFINITIONS))
        for record in page.records:
            await store.delete(record.key)
        message: Any = definer._own(definition(bad, name="engines.example.com"))
        message.api_version, message.kind = "definitions.protocube.dev/v1", "Definition"
        await store.create(kind.key("", "engines.example.com"), kind.encode(message))
        await store.create(
            keys.system(prefix, keys.Area.DEFINITIONS, "kinds", "ghosts.example.com"),
            Entry(message="protocube.definitions.v1.Definition", digest="").value(),
        )
    async with app.running(settings) as running, Definer(running.address) as definer:

        def is_refused(found: Any) -> bool:
            told = {item.type: item for item in found.status.conditions}
            return "Established" in told and "`string kind = 2`" in told["Established"].message

        found = await definer.base.until("definitions", "engines.example.com", is_refused)
        found.metadata.labels["a"] = "b"
        (warning,) = (await definer.base.written("Update", found)).warnings
        assert warning.startswith("its kind is not served: Definition.definitions.protocube.dev ")
        definitions = running.api.definitions
        assert definitions is not None
        async with asyncio.timeout(20):
            while set(definitions.all()) != {NAME}:
                await definitions.changed.wait()
        caller = await definer.knowing()
        await caller.create(caller.make("machines", "a"))


async def test_resources_are_followed(definer: Definer) -> None:
    """A stream tells all kinds at first and after each change, with a revision that grows."""
    method = "/protocube.discovery.v1.Discovery/WatchResources"
    request = discovery_pb2.WatchResourcesRequest(group="example.com")
    call = definer.base.channel.unary_stream(
        method, None, discovery_pb2.WatchResourcesResponse.FromString
    )(request.SerializeToString(), timeout=20)
    responses = aiter(call)
    first = await anext(responses)
    assert not first.resources
    await definer.define()
    second = await anext(responses)
    assert [info.kind for info in second.resources] == ["Machine"]
    assert int(second.revision) > int(first.revision or 0)
    await definer.base.delete("definitions", NAME)
    third = await anext(responses)
    assert not third.resources
    assert int(third.revision) > int(second.revision)
    call.cancel()
