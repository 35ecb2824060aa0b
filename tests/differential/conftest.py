"""kubectl, cubectl and a server for each."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import server_process, toolchains
from tests.differential import rest_server
from tests.differential.both import Both

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINOR = "32"
"""The version of Kubernetes whose words cubectl speaks."""


def _kubectl() -> str:
    """Return kubectl's path. Skips, or fails where it is required, when there is no fit one."""
    found = shutil.which("kubectl")
    if found is None:
        return _without("kubectl is not on PATH")
    told = subprocess.run(
        [found, "version", "--client", "-o", "json"], capture_output=True, check=False
    )
    version = json.loads(told.stdout or b"{}").get("clientVersion", {})
    if version.get("minor", "").rstrip("+") != _MINOR:
        name = version.get("gitVersion", "not to be run")
        return _without(f"kubectl is {name}, and cubectl is compared with 1.{_MINOR}")
    return found


def _without(why: str) -> str:
    raise toolchains.missing("kubectl", f"{why}: nothing to compare with")


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Provide both programs, their servers running."""
    kubectl = _kubectl()
    folder = tmp_path_factory.mktemp("differential")
    with (
        rest_server.running() as rest,
        server_process.running(folder / "store.db") as server,
    ):
        yield Both(rest=rest, server=server.address, kubectl=kubectl, cache=folder / "cache")
