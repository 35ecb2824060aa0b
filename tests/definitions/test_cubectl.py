"""A kind of one's own, from a .proto file to its stubs, with cubectl alone."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pb2

from protocube.catalog import Catalog
from protocube.manifests.manifest_error import ManifestError
from protocube_client.resource import protoc
from tests import machines
from tests.compiling import comments, compiled
from tests.definitions.cubectl import CUBECTL, FLEET, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.definitions.defining import Definer

_SCHEMA = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lamps.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: lamps, kind: Lamp, listKind: LampList, singular: lamp}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        description: Gives light.
        properties:
          spec:
            type: object
            properties:
              colour: {type: string, enum: [red, green], default: red}
              rooms: {type: object, additionalProperties: {type: integer}}
"""
_NAME = "machines.fleet.example.com"


async def test_a_proto_file_is_created_as_a_manifest_is(definer: Definer, tmp_path: Path) -> None:
    """Its objects, columns, comments and stubs are there with the next commands."""
    address = definer.base.address
    made = await run(address, "create", "-f", FLEET / "machine.proto")
    assert made.out == f"definition.definitions.protocube.dev/{_NAME} created\n", made.err
    assert (await run(address, "create", "-f", FLEET / "machines.yaml")).code == 0
    shown = await run(address, "get", "mach", "-o", "wide")
    assert [line.split()[:2] for line in shown.out.splitlines()] == [
        ["NAME", "CORES"],
        ["heavy", "64"],
        ["light", "2"],
    ]
    told = await run(address, "explain", "machine.spec.cores")
    assert "How many processor cores it has." in told.out
    listed = await run(address, "get", "definitions")
    assert listed.out.splitlines()[1].split()[:4] == [_NAME, "Machine", "v1", "True"]
    stubs = await run(address, "stubs", "python", tmp_path / "gen")
    assert stubs.out.startswith(f"python stubs of {_NAME} written"), stubs.err
    code = (
        "from fleet.v1 import machine_pb2, machine_service_pb2_grpc as service, "
        "machine_service_pb2 as requests\n"
        "import grpc, sys\n"
        "stub = service.MachinesStub(grpc.insecure_channel(sys.argv[1]))\n"
        "machine = machine_pb2.Machine(metadata={'generate_name': 'm'}, spec={'cores': 8})\n"
        "made = stub.Create(requests.CreateMachineRequest(object=machine))\n"
        "import protocube\n"
        "print(made.spec.cores, made.kind, hasattr(protocube, '__version__'))\n"
    )
    beside = await _python(code, address, tmp_path / "gen")
    assert beside == "8 Machine True\n"
    # Without the files that make an installation: protocube's is editable.
    site = sysconfig.get_path("purelib")
    alone = await _python(code, address, tmp_path / "gen", "-S", path=site)
    assert alone == "8 Machine False\n"
    texts = await run(address, "stubs", "protos", tmp_path / "protos", "--kind", "machine")
    assert texts.code == 0, texts.err
    sent = (tmp_path / "protos" / "fleet" / "v1" / "machine.proto").read_text()
    assert sent == (FLEET / "machine.proto").read_text()
    assert "service Machines" in (tmp_path / "protos/fleet/v1/machine_service.proto").read_text()


@pytest.mark.parametrize("language", ["java", "protos"])
async def test_stubs_of_what_came_without_a_text_are_printed(
    definer: Definer, tmp_path: Path, language: str
) -> None:
    """A schema's kind, and one that came as descriptors, have .proto files that protoc takes."""
    address = definer.base.address
    (tmp_path / "crd.yaml").write_text(_SCHEMA)
    image = descriptor_pb2.FileDescriptorSet(file=[machines.file()])
    (tmp_path / "kinds.binpb").write_bytes(image.SerializeToString())
    for name in ("crd.yaml", "kinds.binpb"):
        made = await run(address, "create", "-f", tmp_path / name)
        assert made.code == 0, made.err
    written = await run(address, "stubs", language, tmp_path / "out")
    assert written.code == 0, written.err
    out = tmp_path / "out"
    texts = {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob("*.proto")}
    found = await asyncio.to_thread(compiled, texts, Catalog.shipped().files)
    lamp = found["crd/com/example/v1/lamp.proto"]
    assert lamp.options.java_package == lamp.package == "crd.com.example.v1"
    assert lamp.options.java_multiple_files
    assert comments(lamp)[4, 0] == " Gives light.\n"
    names = {service.name for file in found.values() for service in file.service}
    assert names.issuperset({"Lamps", "Machines"})


