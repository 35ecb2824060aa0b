"""Delete: at once, or after finalizers and contents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.meta.v1 import requests_pb2

if TYPE_CHECKING:
    from tests.server.caller import Caller

HOLD = ["example.com/hold"]
_SPEC = {"containers": [{"name": "c", "image": "x"}]}


def preconditions(**fields: str) -> requests_pb2.Preconditions:
    """Return preconditions of a deletion."""
    return requests_pb2.Preconditions(**fields)


async def test_gives_the_object_as_it_last_was(api: Caller) -> None:
    """The answer is the object at the version of its deletion; then it is gone."""
    made = await api.create(api.make("cm", "a", data={"k": "v"}))
    gone = await api.delete("cm", "a")
    assert int(gone.metadata.resource_version) > int(made.metadata.resource_version)
    gone.metadata.resource_version = made.metadata.resource_version
    assert gone == made
    with pytest.raises(errors.NotFound):
        await api.get("cm", "a")


async def test_of_a_missing_object_is_not_found(api: Caller) -> None:
    """What is not there cannot be deleted, and a name is required."""
    with pytest.raises(errors.NotFound, match=r'^configmaps "a" not found$'):
        await api.delete("cm", "a")
    with pytest.raises(errors.BadRequest, match="resource name may not be empty"):
        await api.delete("cm", "")


async def test_holds_its_preconditions(api: Caller) -> None:
    """A deletion for another uid or version than the object's is a conflict."""
    made = await api.create(api.make("cm", "a"))
    uid, version = made.metadata.uid, made.metadata.resource_version
    for wrong, why in (
        (
            preconditions(uid="other", resource_version="1"),
            (
                f"the UID in the precondition (other) does not match the UID in record ({uid}). "
                "The object might have been deleted and then recreated"
            ),
        ),
        (
            preconditions(uid=uid, resource_version="1"),
            (
                "the ResourceVersion in the precondition (1) does not match the ResourceVersion in "
                f"record ({version}). The object might have been modified"
            ),
        ),
    ):
        for attempt in (
            api.delete("cm", "a", preconditions=wrong),
            api.delete_collection("cm", preconditions=wrong),
        ):
            with pytest.raises(errors.Conflict) as caught:
                await attempt
            expected = f'Operation cannot be fulfilled on ConfigMap "a": {why}'
            assert caught.value.message == expected
    await api.delete("cm", "a", preconditions=preconditions(uid=uid, resource_version=version))


async def test_holds_the_preconditions_of_a_namespace(api: Caller) -> None:
    """The sentence is another one, as in Kubernetes."""
    made = await api.create(api.make("ns", "a"))
    with pytest.raises(errors.Conflict) as caught:
        await api.delete("ns", "a", preconditions=preconditions(uid="other"))
    assert caught.value.message == (
        'Operation cannot be fulfilled on namespaces "a": Precondition failed: UID in '
        f"precondition: other, UID in object meta: {made.metadata.uid}"
    )


async def test_at_once_succeeds_once(api: Caller) -> None:
    """Of many concurrent deletions one succeeds, and the others find nothing."""
    await api.create(api.make("cm", "a"))
    calls = (api.delete("cm", "a") for _ in range(50))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(item, errors.NotFound) for item in results) == 49


async def test_dry_run_changes_nothing(api: Caller) -> None:
    """A dry run answers with the object, which stays."""
    made = await api.create(api.make("cm", "a"))
    assert await api.delete("cm", "a", dry_run=True) == made
    assert await api.get("cm", "a") == made


async def test_a_dry_run_tells_what_would_stay(api: Caller) -> None:
    """What finalizers keep, and a namespace, is answered with its mark, and is not marked."""
    for word in ("cm", "ns"):
        metadata = {"name": "a", "finalizers": HOLD if word == "cm" else []}
        made = await api.create(api.make(word, metadata=metadata))
        tried = await api.delete(word, "a", dry_run=True)
        assert tried.metadata.HasField("deletion_timestamp")
        assert tried.metadata.resource_version == made.metadata.resource_version
        assert await api.get(word, "a") == made
    assert tried.status.phase == "Terminating"


