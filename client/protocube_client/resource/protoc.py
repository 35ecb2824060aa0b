"""Compiles ``.proto`` files where the user is, against the files that Protocube ships."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import protocube
from protocube.catalog import IMAGE
from protocube.manifests.manifest_error import ManifestError

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_IMPORT = re.compile(r"^\s*import\s+(?:public\s+|weak\s+|option\s+)?\"([^\"]+)\"\s*;", re.MULTILINE)
_FAULT = re.compile(r"(?P<file>[^:\n]+\.proto):(?P<line>\d+):(?P<column>\d+): ?(?P<text>.*)")
_SHIPPED = ("google/", "buf/", "protocube/")
_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The user's own files."""

    files: list[FileDescriptorProto]
    sources: dict[str, str]
    """The text of each, by its name."""


def compiled(path: str, content: bytes) -> Compiled:
    """Return the descriptors of a file and of what it imports of its neighbours.

    Raises :class:`ManifestError` with the place of what is wrong, or with what is missing.
    """
    from google.protobuf import descriptor_pb2

    command = _protoc(path)
    with tempfile.TemporaryDirectory() as folder:
        root, out = Path(folder) / "protos", Path(folder) / "out.binpb"
        paths = _lay_out(Path(path), content, root)
        image = Path(protocube.__file__).with_name(IMAGE)
        done = subprocess.run(  # noqa: S603  # our own words, and names of files
            [
                *command,
                f"--descriptor_set_in={image}",
                f"-I{root}",
                "--include_source_info",
                f"--descriptor_set_out={out}",
                *paths,
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
        if done.returncode:
            raise _fault(done.stderr.replace(f"{root}/", ""), paths, path)
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
        texts = {name: (root / name).read_text(errors="replace") for name in paths}
    return Compiled(files=list(files), sources=texts)


def _protoc(path: str) -> list[str]:
    """Return the command of protoc: the one that is installed beside us, or that of the system."""
    if importlib.util.find_spec("grpc_tools") is not None:
        return [sys.executable, "-m", "grpc_tools.protoc"]
    found = shutil.which("protoc")
    if found is None:
        text = (
            f"{path} must be compiled, and protoc is missing: pip install 'protocube[proto]', "
            "or give what protoc or buf has compiled elsewhere (FILE.binpb)"
        )
        raise ManifestError(text, source=path)
    return [found]


def _lay_out(path: Path, content: bytes, root: Path) -> dict[str, str]:
    """Copy a file below ``root`` to where its package says, and its neighbours that it imports.

    Returns where each was, by its name below ``root``. A neighbour is a file of the same root,
    or one beside the file.
    """
    text = content.decode(errors="replace")
    package = _PACKAGE.search(text)
    folder = package[1].replace(".", "/") if package else ""
    name = f"{folder}/{path.name}" if folder else path.name
    above = path.resolve().parent
    tops = [above]
    if folder and above.as_posix().endswith(f"/{folder}"):
        tops.insert(0, above.parents[folder.count("/")])
    found: dict[str, str] = {}
    waiting = [(name, path, text)]
    while waiting:
        name, at, text = waiting.pop()
        if name in found:
            continue
        found[name] = str(at)
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        for imported in _IMPORT.findall(text):
            if imported.startswith(_SHIPPED) or ".." in imported:
                continue
            places = [*(top / imported for top in tops), above / Path(imported).name]
            near = next((place for place in places if place.is_file()), None)
            if near is not None:
                waiting.append((imported, near, near.read_text(errors="replace")))
    return found


def _fault(said: str, paths: dict[str, str], path: str) -> ManifestError:
    """Return the error of protoc's words, with files as the user knows them."""
    lines = []
    for line in said.splitlines():
        fault = _FAULT.fullmatch(line)
        if fault is None:
            lines.append(line)
            continue
        known = paths.get(fault["file"], fault["file"])
        lines.append(f"{known}:{fault['line']}:{fault['column']}: {fault['text']}")
    return ManifestError("\n".join(lines).strip() or "protoc failed", source=path)
