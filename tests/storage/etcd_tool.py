"""``etcdctl``, for what only an administrator of etcd does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import etcd_process

if TYPE_CHECKING:
    from tests.etcd_process import Etcd


def run(etcd: Etcd, *words: str) -> str:
    """Run one command on ``etcd`` and give what it printed; skips where there is no etcdctl."""
    beside = Path(etcd_process.binary()).with_name("etcdctl")
    program = str(beside) if os.access(beside, os.X_OK) else shutil.which("etcdctl")
    if program is None:
        pytest.skip("no etcdctl: scripts/install-etcd installs one")
    command = [program, "--endpoints", etcd.endpoint, *words]
    environment = {"PATH": os.environ.get("PATH", ""), "ETCDCTL_API": "3"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def confine(etcd: Etcd, *, user: str, password: str, prefix: str) -> None:
    """Turn authentication on: beside root only ``user`` is known, and may use ``prefix`` alone."""
    for words in (
        ("user", "add", "root:root"),
        ("user", "grant-role", "root", "root"),
        ("user", "add", f"{user}:{password}"),
        ("role", "add", "confined"),
        ("role", "grant-permission", "confined", "readwrite", "--prefix", prefix),
        ("user", "grant-role", user, "confined"),
        ("auth", "enable"),
    ):
        run(etcd, *words)


def save(etcd: Etcd, snapshot: Path) -> int:
    """Write what a running member has into a file, and return its revision."""
    run(etcd, "snapshot", "save", str(snapshot))
    status = json.loads(run(etcd, "snapshot", "status", str(snapshot), "--write-out", "json"))
    return int(status["revision"])


def replace(etcd: Etcd, snapshot: Path) -> None:
    """Put an older snapshot in the place of what a running cluster of one has, and start it."""
    etcd.kill()
    shutil.rmtree(etcd.directory / "data")
    member = ("--name", "one", "--initial-cluster", f"one={etcd.peer}")
    restore(snapshot, etcd.directory, *member, "--initial-advertise-peer-urls", etcd.peer)
    etcd.start()


def restore(snapshot: Path, directory: Path, *member: str) -> None:
    """Make the data of a member that is to run in ``directory`` of a snapshot."""
    # From 3.6 on etcdutl does it.
    beside = [Path(etcd_process.binary()).with_name(name) for name in ("etcdutl", "etcdctl")]
    program = next((str(path) for path in beside if os.access(path, os.X_OK)), None)
    program = program or shutil.which("etcdutl") or shutil.which("etcdctl")
    if program is None:
        pytest.skip("no etcdctl: scripts/install-etcd installs one")
    directory.mkdir(parents=True, exist_ok=True)
    data = ("--data-dir", str(directory / "data"))
    command = [program, "snapshot", "restore", str(snapshot), *data, *member]
    environment = {"PATH": os.environ.get("PATH", ""), "ETCDCTL_API": "3"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
