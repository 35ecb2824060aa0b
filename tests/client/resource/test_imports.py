"""The pipeline starts fast: what is slow to import is imported when it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("grpc", "yaml", "google.protobuf.json_format", "http.client", "google.rpc")


@pytest.mark.parametrize(
    "module", ["builder", "create", "error_text", "trace", "visitors.continue_on_error"]
)
def test_a_station_imports_nothing_heavy(module: str) -> None:
    """A command that fails early, or prints help, must not pay for the others."""
    program = (
        f"import sys, protocube_client.resource.{module}\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
