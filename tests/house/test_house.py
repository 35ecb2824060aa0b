"""The house is held to its rules: CONTRIBUTING.md says them, this checks what can be checked."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
_CODE = ("protos", "server", "client", "tests")
_GENERATED = re.compile(r"(_pb2(_grpc)?\.pyi?|_service\.proto|descriptors\.binpb)$")
_UNSAID = {"utils", "helpers", "common", "manager", "base"}
_TEXT = {".py", ".pyi", ".proto", ".md", ".toml", ".yaml", ".yml", ".json", ".txt", ""}
_SKIPPED = {"__pycache__", "dist", "build"}
_KEPT = {".ci", ".github", ".gitignore"}
"""Of what begins with a dot, this is ours; the rest belongs to tools."""


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _SKIPPED or path.name.endswith(".egg-info"):
            continue
        if path.name.startswith(".") and path.name not in _KEPT:
            continue
        if path.is_dir():
            yield from _below(path)
        else:
            yield path


FILES = [path for path in _below(ROOT) if not path.is_symlink()]
MODULES = [
    path
    for path in FILES
    if path.suffix == ".py"
    and path.relative_to(ROOT).parts[0] in _CODE
    and not _GENERATED.search(path.name)
]
TESTS = [path for path in MODULES if path.relative_to(ROOT).parts[0] == "tests"]
DOCUMENTS = [path for path in FILES if path.suffix == ".md"]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), path)


def _tests_in(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith(
            "test_"
        ):
            yield node


def test_every_module_says_what_it_is() -> None:
    """A module has a docstring."""
    assert [_name(path) for path in MODULES if not ast.get_docstring(_tree(path))] == []


def test_no_file_outgrows_the_house() -> None:
    """A file written by hand has at most 400 lines."""
    long = [
        _name(path)
        for path in FILES
        if path.suffix in {".py", ".proto"}
        and not _GENERATED.search(path.name)
        and len(path.read_text().splitlines()) > 400
    ]
    assert long == []


def test_nothing_is_left_behind() -> None:
    """What editors, patches and merges leave beside a file is not part of the house."""
    left = [_name(path) for path in FILES if re.search(r"(\.(orig|rej|bak|sw[op])|~)$", path.name)]
    assert left == []


def test_modules_are_called_after_what_they_do() -> None:
    """Nothing is called utils, helpers, common or manager; ``base`` is the store's contract."""
    unsaid = [
        _name(path)
        for path in MODULES
        if path.stem.lower() in _UNSAID or path.stem.startswith("base_")
    ]
    assert unsaid == ["server/protocube_server/storage/base.py"]


def test_extensions_are_read_in_one_place() -> None:
    """A descriptor's own options can lack extensions: ``descriptor_options`` reads them anew."""
    raw = re.compile(r"GetOptions\(\)\s*\.(Extensions|HasExtension)")
    reading = [
        _name(path) for path in MODULES if path not in TESTS and raw.search(path.read_text())
    ]
    assert reading == []


def test_every_test_states_a_behaviour() -> None:
    """A test's docstring is a sentence."""
    silent = [
        f"{_name(path)}::{node.name}"
        for path in TESTS
        for node in _tests_in(path)
        if not (ast.get_docstring(node) or "").strip()
    ]
    assert silent == []


def test_every_exception_to_a_check_has_a_reason() -> None:
    """``noqa`` and ``type: ignore`` name a code, and say why behind it."""
    bare = []
    marks = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)")
    noqa = re.compile(r": [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*\s+# \S.*")
    ignore = re.compile(r"\[[a-z-]+(, ?[a-z-]+)*\]\s+# \S.*")
    for path in MODULES:
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = marks.search(line)
            if found is None:
                continue
            wanted = noqa if found[1] == "noqa" else ignore
            if not wanted.fullmatch(found["rest"].rstrip()):
                bare.append(f"{_name(path)}:{number}: {line.strip()}")
    assert bare == []


def test_no_test_waits_for_the_clock() -> None:
    """Tests synchronise on what happens: they call no sleep but ``asyncio.sleep(0)``.

    The one exception are the times that a recorded history of another server names.
    """
    sleeping = []
    for path in TESTS:
        if _name(path) == "tests/semantics/waiting.py":
            continue
        for node in ast.walk(_tree(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr != "sleep" or not isinstance(node.func.value, ast.Name):
                continue
            yields = node.args and isinstance(node.args[0], ast.Constant) and not node.args[0].value
            if node.func.value.id == "time" or not yields:
                sleeping.append(f"{_name(path)}:{node.lineno}")
    assert sleeping == []


def test_nothing_of_ours_is_mocked() -> None:
    """Tests run against real parts."""
    mocking = [
        _name(path)
        for path in TESTS
        if path != Path(__file__) and re.search(r"unittest\.mock|\bmocker\b", path.read_text())
    ]
    assert mocking == []


def test_links_lead_somewhere() -> None:
    """A relative link of a document points to a file that is there, and to a heading of it."""
    broken = []
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)\s]+)\)", _prose(path.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, heading = target.partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists() or (heading and heading not in _headings(there)):
                broken.append(f"{_name(path)}: {target}")
    assert broken == []


def _prose(text: str) -> str:
    """Leave out code, in which brackets are no links."""
    return re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)


def _headings(path: Path) -> set[str]:
    """Return the anchors of a document as code hosts make them."""
    if path.suffix != ".md":
        return set()
    found = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in found}


def test_nothing_names_a_machine() -> None:
    """No file carries the path of somebody's folder or the address of a private registry."""
    private = re.compile(
        r"/(?:home|Users)/[a-z]|/work/|/root/|/tmp/[a-z]|(?:pypi|proxy|registry|mirror)\.(?:local|internal|corp)"
    )
    named = []
    for path in FILES:
        if path.suffix not in _TEXT or path == Path(__file__) or _GENERATED.search(path.name):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        named += [
            f"{_name(path)}:{number}: {line.strip()}"
            for number, line in enumerate(text.splitlines(), 1)
            if private.search(line)
        ]
    assert named == []


@pytest.mark.parametrize("suffix", ["_pb2.py", "_pb2.pyi"])
def test_generated_modules_lie_beside_their_protos(suffix: str) -> None:
    """Proto package, folder and import path are one: each .proto has its module beside it."""
    protos = ROOT / "protos" / "protocube"
    expected = {path.with_name(path.stem + suffix) for path in protos.rglob("*.proto")}
    present = {path for path in protos.rglob(f"*{suffix}") if "vendor" not in path.parts}
    assert present == expected


def test_proto_packages_are_their_folders() -> None:
    """The package of a .proto file is the path of its folder."""
    for path in (ROOT / "protos" / "protocube").rglob("*.proto"):
        found = re.search(r"^package ([\w.]+);", path.read_text(), re.MULTILINE)
        assert found is not None, _name(path)
        assert found[1] == ".".join(path.parent.relative_to(ROOT / "protos").parts), _name(path)


def test_layers_import_downwards_only() -> None:
    """The contracts of import-linter hold."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
