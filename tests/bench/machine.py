"""The machine and the versions that figures are of."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import etcd_process

_BUSY = 0.5
"""Processes a core that were running already: from there on times are not to be trusted."""


def described() -> dict[str, str]:
    """Return what a reader of the figures must know, by name."""
    load, _, _ = os.getloadavg()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "memory": f"{_memory():.0f} GB",
        "system": f"{platform.system()} {_kernel()}, {_distribution()}",
        "data on": _filesystem(),
        "load before": f"{load:.2f}",
        "Python": platform.python_version(),
        **{
            name: importlib.metadata.version(name)
            for name in ("grpcio", "protobuf", "protovalidate", "uvloop")
        },
        "etcd": _etcd(),
        "SQLite": sqlite3.sqlite_version,
        "Go": _first_line("go", "env", "GOVERSION").removeprefix("go"),
        "kubectl": _first_line("kubectl", "version", "--client").rpartition(" v")[2],
    }


def _kernel() -> str:
    """Return the kernel's major and minor version; the rest says only who has built it."""
    return ".".join(platform.release().split(".")[:2])


def busy() -> str:
    """Return a warning when others keep the machine busy, else nothing."""
    load, _, _ = os.getloadavg()
    cores = os.cpu_count() or 1
    if load < _BUSY * cores:
        return ""
    return (
        f"the machine was busy before the run (load {load:.1f} on {cores} cores): trust "
        "processor times and ratios, not times"
    )


def _processor() -> str:
    for line in _read("/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "unknown distribution"


def _filesystem() -> str:
    """Return the type of file system that stores lie on while they are measured."""
    place = Path(tempfile.gettempdir()).resolve()
    found = ("", "unknown")
    for line in _read("/proc/mounts").splitlines():
        _, mounted, kind, *_ = line.split()
        if place.is_relative_to(mounted) and len(mounted) >= len(found[0]):
            found = (mounted, kind)
    return found[1]


def _etcd() -> str:
    try:
        return _first_line(etcd_process.binary(), "--version").removeprefix("etcd Version: ")
    except (pytest.skip.Exception, pytest.fail.Exception):
        return ""


def _first_line(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0]


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
