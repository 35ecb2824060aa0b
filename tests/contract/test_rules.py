"""What the rules of the kinds refuse, where, and in which words; and what they let pass.

The cases are in ``rules/``, one file a kind. Each changes one good manifest in one place:
``set`` gives values at dotted paths, ``remove`` takes one away. Paths and texts of the
violations are protovalidate's: the server turns rule ids into Kubernetes' types and moves a
violation whose text begins with ``.child: `` to that child. A case without a text has that of
``required``. What one fault breaks beside that is in ``also``.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from protocube.catalog import Catalog
from tests.contract import violations

FILES = {
    path.stem: yaml.safe_load(path.read_text())
    for path in Path(__file__).parent.glob("rules/*.yaml")
}
GOOD: dict[str, dict[str, Any]] = {stem: file["good"] for stem, file in FILES.items()}


def cases(list_name: str) -> list[Any]:
    """Return one list of all files, as test parameters named by kind and position."""
    return [
        pytest.param(file["good"], case, id=f"{stem}-{number}-{case.get('rule', '')}")
        for stem, file in sorted(FILES.items())
        for number, case in enumerate(file[list_name])
    ]


def changed(good: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest that ``case`` makes of ``good``."""
    manifest = copy.deepcopy(good)
    for path, value in case.get("set", {}).items():
        target, name = _step_to(manifest, path)
        target[name] = value
    if "remove" in case:
        target, name = _step_to(manifest, case["remove"])
        del target[name]
    return manifest


def _step_to(manifest: Any, path: str) -> tuple[Any, Any]:
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in steps:
        manifest = manifest.setdefault(step, {}) if isinstance(manifest, dict) else manifest[step]
    return manifest, last


@pytest.mark.parametrize("stem", sorted(GOOD))
def test_a_good_manifest_passes(stem: str) -> None:
    """What the other cases change breaks no rule by itself."""
    assert violations.of(GOOD[stem]) == []


@pytest.mark.parametrize(("good", "case"), cases("bad"))
def test_a_bad_manifest_is_refused(good: dict[str, Any], case: dict[str, Any]) -> None:
    """The one violation names the field, the rule and the reason that Kubernetes gives."""
    expected = [
        violations.Found(
            field=item["field"], rule=item["rule"], message=item.get("message", "value is required")
        )
        for item in (case, *case.get("also", ()))
    ]
    found = violations.of(changed(good, case))
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize(("good", "case"), cases("good_too"))
def test_a_manifest_at_the_edge_passes(good: dict[str, Any], case: dict[str, Any]) -> None:
    """The last value that is allowed is allowed."""
    assert violations.of(changed(good, case)) == []


def test_all_violations_are_found_at_once() -> None:
    """One fault does not hide another."""
    change = {
        "spec.restartPolicy": "Sometimes",
        "spec.containers.0.image": "",
        "spec.volumes": [],
    }
    found = violations.of(changed(GOOD["pod"], {"set": change}))
    assert {item.rule for item in found} == {"required", "string.in", "not_found.volume_mount"}


def test_every_kind_has_cases() -> None:
    """A kind without cases would have untested rules."""
    kinds = {(item.api_version, item.kind) for item in Catalog.shipped().resources}
    assert {(good["apiVersion"], good["kind"]) for good in GOOD.values()} == kinds
    assert all(file["bad"] for file in FILES.values())
