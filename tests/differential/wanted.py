"""The wanted differences between kubectl and cubectl, read from ``wanted.yaml``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.differential.case import NAMESPACE

if TYPE_CHECKING:
    from tests.differential.both import Outcome

FILE = Path(__file__).with_name("wanted.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A case in which cubectl is meant to give something else than kubectl."""

    reason: str
    out: str | None = None
    """cubectl's standard output, where it differs."""
    err: str | None = None
    code: int | None = None

    def applied(self, outcome: Outcome, namespace: str) -> Outcome:
        """Return kubectl's ``outcome`` with what cubectl says in its place."""
        return replace(
            outcome,
            out=outcome.out if self.out is None else self.out.replace(NAMESPACE, namespace),
            err=outcome.err if self.err is None else self.err.replace(NAMESPACE, namespace),
            code=outcome.code if self.code is None else self.code,
        )


def load() -> dict[str, Wanted]:
    """Return the wanted differences by the names of their cases."""
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8")) or {}
    found: dict[str, Wanted] = {}
    for entry in entries:
        shared = {key: value for key, value in entry.items() if key not in ("case", "cases")}
        for name in entry.get("cases") or [entry["case"]]:
            assert name not in found, f"{name} is there twice"
            found[name] = Wanted(**shared)
    return found
