"""What the collector does, seen by those who call the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from tests.garbage_collection.owned import (
    BACKGROUND,
    FOREGROUND,
    HOLD,
    ORPHAN,
    is_going,
    reference,
)

if TYPE_CHECKING:
    from tests.garbage_collection.owned import Owned

GHOST = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "no-such-uid"}
_POD = {"containers": [{"name": "c", "image": "x"}], "nodeName": "n"}


class TestAbsentOwners:
    """What has no owner left goes; what has one left loses the others."""

    async def test_dependents_follow_their_owners(self, owned: Owned) -> None:
        """The owner goes at once, and all that hangs on it after it."""
        top = await owned.make("o")
        middle = await owned.make("m", top)
        await owned.make("d", middle)
        await owned.make("x")
        await owned.delete("o", BACKGROUND)
        await owned.gone("m", "d")
        assert await owned.names() == ["x"]

    async def test_of_several_owners_the_last_one_counts(self, owned: Owned) -> None:
        """The reference to the first one is removed, nothing else changes."""
        one, two = await owned.make("o1"), await owned.make("o2")
        made = await owned.make("d", one, two, data={"k": "v"})
        await owned.delete("o1")
        left = await owned.until("d", lambda found: len(found.metadata.owner_references) == 1)
        assert left.metadata.owner_references[0].uid == two.metadata.uid
        assert (left.data, left.metadata.uid) == (made.data, made.metadata.uid)
        await owned.delete("o2")
        await owned.gone("d")

    @pytest.mark.parametrize("change", [{}, {"kind": "Secret"}, {"name": "other"}])
    async def test_a_reference_must_be_right_in_all(
        self, owned: Owned, change: dict[str, str]
    ) -> None:
        """Another uid, kind or name than the object's is that of no object."""
        made = await owned.make("o")
        named = reference(made) | change if change else GHOST
        await owned.make("d", named)
        await owned.gone("d")
        assert await owned.names() == ["o"]

    async def test_an_owner_in_another_namespace_is_none(self, owned: Owned) -> None:
        """References name objects of the dependent's own namespace, or of none."""
        await owned.api.create(owned.api.make("ns", "other"))
        made = await owned.make("o")
        await owned.make("d", made, metadata={"namespace": "other"})
        await owned.gone("d", namespace="other")
        assert await owned.names() == ["o"]

    async def test_an_owner_may_be_cluster_scoped(self, owned: Owned) -> None:
        """Its namespaced dependents go with it."""
        made = await owned.make("top", word="priorityclasses", value=1)
        await owned.make("d", made)
        await owned.quiet()
        assert await owned.names() == ["d"]
        await owned.delete("top", word="priorityclasses")
        await owned.gone("d")

    async def test_what_nothing_can_be_told_of_is_left_alone(self, owned: Owned) -> None:
        """Owners of kinds that are not served, and namespaced ones of cluster-scoped objects."""
        made = await owned.make("o")
        unknown = {"apiVersion": "no.example.com/v1", "kind": "No", "name": "x", "uid": "u"}
        await owned.make("d", unknown, GHOST)
        await owned.make("top", made, word="priorityclasses", value=1)
        await owned.delete("o", FOREGROUND)
        await owned.gone("o")
        await owned.quiet()
        assert await owned.names() == ["d"]
        assert "top" in await owned.names("priorityclasses")

    async def test_a_dropped_reference_saves(self, owned: Owned) -> None:
        """What names no owner any more does not go with it."""
        made = await owned.make("o")
        await owned.make("d", made)
        await owned.change("d", lambda found: found.metadata.ClearField("owner_references"))
        await owned.delete("o")
        await owned.quiet()
        assert await owned.names() == ["d"]

    async def test_a_dependent_that_comes_late_goes_too(self, owned: Owned) -> None:
        """The owner may have been gone for long, and others may still wait for theirs."""
        made = await owned.make("o")
        await owned.make("held", made, metadata={"finalizers": [HOLD]})
        await owned.delete("o")
        await owned.until("held", is_going)
        await owned.make("d", made)
        await owned.gone("d")
        assert await owned.names() == ["held"]

    async def test_an_owner_that_waits_for_others_is_there(self, owned: Owned) -> None:
        """Dependents stay until it is really gone."""
        made = await owned.make("o", metadata={"finalizers": [HOLD]})
        await owned.make("d", made)
        await owned.delete("o", BACKGROUND)
        await owned.quiet()
        assert not is_going(await owned.api.get("cm", "d"))
        await owned.let_go("o")
        await owned.gone("d")

    async def test_a_dependents_own_finalizer_decides_about_its_dependents(
        self, owned: Owned
    ) -> None:
        """One that says orphan is deleted so."""
        made = await owned.make("o")
        middle = await owned.make("m", made, metadata={"finalizers": ["orphan"]})
        await owned.make("d", middle)
        await owned.delete("o")
        await owned.gone("m")
        await owned.quiet()
        assert await owned.names() == ["d"]
        assert not (await owned.api.get("cm", "d")).metadata.owner_references

    async def test_events_own_nothing_and_are_not_collected(self, owned: Owned) -> None:
        """As in Kubernetes, where they expire."""
        about = {"kind": "ConfigMap", "namespace": "default", "name": "o"}
        await owned.make("e", GHOST, word="events", involvedObject=about)
        await owned.quiet()
        assert await owned.names("events") == ["e"]
        going = await owned.delete("e", FOREGROUND, word="events")
        assert not is_going(going)


