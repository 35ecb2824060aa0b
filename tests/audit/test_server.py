"""A server that writes down what is done: the events of calls, over the wire."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import signal
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from protocube import errors
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.audit.file import Rotation
from protocube_server.audit.log import WhenFull
from protocube_server.settings import Audit, Settings
from tests.audit.lines import events, told
from tests.authorization.ruled import bind, role, rule, ruled
from tests.server.bulk_writes import config_map, create, outcomes
from tests.server.caller import OWN, Caller
from tests.server_process import started

if TYPE_CHECKING:
    from pathlib import Path

MARK = "c2VjcmV0LW1hcms="
"""The data of a secret, as JSON has it: ``secret-mark``."""


def _audit(folder: Path, rules: str = "", **chosen: Any) -> Audit:
    policy = None
    if rules:
        policy = folder / "policy.yaml"
        policy.write_text(f"apiVersion: audit.k8s.io/v1\nkind: Policy\n{rules}\n")
    return Audit(log=str(folder / "audit.log"), policy=policy, **chosen)


async def test_writes_refusals_and_reads_of_secrets(tmp_path: Path) -> None:
    """That is written down without a policy, one event a call, and nothing of a secret's data."""
    log = tmp_path / "audit.log"
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        await role(admin, "r", rule("create,get,update", "configmaps"))
        await bind(admin, "alice", "ClusterRole", "r")
        begun = len(events(log))
        made = await alice.create(alice.make("cm", "a", data={"k": "v"}))
        await alice.get("cm", "a", namespace="default")
        await admin.create(
            admin.make("secret", "s", metadata={"namespace": "default"}, data={"password": MARK})
        )
        await admin.get("secret", "s", namespace="default")
        with pytest.raises(errors.Forbidden) as refused:
            await alice.get("secret", "s", namespace="default")
        made.data["k"] = "w"
        made.metadata.labels["x"] = "y"
        changed = await alice.update(made)
        await alice.update(changed)
        with pytest.raises(errors.Forbidden):
            await alice.list("pods")
        await admin.delete("secret", "s")
        found = events(log)[begun:]
    assert told(found) == [
        "alice create configmaps a 201",
        "admin create secrets s 201",
        "admin get secrets s 200",
        "alice get secrets s 403",
        "alice update configmaps a 200",
        "alice update configmaps a 200",
        "alice list pods - 403",
        "admin delete secrets s 200",
    ]
    text = log.read_text()
    assert MARK not in text
    assert "secret-mark" not in text
    assert "Bearer" not in text
    because = 'RBAC: allowed by ClusterRoleBinding "alice-r" of ClusterRole "r" to User "alice"'
    version = made.metadata.resource_version
    assert found[0]["annotations"] == {
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason": because,
        "audit.protocube/new-version": version,
    }
    assert found[3]["annotations"] == {"authorization.k8s.io/decision": "forbid"}
    assert found[3]["responseStatus"] == {
        "metadata": {},
        "status": "Failure",
        "message": refused.value.message,
        "reason": "Forbidden",
        "code": 403,
    }
    changes = [
        {key.partition("/")[2]: text for key, text in found[at]["annotations"].items()}
        for at in (4, 5)
    ]
    assert changes[0]["old-version"] == version
    assert changes[0]["new-version"] == changed.metadata.resource_version
    assert changes[0]["changed"] == "metadata.labels[x],data[k]"
    assert changes[1]["unchanged"] == "true"
    assert "new-version" not in changes[1]


