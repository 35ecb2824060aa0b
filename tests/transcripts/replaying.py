"""Runs the blocks of scenarios with ``cubectl`` in a shell, and compares what they give."""

from __future__ import annotations

import enum
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.transcripts import blocks
from tests.transcripts.blocks import Answer, Block
from tests.transcripts.normalising import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SECONDS = 60.0
"""How long a block may take."""

_UNSET = ("EDITOR", "KUBE_EDITOR", "KUBECTL_EXTERNAL_DIFF", "KUBECONFIG", "PROTOCUBE_CONFIG")


class Verdict(enum.Enum):
    """How an answer stands to the recorded one."""

    AGREES = "agree"
    LISTED = "listed"
    """It differs, and the list of differences has the reason."""
    DIFFERS = "differ"
    STALE = "stale"
    """It agrees, though the list of differences has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One block, replayed."""

    block: Block
    got: Answer
    reason: str
    """Why the answer may differ; empty when it must not."""

    @property
    def verdict(self) -> Verdict:
        """Judge the answer."""
        if same(self.block.answer, self.got):
            return Verdict.STALE if self.reason else Verdict.AGREES
        return Verdict.LISTED if self.reason else Verdict.DIFFERS

    def lines(self) -> Iterator[str]:
        """Yield lines that tell how the answer differs."""
        yield f"{self.block.name}: $ {self.block.command}"
        if self.reason:
            yield f"   because {self.reason}"
        for name in ("out", "err", "code"):
            wanted, got = getattr(self.block.answer, name), getattr(self.got, name)
            if isinstance(wanted, str):
                wanted, got = normalised(wanted), normalised(got)
            if wanted != got:
                yield f"   {name} wanted {wanted!r}"
                yield f"   {name} got    {got!r}"


def same(wanted: Answer, got: Answer) -> bool:
    """Tell whether two answers are equal but for what means nothing."""
    return wanted.code == got.code and all(
        normalised(one) == normalised(other)
        for one, other in ((wanted.out, got.out), (wanted.err, got.err))
    )


def replay(
    server: str, folder: Path, scenarios: Sequence[str], reasons: Mapping[str, str]
) -> Iterator[Result]:
    """Yield the results of the blocks of ``scenarios``, one after the other, in order.

    ``kubectl`` in their commands is the ``cubectl`` of the ``PATH``, which talks to ``server``.
    """
    with tempfile.TemporaryDirectory() as work:
        environ = _environment(server, Path(work))
        for scenario in scenarios:
            place = _place(folder / scenario, Path(work) / "scenarios" / scenario)
            for block in blocks.read(folder / f"{scenario}.txt"):
                got = _run(block.command, place, environ)
                yield Result(block=block, got=got, reason=reasons.get(block.name, ""))


def _environment(server: str, work: Path) -> dict[str, str]:
    """Return an environment whose ``kubectl`` is ours, with a home of its own."""
    programs = work / "bin"
    programs.mkdir()
    program = programs / "kubectl"
    program.write_text(f'#!/bin/sh\nexec cubectl --server {server} "$@"\n')
    program.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return {
        **inherited,
        "HOME": str(work),
        "LANG": "C",
        "PATH": f"{programs}:{os.environ['PATH']}",
        "TERM": "dumb",
        "TZ": "UTC",
    }


def _place(inputs: Path, place: Path) -> Path:
    """Copy the input files of a scenario to where its commands run."""
    if inputs.is_dir():
        shutil.copytree(inputs, place)
    else:
        place.mkdir(parents=True)
    return place


def _run(command: str, place: Path, environ: Mapping[str, str]) -> Answer:
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=place,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="backslashreplace",
        # What it starts ends with it.
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Answer(out="", err=f"(no end within {SECONDS:.0f} s)", code=-1)
    return Answer(out=out, err=err, code=process.returncode)
