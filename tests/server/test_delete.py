"""Delete and DeleteCollection: at once, or after finalizers and contents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube_server.app import running
from protocube_server.calls.limits import Limits
from tests.server.caller import Caller

if TYPE_CHECKING:
    from protocube_server.settings import Settings
    from tests.server.conftest import Serve

HOLD = ["example.com/hold"]


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
    with pytest.raises(errors.Conflict, match="UID in precondition: other"):
        await api.delete("cm", "a", preconditions=preconditions(uid="other"))
    with pytest.raises(errors.Conflict, match="ResourceVersion in precondition: 1,"):
        await api.delete("cm", "a", preconditions=preconditions(resource_version="1"))
    right = preconditions(uid=made.metadata.uid, resource_version=made.metadata.resource_version)
    await api.delete("cm", "a", preconditions=right)


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


async def test_foreground_is_refused_by_name(api: Caller) -> None:
    """What the server cannot carry out it does not accept."""
    await api.create(api.make("cm", "a"))
    with pytest.raises(errors.BadRequest, match="propagation policy Foreground is not supported"):
        await api.delete("cm", "a", propagation_policy=requests_pb2.PROPAGATION_POLICY_FOREGROUND)
    with pytest.raises(errors.BadRequest, match="unsupported propagation_policy 99: it is one of"):
        await api.delete("cm", "a", propagation_policy=99)
    await api.delete("cm", "a", propagation_policy=requests_pb2.PROPAGATION_POLICY_ORPHAN)


async def test_with_finalizers_only_asks(api: Caller) -> None:
    """The object stays, marked; asking again changes nothing more."""
    spec = {"containers": [{"name": "c", "image": "x"}]}
    await api.create(api.make("pods", metadata={"name": "a", "finalizers": HOLD}, spec=spec))
    going = await api.delete("pods", "a")
    assert going.metadata.HasField("deletion_timestamp")
    assert going.metadata.deletion_grace_period_seconds == 0
    assert going.metadata.generation == 2
    assert await api.get("pods", "a") == going
    assert await api.delete("pods", "a") == going


COLLECTORS = ["foregroundDeletion", "orphan"]


@pytest.mark.parametrize("finalizer", COLLECTORS)
@pytest.mark.parametrize(
    "policy",
    [
        requests_pb2.PROPAGATION_POLICY_UNSPECIFIED,
        requests_pb2.PROPAGATION_POLICY_BACKGROUND,
        requests_pb2.PROPAGATION_POLICY_ORPHAN,
    ],
)
async def test_removes_the_finalizers_of_a_collector(
    api: Caller, finalizer: str, policy: requests_pb2.PropagationPolicy.ValueType
) -> None:
    """There is no collector: an object that carries one goes at once, alone or among many."""
    made = api.make("cm", metadata={"name": "a", "finalizers": [finalizer]})
    await api.create(made)
    await api.delete("cm", "a", propagation_policy=policy)
    await api.create(made)
    await api.delete_collection("cm", propagation_policy=policy)
    assert not (await api.list("cm")).items


@pytest.mark.parametrize("finalizer", COLLECTORS)
async def test_keeps_the_other_finalizers(api: Caller, finalizer: str) -> None:
    """An object that others hold, too, is marked without a collector's, and goes with theirs."""
    finalizers = ["example.com/a", finalizer, "example.com/b"]
    await api.create(api.make("cm", metadata={"name": "a", "finalizers": finalizers}))
    going = await api.delete("cm", "a")
    assert list(going.metadata.finalizers) == ["example.com/a", "example.com/b"]
    assert await api.get("cm", "a") == going
    await _let_go(api, "cm", "a")
    with pytest.raises(errors.NotFound):
        await api.get("cm", "a")


