"""What a call does when another write was faster: its second try, on what that has left."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube_server.calls.user import SYSTEM
from protocube_server.storage import base, keys
from tests.simulation.contested import Contested

if TYPE_CHECKING:
    from collections.abc import Callable

_JOB: dict[str, Any] = {
    "metadata": {"generateName": "job-"},
    "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c"}]}}},
}
_JOB["spec"]["template"]["spec"]["containers"][0]["image"] = "x"
_REPLICAS: dict[str, Any] = {
    "selector": {"matchLabels": {"app": "x"}},
    "template": {
        "metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"name": "c", "image": "x"}]},
    },
}


@pytest.fixture
async def server() -> Contested:
    """Provide a server over an empty store."""
    return await Contested.begin()


def labels(**found: str) -> Callable[[Any], None]:
    """Return what gives an object labels."""
    return lambda message: message.metadata.labels.update(found)


class TestRequestIds:
    """A call with a request id that another call with the same one overtakes at the last moment."""

    @pytest.mark.parametrize("then", ["stays", "changed", "gone"])
    async def test_a_create_answers_what_the_first_one_wrote(
        self, server: Contested, then: str
    ) -> None:
        """Not what it would have written itself, and not what has become of it since."""
        wanted = {"metadata": {"name": "a"}, "data": {"k": "v"}}
        first = await server.call("cm", "Create", object=wanted, request_id="r")
        key = server.key("cm", "a")
        (made,) = [each for each in server.world.history.all if _touches(each, key)]
        server.world.write(*(base.Remove(key=event.key) for event in made.events))
        at: list[int] = []

        def first_one() -> None:
            records = [event.record for event in made.events if event.record]
            server.world.write(*(base.Put(key=each.key, value=each.value) for each in records))
            at.append(server.world.history.revision)
            if then == "changed":
                server.others_change("cm", "a", labels(later="yes"))()
            elif then == "gone":
                server.others_delete("cm", "a")()

        server.world.before_write(key, first_one)
        found = await server.call("cm", "Create", object=wanted, request_id="r")
        assert found.metadata.uid == first.metadata.uid
        assert dict(found.metadata.labels) == {}
        assert dict(found.data) == {"k": "v"}
        assert [int(found.metadata.resource_version)] == at

    async def test_an_update_that_changes_nothing_notices_a_change(self, server: Contested) -> None:
        """It records the version that it answers: one that has changed meanwhile is a conflict."""
        made = await server.create("cm", "a")
        change = server.others_change("cm", "a", labels(x="y"))
        server.world.before_write(_request(server, "r"), change)
        with pytest.raises(errors.Conflict, match="has been modified"):
            await server.call("cm", "Update", object=made, request_id="r")


def _touches(revision: base.Revision, key: bytes) -> bool:
    return any(event.key == key for event in revision.events)


def _request(server: Contested, identity: str) -> bytes:
    """Return the key of the record of a request."""
    place = hashlib.sha256(f"{SYSTEM.name}\0{identity}".encode()).hexdigest()
    return server.kind("cm").system_key(keys.Area.REQUESTS, place)


class TestUpdate:
    """An update that loses its race."""

    @pytest.mark.parametrize("method", ["Update", "UpdateStatus"])
    @pytest.mark.parametrize("is_conditional", [True, False], ids=["of-a-version", "of-any"])
    async def test_that_loses_to_a_deletion_finds_nothing(
        self, server: Contested, method: str, *, is_conditional: bool
    ) -> None:
        """NotFound, as for one that came after the deletion; nothing is brought back."""
        made = await server.create("jobs", "a", spec=_JOB["spec"])
        made.metadata.labels["mine"] = "yes"
        made.status.active = 1
        if not is_conditional:
            made.metadata.resource_version = ""
        server.world.before_write(server.key("jobs", "a"), server.others_delete("jobs", "a"))
        with pytest.raises(errors.NotFound, match=r'^jobs\.batch "a" not found$'):
            await server.call("jobs", method, object=made)
        assert server.stored("jobs", "a") is None

    async def test_of_a_version_that_loses_to_a_change_is_a_conflict(
        self, server: Contested
    ) -> None:
        """What another one wrote stays."""
        made = await server.create("cm", "a")
        made.data["k"] = "mine"
        server.world.before_write(
            server.key("cm", "a"), server.others_change("cm", "a", labels(x="y"))
        )
        with pytest.raises(errors.Conflict, match="has been modified"):
            await server.call("cm", "Update", object=made)
        assert dict(server.stored("cm", "a").metadata.labels) == {"x": "y"}

    async def test_of_any_version_is_done_on_what_is_there(self, server: Contested) -> None:
        """The second try begins with what was asked: generation, uid and status are the newest."""
        made = await server.create("deploy", "a", spec=_REPLICAS)

        def others(message: Any) -> None:
            message.metadata.generation = 7
            message.status.replicas = 3

        server.world.before_write(
            server.key("deploy", "a"), server.others_change("deploy", "a", others)
        )
        made.metadata.resource_version = ""
        made.spec.replicas = 5
        found = await server.call("deploy", "Update", object=made)
        assert (found.metadata.generation, found.status.replicas, found.spec.replicas) == (8, 3, 5)

    async def test_what_it_leaves_out_is_kept_of_the_newest(self, server: Contested) -> None:
        """The second try keeps the port of the nodes that the service has now, not had then."""
        spec = {"type": "NodePort", "selector": {"app": "x"}, "ports": [{"port": 80}]}
        await server.create("svc", "a", spec=spec)

        def others(message: Any) -> None:
            message.spec.ports[0].node_port = 30099

        server.world.before_write(server.key("svc", "a"), server.others_change("svc", "a", others))
        wanted = {"metadata": {"name": "a", "labels": {"x": "y"}}, "spec": spec}
        found = await server.call("svc", "Update", object=wanted)
        assert dict(found.metadata.labels) == {"x": "y"}
        assert found.spec.ports[0].node_port == 30099

    async def test_of_any_version_meets_another_object(self, server: Contested) -> None:
        """An uid in it is a condition on the second try, too."""
        made = await server.create("cm", "a")

        def others(message: Any) -> None:
            message.metadata.uid = "another"

        server.world.before_write(server.key("cm", "a"), server.others_change("cm", "a", others))
        made.metadata.resource_version = ""
        made.data["k"] = "mine"
        with pytest.raises(errors.Conflict, match=r"UID in precondition: .*, UID in object meta"):
            await server.call("cm", "Update", object=made)
        assert not server.stored("cm", "a").data


class TestUpdateThatCreates:
    """An update of a kind whose objects are created by it, and what others do meanwhile."""

    async def test_what_another_one_made_is_replaced(self, server: Contested) -> None:
        """It is an update then, as if it had come later; it never says that there is one."""
        theirs = await server.create("endpoints", "a", metadata={"labels": {"of": "them"}})
        record = server.world.history.get(server.key("endpoints", "a"))
        server.others_delete("endpoints", "a")()
        server.world.before_write(server.key("endpoints", "a"), server.others_write(record))
        wanted = {"metadata": {"name": "a", "labels": {"of": "me"}}}
        found = await server.call("endpoints", "Update", object=wanted)
        assert found.metadata.uid == theirs.metadata.uid
        assert server.stored("endpoints", "a").metadata.labels["of"] == "me"

    async def test_a_version_of_another_time_is_a_conflict(self, server: Contested) -> None:
        """One that was made meanwhile is not the one that was read."""
        made = await server.create("endpoints", "a", metadata={"labels": {"of": "them"}})
        record = server.world.history.get(server.key("endpoints", "a"))
        server.others_delete("endpoints", "a")()
        server.world.before_write(server.key("endpoints", "a"), server.others_write(record))
        made.metadata.labels["of"] = "me"
        made.metadata.uid = ""
        with pytest.raises(errors.Conflict, match="has been modified"):
            await server.call("endpoints", "Update", object=made)
        assert server.stored("endpoints", "a").metadata.labels["of"] == "them"

    async def test_what_another_one_deleted_is_made_anew(self, server: Contested) -> None:
        """With another uid: an object that has gone does not come back."""
        made = await server.create("endpoints", "a", metadata={"labels": {"of": "them"}})
        server.world.before_write(
            server.key("endpoints", "a"), server.others_delete("endpoints", "a")
        )
        wanted = {"metadata": {"name": "a", "labels": {"of": "me"}}}
        found = await server.call("endpoints", "Update", object=wanted)
        assert found.metadata.uid != made.metadata.uid
        assert server.stored("endpoints", "a").metadata.labels["of"] == "me"

    async def test_in_a_namespace_that_is_missing_finds_nothing(self, server: Contested) -> None:
        """It ends, and names the namespace."""
        wanted = {"metadata": {"name": "a", "namespace": "gone"}}
        with pytest.raises(errors.NotFound, match=r'^namespaces "gone" not found$'):
            await server.call("endpoints", "Update", object=wanted)


class TestChanges:
    """Verbs that are carried out anew on what another write has left."""

    async def test_a_patch_is_of_the_newest(self, server: Contested) -> None:
        """What the faster one wrote stays beside what the patch says."""
        await server.create("cm", "a", data={"k": "v"})
        server.world.before_write(
            server.key("cm", "a"), server.others_change("cm", "a", labels(x="y"))
        )
        found = await server.call("cm", "Patch", name="a", merge_patch='{"data":{"l":"w"}}')
        assert dict(found.data) == {"k": "v", "l": "w"}
        assert dict(found.metadata.labels) == {"x": "y"}

    async def test_a_test_of_a_patch_is_made_of_the_newest(self, server: Contested) -> None:
        """A test that does not hold any more on the second try refuses the patch."""
        await server.create("cm", "a", data={"k": "v"})

        def others(message: Any) -> None:
            message.data["k"] = "theirs"

        server.world.before_write(server.key("cm", "a"), server.others_change("cm", "a", others))
        steps = '[{"op":"test","path":"/data/k","value":"v"},{"op":"remove","path":"/data/k"}]'
        with pytest.raises(errors.Invalid):
            await server.call("cm", "Patch", name="a", json_patch=steps)
        assert dict(server.stored("cm", "a").data) == {"k": "theirs"}

    async def test_an_apply_over_a_deletion_creates(self, server: Contested) -> None:
        """The object that was there at first is not brought back: it is another one."""
        wanted = {"name": "a", "field_manager": "m"}
        text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"%s"}}'
        first = await server.call("cm", "Apply", manifest=text % "v", **wanted)
        server.world.before_write(server.key("cm", "a"), server.others_delete("cm", "a"))
        second = await server.call("cm", "Apply", manifest=text % "w", **wanted)
        assert second.metadata.uid != first.metadata.uid
        assert dict(second.data) == {"k": "w"}

    async def test_an_apply_over_a_creation_changes(self, server: Contested) -> None:
        """What another one made meanwhile gets what is applied, and keeps its own."""
        theirs = await server.create("cm", "a", data={"theirs": "1"})
        record = server.world.history.get(server.key("cm", "a"))
        server.others_delete("cm", "a")()
        server.world.before_write(server.key("cm", "a"), server.others_write(record))
        text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}'
        found = await server.call("cm", "Apply", manifest=text, name="a", field_manager="m")
        assert found.metadata.uid == theirs.metadata.uid
        assert dict(found.data) == {"theirs": "1", "k": "v"}

    async def test_a_scale_keeps_what_the_faster_one_wrote(self, server: Contested) -> None:
        """Only the replicas are the Scale's."""
        await server.create("deploy", "a", spec=_REPLICAS)
        server.world.before_write(
            server.key("deploy", "a"), server.others_change("deploy", "a", labels(x="y"))
        )
        scale = {"metadata": {"name": "a"}, "spec": {"replicas": 4}}
        await server.send("deploy", "UpdateScale", object=scale)
        stored = server.stored("deploy", "a")
        assert (stored.spec.replicas, dict(stored.metadata.labels)) == (4, {"x": "y"})

    async def test_a_binding_does_not_move_a_pod_that_is_bound(self, server: Contested) -> None:
        """Another scheduler was faster: the second try is told so."""
        await server.create("pods", "a", spec={"containers": [{"name": "c", "image": "x"}]})

        def others(message: Any) -> None:
            message.spec.node_name = "theirs"

        server.world.before_write(
            server.key("pods", "a"), server.others_change("pods", "a", others)
        )
        binding = {"metadata": {"name": "a"}, "target": {"kind": "Node", "name": "mine"}}
        with pytest.raises(errors.Conflict, match="already assigned to node"):
            await server.call("pods", "Bind", object=binding)
        assert server.stored("pods", "a").spec.node_name == "theirs"


