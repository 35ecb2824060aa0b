"""The first installation of docs/operating.md, two servers on one etcd, followed to the letter."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import etcd_process
from tests.tls.authority import LOOPBACK, Authority

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
_SECONDS = 120
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _commands() -> list[str]:
    page = (ROOT / "docs" / "operating.md").read_text()
    _, _, behind = page.partition("## Two servers on one etcd, from nothing\n")
    return _FENCE.findall(behind.partition("\n## ")[0])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Provide a folder with certificates; the servers that are started in it end with the test."""
    folder = tmp_path / "here"
    folder.mkdir()
    authority = Authority(tmp_path)
    shown = authority.issue("shown", *LOOPBACK)
    for source, name in (
        (authority.file, "ca.pem"),
        (shown.certificate, "server.pem"),
        (shown.key, "server.key"),
    ):
        shutil.copy(source, folder / name)
    yield folder
    for file in folder.glob("*.pid"):
        number = int(file.read_text())
        # One has been stopped by then, and its number may be another process's.
        with suppress(OSError):
            if Path(f"/proc/{number}/cwd").readlink() == folder:
                os.kill(number, signal.SIGKILL)


@pytest.mark.etcd
@pytest.mark.timeout(600)
def test_the_first_installation_can_be_followed(folder: Path, tmp_path: Path) -> None:
    """Both servers answer, one is enough, and an export brings back what was deleted."""
    with etcd_process.running(tmp_path / "etcd") as etcd:
        ports = etcd_process.free_ports()
        binaries = (Path(sys.executable).parent, Path(etcd_process.binary()).parent)
        environment = {
            "HOME": str(folder),
            "PATH": os.pathsep.join([*map(str, binaries), "/usr/bin", "/bin"]),
            "ETCDCTL_API": "3",
            "ETCDCTL_ENDPOINTS": etcd.endpoint,
        }
        said = []
        for text in _commands():
            commands = text.replace("127.0.0.1:2379", etcd.endpoint)
            for port, free in zip(("7443", "7444"), ports, strict=True):
                commands = commands.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free}")
            # A file, which servers in the background may hold open.
            with (tmp_path / "said").open("w+") as out:
                done = subprocess.run(
                    ["bash", "-e", "-c", commands],
                    check=False,
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    timeout=_SECONDS,
                )
                out.seek(0)
                said.append(out.read())
            logs = "".join(file.read_text() for file in sorted(folder.glob("*.log")))
            assert done.returncode == 0, f"{commands}{said[-1]}{logs}"
    started, known, away, restored = said
    assert started == ""
    assert re.search(r"^Username +alice$", known, re.MULTILINE)
    assert re.search(r"^after +1 .*\nbefore +1 ", away, re.MULTILINE)
    assert "1 imported" in restored
    assert re.search(r"^before +1 ", restored, re.MULTILINE)