async def test_an_event_is_kubernetes(tmp_path: Path) -> None:
    """It has the fields of ``audit.k8s.io/v1``, in their order."""
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin = await server.caller("admin")
        with pytest.raises(errors.Invalid):
            await admin.create(admin.make("deployment", "web"))
        await admin.create(admin.make("ns", "dev"))
        deployment, namespace = events(tmp_path / "audit.log")[-2:]
    assert list(deployment) == [
        "kind",
        "apiVersion",
        "level",
        "auditID",
        "stage",
        "requestURI",
        "verb",
        "user",
        "sourceIPs",
        "userAgent",
        "objectRef",
        "responseStatus",
        "requestReceivedTimestamp",
        "stageTimestamp",
        "annotations",
    ]
    assert deployment["level"] == "Metadata"
    assert deployment["stage"] == "ResponseComplete"
    assert deployment["requestURI"] == "/protocube.apps.v1.Deployments/Create"
    assert deployment["sourceIPs"] == ["127.0.0.1"]
    assert deployment["user"]["groups"] == ["system:masters", "system:authenticated"]
    assert deployment["objectRef"] == {
        "resource": "deployments",
        "namespace": "default",
        "name": "web",
        "apiGroup": "apps",
        "apiVersion": "v1",
    }
    assert deployment["responseStatus"]["code"] == 422
    assert deployment["requestReceivedTimestamp"] <= deployment["stageTimestamp"]
    # A namespace lies in itself.
    assert namespace["objectRef"]["namespace"] == namespace["objectRef"]["name"] == "dev"


async def test_callers_who_are_not_known(tmp_path: Path) -> None:
    """They are written down without a user, and no more of them than a disk can bear."""
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        async with Caller(server.address, Catalog.shipped(), OWN) as stranger:
            begun = len(events(tmp_path / "audit.log"))
            for _ in range(200):
                with pytest.raises(errors.Unauthenticated):
                    await stranger.get("secret", "s")
        await (await server.caller("admin")).create((await server.caller("admin")).make("ns", "x"))
        found = events(tmp_path / "audit.log")[begun:-1]
    assert 50 <= len(found) < 200
    first = found[0]
    assert (first["stage"], first["user"]) == ("ResponseStarted", {})
    assert first["objectRef"]["resource"] == "secrets"
    assert first["responseStatus"]["reason"] == "Unauthorized"


async def test_acting_as_somebody_else(tmp_path: Path) -> None:
    """Both users are told, and so is one who may not."""
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        request: Any = admin.resource("cm").create_request_class()
        request.object.CopyFrom(admin.make("cm", "a"))
        create = "/protocube.core.v1.ConfigMaps/Create"
        entries = [("impersonate-user", "bob")]
        for caller in (admin, alice):
            with pytest.raises(errors.Forbidden):
                await caller.send(create, request.SerializeToString(), metadata=entries)
        # A line that a call did not wait for is written before the next one.
        await admin.create(admin.make("ns", "x"))
        first, second = events(tmp_path / "audit.log")[-3:-1]
    assert first["user"]["username"] == "admin"
    assert first["impersonatedUser"]["username"] == "bob"
    assert second["user"]["username"] == "alice"
    assert "impersonatedUser" not in second
    assert 'cannot impersonate resource "users"' in second["responseStatus"]["message"]


async def test_a_watch_is_one_event(tmp_path: Path) -> None:
    """It is written when the watch begins, or when it is refused."""
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        async with aclosing(admin.watch("secrets")) as responses:
            await anext(responses)
        with pytest.raises(errors.Forbidden):
            async with aclosing(alice.watch("secrets")) as responses:
                await anext(responses)
        await admin.create(admin.make("ns", "x"))
        found = events(tmp_path / "audit.log")[-3:-1]
    assert told(found) == ["admin watch secrets - 200", "alice watch secrets - 403"]
    assert [event["stage"] for event in found] == ["ResponseStarted", "ResponseComplete"]


async def test_a_stream_of_writes_has_their_events(tmp_path: Path) -> None:
    """Each write has one, with its own outcome, also where they stand or fall together."""
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin = await server.caller("admin")
        writes = [create(config_map(admin, name)) for name in "aab"]
        await outcomes(admin, *writes[:2])
        await outcomes(admin, *writes[1:], atomic=True)
        found = events(tmp_path / "audit.log")[-4:]
    assert sorted(told(found)) == [
        "admin create configmaps a 201",
        "admin create configmaps a 409",
        "admin create configmaps a 409",
        "admin create configmaps b 409",
    ]
    assert {event["sourceIPs"][0] for event in found} == {"127.0.0.1"}
    assert all(event["userAgent"] for event in found)