class TestDelete:
    """A deletion that loses its race asks its own conditions again."""

    async def _made(self, server: Contested) -> Any:
        return await server.create("cm", "a", metadata={"labels": {"x": "y"}})

    async def test_the_uid_is_asked_for_again(self, server: Contested) -> None:
        """Another object of the name has come: it is spared."""
        made = await self._made(server)

        def others(message: Any) -> None:
            message.metadata.uid = "another"

        server.world.before_write(server.key("cm", "a"), server.others_change("cm", "a", others))
        with pytest.raises(errors.Conflict, match="the UID in the precondition"):
            await server.call("cm", "Delete", name="a", preconditions={"uid": made.metadata.uid})
        assert server.stored("cm", "a").metadata.uid == "another"

    async def test_the_version_is_asked_for_again(self, server: Contested) -> None:
        """The object was changed: it is not the one that was to go."""
        made = await self._made(server)
        server.world.before_write(
            server.key("cm", "a"), server.others_change("cm", "a", labels(x="z"))
        )
        at = {"resource_version": made.metadata.resource_version}
        with pytest.raises(errors.Conflict, match="the ResourceVersion in the precondition"):
            await server.call("cm", "Delete", name="a", preconditions=at)
        assert dict(server.stored("cm", "a").metadata.labels) == {"x": "z"}

    async def test_a_finalizer_that_has_come_is_waited_for(self, server: Contested) -> None:
        """Without conditions the newest goes, as that has to go."""
        await self._made(server)

        def others(message: Any) -> None:
            message.metadata.finalizers.append("example.com/x")

        server.world.before_write(server.key("cm", "a"), server.others_change("cm", "a", others))
        found = await server.call("cm", "Delete", name="a")
        assert found.metadata.HasField("deletion_timestamp")
        assert list(server.stored("cm", "a").metadata.finalizers) == ["example.com/x"]

    async def test_what_has_gone_is_not_found(self, server: Contested) -> None:
        """Of two deletions one deletes."""
        await self._made(server)
        server.world.before_write(server.key("cm", "a"), server.others_delete("cm", "a"))
        with pytest.raises(errors.NotFound):
            await server.call("cm", "Delete", name="a")

    async def test_a_collection_spares_what_is_not_selected_any_more(
        self, server: Contested
    ) -> None:
        """Its selector is asked again; other objects go."""
        await self._made(server)
        await server.create("cm", "b", metadata={"labels": {"x": "y"}})
        server.world.before_write(
            server.key("cm", "a"), server.others_change("cm", "a", labels(x="z"))
        )
        await server.call("cm", "DeleteCollection", namespace="default", label_selector="x=y")
        assert server.stored("cm", "a") is not None
        assert server.stored("cm", "b") is None

    async def test_a_collection_asks_its_preconditions_again(self, server: Contested) -> None:
        """The object of the uid was replaced meanwhile: it is a conflict, as for one object."""
        made = await self._made(server)

        def others(message: Any) -> None:
            message.metadata.uid = "another"

        server.world.before_write(server.key("cm", "a"), server.others_change("cm", "a", others))
        uid = {"uid": made.metadata.uid}
        with pytest.raises(errors.Conflict):
            await server.call("cm", "DeleteCollection", namespace="default", preconditions=uid)
        assert server.stored("cm", "a").metadata.uid == "another"
