"""Certificates for tests: an authority, and one certificate for 127.0.0.1 that it signed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """Paths of PEM files."""

    authority: str
    cert: str
    key: str


def make(folder: Path) -> Papers:
    """Make them below ``folder`` with openssl; skips where there is none."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(
        folder,
        *("req", "-x509", *curve, "-subj", "/CN=tests", "-days", "2"),
        *("-keyout", "authority.key", "-out", "authority.pem"),
    )
    _openssl(folder, "req", *curve, "-subj", "/CN=etcd", "-keyout", "key.pem", "-out", "request")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    _openssl(
        folder,
        *("x509", "-req", "-in", "request", "-days", "2", "-extfile", "names"),
        *("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"),
        *("-out", "cert.pem"),
    )
    return Papers(
        authority=str(folder / "authority.pem"),
        cert=str(folder / "cert.pem"),
        key=str(folder / "key.pem"),
    )


def _openssl(folder: Path, *words: str) -> None:
    done = subprocess.run(
        ["openssl", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
