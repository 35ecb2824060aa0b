"""Calls with a request id: carried out once, on every verb that writes, whatever comes between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.storage import keys
from protocube_server.storage.base import Put
from tests.server.repeating import USED, labelled, read_at

if TYPE_CHECKING:
    from tests.server.repeating import Served

FINALIZER = "example.com/x"


class TestCreate:
    """A create with an id makes one object."""

    async def test_repeated_gives_the_first_answer(self, served: Served) -> None:
        """Also once the object was changed, was deleted, and is there anew."""
        api = served.caller
        wanted = api.make("cm", "a", data={"k": "v", "l": "w"})
        first = await api.create(wanted, request_id="r")
        assert await api.create(wanted, request_id="r") == first
        changed = await api.update(api.make("cm", "a", data={}, metadata=read_at(first)))
        assert await api.create(wanted, request_id="r") == first
        await api.delete("cm", "a", preconditions={"uid": changed.metadata.uid})
        assert await api.create(wanted, request_id="r") == first
        second = await api.create(wanted, request_id="s")
        assert second.metadata.uid != first.metadata.uid
        assert await api.create(wanted, request_id="r") == first
        assert await api.get("cm", "a") == second

    async def test_a_late_delete_of_the_first_spares_the_second(self, served: Served) -> None:
        """Uids are never given twice, whatever the ids of requests."""
        api = served.caller
        first = await api.create(api.make("cm", "a"), request_id="r")
        await api.delete("cm", "a")
        second = await api.create(api.make("cm", "a"), request_id="r2")
        with pytest.raises(errors.Conflict):
            await api.delete("cm", "a", preconditions={"uid": first.metadata.uid})
        assert await api.get("cm", "a") == second

    async def test_the_id_of_another_request_is_a_conflict(self, served: Served) -> None:
        """Other content, another name, kind or method: nothing of it is done."""
        api = served.caller
        made = await api.create(api.make("cm", "a", data={"k": "v"}), request_id="r")
        others = (
            api.create(api.make("cm", "a", data={"k": "w"}), request_id="r"),
            api.create(api.make("cm", "b", data={"k": "v"}), request_id="r"),
            api.create(api.make("cm", "a", data={"k": "v"}), request_id="r", field_manager="me"),
            api.create(api.make("secrets", "a"), request_id="r"),
            api.update(made, request_id="r"),
            api.delete("cm", "a", request_id="r"),
            api.delete_collection("cm", request_id="r"),
        )
        for other in others:
            with pytest.raises(errors.Conflict, match=USED):
                await other
        assert list((await api.list("cm")).items) == [made]
        assert not (await api.list("secrets")).items

    async def test_a_name_is_generated_once(self, served: Served) -> None:
        """A repeated create with a prefix makes one object, under one name."""
        api = served.caller
        wanted = api.make("cm", metadata={"generateName": "job-"})
        first = await api.create(wanted, request_id="r")
        assert await api.create(wanted, request_id="r") == first
        assert list((await api.list("cm")).items) == [first]
        assert await api.create(wanted) != first

    async def test_at_once_is_made_once(self, served: Served) -> None:
        """Of many calls with one id one makes the object, and all have its answer."""
        api = served.caller
        for wanted in (api.make("cm", "a"), api.make("cm", metadata={"generateName": "job-"})):
            calls = (api.create(wanted, request_id=str(wanted)) for _ in range(20))
            first, *rest = await served.outcomes(*calls)
            assert rest == [first] * 19
        assert len((await api.list("cm")).items) == 2

    async def test_that_failed_counts_as_new(self, served: Served) -> None:
        """Nothing was done, so nothing is remembered, and the id is still free."""
        api = served.caller
        await served.make()
        with pytest.raises(errors.AlreadyExists):
            await api.create(api.make("cm", "a"), request_id="r")
        with pytest.raises(errors.NotFound):
            await api.create(api.make("cm", "a", metadata={"namespace": "no"}), request_id="r")
        assert (await api.create(api.make("cm", "b"), request_id="r")).metadata.name == "b"

    async def test_a_dry_run_is_no_request(self, served: Served) -> None:
        """It neither uses its id up nor is answered by an earlier call."""
        api = served.caller
        await api.create(api.make("cm", "a"), request_id="r", dry_run=True)
        made = await api.create(api.make("cm", "b"), request_id="r")
        with pytest.raises(errors.AlreadyExists):
            await api.create(api.make("cm", "b"), request_id="r", dry_run=True)
        assert list((await api.list("cm")).items) == [made]

    async def test_in_a_namespace_that_has_gone_gives_the_first_answer(
        self, served: Served
    ) -> None:
        """What stands in the way now did not stand there then."""
        api = served.caller
        await api.create(api.make("ns", "team"))
        wanted = api.make("cm", "a", metadata={"namespace": "team"})
        first = await api.create(wanted, request_id="r")
        await api.delete("ns", "team")
        assert await api.create(wanted, request_id="r") == first


class TestUpdate:
    """An update with an id changes the object once."""

    @pytest.mark.parametrize("method", ["Update", "UpdateStatus"])
    async def test_repeated_gives_the_first_answer(self, served: Served, method: str) -> None:
        """Though the version that it was read at is not the newest any more."""
        api = served.caller
        made = await api.create(api.make("ns", "a"))
        wanted = api.make("ns", "a", metadata={**read_at(made), "labels": {"k": "v"}})
        wanted.status.phase = "Terminating" if method == "UpdateStatus" else ""
        first = await api.write(method, wanted, request_id="r")
        assert first.metadata.resource_version != made.metadata.resource_version
        assert await api.write(method, wanted, request_id="r") == first
        changed = await api.update(labelled(first, "l"))
        assert await api.write(method, wanted, request_id="r") == first
        assert await api.get("ns", "a") == changed
        with pytest.raises(errors.Conflict, match="has been modified"):
            await api.write(method, wanted)

    async def test_that_changes_nothing_is_remembered(self, served: Served) -> None:
        """It was answered once, so it is again, whatever the object has become."""
        api = served.caller
        made = await served.make()
        assert await api.update(made, request_id="r") == made
        changed = await api.update(labelled(made, "k"))
        assert await api.update(made, request_id="r") == made
        assert await api.get("cm", "a") == changed

    async def test_of_the_last_finalizer_is_remembered(self, served: Served) -> None:
        """The object has gone with the call, and the answer is still known."""
        api = served.caller
        await served.make(metadata={"finalizers": [FINALIZER]})
        going = await api.delete("cm", "a")
        del going.metadata.finalizers[:]
        first = await api.update(going, request_id="r")
        with pytest.raises(errors.NotFound):
            await api.get("cm", "a")
        await served.make()
        assert await api.update(going, request_id="r") == first

    async def test_at_once_is_done_once(self, served: Served) -> None:
        """Of many calls with one id one writes, and all have its answer."""
        api = served.caller
        wanted = labelled(await served.make(), "k")
        calls = (api.update(wanted, request_id="r") for _ in range(20))
        first, *rest = await served.outcomes(*calls)
        assert rest == [first] * 19
        assert await api.get("cm", "a") == first


class TestDelete:
    """A delete with an id deletes what it met first, and nothing that comes later."""

    async def test_repeated_gives_the_first_answer(self, served: Served) -> None:
        """Another object of the name, made meanwhile, is spared."""
        api = served.caller
        await served.make(data={"k": "v"})
        first = await api.delete("cm", "a", request_id="r")
        assert await api.delete("cm", "a", request_id="r") == first
        second = await served.make()
        assert await api.delete("cm", "a", request_id="r") == first
        assert await api.get("cm", "a") == second

    async def test_of_one_with_finalizers_gives_the_first_answer(self, served: Served) -> None:
        """Also when it was being deleted already, and has gone since."""
        api = served.caller
        await served.make(metadata={"finalizers": [FINALIZER]})
        first = await api.delete("cm", "a", request_id="r")
        assert await api.delete("cm", "a", request_id="s") == first
        gone = api.make("cm", "a", metadata=read_at(first))
        await api.update(gone)
        for identity in ("r", "s"):
            assert await api.delete("cm", "a", request_id=identity) == first

    async def test_at_once_is_done_once(self, served: Served) -> None:
        """Of many calls with one id all have the answer, though one deletes."""
        api = served.caller
        await served.make()
        calls = (api.delete("cm", "a", request_id="r") for _ in range(20))
        first, *rest = await served.outcomes(*calls)
        assert rest == [first] * 19

    async def test_of_one_too_large_to_be_kept_says_that_it_happened(self, served: Served) -> None:
        """The answer is not known any more, and nothing is deleted in its place."""
        api = served.caller
        await served.make(data={"k": "v" * 300_000})
        await api.delete("cm", "a", request_id="r")
        second = await served.make()
        with pytest.raises(errors.Expired, match="was carried out at revision"):
            await api.delete("cm", "a", request_id="r")
        assert await api.get("cm", "a") == second

    async def test_of_one_that_cannot_be_read_says_that_it_happened(self, served: Served) -> None:
        """There is no object to answer with again, and the next one of the name is spared."""
        api = served.caller
        await served.make()
        key = keys.for_object("/registry", "configmaps", "default", "a")
        await served.store.write((Put(key=key, value=b"\xff"),))
        await api.delete("cm", "a", ignore_store_read_error=True, request_id="r")
        second = await served.make()
        with pytest.raises(errors.Expired, match="was carried out at revision"):
            await api.delete("cm", "a", ignore_store_read_error=True, request_id="r")
        assert await api.get("cm", "a") == second

    async def test_of_a_collection_goes_on_with_what_was_there(self, served: Served) -> None:
        """A repeated call deletes what the first one left, and spares what was made since."""
        api = served.caller
        await served.make("a")
        await served.make("b", metadata={"finalizers": [FINALIZER]})
        first = await api.delete_collection("cm", request_id="r")
        assert [item.metadata.name for item in first.items] == ["a", "b"]
        later = await served.make("a")
        again = await api.delete_collection("cm", request_id="r")
        assert [item.metadata.name for item in again.items] == ["b"]
        assert await api.get("cm", "a") == later
        with pytest.raises(errors.Conflict, match=USED):
            await api.delete_collection("cm", request_id="r", label_selector="k=v")
