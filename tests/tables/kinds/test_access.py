"""Cells of role bindings."""

from __future__ import annotations

import pytest

from tests.tables.kinds.cells import cells

SUBJECTS = [
    {"kind": "User", "name": "ann"},
    {"kind": "Group", "name": "ops"},
    {"kind": "User", "name": "bob"},
    {"kind": "ServiceAccount", "name": "ci", "namespace": "build"},
]


@pytest.mark.parametrize("word", ["rolebindings", "clusterrolebindings"])
def test_a_role_binding(word: str) -> None:
    """Each kind of subject has its column."""
    expected = {
        "ROLE": "ClusterRole/edit",
        "USERS": "ann, bob",
        "GROUPS": "ops",
        "SERVICEACCOUNTS": "build/ci",
    }
    manifest = {"roleRef": {"kind": "ClusterRole", "name": "edit"}, "subjects": SUBJECTS}
    assert cells(word, manifest, expected) == expected
