"""``scripts/stubs`` as a command: where its code lands, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protocube.codegen import stubs

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it in a folder, with no plugin on PATH."""
    return subprocess.run(
        [sys.executable, "-m", "protocube.codegen.stubs", *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": str(folder)},
    )


@pytest.mark.parametrize(
    "module",
    [
        "module example.com/shop\n\ngo 1.25\n",
        "// Sells things.\nmodule example.com/shop // v1\n",
        'module "example.com/shop"\n',
        "module (\n\texample.com/shop\n)\n",
        "\nmodule\texample.com/shop\n",
    ],
)
def test_go_imports_follow_from_the_module(tmp_path: Path, module: str) -> None:
    """However go.mod writes the module's path, the folder's import path begins with it."""
    (tmp_path / "go.mod").write_text(module)
    assert stubs.go_path(tmp_path / "internal" / "gen") == "example.com/shop/internal/gen"
    assert stubs.go_path(tmp_path) == "example.com/shop"


def test_protos_have_the_options_of_every_language(tmp_path: Path) -> None:
    """Go's packages, Java's and C#'s are named as their users expect."""
    done = run("protos", "out", "--go-package", "example.com/gen", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    pod = (tmp_path / "out/protocube/core/v1/pod.proto").read_text()
    for option in (
        'csharp_namespace = "Protocube.Core.V1"',
        'go_package = "example.com/gen/protocube/core/v1;corev1"',
        "java_multiple_files = true",
        'java_outer_classname = "PodProto"',
        'java_package = "dev.protocube.core.v1"',
    ):
        assert f"option {option};" in pod


def test_an_image_stands_alone(tmp_path: Path) -> None:
    """The descriptors come with all that they import, in an order that can be read."""
    assert run("image", ".", folder=tmp_path).returncode == 0
    image = FileDescriptorSet.FromString((tmp_path / "protocube.binpb").read_bytes())
    known: set[str] = set()
    for file in image.file:
        assert known.issuperset(file.dependency), file.name
        known.add(file.name)
    assert "buf/validate/validate.proto" in known


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("node", "out"), "protoc-gen-es is not on PATH; docs/clients says how to install it"),
        (("go", "out"), "protoc-gen-go is not on PATH; docs/clients says how to install it"),
        (("java", "file"), "cannot write to {folder}/file: File exists"),
        (("java", "file/below"), "cannot write to {folder}/file/below: Not a directory"),
    ],
)
def test_what_cannot_be_made_is_one_line(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """A missing plugin and a folder that cannot be made are named, without a traceback."""
    (tmp_path / "file").touch()
    done = run(*words, folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"error: {said.format(folder=tmp_path)}\n"