class TestCircles:
    """Objects that own each other."""

    async def test_stay_until_one_is_deleted(self, owned: Owned) -> None:
        """Then all of them go."""
        await _circle(owned, blocks=False)
        await owned.quiet()
        assert await owned.names() == ["a", "b", "c"]
        await owned.delete("a", BACKGROUND)
        await owned.gone("b", "c")

    @pytest.mark.parametrize("blocks", [False, True])
    async def test_do_not_hang_in_foreground(self, owned: Owned, *, blocks: bool) -> None:
        """Where each would wait for the next one, the waiting is given up."""
        await _circle(owned, blocks=blocks)
        await owned.delete("a", FOREGROUND)
        await owned.gone("a", "b", "c")

    @pytest.mark.parametrize("blocks", [False, True])
    async def test_of_one_object_end_with_it(self, owned: Owned, *, blocks: bool) -> None:
        """An object that owns itself stays until it is deleted, and does not wait for itself."""
        made = await owned.make("a")
        await _own(owned, "a", made, blocks=blocks)
        await owned.quiet()
        assert await owned.names() == ["a"]
        await owned.delete("a", FOREGROUND)
        await owned.gone("a")


class TestForeground:
    """The owner waits for those who block it."""

    async def test_the_order_is_leaf_middle_owner(self, owned: Owned) -> None:
        """What has dependents of its own is deleted in foreground, too."""
        top = await owned.make("o")
        middle = await owned.make("m", top, blocks=True)
        await owned.make("d", middle, blocks=True, metadata={"finalizers": [HOLD]})
        going = await owned.delete("o", FOREGROUND)
        assert list(going.metadata.finalizers) == ["foregroundDeletion"]
        held = await owned.until("d", is_going)
        waiting = await owned.api.get("cm", "m")
        assert list(waiting.metadata.finalizers) == ["foregroundDeletion"]
        assert is_going(waiting)
        assert await owned.api.get("cm", "o") == going
        await owned.let_go("d")
        after = held.metadata.resource_version
        assert await owned.events(after, 3) == [("DELETED", name) for name in "dmo"]

    async def test_who_does_not_block_is_not_waited_for(self, owned: Owned) -> None:
        """It is deleted all the same."""
        made = await owned.make("o")
        await owned.make("d", made, metadata={"finalizers": [HOLD]})
        await owned.delete("o", FOREGROUND)
        await owned.gone("o")
        await owned.until("d", is_going)

    async def test_who_gives_up_blocking_lets_the_owner_go(self, owned: Owned) -> None:
        """A change of the reference is enough."""
        made = await owned.make("o")
        await owned.make("d", made, blocks=True, metadata={"finalizers": [HOLD]})
        await owned.delete("o", FOREGROUND)
        await owned.until("d", is_going)
        await owned.change("d", _give_up)
        await owned.gone("o")

    async def test_another_living_owner_keeps_the_dependent(self, owned: Owned) -> None:
        """It loses the reference to the one that goes."""
        one, two = await owned.make("o1"), await owned.make("o2")
        await owned.make("d", one, two, blocks=True)
        await owned.delete("o1", FOREGROUND)
        await owned.gone("o1")
        left = await owned.api.get("cm", "d")
        assert [item.name for item in left.metadata.owner_references] == ["o2"]
        assert not is_going(left)

    async def test_a_users_finalizer_on_the_owner_stays(self, owned: Owned) -> None:
        """Only the collector's own one is removed."""
        made = await owned.make("o", metadata={"finalizers": [HOLD]})
        await owned.make("d", made, blocks=True)
        await owned.delete("o", FOREGROUND)
        left = await owned.until("o", lambda found: list(found.metadata.finalizers) == [HOLD])
        assert is_going(left)
        assert await owned.names() == ["o"]

    async def test_it_waits_for_the_grace_of_pods(self, owned: Owned) -> None:
        """A pod on a node is marked, and ends when its node says so."""
        made = await owned.make("o")
        await owned.make("p", made, blocks=True, word="pods", spec=_POD)
        await owned.delete("o", FOREGROUND)
        pod = await owned.api.until("pods", "p", is_going)
        assert pod.metadata.deletion_grace_period_seconds == 30
        await owned.quiet()
        assert "o" in await owned.names()
        await owned.api.delete("pods", "p", grace_period_seconds=0)
        await owned.gone("o")

    async def test_what_blocks_is_added_while_it_waits(self, owned: Owned) -> None:
        """It is deleted, and waited for."""
        made = await owned.make("o")
        await owned.make("held", made, blocks=True, metadata={"finalizers": [HOLD]})
        await owned.delete("o", FOREGROUND)
        await owned.until("held", is_going)
        await owned.make("late", made, blocks=True)
        await owned.gone("late")
        await owned.let_go("held")
        await owned.gone("o")


