"""Update and UpdateStatus: optimistic concurrency, and what cannot be changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors

if TYPE_CHECKING:
    from tests.server.caller import Caller

SPEC = {"containers": [{"name": "c", "image": "nginx:1"}]}


async def pod(api: Caller, **metadata: Any) -> Any:
    """Create a pod called ``a``."""
    return await api.create(api.make("pods", metadata={"name": "a", **metadata}, spec=SPEC))


async def test_replaces_the_object(api: Caller) -> None:
    """What was read can be changed and written; what is left out is gone."""
    made = await api.create(api.make("cm", metadata={"name": "a"}, data={"k": "v", "l": "w"}))
    del made.data["l"]
    made.metadata.labels["x"] = "y"
    done = await api.update(made)
    assert dict(done.data) == {"k": "v"}
    assert dict(done.metadata.labels) == {"x": "y"}
    assert int(done.metadata.resource_version) > int(made.metadata.resource_version)
    assert await api.get("cm", "a") == done


async def test_that_changes_nothing_writes_nothing(api: Caller) -> None:
    """An update to the same bytes keeps the version: nobody is woken for it."""
    made = await pod(api)
    assert await api.update(made) == made
    assert await api.write("UpdateStatus", made) == made
    assert await api.get("pods", "a") == made


async def test_must_name_the_version_it_is_based_on(api: Caller) -> None:
    """Of some kinds an update without a version would undo what others need: a lease is held."""
    made = await api.create(api.make("pdb", "a", spec={"maxUnavailable": 1}))
    for none in ("", "0"):
        made.metadata.resource_version = none
        with pytest.raises(errors.Invalid) as caught:
            await api.update(made)
        assert caught.value.message == (
            'poddisruptionbudgets.policy "a" is invalid: metadata.resourceVersion: '
            "Invalid value: 0: must be specified for an update"
        )


async def test_without_a_version_replaces_what_is_there(api: Caller) -> None:
    """Of most kinds an update may say that it means whatever is there by now."""
    await pod(api)
    for none in ("", "0"):
        sent = api.make("pods", metadata={"name": "a", "labels": {"x": f"y{none}"}}, spec=SPEC)
        sent.metadata.resource_version = none
        assert dict((await api.update(sent)).metadata.labels) == {"x": f"y{none}"}


async def test_without_a_version_at_once_all_succeed(api: Caller) -> None:
    """Each replaces what the others have left: none names a version that could be stale."""
    await api.create(api.make("cm", "a"))
    wanted = [api.make("cm", "a", data={"k": str(number)}) for number in range(20)]
    stored = await asyncio.gather(*map(api.update, wanted))
    assert [dict(found.data) for found in stored] == [dict(each.data) for each in wanted]
    newest = max(stored, key=lambda found: int(found.metadata.resource_version))
    assert await api.get("cm", "a") == newest


async def test_creates_objects_of_some_kinds(api: Caller) -> None:
    """A lease, and other kinds whose option says so, come to be by an update."""
    made = await api.update(api.make("leases", "a", spec={"holderIdentity": "me"}))
    assert made.metadata.uid
    assert await api.get("leases", "a") == made
    sent = api.make("leases", "b")
    sent.metadata.uid = "other"
    with pytest.raises(errors.Conflict, match="UID in precondition: other"):
        await api.update(sent)


async def test_of_a_stale_version_is_a_conflict(api: Caller) -> None:
    """The second of two writers who read the same version is told to read again."""
    made = await pod(api)
    made.metadata.labels["first"] = "1"
    await api.update(made)
    with pytest.raises(errors.Conflict) as caught:
        await api.update(made)
    assert caught.value.message == (
        'Operation cannot be fulfilled on pods "a": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


async def test_at_once_succeeds_once(api: Caller) -> None:
    """Of many concurrent updates of one version exactly one is written."""
    made = await api.create(api.make("cm", "a"))
    wanted = []
    for number in range(50):
        changed = api.make("cm", "a", data={"who": str(number)})
        changed.metadata.resource_version = made.metadata.resource_version
        wanted.append(changed)
    results = await asyncio.gather(*map(api.update, wanted), return_exceptions=True)
    assert sum(isinstance(item, errors.Conflict) for item in results) == 49
    (done,) = (item for item in results if not isinstance(item, BaseException))
    assert await api.get("cm", "a") == done


async def test_of_another_uid_is_a_conflict(api: Caller) -> None:
    """An object that was deleted and made again is not the one that was read."""
    made = await pod(api)
    made.metadata.uid = "other"
    with pytest.raises(errors.Conflict, match="Precondition failed: UID in precondition: other"):
        await api.update(made)


async def test_of_a_missing_object_is_not_found(api: Caller) -> None:
    """An update never creates, with a version or without."""
    for version in ("", "5"):
        sent = api.make("cm", metadata={"name": "a", "resourceVersion": version})
        with pytest.raises(errors.NotFound):
            await api.update(sent)


async def test_cannot_change_system_fields(api: Caller) -> None:
    """What the server owns stays as it was, whatever is sent."""
    made = await pod(api, generateName="g-")
    sent = api.make("pods", "a", spec=SPEC)
    sent.metadata.resource_version = made.metadata.resource_version
    sent.metadata.creation_timestamp.FromSeconds(5)
    sent.metadata.generation = 99
    assert await api.update(sent) == made


async def test_cannot_begin_a_deletion(api: Caller) -> None:
    """What a delete sets is refused, as in Kubernetes; leaving it out changes nothing."""
    made = await pod(api)
    made.metadata.deletion_timestamp.FromSeconds(5)
    with pytest.raises(errors.Invalid) as caught:
        await api.update(made)
    assert caught.value.message == (
        'Pod "a" is invalid: metadata.deletionTimestamp: '
        'Invalid value: "1970-01-01T00:00:05Z": field is immutable'
    )


async def test_cannot_change_immutable_fields(api: Caller) -> None:
    """A field that the schema calls immutable names itself when it is changed."""
    made = await api.create(api.make("secrets", "a", type="example.com/x"))
    made.type = "example.com/y"
    with pytest.raises(errors.Invalid) as caught:
        await api.update(made)
    assert [str(violation) for violation in caught.value.violations] == [
        'type: Invalid value: "example.com/y": field is immutable'
    ]


async def test_is_validated(api: Caller) -> None:
    """An update is held to the rules of a create."""
    made = await pod(api)
    made.spec.containers[0].name = "C!"
    made.metadata.labels["-"] = "x"
    with pytest.raises(errors.Invalid) as caught:
        await api.update(made)
    fields = {violation.field for violation in caught.value.violations}
    assert {"spec.containers[0].name", "metadata.labels"} <= fields


async def test_counts_changes_of_the_spec(api: Caller) -> None:
    """Generation grows with the spec and with nothing else."""
    made = await api.create(_deployment(api))
    made.metadata.labels["x"] = "y"
    made = await api.update(made)
    assert made.metadata.generation == 1
    made.spec.replicas = 5
    made = await api.update(made)
    assert made.metadata.generation == 2
    made.status.replicas = 5
    made = await api.write("UpdateStatus", made)
    assert made.metadata.generation == 2


async def test_fills_in_defaults(api: Caller) -> None:
    """A field that an update leaves out goes back to its default."""
    made = await api.create(_deployment(api))
    made.spec.ClearField("replicas")
    assert (await api.update(made)).spec.replicas == 1


class TestStatus:
    """The status has a method of its own."""

    async def test_is_left_alone_by_update(self, api: Caller) -> None:
        """A client that writes the spec cannot overwrite what a controller said."""
        made = await pod(api)
        made.status.phase = "Running"
        made = await api.write("UpdateStatus", made)
        made.status.phase = "Failed"
        made.metadata.labels["x"] = "y"
        done = await api.update(made)
        assert done.status.phase == "Running"
        assert dict(done.metadata.labels) == {"x": "y"}

    async def test_is_what_update_status_writes(self, api: Caller) -> None:
        """A controller that writes the status can change metadata with it, and nothing else."""
        made = await pod(api)
        sent = type(made)()
        sent.CopyFrom(made)
        sent.status.phase = "Running"
        sent.metadata.labels["x"] = "y"
        sent.spec.containers[0].image = "other"
        done = await api.write("UpdateStatus", sent)
        assert done.status.phase == "Running"
        assert done.spec == made.spec
        assert dict(done.metadata.labels) == {"x": "y"}
        assert int(done.metadata.resource_version) > int(made.metadata.resource_version)

    async def test_leaves_what_the_option_names(self, api: Caller) -> None:
        """Labels of a Deployment are what finds it: a write of the status keeps them."""
        made = await api.create(_deployment(api))
        made.status.replicas = 1
        made.metadata.labels["x"] = "y"
        made.metadata.annotations["x"] = "y"
        done = await api.write("UpdateStatus", made)
        assert not done.metadata.labels
        assert dict(done.metadata.annotations) == {"x": "y"}

    async def test_of_a_stale_version_is_a_conflict(self, api: Caller) -> None:
        """Status writes are compared with the version, too."""
        made = await pod(api)
        made.status.phase = "Running"
        await api.write("UpdateStatus", made)
        with pytest.raises(errors.Conflict):
            await api.write("UpdateStatus", made)


class TestFinalizers:
    """What holds an object that is being deleted."""

    async def test_last_one_removed_deletes(self, api: Caller) -> None:
        """The update that removes the last finalizer ends it; the answer is what was asked for.

        Its version is the last that was stored, as in Kubernetes.
        """
        await pod(api, finalizers=["example.com/a", "example.com/b"])
        going = await api.delete("pods", "a")
        assert going.metadata.HasField("deletion_timestamp")
        going.metadata.finalizers.remove("example.com/a")
        going = await api.update(going)
        assert (await api.get("pods", "a")) == going
        going.metadata.finalizers.remove("example.com/b")
        gone = await api.update(going)
        # As in Kubernetes: what was stored last, as the request made it.
        assert gone.metadata.resource_version == going.metadata.resource_version
        assert not gone.metadata.finalizers
        with pytest.raises(errors.NotFound):
            await api.get("pods", "a")

    async def test_cannot_be_added_to_a_going_object(self, api: Caller) -> None:
        """Nothing new may hold up a deletion."""
        await pod(api, finalizers=["example.com/a"])
        going = await api.delete("pods", "a")
        going.metadata.finalizers.append("example.com/b")
        with pytest.raises(errors.Invalid, match="no new finalizers can be added"):
            await api.update(going)

    async def test_removed_from_a_living_object_leave_it(self, api: Caller) -> None:
        """Only an object that is being deleted goes with its last finalizer."""
        made = await pod(api, finalizers=["example.com/a"])
        del made.metadata.finalizers[:]
        assert await api.update(made) == await api.get("pods", "a")


async def test_dry_run_changes_nothing(api: Caller) -> None:
    """A dry run answers with what would be, at the version that is."""
    made = await pod(api)
    made.metadata.labels["x"] = "y"
    done = await api.update(made, dry_run=True)
    assert dict(done.metadata.labels) == {"x": "y"}
    assert done.metadata.resource_version == made.metadata.resource_version
    assert not (await api.get("pods", "a")).metadata.labels


def _deployment(api: Caller) -> Any:
    labels = {"app": "a"}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": SPEC},
    }
    return api.make("deployments", "a", spec=spec)


async def test_what_a_kind_freezes_below_shared_messages_stays(api: Caller) -> None:
    """A Job's template cannot change, though that of a CronJob, the same message, can."""
    containers = [{"name": "main", "image": "busybox:1"}]
    template = {"spec": {"restartPolicy": "Never", "containers": containers}}
    job = await api.create(api.make("jobs", "once", spec={"template": template}))
    job.spec.template.spec.containers[0].image = "busybox:2"
    with pytest.raises(errors.Invalid) as caught:
        await api.update(job)
    assert [(item.field, item.reason) for item in caught.value.violations] == [
        ("spec.template", "FieldValueInvalid")
    ]
    spec = {"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}
    cron = await api.create(api.make("cronjobs", "daily", spec=spec))
    cron.spec.job_template.spec.template.spec.containers[0].image = "busybox:2"
    updated = await api.update(cron)
    assert updated.spec.job_template.spec.template.spec.containers[0].image == "busybox:2"


class TestFinalize:
    """What has to be done before a namespace goes is written by a method of its own."""

    async def test_is_left_alone_by_update(self, api: Caller) -> None:
        """An update neither adds nor removes what the spec has, and keeps the label."""
        made = await api.create(api.make("ns", "a"))
        made.spec.finalizers[:] = ["example.com/z"]
        made.metadata.labels.clear()
        done = await api.update(made)
        assert list(done.spec.finalizers) == ["kubernetes"]
        assert dict(done.metadata.labels) == {"kubernetes.io/metadata.name": "a"}

    async def test_replaces_it(self, api: Caller) -> None:
        """Who added a finalizer can take it away."""
        made = await api.create(api.make("ns", "a", spec={"finalizers": ["example.com/q"]}))
        assert list(made.spec.finalizers) == ["example.com/q", "kubernetes"]
        made.spec.finalizers[:] = ["kubernetes"]
        done = await api.write("Finalize", made)
        assert list(done.spec.finalizers) == ["kubernetes"]


async def test_stores_equal_owners_once(api: Caller) -> None:
    """A second equal reference is left out, also where an update brings it."""
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u"}
    made = await api.create(api.make("cm", metadata={"name": "a", "ownerReferences": [owner] * 3}))
    assert len(made.metadata.owner_references) == 1
    made.metadata.owner_references.add().CopyFrom(made.metadata.owner_references[0])
    assert len((await api.update(made)).metadata.owner_references) == 1