async def test_an_unknown_policy_is_invalid(api: Caller) -> None:
    """It is refused in Kubernetes' words, before anything is looked at."""
    for attempt in (
        api.delete("cm", "a", propagation_policy=99),
        api.delete_collection("cm", propagation_policy=99),
    ):
        with pytest.raises(errors.Invalid) as caught:
            await attempt
        assert caught.value.message == (
            'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "99": '
            'supported values: "Foreground", "Background", "Orphan", "nil"'
        )


async def test_with_finalizers_only_asks(api: Caller) -> None:
    """The object stays, marked; asking again changes nothing more."""
    await api.create(api.make("pods", metadata={"name": "a", "finalizers": HOLD}, spec=_SPEC))
    going = await api.delete("pods", "a")
    assert going.metadata.HasField("deletion_timestamp")
    assert going.metadata.deletion_grace_period_seconds == 0
    assert going.metadata.generation == 2
    assert await api.get("pods", "a") == going
    assert await api.delete("pods", "a") == going


UNSPECIFIED = requests_pb2.PROPAGATION_POLICY_UNSPECIFIED
BACKGROUND = requests_pb2.PROPAGATION_POLICY_BACKGROUND
FOREGROUND = requests_pb2.PROPAGATION_POLICY_FOREGROUND
ORPHAN = requests_pb2.PROPAGATION_POLICY_ORPHAN


@pytest.mark.parametrize(
    ("word", "policy", "before", "after"),
    [
        ("cm", UNSPECIFIED, [], []),
        ("cm", FOREGROUND, [], ["foregroundDeletion"]),
        ("cm", ORPHAN, [], ["orphan"]),
        ("cm", BACKGROUND, ["orphan"], []),
        ("cm", UNSPECIFIED, ["orphan"], ["orphan"]),
        ("cm", UNSPECIFIED, ["foregroundDeletion"], ["foregroundDeletion"]),
        ("cm", FOREGROUND, ["orphan"], ["foregroundDeletion"]),
        ("cm", ORPHAN, ["orphan"], ["orphan"]),
        ("rc", UNSPECIFIED, [], ["orphan"]),
        ("rc", BACKGROUND, [], []),
        ("rc", UNSPECIFIED, ["foregroundDeletion"], ["foregroundDeletion"]),
        ("events", FOREGROUND, [], []),
        ("ns", ORPHAN, [], ["orphan"]),
    ],
)
async def test_a_policy_is_a_finalizer(
    api: Caller,
    word: str,
    policy: requests_pb2.PropagationPolicy.ValueType,
    before: list[str],
    after: list[str],
) -> None:
    """It comes behind those of others, takes the other one's place, and else the kind's counts."""
    labels = {"app": "x"}
    template = {"metadata": {"labels": labels}, "spec": _SPEC}
    fields: dict[str, Any] = {
        "cm": {},
        "ns": {},
        "events": {"involvedObject": {"namespace": "default", "name": "x"}},
        "rc": {"spec": {"selector": labels, "template": template}},
    }
    metadata = {"name": "a", "finalizers": [*before, *HOLD]}
    await api.create(api.make(word, metadata=metadata, **fields[word]))
    tried = await api.delete(word, "a", propagation_policy=policy, dry_run=True)
    kept = [*before, *HOLD] if before == after else [*HOLD, *after]
    assert list(tried.metadata.finalizers) == kept
    going = await api.delete(word, "a", propagation_policy=policy)
    assert list(going.metadata.finalizers) == kept


