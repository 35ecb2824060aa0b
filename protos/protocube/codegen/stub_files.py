"""Writes the stubs of each language: by its protoc plugins, as texts, or as one image."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from google.rpc import error_details_pb2, status_pb2

import protocube
from protocube.codegen import languages, proto_text, stub_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from google.protobuf.descriptor import FileDescriptor
    from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

VALIDATE = "buf/validate/validate.proto"
_VALIDATE_TEXT = Path(__file__).parent / "support" / "validate.proto.txt"
"""protovalidate's own, as Maven's and Buf's packages have it; no Python package has the text."""
_PLUGINS = {
    "protoc-gen-es": "npm install --save-dev @bufbuild/protoc-gen-es",
    "protoc-gen-go": "go install google.golang.org/protobuf/cmd/protoc-gen-go@latest",
    "protoc-gen-go-grpc": "go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@latest",
}
"""What installs each."""


class CannotGenerate(Exception):
    """The stubs cannot be made; the text says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stubs:
    """What to write."""

    out: Path
    prefix: str
    """Go's import path of the folder ``protocube``."""
    files: FileDescriptorSet
    texts: Mapping[str, str]
    module: str
    """The name under which other projects require ``out``; empty for a folder of theirs."""


def _go(stubs: Stubs) -> None:
    out, files = stubs.out, stubs.files
    parent = stubs.prefix.removesuffix("/protocube")
    rules = f"M{VALIDATE}={languages.GO_RULES}"
    _protoc(
        files,
        _ours(files),
        f"--plugin=protoc-gen-go={_tool('protoc-gen-go')}",
        f"--plugin=protoc-gen-go-grpc={_tool('protoc-gen-go-grpc')}",
        f"--go_out={out}",
        f"--go_opt=module={parent},{rules}",
        f"--go-grpc_out={out}",
        f"--go-grpc_opt=module={parent},{rules}",
    )
    if stubs.module:
        (out / "go.mod").write_text(stub_modules.go_mod(stubs.module))


def _node(stubs: Stubs) -> None:
    files = stubs.files
    # npm has no package of the messages that errors carry.
    for file in (error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR):
        _add(file, files)
    # A package is for programs in JavaScript, too; in a project of one's own tsc compiles.
    target = "js+dts" if stubs.module else "ts"
    _protoc(
        files,
        [*_ours(files), VALIDATE, error_details_pb2.DESCRIPTOR.name, status_pb2.DESCRIPTOR.name],
        f"--plugin=protoc-gen-es={_tool('protoc-gen-es')}",
        f"--es_out={stubs.out}",
        f"--es_opt=target={target},import_extension=js",
    )
    if stubs.module:
        stub_modules.write_node_package(stubs.module, stubs.out)


def _python(stubs: Stubs) -> None:
    out, files = stubs.out, stubs.files
    _protoc(files, [*_ours(files), VALIDATE], f"--python_out={out}", f"--pyi_out={out}")
    # For a file without services this plugin would write a module with nothing in it.
    served = [file.name for file in files.file if file.service]
    if served:
        _protoc(files, served, f"--grpc_python_out={out}")


def _protos(stubs: Stubs) -> None:
    _java(stubs)
    target = stubs.out / VALIDATE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_VALIDATE_TEXT.read_text())


def _java(stubs: Stubs) -> None:
    # Without protovalidate's file: its Java library has it, and the classes made from it.
    root = Path(protocube.__file__).parents[1]
    files = {file.name: file for file in stubs.files.file}
    for name in _ours(stubs.files):
        source = root / name
        if source.exists():
            text = languages.annotate(source.read_text(), name, go_prefix=stubs.prefix)
        elif name in stubs.texts:
            text = stubs.texts[name]
        else:
            text = _printed(files[name])
        target = stubs.out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def _printed(file: FileDescriptorProto) -> str:
    try:
        return proto_text.render(file, proto_text.HEADER_OF_STUBS)
    except ValueError as error:
        raise CannotGenerate(f"{file.name} came without its text: {error}") from None


def _image(stubs: Stubs) -> None:
    content = stubs.files.SerializeToString(deterministic=True)
    (stubs.out / "protocube.binpb").write_bytes(content)


BY_LANGUAGE: dict[str, Callable[[Stubs], None]] = {
    "go": _go,
    "image": _image,
    "java": _java,
    "node": _node,
    "protos": _protos,
    "python": _python,
    "rust": _image,
}
"""What writes the stubs of each. All raise :class:`CannotGenerate`."""


def _ours(files: FileDescriptorSet) -> list[str]:
    return [file.name for file in files.file if not file.name.startswith(("google/", "buf/"))]


def _add(file: FileDescriptor, files: FileDescriptorSet) -> None:
    if all(known.name != file.name for known in files.file):
        for dependency in file.dependencies:
            _add(dependency, files)
        file.CopyToProto(files.file.add())


def _protoc(files: FileDescriptorSet, names: Iterable[str], *options: str) -> None:
    if importlib.util.find_spec("grpc_tools") is None:
        raise CannotGenerate("protoc is missing: pip install 'protocube[proto]'")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.binpb"
        path.write_bytes(files.SerializeToString())
        command = [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            f"--descriptor_set_in={path}",
            *options,
            *names,
        ]
        # Its warnings are of unused imports: it does not look for them in options.
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # our own words
        if done.returncode:
            raise CannotGenerate(f"protoc failed: {done.stderr.strip()}")


def _tool(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join(_places()))
    if not found:
        raise CannotGenerate(f"{name} is not on PATH: {_PLUGINS[name]}")
    return str(Path(found).absolute())


def _places() -> list[str]:
    """Return where plugins are looked for, in order.

    That of the project in this folder comes first, as npx has it; last is where ``go install``
    puts what it makes, which is often not on PATH.
    """
    go = os.environ.get("GOPATH") or str(Path.home() / "go")
    bin_of_go = os.environ.get("GOBIN") or str(Path(go.split(os.pathsep)[0]) / "bin")
    return ["node_modules/.bin", os.environ.get("PATH", ""), bin_of_go]
