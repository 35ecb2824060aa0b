"""Watch: what happens, in whole revisions, from a version on."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from tests.server.caller import Caller
    from tests.server.conftest import Serve

ADDED = requests_pb2.EVENT_TYPE_ADDED
MODIFIED = requests_pb2.EVENT_TYPE_MODIFIED
DELETED = requests_pb2.EVENT_TYPE_DELETED


@contextlib.asynccontextmanager
async def following(
    api: Caller, word: str, **fields: Any
) -> AsyncIterator[AsyncGenerator[Any, None]]:
    """Watch while the context is open; the present objects have been sent before it is."""
    async with aclosing(api.watch(word, **fields)) as responses:
        if "resource_version" not in fields:
            await initial(responses)
        yield responses


async def initial(responses: AsyncIterator[Any]) -> list[Any]:
    """Return the responses up to the first that a watch can be resumed from."""
    found = [await anext(responses)]
    while not found[-1].resource_version:
        found.append(await anext(responses))
    return found


async def events(responses: AsyncIterator[Any], count: int) -> list[tuple[int, Any]]:
    """Return the next ``count`` events."""
    found: list[tuple[int, Any]] = []
    while len(found) < count:
        found += [(event.type, event.object) for event in (await anext(responses)).events]
    assert len(found) == count
    return found


async def version(api: Caller) -> str:
    """Return the newest version."""
    return str((await api.list("cm")).metadata.resource_version)


async def test_begins_with_what_is_there(api: Caller) -> None:
    """Without a version the present objects come first, as ADDED; then what follows."""
    made = [await api.create(api.make("cm", name)) for name in ("a", "b")]
    for asked in ("", "0"):
        async with aclosing(api.watch("cm", resource_version=asked)) as responses:
            (response,) = await initial(responses)
            assert [(event.type, event.object) for event in response.events] == [
                (ADDED, made[0]),
                (ADDED, made[1]),
            ]
            assert int(response.resource_version) >= int(made[1].metadata.resource_version)


async def test_of_nothing_begins_with_a_version(api: Caller) -> None:
    """A client learns that nothing is there, and where to resume."""
    async with aclosing(api.watch("cm")) as responses:
        response = await anext(responses)
        assert response.progress
        assert not response.events
        assert int(response.resource_version) > 0


async def test_cannot_be_resumed_amid_the_initial_objects(api: Caller) -> None:
    """While the present objects are sent, responses carry no version until the last."""
    for number in range(4):
        await api.create(api.make("cm", f"c{number}", data={"k": "x" * 900_000}))
    async with aclosing(api.watch("cm")) as responses:
        found = await initial(responses)
        assert [len(response.events) for response in found] == [2, 2, 0]
        assert [bool(response.resource_version) for response in found] == [False, False, True]
        await api.create(api.make("cm", "next"))
        assert [item.metadata.name for _, item in await events(responses, 1)] == ["next"]


async def test_tells_each_change(api: Caller) -> None:
    """Creations, updates and deletions come in order, with the object as it is after them."""
    async with following(api, "cm") as responses:
        made = await api.create(api.make("cm", "a"))
        made.data["k"] = "v"
        changed = await api.update(made)
        gone = await api.delete("cm", "a")
        del made.data["k"]
        assert await events(responses, 3) == [(ADDED, made), (MODIFIED, changed), (DELETED, gone)]


async def test_a_deletion_carries_the_last_object_at_its_version(api: Caller) -> None:
    """The version of a DELETED object is that of its deletion: a watch resumes after it."""
    made = await api.create(api.make("cm", "a", data={"k": "v"}))
    async with following(api, "cm") as responses:
        gone = await api.delete("cm", "a")
        response = await anext(responses)
        (event,) = response.events
        assert event.object == gone
        assert dict(event.object.data) == {"k": "v"}
        assert event.object.metadata.uid == made.metadata.uid
        assert event.object.metadata.resource_version == response.resource_version
        assert int(response.resource_version) > int(made.metadata.resource_version)


async def test_resumes_after_a_version(api: Caller) -> None:
    """Events after the version come once each, and none before it."""
    await api.create(api.make("cm", "a"))
    middle = await api.create(api.make("cm", "b"))
    await api.create(api.make("cm", "c"))
    at = middle.metadata.resource_version
    async with following(api, "cm", resource_version=at) as responses:
        await api.create(api.make("cm", "d"))
        found = await events(responses, 2)
    assert [(kind, item.metadata.name) for kind, item in found] == [(ADDED, "c"), (ADDED, "d")]


async def test_loses_and_repeats_nothing_over_many_resumes(api: Caller) -> None:
    """A client that reconnects after every response sees each of 300 concurrent creates once."""
    at = await version(api)
    names = {f"c{number}" for number in range(300)}

    async def resuming() -> list[str]:
        nonlocal at
        seen: list[str] = []
        while len(seen) < len(names):
            async with following(api, "cm", resource_version=at) as responses:
                response = await anext(responses)
                seen += [event.object.metadata.name for event in response.events]
                at = response.resource_version
        return seen

    watcher = asyncio.create_task(resuming())
    await asyncio.gather(*(api.create(api.make("cm", name)) for name in names))
    seen = await watcher
    assert sorted(seen) == sorted(names)


async def test_is_of_one_kind_and_namespace(api: Caller) -> None:
    """Other kinds and namespaces do not show."""
    await api.create(api.make("ns", "other"))
    async with following(api, "cm", namespace="other") as responses:
        await api.create(api.make("secrets", metadata={"name": "x", "namespace": "other"}))
        await api.create(api.make("cm", "x"))
        await api.create(api.make("cm", metadata={"name": "mine", "namespace": "other"}))
        assert [item.metadata.name for _, item in await events(responses, 1)] == ["mine"]


class TestSelectors:
    """A watch shows the world as the selector sees it."""

    @pytest.mark.parametrize(
        "selector", [{"label_selector": "on=1"}, {"field_selector": "type=example.com/on"}]
    )
    async def test_choose_the_initial_objects(self, api: Caller, selector: dict[str, str]) -> None:
        """Only what is selected is ADDED at the beginning."""
        on: dict[str, Any] = {
            "metadata": {"name": "a", "labels": {"on": "1"}},
            "type": "example.com/on",
        }
        made = await api.create(api.make("secrets", **on))
        await api.create(api.make("secrets", "b"))
        async with aclosing(api.watch("secrets", **selector)) as responses:
            (response,) = await initial(responses)
            assert [event.object for event in response.events] == [made]

    async def test_turn_entering_and_leaving_into_adding_and_deleting(self, api: Caller) -> None:
        """An object that begins to match is ADDED, one that ceases to is DELETED as it last was."""
        made = await api.create(api.make("cm", "a"))
        async with following(api, "cm", label_selector="on=1") as responses:
            made.metadata.labels["on"] = "1"
            entered = await api.update(made)
            entered.data["k"] = "v"
            changed = await api.update(entered)
            matched = type(changed)()
            matched.CopyFrom(changed)
            changed.metadata.labels["on"] = "0"
            left = await api.update(changed)
            left.data["k"] = "w"
            unseen = await api.update(left)
            await api.delete("cm", "a")
            await api.create(api.make("cm", metadata={"name": "z", "labels": {"on": "1"}}))
            found = await events(responses, 4)
        kinds = [kind for kind, _ in found]
        assert kinds == [ADDED, MODIFIED, DELETED, ADDED]
        gone = found[2][1]
        assert gone.metadata.resource_version == left.metadata.resource_version
        gone.metadata.resource_version = matched.metadata.resource_version
        assert gone == matched
        assert int(unseen.metadata.resource_version) > int(left.metadata.resource_version)

    async def test_that_are_wrong_are_bad_requests(self, api: Caller) -> None:
        """A watch is refused as a list is."""
        with pytest.raises(errors.BadRequest, match="unable to parse requirement"):
            await anext(api.watch("cm", label_selector="a in x"))


class TestVersions:
    """Where a watch can begin."""

    async def test_of_the_future_are_waited_for(self, api: Caller) -> None:
        """What lies before such a version does not show, and what follows does."""
        future = int(await version(api)) + 2
        async with following(api, "cm", resource_version=str(future)) as responses:
            reading = asyncio.create_task(events(responses, 1))
            newest = 0
            while newest <= future:
                made = await api.create(api.make("cm", f"c{newest}"))
                newest = int(made.metadata.resource_version)
            assert await reading == [(ADDED, made)]

    async def test_of_another_store_time_out(self, api: Caller) -> None:
        """A version that does not come belongs to another store: nobody watches that for ever."""
        with pytest.raises(errors.Timeout, match="Too large resource version"):
            await anext(api.watch("cm", resource_version=str(int(await version(api)) + 9)))

    async def test_that_are_no_numbers_are_refused(self, api: Caller) -> None:
        """A version is text, but not any text."""
        with pytest.raises(errors.BadRequest, match="invalid resource version"):
            await anext(api.watch("cm", resource_version="x"))

    async def test_that_are_compacted_are_expired(self, serve: Serve) -> None:
        """A forgotten version is Expired, in Kubernetes' words: list again."""
        async with serve(compact_interval=0.02, watch_cache=False) as api:
            at = await version(api)
            await api.create(api.make("cm", "a"))
            await api.create(api.make("cm", "b"))
            said = rf"^too old resource version: {at} \(\d+\)$"
            with pytest.raises(errors.Expired, match=said):
                await _until_it_fails(api, at)

    async def test_move_on_without_events_when_asked(self, api: Caller) -> None:
        """Before it ends, a watch of a quiet kind learns of versions that others made."""
        asked = {"resource_version": await version(api), "timeout_seconds": 3}
        async with (
            following(api, "secrets", send_progress=True, **asked) as told,
            following(api, "secrets", **asked) as silent,
        ):
            made = await api.create(api.make("cm", "a"))
            found = [response async for response in told]
            assert [response async for response in silent] == []
        assert found
        assert not any(response.events for response in found)
        assert all(response.progress for response in found)
        assert found[-1].resource_version == made.metadata.resource_version


