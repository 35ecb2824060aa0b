"""What an older release stored, and today's rules refuse, stays as it is and changes all the same.

Each object here breaks a rule that a create is held to; ``said`` asks of its updates.
"""

from __future__ import annotations

from typing import Any

import pytest

from protocube import errors
from protocube.core.v1.config_map_pb2 import ConfigMap
from protocube_server.kinds import ratcheting
from tests.kinds.updating import changed, said

_LONG = "x" * 64
_CONTAINERS = [{"name": "Bad_Name", "image": "x:1"}, {"name": "good", "image": "x:1"}]
_POD: dict[str, Any] = {
    "metadata": {"name": "p", "finalizers": ["example.com/f"]},
    "spec": {"containers": _CONTAINERS},
}
_DEPLOYMENT: dict[str, Any] = {
    "metadata": {"name": "d"},
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": _CONTAINERS}},
    },
}
_MAP: dict[str, Any] = {"metadata": {"name": "m"}, "data": {"bad key": "1", "good": "1"}}
_LABELS: dict[str, Any] = {"metadata": {"name": "m", "labels": {"bad": _LONG, "good": "1"}}}
_INGRESS: dict[str, Any] = {
    "metadata": {"name": "i"},
    "spec": {"rules": [{"host": "bad_host"}, {"host": "a.example.com"}]},
}
_BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
_PATH = {"path": "/", "pathType": "Prefix", "backend": _BACKEND}
_INSERTED = {"name": "new", "image": "x:1"}
_ITS_CONTAINERS = "spec.template.spec.containers"


def first_of(found: list[str]) -> list[str]:
    """Return where the violations are; those of one text count once, as in the answer."""
    return [text.split(": ")[0] for text in dict.fromkeys(found)]


@pytest.mark.parametrize("old", [_POD, _DEPLOYMENT, _MAP, _LABELS, _INGRESS])
def test_the_rules_are_broken(old: dict[str, Any]) -> None:
    """A create is refused, or the tests below would show nothing."""
    assert said(_word(old), old)


@pytest.mark.parametrize(
    ("old", "changes"),
    [
        (_POD, {}),
        (_POD, {"metadata.labels": {"a": "b"}}),
        (_POD, {"metadata.finalizers": []}),
        (_POD, {"spec.containers.1.image": "x:2"}),
        (_POD, {"status": {"phase": "Running"}}),
        (_DEPLOYMENT, {"spec.replicas": 3}),
        (_DEPLOYMENT, {f"{_ITS_CONTAINERS}.0.image": "x:2"}),
        (_DEPLOYMENT, {_ITS_CONTAINERS: [_INSERTED, *_CONTAINERS]}),
        (_DEPLOYMENT, {_ITS_CONTAINERS: [*reversed(_CONTAINERS)]}),
        (_DEPLOYMENT, {_ITS_CONTAINERS: _CONTAINERS[1:]}),
        (_DEPLOYMENT, {f"{_ITS_CONTAINERS}.0.name": "better"}),
        (_MAP, {"metadata.labels": {"a": "b"}}),
        (_MAP, {"data.good": "2"}),
        (_MAP, {"data.more": "2"}),
        (_MAP, {"data.bad key": None}),
        (_LABELS, {"metadata.labels.good": "2"}),
        (_LABELS, {"metadata.labels.more": "2"}),
        (_LABELS, {"metadata.labels.bad": "short"}),
        (_INGRESS, {"spec.rules.1.host": "b.example.com"}),
        (_INGRESS, {"spec.rules.0.http": {"paths": [_PATH]}}),
        (_INGRESS, {"spec.rules": [{"host": "n.example.com"}, *_INGRESS["spec"]["rules"]]}),
    ],
)
def test_what_does_not_touch_it_passes(old: dict[str, Any], changes: dict[str, Any]) -> None:
    """So does what mends it, and what moves it within a list."""
    assert said(_word(old), changed(old, changes), old) == []


@pytest.mark.parametrize(
    ("old", "changes", "where"),
    [
        (_DEPLOYMENT, {f"{_ITS_CONTAINERS}.0.name": "Bad_Too"}, f"{_ITS_CONTAINERS}[0].name"),
        (
            _DEPLOYMENT,
            {_ITS_CONTAINERS: [{"name": "Bad_Too", "image": "x:1"}, *_CONTAINERS]},
            f"{_ITS_CONTAINERS}[0].name",
        ),
        (
            _DEPLOYMENT,
            {_ITS_CONTAINERS: [*_CONTAINERS, {"name": "more"}]},
            f"{_ITS_CONTAINERS}[2].image",
        ),
        (_MAP, {"data.more bad": "1"}, "data[more bad]"),
        (_MAP, {"data.bad key": "2"}, "data[bad key]"),
        (_LABELS, {"metadata.labels.more": _LONG}, "metadata.labels"),
        (_LABELS, {"metadata.labels.bad": "y" * 64}, "metadata.labels"),
        (_LABELS, {"metadata.labels.bad": None, "metadata.labels.more": _LONG}, "metadata.labels"),
        (_INGRESS, {"spec.rules.0.host": "worse_host"}, "spec.rules[0].host"),
        (
            _INGRESS,
            {"spec.rules": [*_INGRESS["spec"]["rules"], {"host": "bad_host"}]},
            "spec.rules[2].host",
        ),
        (_INGRESS, {"spec.rules.1.host": "worse_host"}, "spec.rules[1].host"),
    ],
)
def test_what_it_changes_is_held_to_all_rules(
    old: dict[str, Any], changes: dict[str, Any], where: str
) -> None:
    """A new fault is the only one that is told, also when an old one is like it."""
    assert first_of(said(_word(old), changed(old, changes), old)) == [where]


def test_there_is_no_way_back() -> None:
    """What was mended is not broken again."""
    mended = changed(_MAP, {"data.bad key": None})
    assert first_of(said("cm", _MAP, mended)) == ["data[bad key]"]


def test_a_rule_on_several_fields_is_broken_anew_by_one_of_them() -> None:
    """The place is unchanged; the fault is another one, or was none."""
    old = changed(_DEPLOYMENT, {f"{_ITS_CONTAINERS}.0.name": "fine"})
    new = changed(old, {"spec.template.metadata.labels": {"a": "c"}})
    assert first_of(said("deployments", new, old)) == ["spec.template.metadata.labels"]
    mismatch = changed(new, {"spec.replicas": 3})
    assert said("deployments", mismatch, new) == []


def test_an_immutable_field_that_breaks_a_rule_stays_immutable() -> None:
    """It may be wrong, and may still not change."""
    (found,) = said("pods", changed(_POD, {"spec.hostname": "h"}), _POD)
    assert found.startswith("spec: Forbidden: pod updates may not change fields other than")


def _word(old: dict[str, Any]) -> str:
    names = {"p": "pods", "d": "deployments", "m": "cm", "i": "ingresses"}
    return names[old["metadata"]["name"]]


def test_a_fault_at_what_is_no_field_is_that_of_what_would_hold_it() -> None:
    """An expression can name any place; the fault is an old one while its holder is the same."""
    old, new = ConfigMap(), ConfigMap()
    new.data["k"] = "v"
    fault = errors.Violation(field="metadata.nothing", reason="FieldValueInvalid", message="no")
    assert [each for each in ratcheting.counting(old, new, [fault], [fault]) if each] == []
    new.metadata.labels["a"] = "b"
    assert [each for each in ratcheting.counting(old, new, [fault], [fault]) if each] == [fault]
