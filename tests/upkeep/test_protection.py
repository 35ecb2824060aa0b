"""Claims and volumes that are used stay until they are not."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests import etcd_process
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_CLAIM, _VOLUME = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"
_CLASS = "kubernetes.io/vac-protection"


def _settings(store: str) -> Settings:
    return Settings(listen="127.0.0.1:0", store=store, grace=0.5)


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
async def api(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Caller]:
    """Provide the calls of a server that leads, on each store."""
    async with contextlib.AsyncExitStack() as stack:
        store = f"sqlite:{tmp_path}/store.db"
        if request.param == "etcd":
            etcd = stack.enter_context(etcd_process.running(tmp_path / "etcd"))
            store = f"etcd://{etcd.endpoint}"
        running = await stack.enter_async_context(app.running(_settings(store)))
        yield await stack.enter_async_context(Caller(running.address, Catalog.shipped()))


async def _claim(api: Caller, name: str, **metadata: Any) -> Any:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return await api.create(api.make("pvc", name, metadata=metadata, spec=spec))


async def _volume(api: Caller, name: str) -> Any:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "1Gi"},
        "hostPath": {"path": "/x"},
    }
    return await api.create(api.make("pv", name, spec=spec))


async def _pod(api: Caller, name: str, *volumes: dict[str, Any], node: str = "n") -> Any:
    spec = {"containers": [{"name": "c", "image": "i"}], "volumes": volumes, "nodeName": node}
    return await api.create(api.make("pods", name, spec=spec))


def _of_claim(name: str) -> dict[str, Any]:
    return {"name": "v", "persistentVolumeClaim": {"claimName": name}}


async def _looked(api: Caller) -> None:
    """Return once everything that waits was looked at: what comes behind it is gone."""
    await _claim(api, "last")
    await api.delete("pvc", "last")
    await api.until_gone("pvc", "last")


async def test_new_ones_are_protected(api: Caller) -> None:
    """Behind the finalizers that they have already, and once."""
    assert (await _claim(api, "a")).metadata.finalizers == [_CLAIM]
    own = await _claim(api, "b", finalizers=["example.com/f", _CLAIM])
    assert own.metadata.finalizers == ["example.com/f", _CLAIM]
    assert (await _volume(api, "a")).metadata.finalizers == [_VOLUME]


async def test_what_nothing_uses_goes(api: Caller) -> None:
    """At once as people see it; a pod that is on no node uses nothing."""
    await _claim(api, "a")
    await _volume(api, "a")
    await _pod(api, "p", _of_claim("a"), node="")
    for word in ("pvc", "pv"):
        gone = await api.delete(word, "a")
        assert gone.metadata.HasField("deletion_timestamp")
        await api.until_gone(word, "a")


async def test_a_claim_stays_while_a_pod_uses_it(api: Caller) -> None:
    """Until the pod is there no more, whether or not it still runs."""
    await _claim(api, "a")
    await _pod(api, "p", _of_claim("a"))
    await api.delete("pvc", "a")
    await _looked(api)
    assert (await api.get("pvc", "a")).metadata.finalizers == [_CLAIM]
    await api.delete("pods", "p", grace_period_seconds=0)
    await api.until_gone("pvc", "a")


async def test_a_claim_of_one_pod_is_used_by_that_pod(api: Caller) -> None:
    """One of the same name that the pod does not own is not the one that was made for it."""
    resources = {"requests": {"storage": "1Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": resources}
    ephemeral = {"name": "v", "ephemeral": {"volumeClaimTemplate": {"spec": spec}}}
    pods = [await _pod(api, name, ephemeral) for name in ("p", "q")]
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": pods[0].metadata.uid}
    await _claim(api, "p-v", ownerReferences=[{**owner, "controller": True}])
    await _claim(api, "q-v")
    for name in ("p-v", "q-v"):
        await api.delete("pvc", name)
    await api.until_gone("pvc", "q-v")
    await _looked(api)
    assert (await api.get("pvc", "p-v")).metadata.finalizers == [_CLAIM]
    await api.delete("pods", "p", grace_period_seconds=0)
    await api.until_gone("pvc", "p-v")


async def test_a_volume_stays_while_it_is_bound(api: Caller) -> None:
    """Its own status tells it."""
    made = await _volume(api, "a")
    made.status.phase = "Bound"
    await api.write("UpdateStatus", made)
    await api.delete("pv", "a")
    await _looked(api)
    assert (await api.get("pv", "a")).metadata.finalizers == [_VOLUME]
    left = await api.get("pv", "a")
    left.status.phase = "Released"
    await api.write("UpdateStatus", left)
    await api.until_gone("pv", "a")


async def test_a_class_of_settings_stays_while_a_claim_names_it(api: Caller) -> None:
    """In whatever namespace the claim is, and whether it wants the class or has it still."""
    await api.create(api.make("ns", "team"))
    for name in ("wanted", "had", "free"):
        fields = {"driverName": "csi.example.com", "parameters": {"iops": "1"}}
        made = await api.create(api.make("volumeattributesclasses", name, **fields))
        assert made.metadata.finalizers == [_CLASS]
    claim = await _claim(api, "a", namespace="team")
    claim.spec.volume_attributes_class_name = "wanted"
    claim.status.current_volume_attributes_class_name = "had"
    await api.write("UpdateStatus", claim)
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "volumeAttributesClassName": "wanted",
    }
    await api.create(api.make("pvc", "b", metadata={"namespace": "team"}, spec=spec))
    for name in ("wanted", "had", "free"):
        await api.delete("volumeattributesclasses", name)
    await api.until_gone("volumeattributesclasses", "free")
    await _looked(api)
    for name, user in (("wanted", "b"), ("had", "a")):
        left = await api.get("volumeattributesclasses", name)
        assert left.metadata.finalizers == [_CLASS]
        await api.delete("pvc", user, namespace="team")
        await api.until_gone("volumeattributesclasses", name)


async def test_other_finalizers_stay(api: Caller) -> None:
    """The protection ends, and the object waits for whoever put them there."""
    await _claim(api, "a", finalizers=["example.com/f"])
    await api.delete("pvc", "a")
    left = await api.until("pvc", "a", lambda found: _CLAIM not in found.metadata.finalizers)
    assert left.metadata.finalizers == ["example.com/f"]


async def test_what_was_deleted_before_a_server_began_goes(tmp_path: Path) -> None:
    """Another server finds what waits in the store."""
    settings = _settings(f"sqlite:{tmp_path}/store.db")
    async with app.running(settings) as first, Caller(first.address, Catalog.shipped()) as api:
        await _claim(api, "a")
        await _pod(api, "p", _of_claim("a"))
        await api.delete("pvc", "a")
    async with app.running(settings) as second, Caller(second.address, Catalog.shipped()) as api:
        await _looked(api)
        assert (await api.get("pvc", "a")).metadata.finalizers == [_CLAIM]
        await api.delete("pods", "p", grace_period_seconds=0)
        await api.until_gone("pvc", "a")


async def test_a_namespace_with_claims_ends(api: Caller) -> None:
    """Its pods go first, and what they have used after them."""
    await api.create(api.make("ns", "team"))
    await _claim(api, "a", namespace="team")
    await api.delete("ns", "team")
    await api.until_gone("ns", "team")
