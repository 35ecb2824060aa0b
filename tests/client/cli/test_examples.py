"""The examples of help texts: each runs, in a world that has what it speaks of (examples.yaml)."""

from __future__ import annotations

import asyncio
import base64
import copy
import os
import re
import shlex
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from protocube import errors
from protocube.catalog import Catalog
from protocube.manifests import decode
from protocube_client import Client
from protocube_client.cli.main import ROOT
from tests import server_process
from tests.client.command_line import CommandLine, Done
from tests.tls.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube_client.cli.command import Command, Root

WORLD: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_text())
NAMESPACE = "example-{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is known of some examples."""

    begins: list[str] = field(default_factory=list)
    skipped: str = ""
    """Why they are not run."""
    empty: bool = False
    """They make what others only use."""
    without: str = ""
    """What they make."""
    before: str = ""
    """What is to be run before them."""
    after: str = ""
    """What is to be run after them, because all namespaces have it."""
    more: str = ""
    """A flag that ends them."""
    stdin: str = ""
    codes: tuple[int, ...] = (0,)


def examples(command: Root | Command = ROOT) -> Iterator[str]:
    """Yield the examples of all commands, in the order of help."""
    text = command.examples.replace("\\\n", " ")
    yield from (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    for name in command.table:
        yield from examples(command.below(name))


def rule(example: str) -> Rule:
    """Return what is known of an example."""
    for told in WORLD["rules"]:
        if example.startswith(tuple(told["begins"])):
            return Rule(**told)
    return Rule()


def message(manifest: dict[str, Any], namespace: str = "") -> Any:
    """Return the object of a manifest."""
    resource = Catalog.shipped(comments=False).for_kind(manifest["apiVersion"], manifest["kind"])
    assert resource is not None
    found: Any = resource.message_class()
    decode.decode(manifest, found)
    if resource.namespaced:
        found.metadata.namespace = namespace
    return found


class World:
    """A server with what examples speak of, and a folder that is home and working directory."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        self._server = server
        self._request = ""
        self._runner = asyncio.Runner()
        self._client = Client(server)
        self.environ = {
            "HOME": str(folder),
            "PATH": f"{folder}/bin:{os.environ['PATH']}",
            "PROTOCUBE_CONFIG": str(folder / "config.yaml"),
            "TMPDIR": str(folder),
            "TOKEN": "token",
        }

    def build(self) -> None:
        """Write the programs and certificates, and make what is made once."""
        (self.folder / "bin").mkdir()
        for name, text in WORLD["programs"].items():
            path = self.folder / "bin" / name
            path.write_text(f"#!/bin/sh\n{text.replace('@folder', str(self.folder))}\n")
            path.chmod(0o755)
        issued = Authority(self.folder).issue("web")
        issued.certificate.rename(self.folder / "web.crt")
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ada")])
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self._request = base64.b64encode(signed).decode()

    def close(self) -> None:
        """Let go of the connection."""
        self._runner.run(self._client.close())
        self._runner.close()

    def renew(self, example: str, namespace: str, known: Rule) -> None:
        """Let everything be as it was for an example, whose objects are in a ``namespace``."""
        self._write_files(namespace)
        self._runner.run(self._populate(example, namespace, known))

    def resolved(self, text: str, namespace: str) -> str:
        """Return an example with the versions that objects have here."""
        for flag, kind in (("--resource-version=17", "pods"), ("--at-revision=1234", "configmaps")):
            if flag in text:
                found: Any = self._runner.run(self._client.get(kind, "web", namespace=namespace))
                name = flag.partition("=")[0]
                text = text.replace(flag, f"{name}={found.metadata.resource_version}")
        return text

    def _write_files(self, namespace: str) -> None:
        files = dict(WORLD["files"])
        for name, kind in WORLD["copies"].items():
            files[name] = next(each for each in WORLD["placed"] if each["kind"] == kind)
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str) else yaml.safe_dump(content)
            for mark, value in (
                ("@request", self._request),
                ("@server", self._server),
                ("@namespace", namespace),
            ):
                text = text.replace(mark, value)
            path.write_text(text)

    async def _populate(self, example: str, namespace: str, known: Rule) -> None:
        for name in (namespace, "team-a"):
            item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            is_needed = name == namespace or (name in example and _named(item) != known.without)
            with suppress(errors.AlreadyExists):
                if is_needed:
                    await self._client.create(message(item))
        for manifest in WORLD["cluster"]:
            if manifest["metadata"]["name"] in example:
                await self._renew(message(_filled(manifest, self._request)), known)
        async with asyncio.TaskGroup() as group:
            for manifest in WORLD["placed"] if not known.empty else ():
                if _named(manifest) != known.without:
                    group.create_task(self._create(manifest, namespace))

    async def _renew(self, item: Any, known: Rule) -> None:
        with suppress(errors.NotFound):
            await self._client.delete(type(item), item.metadata.name)
        if f"{item.kind}/{item.metadata.name}" != known.without:
            await self._client.create(item)

    async def _create(self, manifest: dict[str, Any], namespace: str) -> None:
        made: Any = await self._client.create(message(manifest, namespace))
        if "status" in manifest:
            made.status.CopyFrom(message(manifest, namespace).status)
            await self._client.update_status(made)
        revision = WORLD["revisions"].get(manifest["kind"])
        for number in (1, 2, 3) if revision else ():
            await self._client.create(message(_owned(revision, made, number), namespace))


def _named(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def _filled(manifest: dict[str, Any], request: str) -> dict[str, Any]:
    filled: dict[str, Any] = yaml.safe_load(yaml.safe_dump(manifest).replace("@request", request))
    return filled


def _owned(manifest: dict[str, Any], owner: Any, number: int) -> dict[str, Any]:
    """Return a revision of a workload."""
    found = copy.deepcopy(manifest)
    reference = {
        "apiVersion": owner.api_version,
        "kind": owner.kind,
        "name": owner.metadata.name,
        "uid": owner.metadata.uid,
        "controller": True,
    }
    found["metadata"] |= {
        "name": f"{owner.metadata.name}-{number}",
        "ownerReferences": [reference],
        "annotations": {"deployment.kubernetes.io/revision": str(number)},
    }
    template = found["spec" if "spec" in found else "data"]
    template = template.get("spec", template)["template"]
    template["spec"] = {"containers": [{"name": "web", "image": f"web:{number}"}]}
    if found["kind"] == "ControllerRevision":
        found["revision"] = number
    return found


def run(text: str, environ: dict[str, str], stdin: bytes = b"") -> Done:
    """Run a line as a shell would: cubectl in this process, and what stands around it in bash."""
    done = Done(code=0, out="", err="")
    for part in text.split(" | "):
        words = shlex.split(part)
        more = dict(word.split("=", 1) for word in _assignments(words))
        words = words[len(more) :]
        if words[0] == "cubectl":
            expanded = [re.sub(r"\$(\w+)", lambda found: environ[found[1]], word) for word in words]
            done = CommandLine(environ={**environ, **more})(*expanded[1:], stdin=stdin)
        else:
            ended = subprocess.run(
                ["bash", "-c", part], input=stdin, capture_output=True, env=environ, check=True
            )
            done = Done(code=0, out=ended.stdout.decode(), err=ended.stderr.decode())
        stdin = done.out.encode()
    return done


def _assignments(words: list[str]) -> Iterator[str]:
    for word in words:
        if not re.match(r"[A-Z_]+=", word):
            return
        yield word


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Provide the world, with a server that makes tokens and lets everybody do everything."""
    folder = tmp_path / "home"
    folder.mkdir()
    key = Authority(tmp_path).issue("tokens").key
    flags = ("--service-account-key", str(key), "--anonymous", "--authorization=always-allow")
    with server_process.running(tmp_path / "store.db", *flags) as server:
        world = World(folder, server.address)
        world.build()
        yield world
        world.close()


def test_every_example_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And does not fail, so that a person who types it in such a place gets what help promises."""
    monkeypatch.setenv("PATH", world.environ["PATH"])
    failed = []
    every = list(dict.fromkeys(examples()))
    with _working_in(world.folder):
        for number, example in enumerate(every):
            known = rule(example)
            if known.skipped:
                continue
            namespace = NAMESPACE.format(number)
            world.renew(example, namespace, known)
            if known.before:
                run(known.before, world.environ)
            text = world.resolved(f"{example} {known.more}", namespace)
            done = run(text, world.environ, known.stdin.encode())
            if known.after:
                run(known.after, world.environ)
            if done.code not in known.codes:
                failed.append(f"{example}\n  {done.code}: {done.err}")
    assert len(every) > 200
    assert not failed, "\n".join(failed)


def test_every_rule_is_of_an_example() -> None:
    """A rule of one that is gone says nothing."""
    every = list(examples())
    begins = [text for told in WORLD["rules"] for text in told["begins"]]
    assert [text for text in begins if not any(each.startswith(text) for each in every)] == []
