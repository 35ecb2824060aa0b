"""Which toolchains of other languages are there: what is on PATH is run, and must answer.

A command may be on PATH and still not run: rustup's ``cargo`` without a toolchain, or macOS'
``java`` without a JDK. Such a toolchain is as good as none.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from typing import Final

import pytest

COMMANDS: Final = {
    "go": (("go", "version"),),
    "node": (("node", "--version"), ("npm", "--version")),
    "java": (("java", "-version"), ("javac", "-version"), ("mvn", "--version")),
    "rust": (("cargo", "--version"), ("rustc", "--version")),
}
"""What must answer, by the name that PROTOCUBE_TEST_REQUIRE has for a toolchain."""
_ANSWER_SECONDS = 60.0


def missing(name: str, reason: str) -> BaseException:
    """Return what skips a test, or fails it where ``name`` is in PROTOCUBE_TEST_REQUIRE."""
    if name in os.environ.get("PROTOCUBE_TEST_REQUIRE", "").split():
        return pytest.fail.Exception(f"{reason}; PROTOCUBE_TEST_REQUIRE names {name}")
    return pytest.skip.Exception(reason)


def need(name: str) -> None:
    """Skip a test without the toolchain, or fail it where the toolchain is required.

    All tests of a toolchain are skipped here and for the same reason, so that pytest's
    summary says it once, with their number.
    """
    reason = fault(name)
    if reason:
        raise missing(name, reason)


def fault(name: str) -> str:
    """Return why a toolchain cannot be used, or nothing where it can."""
    return _fault(name, os.environ.get("PATH", ""))


@functools.cache
def _fault(name: str, path: str) -> str:
    for command in COMMANDS[name]:
        program = shutil.which(command[0], path=path)
        if program is None:
            return f"no {command[0]} on PATH: what is written for {name} is not built"
        try:
            done = subprocess.run(
                [program, *command[1:]],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                timeout=_ANSWER_SECONDS,
            )
        except subprocess.TimeoutExpired:
            said, failed = f"no answer in {_ANSWER_SECONDS:.0f} s", True
        except OSError as error:
            said, failed = str(error), True
        else:
            said, failed = done.stderr.strip().partition("\n")[0], done.returncode != 0
        if failed:
            return f"{program} does not run ({said}): what is written for {name} is not built"
    return ""
