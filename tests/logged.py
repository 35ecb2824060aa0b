"""What a logger says."""

from __future__ import annotations

import asyncio
import logging
from typing import Self


class Logged(logging.Handler):
    """Takes what is logged as a warning, and tells when something was.

    With ``begins`` it is what begins so, at any level from information on.
    """

    def __init__(self, name: str, begins: str = "") -> None:
        super().__init__(logging.INFO if begins else logging.WARNING)
        self.lines: list[str] = []
        self.event = asyncio.Event()
        self._begins = begins
        self._logger = logging.getLogger(name)
        self._level = self._logger.level

    def __enter__(self) -> Self:
        self._logger.addHandler(self)
        if self._begins:
            self._logger.setLevel(logging.INFO)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._level)

    def emit(self, record: logging.LogRecord) -> None:
        """See ``logging.Handler``."""
        said = record.getMessage()
        if said.startswith(self._begins):
            self.lines.append(said)
            self.event.set()
