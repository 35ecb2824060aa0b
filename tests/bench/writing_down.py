"""What it costs to write calls down and to seal values, in this process: no call goes anywhere."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from protocube.catalog import Catalog
from protocube_server.audit.file import LogFile, Rotation
from protocube_server.audit.log import AuditLog
from protocube_server.audit.policy import DEFAULT, Policies
from protocube_server.audit.stage import Audited
from protocube_server.builtin.functions import FUNCTIONS
from protocube_server.calls.call import Call
from protocube_server.calls.user import User
from protocube_server.calls.verb import Target
from protocube_server.kinds.edition import Edition
from protocube_server.kinds.registry import Registry
from protocube_server.storage.sealing.keys import AesGcm, SecretBox
from protocube_server.storage.sealing.sealer import Sealer
from protocube_server.verbs.methods import METHODS
from tests.bench import rows
from tests.bench.figures import SQLITE
from tests.bench.step import Setting, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protocube_server.calls.chain import Handler
    from tests.bench.subjects import Subject as Measured

_TIMES: Final = 5
_IN_FLIGHT: Final = 128
_ROUNDS: Final = 40
_TURNS: Final = 5000
_SIZE: Final = 600
"""Bytes of the values that are sealed: those of the other rows' ConfigMaps."""
_PLACE: Final = b"/registry/secrets/default/a"
_ALICE: Final = User(name="alice", groups=("devs", "system:authenticated"))
_PEER, _AGENT = "ipv4:127.0.0.1:5000", "grpc-python-asyncio/1.75.0 grpc-c/47.0.0"


def steps() -> Iterator[Step]:
    """Yield the step."""
    yield Step(row=rows.WRITTEN, subjects=(SQLITE,), measure=_measure, loads=False, once=True)


def _measure(setting: Setting, subject: Measured) -> None:
    setting.results.add(rows.WRITTEN, subject.name, asyncio.run(measured()))


async def measured(rounds: int = _ROUNDS, turns: int = _TURNS) -> dict[str, float]:
    """Return microseconds of CPU, all threads', for each figure of the row."""
    found = {"audit": await _audited(rounds)}
    value = os.urandom(_SIZE)
    for name, key in (("gcm", AesGcm("a", bytes(32))), ("box", SecretBox("a", bytes(32)))):
        sealer = Sealer([key])
        sealed = sealer.seal(value, _PLACE)
        found[f"{name}_seal"] = _cost(sealer.seal, value, turns)
        found[f"{name}_open"] = _cost(sealer.open, sealed, turns)
    return found


async def _audited(rounds: int) -> float:
    """Return what a create takes more when it is written down, blocked until that is on disk."""
    edition = Edition(number=1, kinds=Registry(Catalog.shipped(), "/registry", FUNCTIONS))
    kind = edition.kinds.for_message("protocube.core.v1.ConfigMap")
    assert kind is not None
    verb = METHODS["Create"].verb

    async def answered(call: Call) -> bytes:
        call.target = Target("default", "a")
        call.annotate("audit.protocube/new-version", "1")
        return b""

    def call() -> Call:
        made = Call(user=_ALICE, edition=edition, kind=kind, verb=verb, raw=b"")
        made.agent, made.peer = lambda: _AGENT, lambda: _PEER
        return made

    with tempfile.TemporaryDirectory() as folder:
        log = AuditLog(LogFile(Path(folder) / "audit.log", Rotation()))
        async with log.running():
            stage = Audited(Policies(DEFAULT), log).compile(kind, verb, answered)
            differences = []
            for _ in range(_TIMES):
                without = await _rounds(answered, call, rounds)
                differences.append(await _rounds(stage, call, rounds) - without)
    return min(differences)


async def _rounds(handler: Handler, call: Callable[[], Call], rounds: int) -> float:
    begun = time.process_time()
    for _ in range(rounds):
        await asyncio.gather(*(handler(call()) for _ in range(_IN_FLIGHT)))
    return (time.process_time() - begun) / rounds / _IN_FLIGHT * 1e6


def _cost(function: Callable[[bytes, bytes], Any], value: bytes, turns: int) -> float:
    found = []
    for _ in range(_TIMES):
        begun = time.process_time()
        for _ in range(turns):
            function(value, _PLACE)
        found.append((time.process_time() - begun) / turns * 1e6)
    return min(found)
