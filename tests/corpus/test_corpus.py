"""The corpus tool, over our own examples."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.corpus.comparing import differences

ROOT = Path(__file__).parents[2]


def test_says_what_was_created_and_what_was_refused(tmp_path: Path) -> None:
    """A good manifest comes back as it was, a bad one is counted with its reason."""
    (tmp_path / "bad.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n"
    )
    copy = tmp_path / "pod.yaml"
    copy.write_text((ROOT / "examples" / "pod-with-node-affinity.yaml").read_text())
    run = subprocess.run(
        [ROOT / "scripts" / "corpus", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "2 documents, 1 created, 1 refused, 0 changed" in run.stdout
    assert 'metadata.name: Invalid value: "Bad_Name"' in run.stdout


def test_a_loss_is_seen() -> None:
    """The comparison names what is missing and what is another value; defaults are no loss."""
    given = {"spec": {"a": 1, "b": [{"c": "x"}], "gone": "y"}, "metadata": {"name": "n"}}
    stored = {
        "spec": {"a": 2, "b": [{"c": "x", "d": "default"}]},
        "metadata": {"name": "n", "uid": "u"},
    }
    found = differences(given, stored, has_status=True)
    assert found == ["spec.a: 1 became 2", "spec.gone: 'y' became None"]
