"""A server on a store whose pages have one record: what lies on a later page counts, too."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.policy.v1 import eviction_requests_pb2
from protocube_server.kinds.named.allocation import Ranges
from tests import small_pages
from tests.admission import admitted
from tests.server.bulk_writes import config_map, create, outcomes
from tests.server.store_commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.caller import Caller
    from tests.server.conftest import Serve

_NAMES = ("a", "b", "c")


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    small_pages.use(monkeypatch)


async def _evict(api: Caller, name: str) -> None:
    request = eviction_requests_pb2.EvictRequest()
    request.object.metadata.name = name
    await api.send("/protocube.core.v1.Pods/Evict", request.SerializeToString())


async def _pod(api: Caller, name: str) -> None:
    spec = {"containers": [{"name": "c", "image": "i"}], "nodeName": "n"}
    made = await api.create(api.make("pods", name, spec=spec, metadata={"labels": {"app": name}}))
    made.status.phase = "Running"
    made.status.conditions.add(type="Ready", status="True")
    await api.write("UpdateStatus", made)


async def _budget(api: Caller, name: str, app: str, namespace: str = "default") -> None:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": app}}}
    metadata = {"name": name, "namespace": namespace}
    await api.create(api.make("pdb", metadata=metadata, spec=spec))


async def test_a_budget_guards_from_any_page(api: Caller) -> None:
    """The last one of a namespace does; several are one too many, wherever they are."""
    for name in _NAMES:
        await _pod(api, name)
        await _budget(api, name, name)
    for name in _NAMES:
        with pytest.raises(errors.TooManyRequests):
            await _evict(api, name)
    await _budget(api, "z", "a")
    with pytest.raises(errors.Internal, match="more than one PodDisruptionBudget"):
        await _evict(api, "a")


async def test_a_budget_of_another_namespace_guards_nothing(api: Caller) -> None:
    """Though its selector fits."""
    await api.create(api.make("ns", "other"))
    await _pod(api, "a")
    await _budget(api, "a", "a", "other")
    await _evict(api, "a")


async def test_a_range_is_full_when_all_pages_are(serve: Serve) -> None:
    """What is in use is known from all of them: the last value is found, and then there is none."""
    networks = (ipaddress.IPv4Network("10.1.0.0/29"),)
    async with serve(ranges=Ranges(networks=networks, ports=range(30000, 30006))) as api:
        spec = {"type": "NodePort", "ports": [{"port": 80}]}
        made = [await api.create(api.make("svc", f"s-{n}", spec=spec)) for n in range(6)]
        assert len({item.spec.cluster_ip for item in made}) == 6
        assert {item.spec.ports[0].node_port for item in made} == {*range(30000, 30006)}
        with pytest.raises(errors.Internal, match="range is full"):
            await api.create(api.make("svc", "more", spec=spec))


async def test_a_quota_counts_all_pages_of_its_namespace(tmp_path: Path) -> None:
    """What was there before it, and nothing of another namespace."""
    async with admitted.admitting(tmp_path) as api:
        await api.create(api.make("ns", "other"))
        for namespace in ("default", "other"):
            for name in _NAMES:
                metadata = {"name": name, "namespace": namespace}
                await api.create(api.make("cm", metadata=metadata))
        hard = {"configmaps": "4"}
        await api.create(api.make("quota", "q", spec={"hard": hard}))
        assert dict((await api.get("quota", "q")).status.used) == {"configmaps": "3"}
        await api.create(api.make("cm", "d"))
        with pytest.raises(errors.Forbidden, match="exceeded quota: q"):
            await api.create(api.make("cm", "e"))
        await api.create(api.make("cm", metadata={"name": "d", "namespace": "other"}))


async def test_parameters_are_chosen_from_all_pages(tmp_path: Path) -> None:
    """One that refuses does so from the last page, and not from another namespace."""
    async with admitted.admitting(tmp_path) as api:
        await api.create(api.make("ns", "other"))
        for number, name in enumerate(_NAMES):
            for namespace in ("default", "other"):
                least = 2 if (name, namespace) == ("c", "default") else 0
                await api.create(
                    api.make(
                        "secrets",
                        metadata={"name": name, "namespace": namespace, "labels": {"is": "p"}},
                        stringData={"least": str(least), "number": str(number)},
                    )
                )
        await admitted.policy(
            api,
            "p",
            "size(object.data) >= int(string(params.data['least']))",
            paramKind={"apiVersion": "v1", "kind": "Secret"},
        )
        chosen = {"matchLabels": {"is": "p"}}
        reference = {"selector": chosen, "parameterNotFoundAction": "Deny"}
        await admitted.binding(api, "p", paramRef=reference)
        await admitted.refused(api.create(api.make("cm", "x", data={"k": "v"})))
        elsewhere = {"name": "x", "namespace": "other"}
        await api.create(api.make("cm", metadata=elsewhere, data={"k": "v"}))


async def test_policies_of_all_pages_are_in_force_after_a_restart(tmp_path: Path) -> None:
    """Each of them, from the first call on."""
    async with admitted.admitting(tmp_path) as api:
        for name in _NAMES:
            await admitted.policy(api, name, f"object.metadata.name != 'not-{name}'")
            await admitted.binding(api, name)
    async with admitted.admitting(tmp_path) as api:
        for name in _NAMES:
            await admitted.refused(api.create(api.make("cm", f"not-{name}")))


async def test_a_stream_that_is_repeated_finds_all_that_it_did(api: Caller) -> None:
    """The records of its writes lie on several pages: nothing is done twice."""
    writes = [create(config_map(api, name)) for name in _NAMES]
    options: dict[str, Any] = {"request_id": "r"}
    first = await outcomes(api, *writes, **options)
    again = await outcomes(api, *writes, **options)
    assert [each.written.uid for each in again] == [each.written.uid for each in first]
    assert [each.WhichOneof("outcome") for each in again] == ["written"] * 3


def test_an_export_has_all_pages(url: str, tmp_path: Path) -> None:
    """And an import writes all of them."""
    target, other = tmp_path / "all.jsonl", f"sqlite:{tmp_path}/imported.db"
    result = run("export", target, "--store", url)
    assert result.exit_code == 0, result.output
    assert "2 objects exported" in result.output
    result = run("import", target, "--store", other)
    assert result.exit_code == 0, result.output
    again = tmp_path / "again.jsonl"
    assert "2 objects exported" in run("export", again, "--store", other).output
    lines = [path.read_text().splitlines()[1:-1] for path in (target, again)]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 2


async def test_kinds_of_all_pages_are_served_after_a_restart(serve: Serve) -> None:
    """Discovery, and the objects of each kind."""
    async with serve() as api:
        for name in _NAMES:
            await api.create(_definition(api, name))
        await asyncio.gather(*(_until_served(api, name) for name in _NAMES))
    async with serve() as api:
        await asyncio.gather(*(_until_served(api, name) for name in _NAMES))


def _definition(api: Caller, name: str) -> Any:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": f"{name}things", "singular": f"{name}thing", "kind": f"{name.upper()}Thing"}
    spec = {"group": "e.com", "scope": "Namespaced", "names": names, "versions": [version]}
    return api.make("crd", f"{name}things.e.com", spec=spec)


async def _until_served(api: Caller, name: str) -> None:
    def established(found: Any) -> bool:
        return any(
            each.type == "Established" and each.status == "True" for each in found.status.conditions
        )

    await api.until("crd", f"{name}things.e.com", established)
