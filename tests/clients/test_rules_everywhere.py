"""The rules of the contract, as the protovalidate of other languages understands them.

Every object of ``tests/contract/rules``, good or bad, is checked by the library of a
language on messages of its stubs: it must find what Python's finds, which is what the
server uses, and its client must name the fields as the server does. A rule that one of the
libraries cannot evaluate shows here.
"""

from __future__ import annotations

import base64
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from google.protobuf import json_format

from protocube.catalog import Catalog
from protocube_server.kinds.violations import translate
from tests.clients.test_clients import LANGUAGES, built, run
from tests.contract import violations
from tests.contract.test_rules import FILES, changed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.message import Message

pytestmark = pytest.mark.timeout(1800)

EVERY = Path(__file__).parent / "every"
_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that checks objects: its source, beside a client's, how it is built and run."""

    language: str
    source: str
    build: tuple[str, ...] = ()
    run: tuple[str, ...]


PROGRAMS = (
    Program(
        language="python",
        source="every.py",
        run=("env", "PYTHONPATH=gen", ".venv/bin/python", "every.py"),
    ),
    Program(
        language="go",
        source="every/main.go",
        build=("go", "build", "-mod=readonly", "-o", "every/every", "./every"),
        run=("every/every",),
    ),
    Program(
        language="node",
        source="src/every.ts",
        build=("npm", "run", "build"),
        run=("node", "dist/every.js"),
    ),
    Program(
        language="java",
        source="every/Every.java",
        build=("javac", "-cp", "target/classes:target/lib/*", "-d", "every", "every/Every.java"),
        run=("java", "-cp", "every:target/classes:target/lib/*", "Every"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An object and what Python's protovalidate finds wrong with it."""

    name: str
    message: Message
    found: str


def cases() -> Iterator[Case]:
    """Yield all objects of the rules' tests."""
    for stem, file in sorted(FILES.items()):
        manifests = {f"{stem} good": file["good"]}
        for key in ("bad", "good_too"):
            for number, change in enumerate(file.get(key, ())):
                manifests[f"{stem} {key} {number}"] = changed(file["good"], change)
        for name, manifest in manifests.items():
            resource = Catalog.shipped().for_kind(manifest["apiVersion"], manifest["kind"])
            assert resource is not None
            message = json_format.ParseDict(manifest, resource.message_class())
            yield Case(name=name, message=message, found="; ".join(sorted(_found(message))))


def _found(message: Message) -> Iterator[str]:
    for violation in violations.validator().collect_violations(message):
        for found in translate(message, violation):
            yield f"{found.field} {violation.proto.rule_id}"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.language)
async def test_a_language_finds_what_python_finds(program: Program, tmp_path: Path) -> None:
    """For every object, the same rules are broken, at the paths that the server tells."""
    language = next(one for one in LANGUAGES if one.name == program.language)
    folder = await built(language)
    source = folder / program.source
    source.parent.mkdir(exist_ok=True)
    shutil.copy(EVERY / source.name, source)
    try:
        if program.build:
            await run(*program.build, folder=folder, seconds=_SECONDS)
        await _compare(program, folder, tmp_path)
    finally:
        source.unlink()  # it is no part of the client, which is built here too


async def _compare(program: Program, folder: Path, tmp_path: Path) -> None:
    asked = list(cases())
    file = tmp_path / "objects"
    with file.open("w") as lines:
        for case in asked:
            raw = base64.b64encode(case.message.SerializeToString(deterministic=True)).decode()
            lines.write(f"{case.message.DESCRIPTOR.full_name} {raw}\n")
    said = (await run(*program.run, str(file), folder=folder, seconds=_SECONDS)).splitlines()
    assert len(said) == len(asked)
    differing = {
        case.name: (answer, case.found)
        for case, answer in zip(asked, said, strict=True)
        if answer != case.found
    }
    assert differing == {}
