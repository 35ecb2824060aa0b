"""The end of namespaces: a promise that holds whatever becomes of the server that gave it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.calls.admission import AdmitsAll
from protocube_server.storage.base import ConditionFailed, GuardFailed, Put, Set
from protocube_server.tasks import beside
from protocube_server.upkeep.guarded_store import GuardedStore
from protocube_server.upkeep.namespaces.worker import removing
from tests.faults.broken_stores import BrokenStore
from tests.upkeep.conftest import PATIENCE, taking_part
from tests.upkeep.in_process import InProcess, term_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from protocube_server.calls.call import Call
    from protocube_server.storage import base
    from protocube_server.storage.base import Store
    from protocube_server.upkeep.term import Term

HOLD = ["example.com/f"]
_FORMS = {
    "NamespaceDeletionDiscoveryFailure": "All resources successfully discovered",
    "NamespaceDeletionGroupVersionParsingFailure": "All legacy kube types successfully parsed",
    "NamespaceDeletionContentFailure": (
        "All content successfully deleted, may be waiting on finalization"
    ),
    "NamespaceContentRemaining": "All content successfully removed",
    "NamespaceFinalizersRemaining": "All content-preserving finalizers finished",
}
"""What Kubernetes says of each condition that is not so."""
_SPEC = {"containers": [{"name": "c", "image": "x"}]}


class _Dying(BrokenStore):
    """A store whose server is killed at one of its writes: before it, or before its answer."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.dead = asyncio.Event()
        self.left = 0
        """How many writes there are until then, if it is not 0."""
        self.after = False

    async def write(self, batch: Sequence[base.Write]) -> Sequence[base.Outcome]:
        """See :meth:`base.Store.write`."""
        if self.left != 1 and not self.dead.is_set():
            self.left = max(0, self.left - 1)
            return await super().write(batch)
        if self.after and not self.dead.is_set():
            await super().write(batch)
        self.dead.set()
        await asyncio.Event().wait()
        raise AssertionError("the dead do not come back")


@contextlib.asynccontextmanager
async def working(house: InProcess, term: Term) -> AsyncIterator[None]:
    """Run the worker during a term."""

    async def work() -> None:
        await removing(house.api)(term)

    async with beside(work()):
        yield


async def filled(house: InProcess, name: str, **namespace: Any) -> None:
    """Create a namespace with objects of several kinds, one of them with a finalizer."""
    await house.create("ns", name, metadata=namespace)
    within = {"namespace": name}
    for word in ("cm", "secrets", "sa"):
        await house.create(word, "a", metadata=within)
    await house.create("pods", "a", metadata=within, spec=_SPEC)
    await house.create("cm", "held", metadata={**within, "finalizers": HOLD})


async def let_go(house: InProcess, word: str, name: str, namespace: str = "") -> None:
    """Remove the finalizers of an object."""
    while True:
        held = await house.get(word, name, namespace)
        del held.metadata.finalizers[:]
        with contextlib.suppress(errors.Conflict):
            await house.update(word, held)
            return


def said(namespace: Any) -> dict[str, tuple[str, str, str]]:
    """Return the conditions of a namespace by their types."""
    conditions = namespace.status.conditions if namespace is not None else ()
    return {item.type: (item.status, item.reason, item.message) for item in conditions}


async def end(house: InProcess, name: str) -> None:
    """Wait until a namespace says what is left, let that go, and wait until it is gone."""
    await house.until(name, lambda found: found is None or len(said(found)) == 5)
    with contextlib.suppress(errors.NotFound):
        await let_go(house, "cm", "held", name)
    await house.until_gone(name)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.timeout(300)
