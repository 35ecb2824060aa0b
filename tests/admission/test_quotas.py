"""ResourceQuotas: what a namespace may use, exact whoever writes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.bulk.v1 import bulk_pb2
from tests import etcd_process
from tests.admission.admitted import admitting, config_map, refused
from tests.server import bulk_writes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.caller import Caller


_FORBIDDEN = 7


async def quota(caller: Caller, name: str = "q", **hard: Any) -> Any:
    """Make a quota; ``_`` in a name stands for a point."""
    names = {"count_cm": "count/configmaps"}
    listed = {names.get(key, key.replace("_", ".")): str(value) for key, value in hard.items()}
    return await caller.create(caller.make("quota", name, spec={"hard": listed}))


async def used(caller: Caller, name: str = "q") -> dict[str, str]:
    """Return what a quota says that is used."""
    return dict((await caller.get("quota", name)).status.used)


def pod(caller: Caller, name: str, requests: Any = None, limits: Any = None, **spec: Any) -> Any:
    """Return a pod of one container."""
    resources = {"requests": requests or {}, "limits": limits or {}}
    container = {"name": "c", "image": "i", "resources": resources}
    return caller.make("pod", name, spec={"containers": [container], **spec})


async def test_no_more_is_made_than_a_quota_allows(caller: Caller) -> None:
    """What there was before counts, and what goes makes room."""
    await caller.create(config_map(caller, "before"))
    await quota(caller, configmaps=2)
    assert await used(caller) == {"configmaps": "1"}
    await caller.create(config_map(caller, "a"))
    assert await used(caller) == {"configmaps": "2"}
    error = await refused(caller.create(config_map(caller, "x")))
    assert isinstance(error, errors.Forbidden)
    assert error.message == (
        'configmaps "x" is forbidden: exceeded quota: q, requested: configmaps=1, '
        "used: configmaps=2, limited: configmaps=2"
    )
    await refused(caller.create(config_map(caller, "x"), dry_run=True))
    await caller.delete("cm", "before")
    assert await used(caller) == {"configmaps": "1"}
    await caller.create(config_map(caller, "x"))
    await caller.delete_collection("cm", namespace="default")
    assert await used(caller) == {"configmaps": "0"}


async def test_other_namespaces_and_kinds_are_free(caller: Caller) -> None:
    """A quota is for its namespace, and for what it names."""
    await quota(caller, count_cm=0)
    await caller.create(caller.make("ns", "dev"))
    await caller.create(config_map(caller, "a", namespace="dev"))
    await caller.create(caller.make("secret", "s"))
    await refused(caller.create(config_map(caller, "a")))


async def test_amounts_of_pods_are_counted(caller: Caller) -> None:
    """Each container must say what a quota limits; a pod that has ended uses nothing."""
    await quota(caller, pods=3, requests_cpu="1", limits_memory="1Gi")
    error = await refused(caller.create(pod(caller, "p", {"cpu": "1"})))
    said = "failed quota: q: must specify limits.memory for: c"
    assert error.message == f'pods "p" is forbidden: {said}'
    limits = {"memory": "512Mi"}
    await caller.create(pod(caller, "a", {"cpu": "600m"}, limits))
    assert await used(caller) == {"limits.memory": "512Mi", "pods": "1", "requests.cpu": "600m"}
    error = await refused(caller.create(pod(caller, "b", {"cpu": "500m"}, {"memory": "1Gi"})))
    assert error.message == (
        'pods "b" is forbidden: exceeded quota: q, requested: limits.memory=1Gi,requests.cpu=500m, '
        "used: limits.memory=512Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1"
    )
    ended = await caller.get("pod", "a")
    ended.status.phase = "Succeeded"
    await caller.write("UpdateStatus", ended)
    assert await used(caller) == {"limits.memory": "0", "pods": "0", "requests.cpu": "0"}


async def test_services_and_claims_are_counted(caller: Caller) -> None:
    """Also when they change: an update is charged for what it adds."""
    await quota(caller, services=2, services_nodeports=1, requests_storage="2Gi")
    port = {"port": 80}
    made = await caller.create(caller.make("svc", "s", spec={"ports": [port]}))
    assert (await used(caller))["services"] == "1"
    made.spec.type = "NodePort"
    made = await caller.update(made)
    assert (await used(caller))["services.nodeports"] == "1"
    ports = [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]
    error = await refused(
        caller.create(caller.make("svc", "t", spec={"ports": ports, "type": "NodePort"}))
    )
    assert "requested: services.nodeports=2, used: services.nodeports=1" in error.message
    resources = {"requests": {"storage": "1536Mi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": resources}
    await caller.create(caller.make("pvc", "c", spec=spec))
    error = await refused(caller.create(caller.make("pvc", "d", spec=spec)))
    assert "used: requests.storage=1536Mi, limited: requests.storage=2Gi" in error.message


async def test_a_quota_can_be_for_some_pods(caller: Caller) -> None:
    """By its scopes, of which all must fit."""
    for name, scopes in (("best", ["BestEffort"]), ("ends", ["Terminating"])):
        spec = {"hard": {"pods": "1"}, "scopes": scopes}
        await caller.create(caller.make("quota", name, spec=spec))
    chosen = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
    selector = {"matchExpressions": [chosen]}
    spec = {"hard": {"pods": "0"}, "scopeSelector": selector}
    await caller.create(caller.make("quota", "high", spec=spec))
    await caller.create(caller.make("pc", "high", value=1))
    await caller.create(pod(caller, "a"))
    assert "exceeded quota: best" in (await refused(caller.create(pod(caller, "b")))).message
    await caller.create(pod(caller, "c", {"cpu": "1"}, activeDeadlineSeconds=5))
    again = pod(caller, "d", {"cpu": "1"}, activeDeadlineSeconds=5)
    assert "exceeded quota: ends" in (await refused(caller.create(again))).message
    high = pod(caller, "e", {"cpu": "1"}, priorityClassName="high")
    assert "exceeded quota: high" in (await refused(caller.create(high))).message


async def test_what_is_used_follows_what_a_quota_limits(caller: Caller) -> None:
    """A quota that limits something else is counted anew, and says so by itself."""
    await caller.create(config_map(caller, "a"))
    await quota(caller, configmaps=5)
    await caller.until("quota", "q", lambda found: dict(found.status.used) == {"configmaps": "1"})
    found = await caller.get("quota", "q")
    found.spec.hard["secrets"] = "1"
    await caller.update(found)
    await caller.create(caller.make("secret", "s"))
    await refused(caller.create(caller.make("secret", "t")))
    assert await used(caller) == {"configmaps": "1", "secrets": "1"}


async def test_what_was_not_charged_is_counted(tmp_path: Path) -> None:
    """Objects that were written past a quota count from the next look on."""
    off = frozenset({"ResourceQuota"})
    async with admitting(tmp_path, admission_off=off) as caller:
        await quota(caller, configmaps=1)
        for name in "ab":
            await caller.create(config_map(caller, name))
        assert await used(caller) == {}
    async with admitting(tmp_path) as caller:
        await caller.until("quota", "q", lambda found: found.status.used.get("configmaps") == "2")
        await refused(caller.create(config_map(caller, "c")))
        await caller.delete("cm", "a")
        assert await used(caller) == {"configmaps": "1"}


async def test_writes_of_a_stream_are_charged(caller: Caller) -> None:
    """They are made with each other, so none may wait for another one's turn at the quota."""
    await quota(caller, configmaps=5)
    creates = [bulk_writes.create(config_map(caller, f"c{number}")) for number in range(8)]
    outcomes = await bulk_writes.outcomes(caller, *creates)
    made = [each.WhichOneof("outcome") for each in outcomes]
    assert made == ["written"] * 5 + ["failure"] * 3
    assert "exceeded quota: q" in outcomes[-1].failure.message
    assert await used(caller) == {"configmaps": "5"}


