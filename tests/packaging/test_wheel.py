"""The distribution: what is in it, and that it works where nothing else is installed."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import protocube
from tests.packaging.installing import ROOT, run

_USER = """\
from protocube import errors
from protocube.core.v1.pod_pb2 import Pod
from protocube_client import Client

async def use(client: Client) -> None:
    pod = await client.get(Pod, "x")
    reveal_type(pod)
    reveal_type(pod.spec.containers[0].image)
    reveal_type((await client.list(Pod)).items)
    async for event in client.watch(Pod):
        reveal_type(event.object)
    number: int = await client.create(pod)
    pod.spec.nope
"""

_POLICY = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: short}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
  - {expression: "object.metadata.name.find('[a-z]+').size() <= 3", message: too long}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: short}
spec: {policyName: short, validationActions: [Deny]}
"""


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build wheel and sdist, the wheel from the sdist as an index would serve it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    return folder


def test_distributions_are_reproducible(distributions: Path, tmp_path: Path) -> None:
    """The same sources give the same bytes, so that anybody can see what a release was made of."""
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT))
    again = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert again == {file.name: file.read_bytes() for file in distributions.iterdir()}, (
        "two builds of the same sources differ"
    )


def test_the_wheel_holds_contract_and_types(distributions: Path) -> None:
    """Three packages, typed, with the .proto files, the generated modules and the image."""
    (path,) = distributions.glob("*.whl")
    assert path.name == f"protocube-{protocube.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
    tops = {name.partition("/")[0] for name in names}
    assert tops == {
        "protocube",
        "protocube_client",
        "protocube_server",
        f"protocube-{protocube.__version__}.dist-info",
    }
    assert {
        "protocube/descriptors.binpb",
        "protocube/bare_descriptors.binpb",
        "protocube/core/v1/pod.proto",
        "protocube/core/v1/pod_pb2.py",
        "protocube/core/v1/pod_pb2.pyi",
        "protocube/core/v1/pod_service.proto",
        "protocube/core/v1/pod_service_pb2_grpc.py",
        "protocube/codegen/support/node/index.js",
        "protocube/codegen/support/validate.proto.txt",
        "protocube/vendor/buf/validate/validate_pb2.py",
        *(f"{package}/py.typed" for package in sorted(tops) if "." not in package),
    } <= names
    assert not [name for name in names if "test" in name.partition("/")[0] or ".pyc" in name]


def test_the_sdist_holds_what_the_house_is_made_of(distributions: Path) -> None:
    """Sources, tests, scripts and the licence; no caches and no environment."""
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "protos/protocube/core/v1/pod.proto",
        "server/protocube_server/app.py",
        "client/protocube_client/client.py",
        "buf.yaml",
        "scripts/setup",
        "tests/packaging/test_wheel.py",
    } <= names
    assert not [name for name in names if name.startswith(".venv") or "__pycache__" in name]


@pytest.mark.timeout(400)
def test_installs_into_an_empty_environment(distributions: Path, tmp_path: Path) -> None:
    """Client first: the server's command says what it lacks. Then the extra: both commands work."""
    (wheel,) = distributions.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / "bin"
    python, cubectl, apiserver = (
        str(scripts / name) for name in ("python", "cubectl", "cube-apiserver")
    )

    run(python, "-m", "pip", "install", "--quiet", str(wheel))
    installed = run(python, "-m", "pip", "list", "--format=freeze")
    assert not re.search(r"^(protovalidate|grpcio-(health|reflection))", installed, re.MULTILINE)
    assert protocube.__version__ in run(cubectl, "version", "--client")
    assert protocube.__version__ in run(python, "-m", "protocube_client", "version", "--client")
    stubs = ("-m", "protocube.codegen.stubs", "protos", str(tmp_path / "stubs"), "--only", "cm")
    run(python, *stubs)
    assert (tmp_path / "stubs/protocube/core/v1/config_map_service.proto").exists()
    for command in ((apiserver,), (python, "-m", "protocube_server")):
        said = run(*command, "--version", code=1)
        assert said.startswith("error: ")
        assert said.endswith("pip install 'protocube[server]' installs the server")
        assert "\n" not in said

    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[server]")
    version = f"cube-apiserver {protocube.__version__}"
    assert run(apiserver, "--version") == version
    assert run(python, "-m", "protocube_server", "--version") == version
    load = "from protocube_server import app; from protocube_client import Client; print('both')"
    assert run(python, "-c", load) == "both"
    run(python, "-m", "pip", "check")


