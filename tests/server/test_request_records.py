"""The records of calls with a request id: whose they are, and how long they are kept."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube.meta.v1.object_meta_pb2 import ObjectMeta
from protocube_server import app
from protocube_server.calls.chain import Stages
from protocube_server.calls.user import User
from protocube_server.storage.base import Put
from protocube_server.storage.etcd import EtcdStore
from protocube_server.verbs.entrance import Entrance
from tests import etcd_process
from tests.relay import Relay
from tests.server.caller import Caller
from tests.server.repeating import RECORDS, USED, labelled
from tests.wire import everywhere

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.settings import Settings
    from tests.server.repeating import Served


class TestRecords:
    """What is remembered, of whom, and for how long."""

    async def test_are_of_one_caller(self, served: Served) -> None:
        """Callers do not know each other's ids, and may use the same."""
        entrance = Entrance(served.api, Stages())
        resource = served.caller.resource("cm")
        uids = set()
        for name in ("a", "b"):
            request: Any = resource.create_request_class(request_id="r")
            request.object.metadata.name = name
            for _ in range(2):
                answer = await entrance.answer(
                    resource.service, "Create", request.SerializeToString(), user=User(name=name)
                )
                made: Any = resource.message_class.FromString(answer)
                uids.add(made.metadata.uid)
        assert len(uids) == 2
        assert len((await served.store.list(RECORDS)).records) == 2

    async def test_are_written_with_what_they_tell_of(self, served: Served) -> None:
        """The object and its record are of one revision; a call without an id has none."""
        await served.make("b")
        made = await served.caller.create(served.caller.make("cm", "a"), request_id="r")
        (record,) = (await served.store.list(RECORDS)).records
        assert str(record.mod_revision) == made.metadata.resource_version
        assert made.metadata.uid.encode() in record.value

    async def test_are_known_after_compaction_as_long_as_the_object_is_unchanged(
        self, served: Served
    ) -> None:
        """Later it says that the request was carried out, and does not carry it out again."""
        api = served.caller
        wanted = api.make("cm", "a")
        first = await api.create(wanted, request_id="r")
        await served.make("b")
        await served.store.compact(await served.store.revision())
        assert await api.create(wanted, request_id="r") == first
        await api.update(labelled(first, "k"))
        await served.store.compact(await served.store.revision())
        with pytest.raises(errors.Expired, match="was carried out at revision"):
            await api.create(wanted, request_id="r")

    async def test_that_are_damaged_stop_their_call_alone(self, served: Served) -> None:
        """The call is refused and not carried out a second time."""
        api = served.caller
        wanted = api.make("cm", "a")
        made = await api.create(wanted, request_id="r")
        (record,) = (await served.store.list(RECORDS)).records
        await served.store.write((Put(key=record.key, value=b"\xff{"),))
        with pytest.raises(errors.Damaged):
            await api.create(wanted, request_id="r")
        assert (await api.create(api.make("cm", "b"), request_id="s")).metadata.name == "b"
        assert await api.get("cm", "a") == made

    async def test_of_ids_that_are_too_long_are_refused(self, served: Served) -> None:
        """The bound is told."""
        api = served.caller
        with pytest.raises(errors.BadRequest, match="no more than 256 bytes"):
            await api.create(api.make("cm", "a"), request_id="é" * 129)
        await api.create(api.make("cm", "a"), request_id="é" * 128)


async def test_an_old_record_goes_and_the_call_counts_as_new(settings: Settings) -> None:
    """More than a batch of them; what is young is kept."""
    settings = dataclasses.replace(settings, request_ids=3.0)
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        store = running.api.store
        after = await store.revision()
        async with aclosing(store.watch(RECORDS, after=after)) as changes:
            await asyncio.gather(
                *(api.create(api.make("cm", f"a{n}"), request_id=str(n)) for n in range(249))
            )
            # One that is young, however long the others have taken.
            await api.create(api.make("cm", "young"), request_id="young")
            with pytest.raises(errors.Conflict, match=USED):
                await api.create(api.make("cm", "other"), request_id="young")
            removed = 0
            async with asyncio.timeout(60):
                async for change in changes:
                    removed += sum(event.record is None for event in change.events)
                    if removed == 250:
                        break
        made = await api.create(api.make("cm", "other"), request_id="0")
        assert made.metadata.name == "other"
        assert len((await store.list(RECORDS)).records) == 1


@pytest.mark.etcd
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
async def test_a_lost_answer_is_found_again(settings: Settings, tmp_path: Path, verb: str) -> None:
    """The write happens and etcd's answer is lost: the repeated call has its outcome."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        async with contextlib.AsyncExitStack() as stack:
            relay = await stack.enter_async_context(Relay(etcd.endpoint))
            store = await EtcdStore.open([etcd.endpoint])
            stack.push_async_callback(store.close)
            chosen = dataclasses.replace(settings, store=f"etcd://{relay.address}")
            running = await stack.enter_async_context(app.running(chosen))
            api = await stack.enter_async_context(Caller(running.address, Catalog.shipped()))
            made = await api.create(api.make("cm", "a"))

            async def call() -> Any:
                if verb == "create":
                    return await api.create(api.make("cm", "b"), request_id="r")
                if verb == "update":
                    return await api.update(labelled(made, "k"), request_id="r")
                return await api.delete("cm", "a", request_id="r")

            after = await store.revision()
            async with aclosing(store.watch(RECORDS, after=after)) as records:
                # The reads are answered, and what the write gives is not.
                relay.hold_answers_after(b'"digest"')
                calling = asyncio.create_task(call())
                async with asyncio.timeout(20):
                    written = await anext(records)
            relay.cut()
            relay.give_answers()
            with pytest.raises(errors.OutcomeUnknown):
                await calling
            found = await call()
            assert written.number == int(found.metadata.resource_version)
            assert await call() == found


@pytest.mark.etcd
async def test_without_nested_transactions_ids_are_refused(tmp_path: Path) -> None:
    """Where an object and its record cannot be written together (kine), neither is."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        store = await EtcdStore.open([etcd.endpoint], nested=False)
        async with everywhere.served(store, cached=False) as place:
            client = place.client
            assert client is not None
            made = await client.create(ConfigMap(metadata=ObjectMeta(name="a")))
            other = ConfigMap(metadata=ObjectMeta(name="b"))
            for call in (
                client.create(other, request_id="r"),
                client.update(labelled(made, "k"), request_id="r"),
                client.delete(ConfigMap, "a", request_id="r"),
            ):
                with pytest.raises(errors.MethodNotSupported, match="hold or fail together"):
                    await call
            assert list(await client.list(ConfigMap)) == [made]
        await store.close()
