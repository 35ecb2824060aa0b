"""The last words of a test run about the comparison with kubectl."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_TEST = "test_cubectl_says_what_kubectl_says"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many cases were compared, and how many differ as they are meant to."""
    counts = {"passed": 0, "failed": 0}
    wanted = 0
    for outcome in counts:
        for report in terminalreporter.stats.get(outcome, ()):
            if _TEST in report.nodeid and report.when == "call":
                counts[outcome] += 1
                wanted += outcome == "passed" and "wanted" in dict(report.user_properties)
    compared = sum(counts.values())
    if not compared:
        return
    alike = counts["passed"] - wanted
    terminalreporter.write_line(
        f"differential: {compared} cases through kubectl and cubectl: {alike} alike byte for byte, "
        f"{wanted} different as wanted, {counts['failed']} different"
    )
