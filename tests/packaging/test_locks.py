"""The locks hold all that the project asks for, for every Python, and no registry's address."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.packaging import locks
from tests.packaging.locks import LOCKS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENTS = ROOT / "tests" / "clients"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
_GROUPS = {
    "low/run.txt": ("build",),
    "low/dev.txt": ("build", "generate", "lint", "test"),
    "high/test.txt": ("build", "test"),
}
"""The dependency groups of each lock, beside the project's dependencies and its server's."""
_FILES = (*_GROUPS, "audit.txt", "bench.txt", "pip.txt", "uv.txt")
_POM = "{http://maven.apache.org/POM/4.0.0}"


def _environment(python: str) -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
    }


def _wanted(file: str) -> Iterator[Requirement]:
    project: dict[str, Any] = _PROJECT["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["server"]]
    for group in _GROUPS[file]:
        asked += _PROJECT["dependency-groups"][group]
    return map(Requirement, asked)


@pytest.mark.parametrize("file", _FILES)
def test_every_package_has_hashes(file: str) -> None:
    """Each entry is one version with the hashes of its files."""
    entries = locks.read(LOCKS / file)
    assert entries
    assert [entry.name for entry in entries if not entry.hashes] == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("file", _GROUPS)
def test_what_the_project_asks_for_is_locked(file: str, python: str) -> None:
    """For each Python there is one version of it, which pyproject.toml allows."""
    environment = _environment(python)
    versions = locks.versions(locks.read(LOCKS / file), environment)
    for requirement in _wanted(file):
        if requirement.marker is None or requirement.marker.evaluate(dict(environment)):
            version = versions[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), (requirement, version)


@pytest.mark.parametrize("python", PYTHONS)
def test_one_environment_has_one_version(python: str) -> None:
    """What is installed into .venv, in whatever order, agrees; so do the stubs for Python."""
    environment = _environment(python)
    all_of_it = locks.versions(locks.read(LOCKS / "low" / "dev.txt"), environment)
    run = locks.versions(locks.read(LOCKS / "low" / "run.txt"), environment)
    assert run.items() <= all_of_it.items()
    for path in (LOCKS / "bench.txt", CLIENTS / "python" / "requirements.txt"):
        beside = locks.versions(locks.read(path), environment)
        assert {name: all_of_it[name] for name in beside.keys() & all_of_it.keys()}.items() <= (
            beside.items()
        )


def test_the_two_sets_are_far_apart() -> None:
    """The low one has the fastest grpc.aio and the old libyaml, the high one what is newest."""
    low, high = (
        locks.versions(locks.read(LOCKS / file), _environment("3.11"))
        for file in ("low/dev.txt", "high/test.txt")
    )
    assert low["grpcio"] == "1.75.0"
    assert Version(low["protobuf"]) < Version("7") <= Version(high["protobuf"])
    # 6.0.4 is the first one with libyaml 0.2.6, which has a nesting limit of its own.
    assert Version(low["pyyaml"]) < Version("6.0.4") <= Version(high["pyyaml"])
    for name in ("grpcio", "grpcio-health-checking", "grpcio-reflection"):
        assert Version(low[name]) < Version(high[name])


def test_no_lock_names_a_registry() -> None:
    """A lock holds for any mirror: it has hashes, and no address to fetch from."""
    # cargo knows its registry by this name, whatever it is replaced by in a user's settings.
    known = "registry+https://github.com/rust-lang/crates.io-index"
    files = [path for path in LOCKS.rglob("*") if path.is_file()]
    files += [
        CLIENTS / "node" / "package-lock.json",
        CLIENTS / "python" / "requirements.txt",
        CLIENTS / "rust" / "Cargo.lock",
    ]
    named = []
    for path in files:
        text = path.read_text().replace(known, "")
        text = re.sub(r'"(url|homepage)": "https://[^"]*"', "", text)  # whom to fund
        if re.search(r"\w+://", text):
            named.append(path.relative_to(ROOT).as_posix())
    assert named == []


def test_npm_installs_what_is_locked() -> None:
    """package.json has exact versions, and every package of the lock file a hash."""
    folder = CLIENTS / "node"
    manifest = json.loads((folder / "package.json").read_text())
    lock = json.loads((folder / "package-lock.json").read_text())["packages"]
    root = lock.pop("")
    for kind in ("dependencies", "devDependencies"):
        assert root[kind] == manifest[kind]
        for name, version in manifest[kind].items():
            assert lock[f"node_modules/{name}"]["version"] == version
    assert [name for name, entry in lock.items() if not entry.get("integrity")] == []


def test_maven_is_left_no_choice() -> None:
    """Every version is exact, every library is named with its version, and has a hash."""
    folder = CLIENTS / "java"
    pom = ET.parse(folder / "pom.xml").getroot()
    properties = pom.find(f"{_POM}properties")
    assert properties is not None
    values = {entry.tag.removeprefix(_POM): entry.text or "" for entry in properties}

    def filled(text: str) -> str:
        return re.sub(r"\$\{([\w.]+)\}", lambda found: values[found[1]], text)

    exact = re.compile(r"\d+(\.[\w-]+)*")
    found = {
        filled(entry.text or "") for entry in pom.iter(f"{_POM}version") if entry.text is not None
    }
    assert [version for version in found if not exact.fullmatch(version)] == []
    # A plugin without a version is Maven's to choose.
    for plugin in pom.iter(f"{_POM}plugin"):
        assert plugin.find(f"{_POM}version") is not None, plugin.findtext(f"{_POM}artifactId")
    managed = {
        "-".join(filled(entry.findtext(_POM + part, "")) for part in ("artifactId", "version"))
        + ".jar"
        for entry in pom.findall(f".//{_POM}dependencyManagement//{_POM}dependency")
    }
    hashed = (folder / "libraries.sha256").read_text().split("\n")[:-1]
    assert {line.split()[1] for line in hashed} == managed


@pytest.mark.parametrize("path", sorted((LOCKS / "go").iterdir()), ids=lambda path: path.name)
def test_a_go_tool_is_a_module_with_hashes(path: Path) -> None:
    """go.mod names a release, and go.sum has hashes of all that it needs."""
    module = (path / "go.mod").read_text()
    sums = (path / "go.sum").read_text()
    for name, version in re.findall(r"^(?:\t|require )(\S+) (v\S+)", module, re.MULTILINE):
        assert f"{name} {version}" in sums


def test_the_page_names_the_go_that_the_client_needs() -> None:
    """A renewed lock may need a newer Go than before: then the page says so."""
    (wanted,) = re.findall(r"^go (\d+\.\d+)", (CLIENTS / "go" / "go.mod").read_text(), re.MULTILINE)
    assert f"Needs Go {wanted} " in (ROOT / "docs" / "clients" / "go.md").read_text()


def test_ci_uses_the_locks_alone() -> None:
    """What CI runs resolves nothing anew: only scripts/lock and scripts/test-newest do."""
    commands = set((ROOT / ".ci" / "run").read_text().split())
    assert commands.isdisjoint({"scripts/lock", "scripts/test-newest"})
