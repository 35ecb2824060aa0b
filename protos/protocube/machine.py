"""What a program says of the machine that it runs on."""

from __future__ import annotations

import platform

_PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}


def platform_name() -> str:
    """Return ``linux/amd64``: in the words of Go, and so of kubectl."""
    machine = platform.machine()
    return f"{platform.system().lower()}/{_PROCESSORS.get(machine, machine)}"
