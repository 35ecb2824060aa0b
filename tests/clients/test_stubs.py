"""``scripts/stubs`` as a command: where its code lands, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from protocube.codegen import stub_modules, stubs


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it in a folder, with no plugin anywhere but there."""
    return subprocess.run(
        [sys.executable, "-m", "protocube.codegen.stubs", *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": str(folder), "GOBIN": str(folder / "gobin")},
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


def test_some_kinds_come_with_what_they_need(tmp_path: Path) -> None:
    """Of the others there is nothing; what is there can be imported, and calls can be made."""
    names = ("cm", "deployments.apps", "protocube.bulk.v1.Bulk")
    done = run("python", "out", "--only", *names, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    made = {path.name for path in tmp_path.rglob("*_pb2_grpc.py")}
    assert made == {
        "bulk_pb2_grpc.py",
        "config_map_service_pb2_grpc.py",
        "deployment_service_pb2_grpc.py",
    }
    # -S: without this project, which is installed here, too.
    code = (
        "from protocube.apps.v1 import deployment_service_pb2_grpc as services\n"
        "from protocube.core.v1.config_map_pb2 import ConfigMap\n"
        "print(services.DeploymentsStub.__name__, ConfigMap.DESCRIPTOR.full_name)\n"
    )
    path = os.pathsep.join((str(tmp_path / "out"), sysconfig.get_path("purelib")))
    printed = subprocess.run(
        [sys.executable, "-S", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": path},
    ).stdout
    assert printed == "DeploymentsStub protocube.core.v1.ConfigMap\n"


def test_protos_can_be_compiled_alone(tmp_path: Path) -> None:
    """All that they import is there, protovalidate's rules as the shipped kinds have them."""
    assert run("protos", "out", "--only", "pods", folder=tmp_path).returncode == 0
    files = [path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.proto")]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", "-Iout", "--include_imports"),
            "--descriptor_set_out=image.binpb",
            *map(str, files),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    compiled = FileDescriptorSet.FromString((tmp_path / "image.binpb").read_bytes())
    rules = [
        next(file for file in image.file if file.name == "buf/validate/validate.proto")
        for image in (compiled, stubs.shipped())
    ]
    for file in rules:
        # Buf's generator sets options of more languages.
        file.ClearField("options")
        file.ClearField("source_code_info")
    assert rules[0] == rules[1]


def test_a_module_requires_what_is_tested() -> None:
    """The versions are those that the whole client of tests/clients/go is built with."""
    tested = (Path(__file__).parent / "go" / "go.mod").read_text()
    direct = tested.partition("// indirect")[0]
    for line in stub_modules.go_mod("example.com/protocube").splitlines()[2:]:
        assert line in direct.splitlines() or line == "", line
    manifest = json.loads((Path(__file__).parent / "node" / "package.json").read_text())
    for name, version in stub_modules.NODE_REQUIRES.items():
        assert f"^{manifest['dependencies'][name]}" == version


@pytest.mark.parametrize(
    ("language", "plugins"),
    [
        ("node", ("node_modules/.bin/protoc-gen-es",)),
        ("go", ("gobin/protoc-gen-go", "gobin/protoc-gen-go-grpc")),
    ],
)
def test_a_plugin_is_found_where_it_was_installed(
    tmp_path: Path, language: str, plugins: tuple[str, ...]
) -> None:
    """What npm has put into the project, and Go beside its other commands, need not be on PATH."""
    for name in plugins:
        plugin = tmp_path / name
        plugin.parent.mkdir(parents=True, exist_ok=True)
        plugin.write_text(f"#!/bin/sh\necho {plugin.name} was called >&2\nexit 1\n")
        plugin.chmod(0o755)
    done = run(language, "out", "--only", "cm", folder=tmp_path)
    assert done.returncode == 1
    assert f"{Path(plugins[0]).name} was called" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("node", "out"),
            "protoc-gen-es is not on PATH: npm install --save-dev @bufbuild/protoc-gen-es",
        ),
        (
            ("go", "out"),
            (
                "protoc-gen-go is not on PATH: "
                "go install google.golang.org/protobuf/cmd/protoc-gen-go@latest"
            ),
        ),
        (("java", "out", "--only", "cm", "nope"), 'no kind and no service is called "nope"'),
        (("rust", "out", "--module", "stubs"), "--module is for go and node"),
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