async def test_an_atomic_request_is_charged_for_all_of_its_writes(caller: Caller) -> None:
    """In one write of the quota: all of them fit, or none is made."""
    await quota(caller, configmaps=3)
    await quota(caller, "both", configmaps=9, secrets=9)
    await caller.create(config_map(caller, "before"))
    names = ("cm", "a"), ("secret", "b"), ("cm", "c"), ("cm", "d")
    creates = [bulk_writes.create(caller.make(*each)) for each in names]
    outcomes = await bulk_writes.outcomes(caller, *creates, atomic=True)
    (refusal,) = (each for each in outcomes if each.failure.code == _FORBIDDEN)
    assert refusal.failure.message.endswith(
        "exceeded quota: q, requested: configmaps=1, used: configmaps=3, limited: configmaps=3"
    )
    assert await used(caller) == {"configmaps": "1"}
    outcomes = await bulk_writes.outcomes(caller, *creates[:3], atomic=True)
    assert [each.WhichOneof("outcome") for each in outcomes] == ["written"] * 3
    assert await used(caller) == {"configmaps": "3"}
    assert await used(caller, "both") == {"configmaps": "3", "secrets": "1"}
    # What is charged next is charged to what all of them have made of it.
    await caller.delete("cm", "a")
    assert await used(caller) == {"configmaps": "2"}
    service = caller.resource("cm").service
    swapped = bulk_writes.delete(service, "c"), bulk_writes.create(config_map(caller, "e"))
    outcomes = await bulk_writes.outcomes(caller, *swapped, atomic=True)
    assert [each.WhichOneof("outcome") for each in outcomes] == ["written"] * 2
    assert await used(caller) == {"configmaps": "2"}


async def test_evictions_of_one_stream_give_back_what_pods_used(caller: Caller) -> None:
    """Each has several writes, of the budget and of its pod: none waits for those of another."""
    await quota(caller, pods=9)
    labels = {"app": "web"}
    spec = {"selector": {"matchLabels": labels}, "maxUnavailable": 3}
    await caller.create(caller.make("pdb", "b", spec=spec))
    evictions = []
    for name in ("p", "q", "r"):
        each = pod(caller, name)
        each.metadata.labels.update(labels)
        await caller.create(each)
        eviction: Any = caller.resource("pods").request_class("Evict")()
        eviction.object.metadata.name = name
        evictions.append(bulk_writes.call("protocube.core.v1.Pods/Evict", eviction))
    assert await used(caller) == {"pods": "3"}
    outcomes = await bulk_writes.outcomes(caller, *evictions)
    assert [each.failure.message for each in outcomes] == [""] * 3
    assert await used(caller) == {"pods": "0"}