class TestNamespace:
    """A namespace goes after what is in it."""

    async def test_takes_everything_along(self, api: Caller) -> None:
        """Its objects of every kind are deleted, and no others."""
        await api.create(api.make("ns", "a"))
        await api.create(api.make("ns", "ab"))
        for word in ("cm", "secrets", "sa"):
            for namespace in ("a", "ab"):
                metadata = {"name": "x", "namespace": namespace}
                await api.create(api.make(word, metadata=metadata))
        going = await api.delete("ns", "a")
        assert going.status.phase == "Terminating"
        await api.until_gone("ns", "a")
        with pytest.raises(errors.NotFound):
            await api.get("ns", "a")
        for word in ("cm", "secrets", "sa"):
            assert [item.metadata.namespace for item in (await api.list(word)).items] == ["ab"]

    async def test_waits_for_finalizers_in_it(self, api: Caller) -> None:
        """It goes by itself when its last object does."""
        await api.create(api.make("ns", "a"))
        for name in ("held", "also"):
            metadata = {"name": name, "namespace": "a", "finalizers": HOLD}
            await api.create(api.make("cm", metadata=metadata))
        assert (await api.delete("ns", "a")).status.phase == "Terminating"
        await api.until("ns", "a", lambda namespace: len(namespace.status.conditions) == 5)
        await _let_go(api, "cm", "held", namespace="a")
        assert (await api.get("ns", "a")).status.phase == "Terminating"
        await _let_go(api, "cm", "also", namespace="a")
        await api.until_gone("ns", "a")
        with pytest.raises(errors.NotFound):
            await api.get("ns", "a")

    async def test_waits_for_its_own_finalizers(self, api: Caller) -> None:
        """It is emptied at once, says so, and goes with the last of them."""
        await api.create(api.make("ns", metadata={"name": "a", "finalizers": HOLD}))
        await api.create(api.make("cm", metadata={"name": "x", "namespace": "a"}))
        await api.delete("ns", "a")
        await api.until_gone("cm", "x", namespace="a")
        waiting = await api.until("ns", "a", lambda namespace: not namespace.spec.finalizers)
        assert [item.status for item in waiting.status.conditions] == ["False"] * 5
        await _let_go(api, "ns", "a")
        await api.until_gone("ns", "a")
        with pytest.raises(errors.NotFound):
            await api.get("ns", "a")

    async def test_does_not_go_by_an_update_before_it_is_empty(self, api: Caller) -> None:
        """Neither a label nor the removal of its finalizer ends it while something is in it."""
        await api.create(api.make("ns", metadata={"name": "a", "finalizers": HOLD}))
        held = {"name": "x", "namespace": "a", "finalizers": HOLD}
        await api.create(api.make("cm", metadata=held))
        await api.delete("ns", "a")
        going = await api.until("ns", "a", lambda found: len(found.status.conditions) == 5)
        going.metadata.labels["x"] = "y"
        await api.update(going)
        await _let_go(api, "ns", "a")
        assert (await api.get("ns", "a")).status.phase == "Terminating"
        await _let_go(api, "cm", "x", namespace="a")
        await api.until_gone("ns", "a")
        with pytest.raises(errors.NotFound):
            await api.get("ns", "a")

    @pytest.mark.parametrize("name", ["default", "kube-public", "kube-system"])
    async def test_that_is_built_in_stays(self, api: Caller, name: str) -> None:
        """Without them nothing could be created; a dry run says so, too."""
        for dry_run in (False, True):
            with pytest.raises(errors.Forbidden) as caught:
                await api.delete("ns", name, dry_run=dry_run)
            assert caught.value.message == (
                f'namespaces "{name}" is forbidden: this namespace may not be deleted'
            )


async def _let_go(api: Caller, word: str, name: str, **fields: Any) -> None:
    """Remove the finalizers of an object, again when the server marked it meanwhile."""
    while True:
        held = await api.get(word, name, **fields)
        del held.metadata.finalizers[:]
        try:
            await api.update(held)
        except errors.Conflict:
            continue
        return