def _walk(python: str, folder: Path, *commands: str) -> list[tuple[int, str]]:
    """Run commands of cubectl beside a server, with what is installed; give codes and texts."""
    words = json.dumps([command.split() for command in commands])
    said = run(python, str(Path(__file__).with_name("walk.py")), str(folder), words)
    return [(code, text) for code, text in json.loads(said)]


@pytest.mark.timeout(400)
def test_each_extra_brings_what_it_is_for(distributions: Path, tmp_path: Path) -> None:
    """Without it the error names it: ``proto`` compiles kinds and stubs, ``cel`` has policies."""
    (wheel,) = distributions.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    work = tmp_path / "work"
    work.mkdir()
    for name in ("machine.proto", "machines.yaml"):
        shutil.copy(ROOT / "examples" / "fleet" / name, work)
    (work / "policy.yaml").write_text(_POLICY)
    stubs = (python, "-m", "protocube.codegen.stubs", "python", str(work / "stubs"), "--only", "cm")

    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[server]")
    refused = _walk(python, work, "create -f machine.proto", "create -f policy.yaml")
    refused.append((1, run(*stubs, code=1)))
    for (code, text), extra in zip(refused, ("proto", "cel", "proto"), strict=True):
        assert (code, f"pip install 'protocube[{extra}]'" in text) == (1, True), text

    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[proto,cel]")
    told = _walk(
        python,
        work,
        "create -f machine.proto",
        "create -f machines.yaml",
        "create -f policy.yaml",
        "create configmap abc",
        "create configmap abcd",
    )
    assert [code for code, _ in told] == [0, 0, 0, 0, 1], told
    assert "machine.fleet.example.com/heavy created" in told[1][1]
    assert "too long" in told[4][1]
    run(*stubs)
    assert (work / "stubs/protocube/core/v1/config_map_service_pb2_grpc.py").exists()
    run(python, "-m", "pip", "check")


@pytest.mark.timeout(400)
def test_a_user_is_helped_by_types(distributions: Path, tmp_path: Path) -> None:
    """To mypy the installed client's answers have types, and wrong use is found."""
    (wheel,) = distributions.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", str(wheel))
    (tmp_path / "use.py").write_text(_USER)
    flags = ("--strict", "--no-incremental", "--python-executable", python)
    said = run(sys.executable, "-m", "mypy", *flags, "use.py", code=1, folder=tmp_path)
    revealed = re.findall(r'Revealed type is "(.*)"', said)
    assert revealed == [
        "protocube.core.v1.pod_pb2.Pod",
        "str",
        "tuple[protocube.core.v1.pod_pb2.Pod, ...]",
        "protocube.core.v1.pod_pb2.Pod",
    ], said
    wrong = re.findall(r"^use.py:\d+: error: .*\[(.*)\]$", said, re.MULTILINE)
    assert wrong == ["assignment", "attr-defined"], said


@pytest.mark.timeout(400)
def test_the_sdist_installs_into_an_empty_environment(distributions: Path, tmp_path: Path) -> None:
    """Where there is no wheel, pip builds one from the sdist alone, with every extra."""
    (sdist,) = distributions.glob("*.tar.gz")
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / "bin"
    python = str(scripts / "python")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = ",".join(project["optional-dependencies"])
    run(python, "-m", "pip", "install", "--quiet", f"{sdist}[{extras}]")
    assert protocube.__version__ in run(str(scripts / "cubectl"), "version", "--client")
    assert protocube.__version__ in run(str(scripts / "cube-apiserver"), "--version")
    ((code, text),) = _walk(python, tmp_path, "get namespaces -o name")
    assert (code, "namespace/default" in text) == (0, True), text
    run(python, "-m", "pip", "check")