async def test_a_server_that_dies_at_any_write_is_followed(store: Store, *, after: bool) -> None:
    """Whichever write of the worker is its last, the next leader ends the namespace."""
    house = await InProcess.over(store)
    epochs = itertools.count(1)
    for number in itertools.count(1):
        name = f"n-{number}"
        await filled(house, name)
        await house.delete("ns", name)
        dying = _Dying(store)
        term = await term_of(dying, next(epochs))
        dying.left, dying.after = number, after
        doomed = InProcess(api=replace(house.api, store=dying), entrance=house.entrance)
        ending = asyncio.create_task(end(house, name))
        death = asyncio.create_task(dying.dead.wait())
        async with working(doomed, term), asyncio.timeout(PATIENCE):
            await asyncio.wait({ending, death}, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if not dying.dead.is_set():
            await ending
            assert number >= 7, "each of its writes was the last once"
            return
        async with working(house, await term_of(store, next(epochs))), asyncio.timeout(PATIENCE):
            await ending
        assert await house.names(name) == []


async def test_it_says_what_is_left(store: Store) -> None:
    """In the words of Kubernetes, and changes them as that changes."""
    house = await InProcess.over(store)
    await house.create("ns", "x")
    for word, name, finalizers in (
        ("cm", "a", HOLD),
        ("cm", "b", [*HOLD, "example.com/g"]),
        ("secrets", "s", ["example.com/g"]),
        ("leases", "l", HOLD),
        ("sa", "free", []),
    ):
        await house.create(word, name, metadata={"namespace": "x", "finalizers": finalizers})
    going = await house.delete("ns", "x")
    assert (going.status.phase, list(going.spec.finalizers)) == ("Terminating", ["kubernetes"])
    assert going.metadata.HasField("deletion_timestamp")
    assert not going.metadata.HasField("deletion_grace_period_seconds")
    async with working(house, await term_of(store, 1)):
        found = await house.until("x", lambda found: len(said(found)) == 5)
        assert list(said(found)) == list(_FORMS)
        assert said(found)["NamespaceContentRemaining"] == (
            "True",
            "SomeResourcesRemain",
            (
                "Some resources are remaining: configmaps. has 2 resource instances, "
                "leases.coordination.k8s.io has 1 resource instances, "
                "secrets. has 1 resource instances"
            ),
        )
        assert said(found)["NamespaceFinalizersRemaining"] == (
            "True",
            "SomeFinalizersRemain",
            (
                "Some content in the namespace has finalizers remaining: "
                "example.com/f in 3 resource instances, example.com/g in 2 resource instances"
            ),
        )
        for name in list(_FORMS)[:3]:
            assert said(found)[name][0] == "False"
            assert said(found)[name][2] == _FORMS[name]
        assert await house.names("x") == ["configmaps/a", "configmaps/b", "leases/l", "secrets/s"]
        for word, name in (("cm", "a"), ("leases", "l"), ("secrets", "s")):
            await let_go(house, word, name, "x")
        text = "Some resources are remaining: configmaps. has 1 resource instances"
        await house.until("x", lambda found: text in str(found))
        await let_go(house, "cm", "b", "x")
        await house.until_gone("x")


async def test_it_waits_for_the_namespaces_own_finalizers(store: Store) -> None:
    """It is emptied, says so without its own finalizer, and goes with the last of the others."""
    house = await InProcess.over(store)
    await house.create("ns", "x", metadata={"finalizers": HOLD})
    await house.create("cm", "a", metadata={"namespace": "x"})
    await house.delete("ns", "x")
    async with working(house, await term_of(store, 1)):
        found = await house.until("x", lambda found: not found.spec.finalizers)
        assert {name: text for name, (_, _, text) in said(found).items()} == _FORMS
        assert await house.names("x") == []
        found.metadata.labels["x"] = "y"
        found = await house.update("ns", await house.get("ns", "x"))
        assert not found.spec.finalizers, "an update does not say that it is to be emptied again"
        await let_go(house, "ns", "x")
        await house.until_gone("x")


async def test_pods_go_before_everything_else(store: Store) -> None:
    """While one is left, what it may need stays, and conditions say nothing of it."""
    house = await InProcess.over(store)
    await filled(house, "x")
    held = {"namespace": "x", "finalizers": HOLD}
    await house.create("pods", "held", metadata=held, spec=_SPEC)
    await house.delete("ns", "x")
    async with working(house, await term_of(store, 1)):
        found = await house.until("x", lambda found: len(said(found)) == 5)
        assert {name: text for name, (_, _, text) in said(found).items()} == _FORMS
        left = ["configmaps/a", "configmaps/held", "pods/held", "secrets/a", "serviceaccounts/a"]
        assert await house.names("x") == left
        await let_go(house, "pods", "held", "x")
        text = "Some resources are remaining: configmaps. has 1 resource instances"
        await house.until("x", lambda found: text in str(found))
        assert await house.names("x") == ["configmaps/held"]
        await let_go(house, "cm", "held", "x")
        await house.until_gone("x")


class _Refusing(AdmitsAll):
    """Admission that refuses to delete what is called ``precious``."""

    async def validate(self, call: Call, old: Any, new: Any) -> None:
        """See ``Admission``."""
        del new
        if call.verb.word == "delete" and old.metadata.labels.get("precious"):
            raise errors.forbidden(call.kind.resource.qualified, call.target.name, "not this one")


async def test_what_cannot_be_deleted_does_not_hold_up_the_rest(store: Store) -> None:
    """One that admission keeps is named, and a damaged one goes: no finalizer of it can be read."""
    house = await InProcess.over(store, admission=_Refusing())
    await filled(house, "x")
    await let_go(house, "cm", "held", "x")
    kept = {"namespace": "x", "labels": {"precious": "yes"}}
    await house.create("secrets", "precious", metadata=kept)
    damaged = house.kind("cm").key("x", "damaged")
    await store.create(damaged, b"\xff\xff")
    await house.delete("ns", "x")
    async with working(house, await term_of(store, 1)):
        found = await house.until("x", lambda found: len(said(found)) == 5)
        status, reason, text = said(found)["NamespaceDeletionContentFailure"]
        assert (status, reason) == ("True", "ContentDeletionFailed")
        assert text.startswith("Failed to delete all resource types, 1 remaining: ")
        assert 'secrets "precious" is forbidden: not this one' in text
        assert await house.names("x") == ["secrets/precious"]
        assert await store.get(damaged) is None
        secret = await house.get("secrets", "precious", "x")
        secret.metadata.labels.clear()
        await house.update("secrets", secret)
        await house.until_gone("x")


async def test_an_unfinished_one_of_the_first_release_is_ended(store: Store) -> None:
    """It has no finalizer in its spec and no conditions; what it still holds goes first."""
    house = await InProcess.over(store)
    await filled(house, "x")
    going = await house.delete("ns", "x")
    key = house.kind("ns").key("", "x")
    del going.spec.finalizers[:]
    going.metadata.resource_version = ""
    record = await store.get(key)
    assert record is not None
    await store.update(key, house.kind("ns").encode(going), expected=record.mod_revision)
    async with working(house, await term_of(store, 1)):
        await end(house, "x")
    assert await house.names("x") == []


async def test_what_was_gone_before_it_was_looked_at_is_no_fault(store: Store) -> None:
    """A namespace of the same name that is not being deleted is left alone."""
    house = await InProcess.over(store)
    async with working(house, await term_of(store, 1)):
        for _ in range(5):
            await house.create("ns", "x")
            await house.create("cm", "a", metadata={"namespace": "x"})
            await house.delete("ns", "x")
            await house.until_gone("x")
        await house.create("ns", "x")
        await house.create("cm", "a", metadata={"namespace": "x"})
        await house.create("ns", "last")
        await house.delete("ns", "last")
        await house.until_gone("last")
    assert await house.names("x") == ["configmaps/a"]


async def test_the_next_leader_goes_on(store: Store) -> None:
    """Of two servers one works; the other one takes over what it has not ended."""
    house = await InProcess.over(store)
    async with taking_part(store, store) as (first, second):
        first.start(removing(house.api))
        await first.led()
        second.start(removing(house.api))
        await filled(house, "x")
        await house.delete("ns", "x")
        await house.until("x", lambda found: len(said(found)) == 5)
        await first.stop()
        await second.led()
        await end(house, "x")


async def test_a_deposed_leader_writes_nothing(store: Store) -> None:
    """What its worker would still write is refused by the store."""
    house = await InProcess.over(store)
    await filled(house, "x")
    old = await term_of(store, 1)
    guarded = GuardedStore(store, old)
    key = house.kind("cm").key("x", "a")
    record = await guarded.get(key)
    assert record is not None
    with pytest.raises(ConditionFailed):
        await guarded.update(key, b"", expected=record.mod_revision + 1)
    await term_of(store, 2)
    for attempt in (
        guarded.delete(key, expected=record.mod_revision),
        guarded.update(key, b"", expected=record.mod_revision),
        guarded.create(house.kind("cm").key("x", "new"), b""),
        guarded.apply(Set(writes=(Put(key=key, value=b"", expected=record.mod_revision),))),
    ):
        with pytest.raises(GuardFailed):
            await attempt
    assert old.lost.is_set()
    assert await store.get(key) == record
