"""Runs the generators over a tree of .proto files.

Steps: compile the hand-written files, write the service files from their resource
options, compile everything to Python, and write the descriptor image. All of it is
made in a scratch folder and then laid over the tree, so that a run that fails
changes nothing and a run that changes nothing touches nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)

from protocube.codegen import proto_text, services

IMAGE = "protocube/descriptors.binpb"
"""The shipped descriptor image: every file with its imports and comments."""
BARE_IMAGE = "protocube/bare_descriptors.binpb"
"""The same without comments: what a program reads that must start fast."""

_VALIDATE = "buf/validate/validate.proto"
_FOR_USERS = [wrappers_pb2.DESCRIPTOR.name]
"""What is in the images for users' files to import, and no file of ours imports."""
_VENDOR = "protocube/vendor"
"""Where the Python module of protovalidate's rules lives: inside our own package, so
that ours can be installed beside a distribution that brings a top-level ``buf``."""

_SERVICE_FILE = "_service.proto"
_GENERATED = (f"*{_SERVICE_FILE}", "*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


FindFaults = Callable[[bytes], Sequence[str]]
"""Tells what is wrong with the kinds of a serialized image, a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run made: paths below the root, sorted."""

    files: tuple[str, ...]
    changed: tuple[str, ...]
    """Files whose bytes differ from the tree, files that are new and files that are stale."""


def generate(root: Path, *, check: bool = False, faults: FindFaults | None = None) -> Report:
    """Regenerate everything below ``root``; with ``check``, only compare.

    Exits with protoc's words when it fails, and with what ``faults`` tells of the files.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        out = scratch / "out"
        out.mkdir()
        base = _base_image(scratch)
        _write_services(root, out, _Compiler(base=base, roots=(root,)), scratch / "messages.binpb")
        _compile(root, out, _Compiler(base=base, roots=(out, root)))
        _relocate_imports(out)
        if faults is not None:
            _require_none(faults((out / IMAGE).read_bytes()))
        return _lay_over(out, root, write=not check)


def _require_none(faults: Sequence[str]) -> None:
    if faults:
        sys.exit("\n".join((*faults, "error: nothing was generated")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compiler:
    base: Path
    roots: tuple[Path, ...]

    def run(self, *outputs: str, files: list[str]) -> None:
        command = [
            *(sys.executable, "-m", "grpc_tools.protoc"),
            f"--descriptor_set_in={self.base}",
            *(f"-I{root}" for root in self.roots),
            *outputs,
            *files,
        ]
        # protoc finds the plugin for stubs on PATH; it lies beside this interpreter.
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        environment = {**os.environ, "PATH": path}
        if subprocess.run(command, check=False, env=environment).returncode != 0:  # noqa: S603  # our own words
            sys.exit("error: protoc failed; its message is above")


def _base_image(scratch: Path) -> Path:
    """Write the descriptors that our files import and that no package ships as text.

    protovalidate's wheel has its rules only as a descriptor.
    """
    from protovalidate._gen.buf.validate import validate_pb

    image = descriptor_pb2.FileDescriptorSet()
    for module in (
        *(descriptor_pb2, duration_pb2, field_mask_pb2, struct_pb2, timestamp_pb2),
        wrappers_pb2,
    ):
        module.DESCRIPTOR.CopyToProto(image.file.add())
    image.file.add().MergeFromString(validate_pb.desc().proto.to_binary())
    path = scratch / "base.binpb"
    path.write_bytes(image.SerializeToString())
    return path


def _by_hand(root: Path) -> list[str]:
    paths = root.glob("protocube/**/*.proto")
    return sorted(path.relative_to(root).as_posix() for path in paths if not _is_service(path))


def _is_service(path: Path) -> bool:
    """Tell a file that we wrote from one whose name only looks like it."""
    return path.name.endswith(_SERVICE_FILE) and path.read_text().startswith(proto_text.HEADER)


def _write_services(root: Path, out: Path, compiler: _Compiler, image: Path) -> None:
    compiler.run(f"--descriptor_set_out={image}", files=_by_hand(root))
    files = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes())
    for file in files.file:
        for message, resource in services.resources_in(file):
            service = services.service_file(file, message, resource)
            path = out / service.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(proto_text.render(service))


def _compile(root: Path, out: Path, compiler: _Compiler) -> None:
    written = sorted(path.relative_to(out).as_posix() for path in out.glob("**/*.proto"))
    sources = sorted([*_by_hand(root), *written])
    (out / IMAGE).parent.mkdir(parents=True, exist_ok=True)
    compiler.run(
        f"--python_out={out}",
        f"--mypy_out=quiet:{out}",
        files=sources,
    )
    images = {IMAGE: ["--include_source_info"], BARE_IMAGE: []}
    for image, flags in images.items():
        compiler.run(
            "--include_imports",
            *flags,
            f"--descriptor_set_out={out / image}",
            files=[*sources, *_FOR_USERS],
        )
    # grpc_python_plugin writes an empty module for a file without a service.
    with_service = [
        name
        for name in sources
        if re.search(r"^service \w+ \{", _read(name, out, root), re.MULTILINE)
    ]
    compiler.run(
        f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet,only_async:{out}", files=with_service
    )
    vendor = out / _VENDOR
    vendor.mkdir(parents=True)
    compiler.run(f"--python_out={vendor}", f"--mypy_out=quiet:{vendor}", files=[_VALIDATE])


def _read(name: str, *roots: Path) -> str:
    return next(root / name for root in roots if (root / name).exists()).read_text()


def _relocate_imports(out: Path) -> None:
    """Point imports of protovalidate's module at our copy."""
    package = _VENDOR.replace("/", ".")
    for path in out.glob("**/*_pb2*.py*"):
        text = path.read_text()
        moved = text.replace("from buf.validate import", f"from {package}.buf.validate import")
        if moved != text:
            path.write_text(moved)


def _lay_over(out: Path, root: Path, *, write: bool) -> Report:
    made = {path.relative_to(out).as_posix() for path in out.glob("**/*") if path.is_file()}
    present = {
        path.relative_to(root).as_posix()
        for pattern in _GENERATED
        for path in root.glob(f"protocube/**/{pattern}")
        if path.suffix != ".proto" or _is_service(path)
    }
    changed = present - made
    for name in made:
        target = root / name
        if not target.exists() or target.read_bytes() != (out / name).read_bytes():
            changed.add(name)
    if write:
        for name in changed - made:
            (root / name).unlink()
        for name in changed & made:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(out / name, root / name)
    return Report(files=tuple(sorted(made)), changed=tuple(sorted(changed)))
