"""What happened to the documents of a corpus, and the table that says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A document that was not created."""

    source: str
    reason: str


@dataclass(slots=True)
class Outcomes:
    """The count of documents by kind, and those that went wrong."""

    created: Counter[str] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)
    changed: list[Refusal] = field(default_factory=list)

    @property
    def documents(self) -> int:
        """How many documents were seen."""
        return sum(self.created.values()) + len(self.refused)

    def table(self) -> str:
        """Return the counts by kind, then every refusal and every change with its reason."""
        lines = [f"{'KIND':<40} CREATED"]
        lines += [f"{kind:<40} {count:>7}" for kind, count in sorted(self.created.items())]
        lines.append("")
        for title, rows in (("REFUSED", self.refused), ("CHANGED", self.changed)):
            if rows:
                lines.append(title)
                lines += [f"  {row.source}: {row.reason}" for row in rows]
                lines.append("")
        total = sum(self.created.values())
        lines.append(
            f"{self.documents} documents, {total} created, {len(self.refused)} refused, "
            f"{len(self.changed)} changed"
        )
        return "\n".join(lines)