async def _until_it_fails(api: Caller, at: str) -> None:
    """Begin watches after ``at`` until one is refused."""
    async with asyncio.timeout(10):
        while True:
            async with following(api, "cm", resource_version=at) as responses:
                await anext(responses)


class TestInitialEvents:
    """The present objects, asked for by name: Kubernetes' streaming lists."""

    NOT_OLDER = requests_pb2.RESOURCE_VERSION_MATCH_NOT_OLDER_THAN
    EXACT = requests_pb2.RESOURCE_VERSION_MATCH_EXACT

    @pytest.mark.parametrize("cached", [True, False])
    async def test_end_with_a_mark(self, serve: Serve, *, cached: bool) -> None:
        """The mark has the version of the state, which is not older than was asked for."""
        async with serve(watch_cache=cached) as api:
            made = [await api.create(api.make("cm", name)) for name in ("b", "a")]
            other = await api.create(api.make("secrets", "s"))
            for at in ("", "0", made[0].metadata.resource_version):
                asked = {
                    "resource_version": at,
                    "resource_version_match": self.NOT_OLDER,
                    "send_initial_events": True,
                    "send_progress": True,
                }
                async with aclosing(api.watch("cm", **asked)) as responses:
                    shown, end = await anext(responses), await anext(responses)
                    assert [event.object for event in shown.events] == made[::-1]
                    assert [event.type for event in shown.events] == [ADDED, ADDED]
                    assert not shown.resource_version
                    assert (end.initial_events_end, end.progress) == (True, True)
                    assert end.resource_version == other.metadata.resource_version
                    assert not end.events

    async def test_of_nothing_end_with_a_mark_alone(self, api: Caller) -> None:
        """A selector without a match leaves the mark."""
        match = self.NOT_OLDER
        asked = {"resource_version_match": match, "send_initial_events": True}
        selected = {"label_selector": "a=b", "send_progress": True}
        async with aclosing(api.watch("cm", **asked, **selected)) as responses:
            assert (await anext(responses)).initial_events_end

    async def test_have_no_mark_without_progress(self, api: Caller) -> None:
        """Who asks for no responses without events gets none."""
        made = await api.create(api.make("cm", "a"))
        match = self.NOT_OLDER
        asked = {"resource_version_match": match, "send_initial_events": True}
        async with aclosing(api.watch("cm", timeout_seconds=1, **asked)) as responses:
            (response,) = [item async for item in responses]
        assert [event.object for event in response.events] == [made]
        assert not response.initial_events_end

    async def test_can_be_refused(self, api: Caller) -> None:
        """Without them a watch without a version begins with what follows."""
        await api.create(api.make("cm", "a"))
        match = self.NOT_OLDER
        asked = {"resource_version_match": match, "send_initial_events": False}
        async with aclosing(api.watch("cm", **asked)) as responses:
            begun = await anext(responses)
            assert begun.resource_version
            assert not begun.events
            made = await api.create(api.make("cm", "b"))
            assert await events(responses, 1) == [(ADDED, made)]

    async def test_of_the_future_time_out_at_once(self, api: Caller) -> None:
        """A state that is not older does not exist yet."""
        match = self.NOT_OLDER
        asked = {"resource_version_match": match, "send_initial_events": True}
        with pytest.raises(errors.Timeout, match="Too large resource version") as caught:
            await anext(api.watch("cm", resource_version="99999999", **asked))
        assert caught.value.violations[0].reason == "ResourceVersionTooLarge"

    @pytest.mark.parametrize(
        ("fields", "texts"),
        [
            (
                {"send_initial_events": True},
                ["Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOl"],
            ),
            (
                {"send_initial_events": False, "resource_version_match": EXACT},
                ["Forbidden: sendInitialEvents requires", 'Unsupported value: "Exact": supported'],
            ),
            (
                {"resource_version_match": NOT_OLDER},
                ["Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents"],
            ),
            (
                {"resource_version_match": EXACT},
                ["Forbidden: resourceVersionMatch is", 'Unsupported value: "Exact": supported'],
            ),
        ],
    )
    async def test_need_a_match_and_a_match_needs_them(
        self, api: Caller, fields: dict[str, Any], texts: list[str]
    ) -> None:
        """Options that contradict each other are all told, in Kubernetes' words."""
        with pytest.raises(errors.Invalid, match=r"^ListOptions\.meta\.k8s\.io") as caught:
            await anext(api.watch("cm", **fields))
        told = caught.value.violations
        assert len(told) == len(texts)
        assert all(one.message.startswith(text) for one, text in zip(told, texts, strict=True)), (
            told
        )


async def test_ends_by_itself_after_the_time_that_was_asked_for(api: Caller) -> None:
    """The stream ends without an error, and what came before its end was told."""
    at = await version(api)
    async with following(api, "cm", resource_version=at, timeout_seconds=1) as responses:
        made = await api.create(api.make("cm", "a"))
        found = [response async for response in responses]
    assert [event.object for response in found for event in response.events] == [made]


async def test_many_watchers_see_the_same(api: Caller) -> None:
    """Fifty watchers get the same events in the same order."""
    at = await version(api)

    async def watch() -> list[bytes]:
        async with following(api, "cm", resource_version=at) as responses:
            found = await events(responses, 60)
        return [item.SerializeToString() for _, item in found]

    watchers = [asyncio.create_task(watch()) for _ in range(50)]
    await asyncio.gather(*(api.create(api.make("cm", f"c{number}")) for number in range(60)))
    first, *others = await asyncio.gather(*watchers)
    assert all(other == first for other in others)
