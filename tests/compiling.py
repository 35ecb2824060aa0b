"""Compiles .proto texts in a test."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def compiled(
    texts: Mapping[str, str], base: Iterable[FileDescriptorProto] = (), *flags: str
) -> dict[str, FileDescriptorProto]:
    """Return what protoc makes of texts by their names, with comments; ``base`` is imported.

    Fails with what protoc says.
    """
    with tempfile.TemporaryDirectory() as folder:
        image = FileDescriptorSet(file=[file for file in base if file.name not in texts])
        (Path(folder) / "base.binpb").write_bytes(image.SerializeToString())
        for name, text in texts.items():
            path = Path(folder) / "texts" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        words = (
            *(sys.executable, "-m", "grpc_tools.protoc", "-Itexts"),
            *(["--descriptor_set_in=base.binpb"] if image.file else []),
            *("--include_source_info", "--descriptor_set_out=out.binpb"),
        )
        done = subprocess.run(
            [*words, *flags, *texts], check=False, capture_output=True, text=True, cwd=folder
        )
        assert done.returncode == 0, done.stderr
        made = FileDescriptorSet.FromString((Path(folder) / "out.binpb").read_bytes())
        return {file.name: file for file in made.file}


def bare(file: FileDescriptorProto) -> FileDescriptorProto:
    """Return a file without comments, its options read with all that is known by now."""
    copy = FileDescriptorProto.FromString(file.SerializeToString())
    copy.ClearField("source_code_info")
    return copy


def comments(file: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    """Return what a file says of its parts, by their paths."""
    return {
        tuple(place.path): place.leading_comments
        for place in file.source_code_info.location
        if place.leading_comments
    }
