"""What one comparison does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "@ns"
"""Stands for the case's own namespace, in arguments, files and stdin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One command, run by kubectl and by cubectl, each against a server of its kind.

    Every case has a namespace of its own, which is also that of its context.
    """

    name: str
    """``group/what it is about``, unique."""
    args: tuple[str, ...]
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """The working directory: contents by path; ``None`` content is not allowed, a path
    that ends in ``/`` is an empty directory."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links: targets by path."""
    stdin: str | bytes = b""
    objects: str = ""
    """Manifests of what exists before, as YAML documents."""


def config_map(name: str, data: str = "k: v", labels: str = "") -> str:
    """Return the manifest of a ConfigMap; ``data`` and ``labels`` are in YAML's flow style."""
    marked = f"  labels: {{{labels}}}\n" if labels else ""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{marked}data: {{{data}}}\n"


def documents(*manifests: str) -> str:
    """Return several documents as one file."""
    return "---\n".join(manifests)
