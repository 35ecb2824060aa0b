"""One thing that is wrong with a .proto file, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a rule has against a declaration."""

    file: str
    """Its name, as it is imported."""
    symbol: str
    """The full name of what is declared; empty for the file itself."""
    rule: str
    """The rule's name."""
    text: str
    """What is wrong, in one sentence."""
    line: int = 0
    """From 1 on; 0 where the descriptor has no source info."""
    column: int = 0
    """From 1 on."""

    @property
    def place(self) -> str:
        """``fleet/v1/machine.proto:12:3``; without source info the file alone."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        """Return the place, the symbol, the sentence and the rule, in one line."""
        subject = f"{self.symbol}: " if self.symbol else ""
        return f"{self.place}: {subject}{self.text} ({self.rule})"