async def _python(code: str, address: str, folder: Path, *flags: str, path: str = "") -> str:
    def call() -> str:
        done = subprocess.run(
            [sys.executable, *flags, "-c", code, address],
            cwd=folder,
            env={"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), path)))},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout or done.stderr

    return await asyncio.to_thread(call)


async def test_a_descriptor_set_holds_no_files_but_ones_own(
    definer: Definer, tmp_path: Path
) -> None:
    """What protoc has put in of the server's, changed or not, is left out."""
    other = descriptor_pb2.FileDescriptorProto(name="protocube/meta/v1/object_meta.proto")
    image = descriptor_pb2.FileDescriptorSet(file=[other, machines.file()])
    path = tmp_path / "kinds.binpb"
    path.write_bytes(image.SerializeToString())
    made = await run(definer.base.address, "create", "-f", path)
    assert made.code == 0, made.err
    found = await definer.base.get("definitions", "machines.example.com")
    assert len(found.spec.files) == 1
    path.write_bytes(b"no descriptors")
    refused = await run(definer.base.address, "create", "-f", path)
    assert refused.code == 1
    assert "is no google.protobuf.FileDescriptorSet" in refused.err


def _text(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (FLEET / "machine.proto").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "machine.proto"
    path.write_text(text)
    return path


def test_a_fault_of_syntax_has_its_place(tmp_path: Path) -> None:
    """It is protoc's, of the file as the user knows it."""
    path = _text(tmp_path, ("MachineSpec spec", "Nope spec"))
    with pytest.raises(ManifestError) as caught:
        protoc.compiled(str(path), path.read_bytes())
    assert str(caught.value) == f'{path}:44:3: "Nope" is not defined.'


def test_neighbours_are_found(tmp_path: Path) -> None:
    """A file beside it that it imports is compiled with it."""
    common = 'syntax = "proto3";\npackage fleet.v1;\nmessage MachineStatus { string phase = 1; }\n'
    (tmp_path / "status.proto").write_text(common)
    text = (FLEET / "machine.proto").read_text()
    text = text[: text.index("// What a machine is.\nmessage")]
    text = text.replace('import "buf', 'import "fleet/v1/status.proto";\nimport "buf')
    path = tmp_path / "machine.proto"
    path.write_text(text)
    found = protoc.compiled(str(path), path.read_bytes())
    names = {file.name for file in found.files}
    assert names == {"fleet/v1/machine.proto", "fleet/v1/status.proto"}
    assert found.sources["fleet/v1/status.proto"] == common


def test_without_protoc_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One line names the extra."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "grpc_tools" else find(name)
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ManifestError, match=r"pip install 'protocube\[proto\]'"):
        protoc.compiled(str(FLEET / "machine.proto"), b"")


async def test_on_a_terminal_it_is_asked_before_a_kind_goes(definer: Definer) -> None:
    """The count is told; without a yes nothing is deleted."""
    await definer.define()
    caller = await definer.knowing()
    await caller.create(caller.make("machines", "a"))
    name = "machines.example.com"
    code, said = await asyncio.to_thread(_typed, definer.base.address, b"n\n", name)
    assert code == 0, said
    assert f"1 object of {name} will be deleted with it" in said
    assert said.rstrip().endswith("deletion is cancelled")
    assert (await caller.get("machines", "a")).metadata.name == "a"
    code, said = await asyncio.to_thread(_typed, definer.base.address, b"y\n", name)
    assert f'"{name}" deleted' in said
    await definer.base.until_gone("definitions", name)


def _typed(address: str, answer: bytes, name: str) -> tuple[int, str]:
    """Delete a definition on a terminal, where a person types an answer."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, answer)
        done = subprocess.run(
            [CUBECTL, "delete", "definition", name],
            stdin=theirs,
            capture_output=True,
            text=True,
            env={**os.environ, "PROTOCUBE_SERVER": address, "PROTOCUBE_CONFIG": os.devnull},
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return done.returncode, done.stdout + done.stderr


def test_the_compiled_example_is_that_of_its_text() -> None:
    """What the demo takes is what protoc makes of the file."""
    text = FLEET / "machine.proto"
    found = protoc.compiled(str(text), text.read_bytes())
    image = descriptor_pb2.FileDescriptorSet(file=found.files)
    kept = (FLEET / "machine.binpb").read_bytes()
    assert descriptor_pb2.FileDescriptorSet.FromString(kept) == image


async def test_the_controller_of_the_example_starts_machines(definer: Definer) -> None:
    """It learns the kind, watches it, and writes the status of each machine."""
    address = definer.base.address
    assert (await run(address, "create", "-f", FLEET / "machine.binpb")).code == 0
    assert (await run(address, "create", "-f", FLEET / "machines.yaml")).code == 0
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(FLEET / "controller.py"), address, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            said = {(await process.stdout.readline()).decode() for _ in range(2)}
    finally:
        process.kill()
        await process.wait()
    assert said == {
        "default/heavy is running with 64 cores\n",
        "default/light is running with 2 cores\n",
    }
    shown = await run(address, "get", "machines")
    assert shown.out.count("Running") == 2
