"""Which releases of etcd tell progress in order."""

from __future__ import annotations

import pytest

from protocube_server.storage.etcd import version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.4.30", False),
        ("3.4.31", True),
        ("3.5.12", False),
        ("3.5.13", True),
        ("3.6.0", True),
        ("4.0.0", True),
    ],
)
def test_progress_is_trusted_from_the_releases_that_mended_it(text: str, *, expected: bool) -> None:
    """The bounds are Kubernetes'."""
    found = version.parse(text)
    assert found is not None
    assert version.has_progress(found) is expected
