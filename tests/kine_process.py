"""A real kine for tests: etcd's API over a SQLite file."""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import TYPE_CHECKING

import grpc

from tests import etcd_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_START_SECONDS = 30.0


PROGRAM = os.environ.get("PROTOCUBE_KINE", "")
"""Empty where kine is not to be tested."""


@contextlib.contextmanager
def running(folder: Path) -> Iterator[str]:
    """Provide the endpoint of a started kine whose data is in ``folder``, and end it afterwards."""
    assert os.access(PROGRAM, os.X_OK), f"PROTOCUBE_KINE names {PROGRAM}, which cannot be run"
    port, _ = etcd_process.free_ports()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                *etcd_process.dying_with_us(),
                *(PROGRAM, "--listen-address", f"tcp://127.0.0.1:{port}"),
                *("--endpoint", f"sqlite://{folder}/kine.db", "--metrics-bind-address", "0"),
                # It keeps a thousand revisions, whatever it is told, unless it is told so.
                *("--watch-progress-notify-interval", "1s", "--compact-min-retain", "0"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                grpc.channel_ready_future(channel).result(timeout=_START_SECONDS)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()
