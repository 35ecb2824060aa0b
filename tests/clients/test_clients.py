"""Clients in several languages, built from ``scripts/stubs``, against a live server on etcd.

Each walks the same way (create, get, pages, a conflict, a watch that resumes, refusals,
delete) and prints what it sees; all must print the same lines, in plaintext and over TLS.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
import sys
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import protocube
from tests import etcd_process, toolchains
from tests.server_process import started
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

ROOT = Path(__file__).parents[2]
EXPECTED = (Path(__file__).parent / "expected.txt").read_text()
STUBS_PACKAGE = f"protocube-stubs-{protocube.__version__}.tgz"
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund")
_BUILD_SECONDS = 600
_RUN_SECONDS = 60
_THIS_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
"""The same in all processes of a run of tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a client is built and run; ``stubs`` is where its generated code goes."""

    name: str
    stubs: str
    module: str = ""
    """The name of the module that the stubs are, when they are one of their own."""
    before: tuple[tuple[str, ...], ...] = ()
    """What must be there before the stubs: their plugins, for one."""
    after: tuple[tuple[str, ...], ...] = ()
    """What is done with the stubs before the client is built."""
    build: tuple[str, ...] = ()
    run: tuple[str, ...]
    libraries: str = ""
    """Where the build puts libraries whose hashes no tool checks but we (libraries.sha256)."""
    omits: tuple[str, ...] = ()
    """What the lines begin with that it does not print."""

    def need(self) -> None:
        """Skip the test without the toolchain, or fail it where that is required."""
        if self.name in toolchains.COMMANDS:
            toolchains.need(self.name)


LANGUAGES = (
    Language(
        name="go",
        stubs="gen",
        before=(("go", "mod", "download"),),
        build=("go", "build", "-mod=readonly", "-o", "client", "."),
        run=("./client",),
    ),
    Language(
        name="node",
        stubs="stubs",
        module="protocube-stubs",
        before=(("npm", "ci", *_QUIET),),
        after=(
            ("npm", "pack", "--silent", "./stubs"),
            # As from a registry. Nothing is resolved anew: all that it needs is there, and npm's
            # cache may not know which other versions there are.
            (
                *("npm", "install", "--no-save", "--offline", "--legacy-peer-deps"),
                *(*_QUIET, f"./{STUBS_PACKAGE}"),
            ),
        ),
        build=("npm", "run", "build"),
        run=("node", "dist/client.js"),
    ),
    Language(
        name="java",
        stubs="src/main/proto",
        build=("mvn", "-q", "-B", "-C", "package"),
        libraries="target/lib",
        run=("java", "-cp", "target/classes:target/lib/*", "dev.protocube.example.Client"),
    ),
    Language(
        name="python",
        stubs="gen",
        before=(
            (sys.executable, "-m", "venv", ".venv"),
            (
                ".venv/bin/python",
                "-m",
                "pip",
                "install",
                "-q",
                "--require-hashes",
                "-r",
                "requirements.txt",
            ),
        ),
        run=("env", "PYTHONPATH=gen", ".venv/bin/python", "client.py"),
    ),
    Language(
        name="rust",
        stubs="proto",
        build=("cargo", "build", "--quiet", "--locked"),
        run=("target/debug/client",),
        # No Rust implementation of protovalidate knows all that our rules use; and a call ends
        # when its stream is dropped, so that nobody is there to be told.
        omits=("checked ", "cancelled: "),
    ),
)


async def run(*command: str, folder: Path, seconds: float) -> str:
    """Run a command and give what it printed. It must succeed in time."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, f"{' '.join(command)}: {err.decode()}{out.decode()}"
    return out.decode()