class TestOrphan:
    """The dependents stay."""

    async def test_the_direct_dependents_lose_their_reference(self, owned: Owned) -> None:
        """Then the owner goes; what hangs on them stays as it is."""
        top = await owned.make("o")
        middle = await owned.make("m", top)
        leaf = await owned.make("d", middle)
        going = await owned.delete("o", ORPHAN)
        assert list(going.metadata.finalizers) == ["orphan"]
        await owned.gone("o")
        assert not (await owned.api.get("cm", "m")).metadata.owner_references
        await owned.quiet()
        assert await owned.api.get("cm", "d") == leaf

    async def test_is_what_some_kinds_do_unasked(self, owned: Owned) -> None:
        """Jobs and ReplicationControllers leave their pods; a dependent Job goes all the same."""
        labels = {"app": "x"}
        template = {"metadata": {"labels": labels}, "spec": {"containers": _POD["containers"]}}
        spec = {"selector": labels, "template": template}
        made = await owned.make("rc", word="rc", spec=spec)
        await owned.make("d", made)
        going = await owned.api.delete("rc", "rc")
        assert list(going.metadata.finalizers) == ["orphan"]
        await owned.gone("rc", word="rc")
        assert not (await owned.api.get("cm", "d")).metadata.owner_references
        await owned.make("rc", GHOST, word="rc", spec=spec)
        await owned.gone("rc", word="rc")

    async def test_another_policy_may_follow(self, owned: Owned) -> None:
        """A second deletion swaps the finalizer; Background removes it, and with it the object."""
        await owned.make("o", metadata={"finalizers": [HOLD]})
        for policy, finalizer in ((ORPHAN, "orphan"), (FOREGROUND, "foregroundDeletion")):
            going = await owned.delete("o", policy)
            assert list(going.metadata.finalizers) == [HOLD, finalizer]
        going = await owned.delete("o", BACKGROUND)
        assert list(going.metadata.finalizers) == [HOLD]


async def test_a_collection_takes_its_dependents_along(owned: Owned) -> None:
    """DeleteCollection is many deletions."""
    for name in ("o1", "o2"):
        made = await owned.make(name, metadata={"labels": {"o": "1"}})
        await owned.make(f"d-{name}", made)
    await owned.api.delete_collection("cm", label_selector="o=1")
    await owned.gone("d-o1", "d-o2")


async def test_a_namespace_takes_owners_and_dependents_along(owned: Owned) -> None:
    """Whatever the policies of what is in it."""
    await owned.api.create(owned.api.make("ns", "x"))
    within = {"namespace": "x"}
    made = await owned.make("o", metadata=within)
    await owned.make("d", made, blocks=True, metadata=within)
    await owned.make("kept", metadata={**within, "finalizers": ["foregroundDeletion"]})
    await owned.api.delete("ns", "x")
    await owned.gone("x", word="ns")
    with pytest.raises(errors.NotFound):
        await owned.api.get("cm", "d", namespace="x")


async def _circle(owned: Owned, *, blocks: bool) -> None:
    """Make three objects, each of which owns the next one."""
    first = await owned.make("a")
    second = await owned.make("b", first, blocks=blocks)
    third = await owned.make("c", second, blocks=blocks)
    await _own(owned, "a", third, blocks=blocks)


async def _own(owned: Owned, name: str, owner: Any, *, blocks: bool) -> None:
    """Give an object an owner."""

    def change(found: Any) -> None:
        found.metadata.owner_references.add(
            api_version="v1",
            kind="ConfigMap",
            name=owner.metadata.name,
            uid=owner.metadata.uid,
            block_owner_deletion=blocks,
        )

    await owned.change(name, change)


def _give_up(found: Any) -> None:
    found.metadata.owner_references[0].block_owner_deletion = False