async def test_levels_with_objects(tmp_path: Path) -> None:
    """Request has the object as it came, RequestResponse the answer; large ones are left out."""
    rules = (
        "rules:\n"
        "- {level: Metadata, resources: [{resources: [secrets]}]}\n"
        "- {level: RequestResponse, verbs: [create, list]}\n"
        "- {level: Request, verbs: [patch, delete]}\n"
        "- {level: None, verbs: [update]}"
    )
    async with ruled(tmp_path, audit=_audit(tmp_path, rules)) as server:
        admin = await server.caller("admin")
        await admin.create(
            admin.make("secret", "s", metadata={"namespace": "default"}, data={"password": MARK})
        )
        made = await admin.create(admin.make("cm", "a", data={"k": "v"}))
        await admin.update(made)
        await admin.get("cm", "a")
        await admin.patch("cm", "a", namespace="default", merge_patch={"data": {"k": "w"}})
        await admin.list("cm")
        await admin.create(admin.make("cm", "large", data={"k": "x" * 200_000}))
        log = tmp_path / "audit.log"
        found = [event for event in events(log) if event["user"]["username"] == "admin"]
    assert MARK not in log.read_text()
    secret, small, patch, listed, large = found
    assert "requestObject" not in secret
    assert small["requestObject"]["metadata"] == {"name": "a"}
    assert small["responseObject"]["metadata"]["uid"] == made.metadata.uid
    assert json.loads(patch["requestObject"]["mergePatch"]) == {"data": {"k": "w"}}
    assert "responseObject" not in patch
    assert next(item["metadata"]["name"] for item in listed["responseObject"]["items"]) == "a"
    assert large["annotations"]["audit.k8s.io/truncated"] == "true"
    assert "requestObject" not in large
    assert len(json.dumps(large)) < 4096


async def test_methods_that_are_no_kinds(tmp_path: Path) -> None:
    """A policy can ask for them by their paths."""
    rules = "rules: [{level: Metadata, nonResourceURLs: [/protocube.discovery.v1.Discovery/*]}]"
    async with ruled(tmp_path, audit=_audit(tmp_path, rules)) as server:
        alice = await server.caller("alice")
        await alice.send("/protocube.discovery.v1.Discovery/GetServerInfo", b"")
    (event,) = events(tmp_path / "audit.log")
    assert event["requestURI"] == "/protocube.discovery.v1.Discovery/GetServerInfo"
    assert (event["verb"], event["user"]["username"]) == ("call", "alice")


async def test_methods_that_are_no_kinds_ask_for_rights(tmp_path: Path) -> None:
    """They are not open because somebody writes down who calls; refusals are written down."""
    method = "/protocube.discovery.v1.Discovery/GetServerInfo"
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin, alice = await server.caller("admin"), await server.caller("alice")
        await alice.send(method, b"")
        await admin.delete("clusterrolebindings", "system:discovery")
        with pytest.raises(errors.Forbidden):
            await alice.send(method, b"")
        await admin.create(admin.make("ns", "x"))
        event = events(tmp_path / "audit.log")[-2]
    assert event["requestURI"] == method
    assert (event["user"]["username"], event["responseStatus"]["code"]) == ("alice", 403)


async def test_a_secret_that_is_refused_is_not_repeated(tmp_path: Path) -> None:
    """What is wrong with it may be a value of it."""
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin = await server.caller("admin")
        with pytest.raises(errors.Invalid):
            await admin.create(admin.make("secret", "s", type="kubernetes.io/tls"))
        event = events(tmp_path / "audit.log")[-1]
    assert event["responseStatus"]["code"] == 422
    assert "message" not in event["responseStatus"]


async def test_a_full_disk(tmp_path: Path) -> None:
    """Blocked, what would be written down is refused, and other reads go on; else all goes on."""
    full: Any = {"log": "/dev/full", "rotation": Rotation(size=0)}
    folder = tmp_path / "blocks"
    folder.mkdir()
    async with ruled(folder, audit=Audit(**full)) as server:
        admin = await server.caller("admin")
        with pytest.raises(errors.OutcomeUnknown, match="the write may have happened"):
            await admin.create(admin.make("cm", "a"))
        with pytest.raises(errors.Unavailable, match="the audit log cannot be written"):
            await admin.create(admin.make("cm", "b"))
        with pytest.raises(errors.Unavailable):
            await admin.list("secrets")
        assert [item.metadata.name for item in (await admin.list("cm")).items] == ["a"]
    folder = tmp_path / "drops"
    folder.mkdir()
    async with ruled(folder, audit=Audit(when_full=WhenFull.DROP, **full)) as server:
        admin = await server.caller("admin")
        await admin.create(admin.make("cm", "a"))
        await admin.list("secrets")


