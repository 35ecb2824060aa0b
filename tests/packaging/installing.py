"""Runs commands that install something, with nothing of this environment but the way there.

What they install besides the project has the versions of ``locks/low``.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.packaging import locks

ROOT = Path(__file__).parents[2]
_WAY = re.compile(
    r"(PIP_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE|https?_proxy|no_proxy|HOME)", re.IGNORECASE
)


def run(*command: str, code: int = 0, folder: str | Path = "/") -> str:
    """Run a command in ``folder``, check its exit code and give what it wrote."""
    way = {name: value for name, value in os.environ.items() if _WAY.fullmatch(name)}
    versions = str(locks.constraints())
    # Of what builds a wheel, older versions of pip take the first one and newer ones the second.
    way |= {"PIP_CONSTRAINT": versions, "PIP_BUILD_CONSTRAINT": versions}
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **way},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stdout
    return done.stdout.strip()
