"""The namespace that an object is created in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube.meta.v1 import requests_pb2
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.kinds.registry import Registry
from protocube_server.verbs import marking

if TYPE_CHECKING:
    from tests.server.caller import Caller


class TestNamespace:
    """The namespace must exist and must not be going."""

    async def test_must_exist(self, api: Caller) -> None:
        """An object cannot be created in a namespace that is not there."""
        with pytest.raises(errors.NotFound, match=r'^namespaces "nope" not found$'):
            await api.create(api.make("cm", metadata={"name": "a", "namespace": "nope"}))

    async def test_is_checked_before_the_object(self, api: Caller) -> None:
        """A wrong object in a wrong namespace is told of the namespace, as in Kubernetes."""
        with pytest.raises(errors.NotFound, match=r'^namespaces "nope" not found$'):
            await api.create(api.make("cm", metadata={"name": "A!", "namespace": "nope"}))

    async def test_is_cleared_from_a_cluster_scoped_object(self, api: Caller) -> None:
        """A namespace is in no namespace, whatever it says."""
        made = await api.create(api.make("ns", metadata={"name": "a", "namespace": "default"}))
        assert made.metadata.namespace == ""

    async def test_that_is_going_takes_nothing_new(self, api: Caller) -> None:
        """While a namespace waits for its last objects, creates in it are forbidden."""
        await api.create(api.make("ns", "going"))
        held = {"name": "held", "namespace": "going", "finalizers": ["example.com/hold"]}
        await api.create(api.make("cm", metadata=held))
        await api.delete("ns", "going")
        with pytest.raises(errors.Forbidden) as caught:
            await api.create(api.make("cm", metadata={"name": "a", "namespace": "going"}))
        assert caught.value.message == (
            'configmaps "a" is forbidden: unable to create new content in namespace going '
            "because it is being terminated"
        )
        assert caught.value.violations == (
            errors.Violation(
                field="metadata.namespace",
                reason="NamespaceTerminating",
                message="namespace going is being terminated",
            ),
        )

    def test_that_is_going_keeps_the_time_of_its_deletion(self) -> None:
        """While it is emptied, a second deletion changes nothing."""
        kind = Registry(Catalog.shipped(), "/registry", FUNCTIONS).namespaces
        message: Any = kind.resource.message_class()
        message.spec.finalizers.append("kubernetes")
        first = datetime(2026, 1, 1, tzinfo=UTC)
        for now in (first, first + timedelta(hours=1)):
            assert not marking.mark(kind, message, requests_pb2.DeleteRequest(), now)
            assert message.metadata.deletion_timestamp.ToDatetime(UTC) == first

    async def test_namespace_that_changed(self, api: Caller) -> None:
        """What became of a namespace since the last create in it is seen by the next one."""

        async def create(name: str) -> Any:
            metadata = {"name": name, "namespace": "moving"}
            return await api.create(api.make("cm", metadata=metadata))

        namespace = await api.create(api.make("ns", metadata={"name": "moving"}))
        await create("a")
        namespace.metadata.labels["changed"] = "yes"
        await api.update(namespace)
        await create("b")
        await api.delete("ns", "moving")
        await api.until_gone("ns", "moving")
        with pytest.raises(errors.NotFound, match=r'^namespaces "moving" not found$'):
            await create("c")
        await api.create(api.make("ns", metadata={"name": "moving"}))
        await create("d")
        assert [
            item.metadata.name for item in (await api.list("cm", namespace="moving")).items
        ] == ["d"]

    async def test_built_in_ones_are_there(self, api: Caller) -> None:
        """A new server has those of Kubernetes, active and labelled."""
        for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
            found = await api.get("ns", name)
            assert found.status.phase == "Active"
            assert dict(found.metadata.labels) == {"kubernetes.io/metadata.name": name}
            assert found.metadata.uid

    async def test_is_labelled_with_its_name(self, api: Caller) -> None:
        """Selectors can name a namespace by a label that always holds."""
        made = await api.create(api.make("ns", metadata={"name": "a", "labels": {"x": "y"}}))
        assert dict(made.metadata.labels) == {"kubernetes.io/metadata.name": "a", "x": "y"}