@pytest.mark.parametrize("is_first", [True, False])
async def test_an_atomic_request_cannot_change_a_quota_that_it_is_charged_to(
    caller: Caller, *, is_first: bool
) -> None:
    """It is refused: what the request wrote of the quota itself would be lost in the charge."""
    await quota(caller, configmaps=3)
    changed = await caller.get("quota", "q")
    changed.spec.hard["configmaps"] = "9"
    update = bulk_pb2.Write(update=bulk_writes.packed(changed))
    delete = bulk_writes.delete(caller.resource("quota").service, "q")
    for write in (update, delete):
        both = [write, bulk_writes.create(config_map(caller, "a"))]
        outcomes = await bulk_writes.outcomes(
            caller, *(both if is_first else reversed(both)), atomic=True
        )
        assert [each.failure.message for each in outcomes] == [
            "not done: the request is atomic, and its write 1 failed",
            "an atomic request cannot write the same twice: /registry/resourcequotas/default/q",
        ]
        assert (await caller.get("quota", "q")).spec.hard["configmaps"] == "3"
        assert await used(caller) == {"configmaps": "0"}


async def test_a_request_id_is_charged_once(caller: Caller) -> None:
    """A repeated call is answered with what the first one did."""
    await quota(caller, configmaps=1)
    for _ in range(2):
        await caller.create(config_map(caller, "a"), request_id="r")
    assert await used(caller) == {"configmaps": "1"}


async def _known(caller: Caller) -> None:
    """Wait until a server knows a quota of no Secrets: another one has made it."""
    message = caller.make("secret", "none")
    async with asyncio.timeout(20):
        while True:
            try:
                await caller.create(message, dry_run=True)
            except errors.Forbidden:
                return


@pytest.mark.etcd
async def test_two_servers_keep_a_quota_to_the_last_object(tmp_path: Path) -> None:
    """Of fifty creates at once over both, exactly as many succeed as the quota allows."""
    with etcd_process.running(tmp_path) as etcd:
        store = f"etcd://{etcd.endpoint}"
        async with AsyncExitStack() as stack:
            callers = [
                await stack.enter_async_context(admitting(tmp_path, store)) for _ in range(2)
            ]
            await quota(callers[0], pods=10, secrets=0)
            await _known(callers[1])
            calls = [callers[at % 2].create(pod(callers[at % 2], f"p{at}")) for at in range(50)]
            found = await asyncio.gather(*calls, return_exceptions=True)
            refusals = [each for each in found if isinstance(each, errors.Forbidden)]
            assert len(refusals) == 40
            said = "exceeded quota: q, requested: pods=1, used: pods=10, limited: pods=10"
            assert all(each.message.endswith(said) for each in refusals)
            listed = await callers[1].list("pod", namespace="default")
            assert len(listed.items) == 10
            assert (await used(callers[1]))["pods"] == "10"
            await asyncio.gather(
                *(
                    callers[at % 2].delete("pod", item.metadata.name, grace_period_seconds=0)
                    for at, item in enumerate(listed.items)
                )
            )
            assert (await used(callers[0]))["pods"] == "0"


@pytest.mark.etcd
async def test_two_servers_charge_atomic_requests_and_streams_exactly(tmp_path: Path) -> None:
    """Beside each other and beside single writes: what exists is what is used."""

    async def made(caller: Caller, word: str, count: int, **how: Any) -> int:
        creates = [
            bulk_writes.create(config_map(caller, f"{word}-{number}")) for number in range(count)
        ]
        outcomes = await bulk_writes.outcomes(caller, *creates, **how)
        done = [each for each in outcomes if each.WhichOneof("outcome") == "written"]
        assert not how or len(done) in (0, count), "an atomic request is made as a whole"
        return len(done)

    with etcd_process.running(tmp_path) as etcd:
        store = f"etcd://{etcd.endpoint}"
        async with AsyncExitStack() as stack:
            callers = [
                await stack.enter_async_context(admitting(tmp_path, store)) for _ in range(2)
            ]
            await quota(callers[0], configmaps=20, secrets=0)
            await _known(callers[1])
            counts = await asyncio.gather(
                *(made(callers[at % 2], f"a{at}", 3, atomic=True) for at in range(6)),
                *(made(callers[at % 2], f"s{at}", 4) for at in range(4)),
            )
            listed = await callers[1].list("cm", namespace="default")
            assert len(listed.items) == sum(counts) <= 20
            assert (await used(callers[0]))["configmaps"] == str(len(listed.items))
            # What is left is one write's, whoever looks.
            for at in range(20 - len(listed.items)):
                await callers[at % 2].create(config_map(callers[at % 2], f"left-{at}"))
            for caller in callers:
                await refused(caller.create(config_map(caller, "x")))
