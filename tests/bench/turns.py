"""The turns of a run: in each every subject afresh, and on it every step."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bench import subjects
from tests.bench.load import CannotMeasureError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.bench.step import Setting, Step
    from tests.bench.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """What is run: ``stages`` are steps that share one fresh subject each."""

    stages: Sequence[Sequence[Step]]
    on: Sequence[str]
    repeat: int

    def run(self, setting: Setting) -> None:
        """Take all turns. What cannot be measured becomes a note of the results."""
        for turn in range(self.repeat):
            for stage in self.stages:
                # Side by side in time, so that a busy moment meets all of them.
                for name in self.on:
                    steps = [step for step in stage if name in step.subjects]
                    _stage([step for step in steps if not (step.once and turn)], name, setting)


def _stage(steps: Sequence[Step], name: str, setting: Setting) -> None:
    if not steps:
        return
    try:
        with (
            tempfile.TemporaryDirectory(prefix="protocube-bench-") as folder,
            subjects.opened(name, Path(folder)) as subject,
        ):
            _measure(steps, subject, setting)
    except (subjects.CannotStartError, pytest.fail.Exception, pytest.skip.Exception) as error:
        setting.results.note(f"{name} is left out: {error}")


def _measure(steps: Iterable[Step], subject: Subject, setting: Setting) -> None:
    for step in steps:
        sys.stderr.write(f"bench: {subject.name}: {step.row}\n")
        try:
            step.measure(setting, subject)
        except CannotMeasureError as error:
            setting.results.note(f"{subject.name}: {step.row}: {error}")