async def built(language: Language) -> Path:
    """Build a client below .cache, where what it downloads and compiles is found next time.

    Once in a run of tests: others that need it find it built, or wait until it is.
    """
    language.need()
    folder = ROOT / ".cache" / "clients" / language.name
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".built").open("a+") as stamp:
        await asyncio.to_thread(fcntl.flock, stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        if stamp.read() != _THIS_RUN:
            stamp.truncate(0)
            await _build(language, folder)
            stamp.write(_THIS_RUN)
    return folder


async def _build(language: Language, folder: Path) -> None:
    shutil.copytree(Path(__file__).parent / language.name, folder, dirs_exist_ok=True)
    libraries = folder / language.libraries if language.libraries else None
    if libraries:
        # The build leaves those of an earlier lock where they are.
        shutil.rmtree(libraries, ignore_errors=True)
    stubs = [str(ROOT / "scripts" / "stubs"), language.name, language.stubs]
    if language.module:
        stubs += ["--module", language.module]
    for command in (*language.before, stubs, *language.after, language.build):
        if command:
            await run(*command, folder=folder, seconds=_BUILD_SECONDS)
    if libraries:
        assert hashes(libraries) == (folder / "libraries.sha256").read_text()


def hashes(folder: Path) -> str:
    """Return the hash of each file as ``sha256sum`` prints it."""
    files = sorted(folder.iterdir(), key=lambda path: path.name)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files
    )


def expected(language: Language) -> str:
    """Return the lines of a client, without those that it does not print."""
    lines = EXPECTED.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(language.omits or "\n"))


@pytest.fixture(scope="module")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Provide the address of a store that the clients share."""
    with etcd_process.running(tmp_path_factory.mktemp("etcd")) as process:
        yield process.endpoint


@asynccontextmanager
async def server(etcd: str, *flags: str) -> AsyncGenerator[str, None]:
    """Start a server of its own and give its address."""
    store = ("--store", f"etcd://{etcd}", "--listen", "127.0.0.1:0")
    async with started(*store, *flags) as process:
        yield await process.ready()


@pytest.mark.etcd
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
async def test_a_client_walks_the_api(language: Language, etcd: str, tmp_path: Path) -> None:
    """A client of this language sees what all clients see: in plaintext, and over TLS.

    There it shows a token, or a certificate.
    """
    folder = await built(language)
    async with server(etcd) as address:
        arguments = (address, f"{language.name}-plain")
        said = await run(*language.run, *arguments, folder=folder, seconds=_RUN_SECONDS)
    assert said == expected(language)

    authority = Authority(tmp_path)
    shown = authority.issue("server", *LOOPBACK)
    me = authority.issue("me", groups=("system:masters",))
    tokens = tmp_path / "tokens.csv"
    tokens.write_text('secret,me,1,"system:masters"\n')
    files = ("--tls-cert", str(shown.certificate), "--tls-key", str(shown.key))
    for name, flags, given in (
        ("token", ("--token-file", str(tokens)), ("secret",)),
        ("certificate", ("--client-ca", str(authority.file)), (str(me.certificate), str(me.key))),
    ):
        async with server(etcd, *files, *flags) as address:
            secured = (address, f"{language.name}-{name}", str(authority.file), *given)
            said = await run(*language.run, *secured, folder=folder, seconds=_RUN_SECONDS)
        assert said == expected(language)


@pytest.mark.etcd
@pytest.mark.timeout(1800)
async def test_node_can_call_through_grpc_js_too(etcd: str) -> None:
    """The package of stubs has what it takes, and answers and errors are the same."""
    node = next(one for one in LANGUAGES if one.name == "node")
    folder = await built(node)
    async with server(etcd) as address:
        command = ("node", "dist/grpc.js", address, "node-grpc-js")
        said = await run(*command, folder=folder, seconds=_RUN_SECONDS)
    lines = said.splitlines()
    assert [line for line in lines if line not in EXPECTED] == []
    assert len(lines) == 12


def test_a_client_finds_what_the_server_finds() -> None:
    """Of the wrong pod, every path that a client names is one that the server names, in order."""
    checked = re.findall(r"^checked (.+): [\w.]+$", EXPECTED, re.MULTILINE)
    _, _, created = EXPECTED.partition("\ncreate: ")
    refused = re.findall(
        r"^  ([\w.\[\]]+): FieldValue", created.partition("\nbulk ")[0], re.MULTILINE
    )
    assert checked == refused
    assert len(checked) > 1


def test_a_write_of_a_stream_fails_as_it_does_alone() -> None:
    """With the same code, reason and fields; what stands before and behind it is written."""
    _, _, told = EXPECTED.partition("\nbulk 0: made x\nbulk 1: ")
    in_stream, _, behind = told.partition("\nbulk 2: made y\nalone: ")
    alone, _, rest = behind.partition("\nread ")
    assert "spec.containers[0].image: FieldValueRequired" in alone
    assert in_stream == alone
    assert rest.startswith("x\nread y\n")
