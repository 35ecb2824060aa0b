"""A plugin of pytest: tells what each test does, and in a recording which lines it reaches.

Loaded by :mod:`tests.mutants.trees` (``-p tests.mutants.telling``), which says in the environment
where the tests tell. Each line there is a JSON object: ``{"begun": TEST}``, and behind it
``{"test": TEST, "outcome": "passed", "seconds": 0.1}``.

When coverage.py records, what runs has the name of a test as its context: that of the test, or
that of its file while something is set up that the tests of a file share. Processes that are
started meanwhile find it in the environment.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

OUTCOMES: Final = "PROTOCUBE_MUTANTS_OUTCOMES"
"""Names the file to which tests tell."""
LIMITS: Final = "PROTOCUBE_MUTANTS_LIMITS"
"""Names a file of JSON: the seconds that each test may take; others have the usual limit."""
CONTEXT: Final = "PROTOCUBE_MUTANTS_CONTEXT"
"""The context of what is started now."""


class _Told:
    """What is known of the test that runs."""

    test = ""
    seconds = 0.0
    outcome = ""


def _tell(**words: object) -> None:
    # A process that is killed by its test has told what it did before.
    with Path(os.environ[OUTCOMES]).open("a", encoding="utf-8") as told:
        told.write(f"{json.dumps(words)}\n")


def _enter(context: str) -> None:
    os.environ[CONTEXT] = context
    if recorder := coverage.Coverage.current():
        recorder.switch_context(context)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests their limits."""
    if not (file := os.environ.get(LIMITS)):
        return
    limits = json.loads(Path(file).read_text(encoding="utf-8"))
    for item in items:
        if limit := limits.get(item.nodeid):
            item.add_marker(pytest.mark.timeout(limit), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Tell of a test's begin and end."""
    _Told.test, _Told.seconds, _Told.outcome = item.nodeid, 0.0, "passed"
    _tell(begun=item.nodeid)
    _enter(item.nodeid)
    result = yield
    _enter("")
    _tell(test=item.nodeid, outcome=_Told.outcome, seconds=round(_Told.seconds, 3))
    return result


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """What tests share is of their file."""
    if fixturedef.scope == "function":
        return (yield)
    _enter(request.node.nodeid.split("::")[0] or _Told.test.split("::", maxsplit=1)[0])
    try:
        return (yield)
    finally:
        _enter(_Told.test)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take the parts of a test together."""
    _Told.seconds += report.duration
    if report.outcome != "passed":
        _Told.outcome = report.outcome


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that cannot be imported has failed as a whole."""
    if report.failed:
        _tell(test=report.nodeid, outcome="failed", seconds=0.0)