async def test_without_callers_by_name(tmp_path: Path) -> None:
    """On loopback there is no log unless one is asked for; then everybody is system:admin."""
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.1)
    async with app.running(settings):
        pass
    assert not (tmp_path / "store.audit.log").exists()
    settings = dataclasses.replace(settings, audit=_audit(tmp_path))
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as me:
        await me.create(me.make("cm", "a"))
        assert told(events(tmp_path / "audit.log")) == ["system:admin create configmaps a 201"]


async def test_a_log_that_cannot_be_written_ends_the_start(tmp_path: Path) -> None:
    """So does a policy that cannot be used; both say why."""
    store = f"sqlite:{tmp_path}/store.db"
    wrong = {
        "cannot write the audit log": Audit(log=str(tmp_path)),
        "loaded illegal policy with 0 rules": _audit(tmp_path, "rules: []"),
        "--audit-policy contradicts": dataclasses.replace(
            _audit(tmp_path, "rules: []"), log="none"
        ),
    }
    for message, audit in wrong.items():
        with pytest.raises(ValueError, match=message):
            async with app.running(Settings(listen="127.0.0.1:0", store=store, audit=audit)):
                pass


async def test_elsewhere_calls_are_written_down(tmp_path: Path) -> None:
    """Without a word about it the log lies beside the store's file."""
    elsewhere: Any = {"listen": "0.0.0.0:0", "insecure_plaintext": True}
    async with ruled(tmp_path, audit=Audit(), **elsewhere) as far:
        port = far.address.rpartition(":")[2]
        async with Caller(f"127.0.0.1:{port}", Catalog.shipped(), OWN) as stranger:
            with pytest.raises(errors.Unauthenticated):
                await stranger.list("cm")
    assert told(events(tmp_path / "store.audit.log"))[-1] == "- list configmaps - 401"


async def test_every_answered_write_has_its_line(tmp_path: Path) -> None:
    """Also when the server is killed amid writes."""
    log = tmp_path / "audit.log"
    answered: set[str] = set()
    flags = (
        "--listen",
        "127.0.0.1:0",
        "--store",
        f"sqlite:{tmp_path}/store.db",
        "--audit-log",
        str(log),
    )
    async with started(*flags) as server:
        await server.ready()
        async with Caller(server.address, Catalog.shipped(), OWN) as caller:

            async def create(number: int) -> None:
                name = f"cm-{number}"
                try:
                    await caller.create(caller.make("cm", name))
                except errors.ApiError:
                    return
                answered.add(name)
                if len(answered) == 150:
                    server.send(signal.SIGKILL)

            await asyncio.gather(*map(create, range(450)))
        await server.kill()
    assert 150 <= len(answered) < 450
    assert answered <= {event["objectRef"]["name"] for event in events(log)}


async def test_the_servers_own_calls_are_written_down(tmp_path: Path) -> None:
    """What the collector deletes has the collector's name."""
    log = tmp_path / "audit.log"
    async with ruled(tmp_path, audit=_audit(tmp_path)) as server:
        admin = await server.caller("admin")
        owner = await admin.create(admin.make("cm", "owner"))
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner"}
        reference["uid"] = owner.metadata.uid
        await admin.create(admin.make("cm", "owned", metadata={"ownerReferences": [reference]}))
        await admin.delete("cm", "owner", namespace="default")
        async with asyncio.timeout(20):
            # The line is written when the deletion is answered, after its event.
            while "owned 200" not in told(events(log))[-1]:  # noqa: ASYNC110  # a thread writes it
                await asyncio.sleep(0)
    gone = told(events(log))[-1]
    collector = "system:serviceaccount:kube-system:generic-garbage-collector"
    assert gone == f"{collector} delete configmaps owned 200"
