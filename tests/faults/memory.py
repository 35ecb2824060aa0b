"""What a process takes of the machine's memory, where the kernel tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Resident memory, in MB: now, and at most since the peak was forgotten."""

    now: int
    peak: int


def of(pid: int) -> Memory:
    """Return what a process takes; nothing where there is no ``/proc``."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return Memory(now=0, peak=0)
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    now, peak = (int(found[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))
    return Memory(now=now, peak=peak)


def forget_peak(pid: int) -> None:
    """Let the peak be what the process takes now."""
    place = Path(f"/proc/{pid}/clear_refs")
    if place.exists():
        place.write_text("5")
