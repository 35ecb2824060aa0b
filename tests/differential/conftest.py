"""kubectl, cubectl and a server for each."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import server_process, toolchains
from tests.differential import rest_server
from tests.differential.both import Both

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

_AS_GIVEN = (
    "--disable-admission-plugins",
    "DefaultTolerationSeconds,Priority,TaintNodesByCondition",
)
"""Objects are what the commands make of them: the other server fills in nothing."""


def _kubectl() -> str:
    """Return the path of upstream's kubectl, in the locked release.

    What is on PATH may be another's, with words of its own. Without Go there is none.
    """
    toolchains.need("go")
    built = subprocess.run(
        [ROOT / "scripts" / "install-go-tools", "kubectl"],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    return str(ROOT / ".cache" / "go" / "bin" / "kubectl")


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Provide both programs, their servers running."""
    kubectl = _kubectl()
    folder = tmp_path_factory.mktemp("differential")
    with (
        rest_server.running() as rest,
        server_process.running(folder / "store.db", *_AS_GIVEN) as server,
    ):
        yield Both(rest=rest, server=server.address, kubectl=kubectl, cache=folder / "cache")