@pytest.mark.parametrize("finalizer", COLLECTORS)
async def test_ends_what_was_marked_with_a_collectors_finalizer(
    settings: Settings, finalizer: str
) -> None:
    """An object that an earlier server marked, and that stayed, goes when deleted again."""
    catalog = Catalog.shipped()
    async with running(settings, catalog) as served, Caller(served.address, catalog) as api:
        held = api.make("cm", metadata={"name": "a", "finalizers": HOLD})
        await api.create(held)
        await api.delete("cm", "a")
        store = served.api.store
        kind = served.api.editions.current.kinds.for_message("protocube.core.v1.ConfigMap")
        assert kind is not None
        record = await store.get(kind.key("default", "a"))
        assert record is not None
        stuck = kind.parse(record.value)
        stuck.metadata.finalizers[:] = [finalizer]
        await store.update(record.key, kind.encode(stuck), expected=record.mod_revision)
        await api.delete("cm", "a")
        with pytest.raises(errors.NotFound):
            await api.get("cm", "a")


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
        going = await api.delete("ns", "a")
        going.metadata.labels["x"] = "y"
        await api.update(going)
        await _let_go(api, "ns", "a")
        assert (await api.get("ns", "a")).status.phase == "Terminating"
        await _let_go(api, "cm", "x", namespace="a")
        await api.until_gone("ns", "a")
        with pytest.raises(errors.NotFound):
            await api.get("ns", "a")

    @pytest.mark.parametrize("name", ["default", "kube-system"])
    async def test_that_is_built_in_stays(self, api: Caller, name: str) -> None:
        """Without them nothing could be created; a dry run says so, too."""
        for dry_run in (False, True):
            with pytest.raises(errors.Forbidden) as caught:
                await api.delete("ns", name, dry_run=dry_run)
            assert caught.value.message == (
                f'namespaces "{name}" is forbidden: this namespace may not be deleted'
            )


class TestCollection:
    """DeleteCollection: every object that matches."""

    async def test_deletes_what_matches(self, api: Caller) -> None:
        """Namespace, labels and fields choose; the answer lists what was deleted."""
        await api.create(api.make("ns", "other"))
        for name, namespace, app in (
            ("a", "default", "x"),
            ("b", "default", "y"),
            ("c", "other", "x"),
        ):
            metadata = {"name": name, "namespace": namespace, "labels": {"app": app}}
            await api.create(api.make("cm", metadata=metadata))
        gone = await api.delete_collection("cm", namespace="default", label_selector="app=x")
        assert [item.metadata.name for item in gone.items] == ["a"]
        assert (gone.api_version, gone.kind) == ("v1", "ConfigMapList")
        assert int(gone.metadata.resource_version) > 0
        await api.delete_collection("cm", field_selector="metadata.name=b")
        assert [item.metadata.name for item in (await api.list("cm")).items] == ["c"]

    async def test_reaches_beyond_a_page(self, api: Caller) -> None:
        """All of many objects go, in every namespace."""
        names = [f"cm-{number:03}" for number in range(250)]
        await asyncio.gather(*(api.create(api.make("cm", name)) for name in names))
        gone = await api.delete_collection("cm")
        assert [item.metadata.name for item in gone.items] == names
        assert not (await api.list("cm")).items

    async def test_only_asks_what_has_finalizers(self, api: Caller) -> None:
        """Objects with finalizers stay, marked."""
        await api.create(api.make("cm", metadata={"name": "a", "finalizers": HOLD}))
        await api.create(api.make("cm", "b"))
        await api.delete_collection("cm")
        (left,) = (await api.list("cm")).items
        assert left.metadata.name == "a"
        assert left.metadata.HasField("deletion_timestamp")

    async def test_dry_run_changes_nothing(self, api: Caller) -> None:
        """A dry run lists what would go."""
        made = await api.create(api.make("cm", "a"))
        gone = await api.delete_collection("cm", dry_run=True)
        assert list(gone.items) == [made]
        assert await api.get("cm", "a") == made

    async def test_is_refused_for_namespaces(self, api: Caller) -> None:
        """Namespaces have no such method, as in Kubernetes."""
        with pytest.raises(errors.MethodNotSupported, match="does not allow this method"):
            await api.delete_collection("ns")
        assert len((await api.list("ns")).items) == 2

    async def test_answers_in_one_message(self, serve: Serve) -> None:
        """When not all fit into the answer, all go and a warning counts the others."""
        async with serve(limits=Limits(response=64 * 1024)) as api:
            for name in "abcd":
                await api.create(api.make("cm", name, data={"k": "x" * 20_000}))
            reply = await api.send("/protocube.core.v1.ConfigMaps/DeleteCollection", b"")
            listed: Any = api.resource("cm").list_class.FromString(reply.body)
            assert len(listed.items) == 2
            assert reply.warnings == (
                "2 deleted objects are not listed: the answer would be too large",
            )
            assert not (await api.list("cm")).items


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
