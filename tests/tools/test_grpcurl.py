"""grpcurl with nothing but an address: reflection gives it all that it needs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.server_process import started
from tests.tools.go_tools import ROOT, Done, run, tool

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)


class Grpcurl:
    """The command, for one server."""

    def __init__(self, program: str, address: str) -> None:
        self._program = program
        self._address = address

    async def __call__(self, *words: str, data: str = "", flags: tuple[str, ...] = ()) -> Done:
        """Run it; ``words`` are what follows the address."""
        given = ("-d", data) if data else ()
        return await run(self._program, "-plaintext", *flags, *given, self._address, *words)

    async def said(self, *words: str, data: str = "") -> str:
        """Return what it printed; it must succeed."""
        done = await self(*words, data=data)
        assert done.code == 0, done.text
        return done.text


@pytest.fixture
async def grpcurl(tmp_path: Path) -> AsyncGenerator[Grpcurl, None]:
    """Provide grpcurl and an empty server for it."""
    program = await tool("grpcurl")
    flags = ("--listen", "127.0.0.1:0", "--store", f"sqlite:{tmp_path}/store.db")
    async with started(*flags) as process:
        yield Grpcurl(program, await process.ready())


async def test_it_lists_every_service(grpcurl: Grpcurl) -> None:
    """Kinds, discovery, health and reflection are there, once each."""
    listed = (await grpcurl.said("list")).splitlines()
    assert len(listed) == len(set(listed))
    assert {
        "protocube.core.v1.Pods",
        "protocube.discovery.v1.Discovery",
        "protocube.watch.v1.Watches",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    } <= set(listed)


async def test_every_service_can_be_described(grpcurl: Grpcurl) -> None:
    """No service names a message that reflection does not know."""
    for service in (await grpcurl.said("list")).splitlines():
        assert f"{service} is a service:" in await grpcurl.said("describe", service)


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [
        ("protocube.core.v1.Pod", "option (.protocube.api.v1.resource) = {"),
        (
            "protocube.core.v1.ContainerPort.protocol",
            '(.protocube.api.v1.field) = { default: "TCP" }',
        ),
        ("protocube.core.v1.ContainerPort.protocol", 'string: { in: [ "SCTP", "TCP", "UDP" ] }'),
        ("protocube.core.v1.ContainerPort.container_port", "[.protocube.api.v1.port_number]: true"),
        ("protocube.rbac.v1.RoleBinding.role_ref", 'id: "unsupported.kind"'),
        ("protocube.core.v1.CreatePodRequest", ".protocube.core.v1.Pod object = 1;"),
        ("google.rpc.BadRequest", "message FieldViolation {"),
        ("google.rpc.ErrorInfo", "map<string, string> metadata = 3;"),
        ("google.rpc.RetryInfo", ".google.protobuf.Duration retry_delay = 1;"),
        ("grpc.health.v1.Health", "rpc Watch ("),
    ],
)
async def test_it_shows_messages_with_their_options(
    grpcurl: Grpcurl, symbol: str, shown: str
) -> None:
    """Rules, defaults and columns are options, and are shown by name rather than as bytes."""
    described = await grpcurl.said("describe", symbol)
    assert shown in described, described


async def test_health_is_checked_and_watched(grpcurl: Grpcurl) -> None:
    """Check answers for the server and for a service; Watch says at once what holds now."""
    check, watch = "grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch"
    serving = {"status": "SERVING"}
    assert json.loads(await grpcurl.said(check)) == serving
    pods = '{"service": "protocube.core.v1.Pods"}'
    assert json.loads(await grpcurl.said(check, data=pods)) == serving
    unknown = await grpcurl(check, data='{"service": "nobody"}')
    assert "Code: NotFound" in unknown.text
    # A watch goes on until its time is up.
    watched = await grpcurl(watch, flags=("-max-time", "2"))
    assert '"status": "SERVING"' in watched.text
    assert "Code: DeadlineExceeded" in watched.text


async def test_an_object_is_created_read_and_deleted(grpcurl: Grpcurl) -> None:
    """What it sends and prints is the JSON of a manifest."""
    maps = "protocube.core.v1.ConfigMaps"
    wanted = '{"object": {"metadata": {"name": "web"}, "data": {"key": "value"}}}'
    made = json.loads(await grpcurl.said(f"{maps}/Create", data=wanted))
    assert made["kind"] == "ConfigMap"
    assert made["metadata"]["namespace"] == "default"
    named = '{"name": "web"}'
    assert json.loads(await grpcurl.said(f"{maps}/Get", data=named)) == made
    listed = json.loads(await grpcurl.said(f"{maps}/List", data='{"namespace": "default"}'))
    assert [item["data"] for item in listed["items"]] == [{"key": "value"}]
    await grpcurl.said(f"{maps}/Delete", data=named)
    gone = await grpcurl(f"{maps}/Get", data=named)
    assert 'Message: configmaps "web" not found' in gone.text
    assert '"reason": "NotFound"' in gone.text


async def test_an_object_is_patched(grpcurl: Grpcurl) -> None:
    """By a text, and by the fields of an object that a mask names, without any file."""
    maps = "protocube.core.v1.ConfigMaps"
    wanted = '{"object": {"metadata": {"name": "web"}, "data": {"k": "v"}}}'
    await grpcurl.said(f"{maps}/Create", data=wanted)
    text = {"name": "web", "mergePatch": json.dumps({"data": {"k": "w", "l": "x"}})}
    patched = json.loads(await grpcurl.said(f"{maps}/Patch", data=json.dumps(text)))
    assert patched["data"] == {"k": "w", "l": "x"}
    fields = {
        "name": "web",
        "object": {"metadata": {"labels": {"team": "blue"}}, "data": {"not": "named"}},
        # Other tools write a mask as protobuf's JSON has it, as one text: "metadata.labels".
        "updateMask": {"paths": ["metadata.labels"]},
    }
    patched = json.loads(await grpcurl.said(f"{maps}/Patch", data=json.dumps(fields)))
    assert patched["metadata"]["labels"] == {"team": "blue"}
    assert patched["data"] == {"k": "w", "l": "x"}
    operations = [{"op": "test", "path": "/data/k", "value": "other"}]
    refused = {"name": "web", "jsonPatch": json.dumps(operations)}
    done = await grpcurl(f"{maps}/Patch", data=json.dumps(refused))
    assert "Code: InvalidArgument" in done.text


async def test_an_object_is_applied(grpcurl: Grpcurl) -> None:
    """By an object and by a manifest; what another manager owns is named, and taken by force."""
    apply = "protocube.core.v1.ConfigMaps/Apply"

    def configuration(manager: str, colour: str, **fields: object) -> str:
        wanted = {"metadata": {"name": "web"}, "data": {"colour": colour}}
        return json.dumps({"fieldManager": manager, "object": wanted, **fields})

    made = json.loads(await grpcurl.said(apply, data=configuration("shop", "red")))
    assert made["data"] == {"colour": "red"}
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {colour: blue}\n"
    text = {"name": "web", "fieldManager": "shop", "manifest": manifest}
    for dry_run in (True, False):
        data = json.dumps({**text, "dryRun": dry_run})
        assert json.loads(await grpcurl.said(apply, data=data))["data"] == {"colour": "blue"}
        read = await grpcurl.said("protocube.core.v1.ConfigMaps/Get", data='{"name": "web"}')
        assert json.loads(read)["data"] == {"colour": "red" if dry_run else "blue"}
    refused = await grpcurl(apply, data=configuration("paint", "green"))
    assert "Code: Aborted" in refused.text
    _, _, failure = refused.text.partition("3)")
    assert json.loads(failure) == {
        "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
        "violations": [
            {"type": "FieldManagerConflict", "subject": "shop", "description": ".data.colour"}
        ],
    }
    forced = configuration("paint", "green", force=True, includeManagedFields=True)
    taken = json.loads(await grpcurl.said(apply, data=forced))
    assert taken["data"] == {"colour": "green"}
    (owner,) = taken["metadata"]["managedFields"]
    assert (owner["manager"], owner["fieldsV1"]) == ("paint", {"f:data": {"f:colour": {}}})


@pytest.mark.parametrize("page", ["README.md", "docs/load-testing.md"])
async def test_the_commands_of_a_page_work(grpcurl: Grpcurl, page: str) -> None:
    """What a page does to an object with grpcurl, one command after the other, is carried out."""
    told = (ROOT / page).read_text()
    commands = re.findall(
        r"^grpcurl -plaintext -d '([^']+)' \\\n +127\.0\.0\.1:7443 (\S+)", told, re.MULTILINE
    )
    maps = [(data, call) for data, call in commands if '"web"' in data]
    assert {call.rpartition("/")[2] for _, call in maps} == {"Create", "Patch", "Apply"}
    for data, call in maps:
        await grpcurl.said(call, data=data)
    read = json.loads(
        await grpcurl.said("protocube.core.v1.ConfigMaps/Get", data='{"name": "web"}')
    )
    assert read["metadata"]["labels"] == {"team": "blue"}
    assert read["data"]["colour"] in {"red", "green"}


async def test_violations_are_shown_with_their_paths(grpcurl: Grpcurl) -> None:
    """Error details are printed by their names: each violation with path, reason and text."""
    pod = '{"object": {"metadata": {"name": "x"}, "spec": {"containers": [{"name": "main"}]}}}'
    refused = await grpcurl("protocube.core.v1.Pods/Create", data=pod)
    assert "Code: InvalidArgument" in refused.text
    assert '"@type": "type.googleapis.com/google.rpc.ErrorInfo"' in refused.text
    _, _, bad = refused.text.partition("2)")
    assert json.loads(bad) == {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "field_violations": [
            {
                "field": "spec.containers[0].image",
                "description": "Required value",
                "reason": "FieldValueRequired",
            }
        ],
    }


async def test_many_writes_go_in_one_call(grpcurl: Grpcurl) -> None:
    """The command of docs/bulk.md, as it stands there."""
    page = (ROOT / "docs" / "bulk.md").read_text()
    shown = re.search(r"-d '(.+?)' 127\.0\.0\.1:7443 (\S+)\n", page, re.DOTALL)
    assert shown is not None
    answered = json.loads(await grpcurl.said(shown[2], data=shown[1]))
    made, missing = answered["outcomes"]
    assert made["written"]["name"] == "a"
    assert (missing["failure"]["code"], missing["failure"]["message"]) == (
        5,
        'configmaps "b" not found',
    )
