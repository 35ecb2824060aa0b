"""A small case of our own, replayed as it is and with expectations that do not hold."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.semantics import cases, places
from tests.semantics.replaying import Replay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.semantics.places import Place

_TARGET: Final = {"kind": "ConfigMap", "apiVersion": "v1", "namespace": "$NS"}
_BODY: Final = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
_OBJECT: Final = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {
        "name": "a",
        "namespace": "$NS",
        "uid": "$UID1",
        "resourceVersion": "$RV1",
        "creationTimestamp": "$TIME",
    },
    "data": {"x": "1"},
}
_CASE: Final[dict[str, Any]] = {
    "topic": "ours",
    "name": "small",
    "about": "one object is created, read, listed, watched and deleted",
    "managedFields": "dropped",
    "steps": [
        {
            **_TARGET,
            "verb": "create",
            "body": {**_BODY, "data": {"x": "1"}, "foo": 1},
            "expect": {
                "code": 201,
                "object": _OBJECT,
                "rv": "new",
                "warnings": ['unknown field "foo"'],
            },
        },
        {
            **_TARGET,
            "verb": "create",
            "body": _BODY,
            "expect": {
                "code": 409,
                "reason": "AlreadyExists",
                "message": 'configmaps "a" already exists',
            },
        },
        {
            **_TARGET,
            "verb": "create",
            "body": {**_BODY, "metadata": {"name": "B"}},
            "options": {"dryRun": "All"},
            "expect": {"code": 500, "message": "json: cannot unmarshal"},
        },
        {
            **_TARGET,
            "verb": "list",
            "expect": {
                "code": 200,
                "list": {"kind": "ConfigMapList", "metadata": {"resourceVersion": "$RV1"}},
                "items": [{"metadata": _OBJECT["metadata"], "data": {"x": "1"}}],
            },
        },
        {
            **_TARGET,
            "verb": "watch",
            "expect": {"code": 200, "events": [{"type": "ADDED", "object": _OBJECT}]},
        },
        {
            **_TARGET,
            "verb": "get",
            "name": "a",
            "expect": {"code": 200, "object": _OBJECT, "rv": "same as step 1"},
        },
        {
            **_TARGET,
            "verb": "delete",
            "name": "a",
            "options": {"preconditions": {"uid": "$STEP1.uid"}},
            "expect": {"code": 200, "status": "Success", "details": {"uid": "$UID1"}},
        },
        {
            **_TARGET,
            "verb": "wait",
            "name": "a",
            "options": {"until": "absent"},
            "expect": {"reached": True},
        },
    ],
}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Provide a server without workers."""
    async with places.bare("sqlite", tmp_path) as found:
        yield found


async def test_a_case_that_holds_has_no_findings(place: Place) -> None:
    """Everything is as expected, after normalisation."""
    assert await Replay(cases.case(_CASE), place, "small").findings() == []


@pytest.mark.parametrize(
    ("step", "member", "value", "line"),
    [
        (1, "code", 400, "accepted; expected 400: "),
        (1, "warnings", [], "warnings: 1 elements instead of 0"),
        (1, "object", {**_OBJECT, "data": {"x": "2"}}, 'data.x: "1" instead of "2"'),
        (2, "code", 201, 'refused: AlreadyExists: configmaps "a" already exists; expected 201'),
        (
            2,
            "reason",
            "Conflict",
            'AlreadyExists: configmaps "a" already exists; expected Conflict',
        ),
        (2, "message", "so", 'message: "configmaps \\"a\\" already exists" instead of "so"'),
        (2, "causes", [{"reason": "R", "message": "m"}], "causes: 0 elements instead of 1"),
        (3, "code", 201, "refused: Invalid: "),
        (4, "items", [], "items: 1 elements instead of 0"),
        (4, "list", {"metadata": {"resourceVersion": "$RV2"}}, "which is $RV1, instead of another"),
        (5, "events", [], "events: 1 elements instead of 0"),
        (6, "object", {**_OBJECT, "status": {}}, "status: missing; expected {}"),
        (7, "details", {"uid": "$UID2"}, "which is $UID1, instead of another"),
        (8, "reached", False, "absent: reached is True, not False"),
    ],
)
async def test_what_does_not_hold_is_found(
    place: Place, step: int, member: str, value: Any, line: str
) -> None:
    """The first step that is not as expected ends the replay, and its difference is named."""
    changed = copy.deepcopy(_CASE)
    changed["steps"][step - 1]["expect"][member] = value
    (finding,) = await Replay(cases.case(changed), place, "small").findings()
    assert finding.step == step
    assert line in finding.lines[0]


async def test_a_step_that_is_exempt_does_not_end_the_replay(place: Place) -> None:
    """What differs in an exempt step is told, and the steps behind it are looked at."""
    changed = copy.deepcopy(_CASE)
    changed["steps"][1]["expect"]["message"] = "so"
    changed["steps"][3]["expect"]["items"] = []
    findings = await Replay(cases.case(changed), place, "small").findings(frozenset({2}))
    assert [finding.step for finding in findings] == [2, 4]


async def test_what_no_request_can_say_is_told(place: Place) -> None:
    """A word for a number, and a method that the service lacks, are found before they are sent."""
    changed = copy.deepcopy(_CASE)
    changed["steps"][3]["options"] = {"limit": "many"}
    (finding,) = await Replay(cases.case(changed), place, "small").findings()
    assert finding.lines == ("a typed request cannot say it: the number 'many'",)
    changed["steps"][3] = {**_TARGET, "verb": "update", "subresource": "finalize", "expect": {}}
    (finding,) = await Replay(cases.case(changed), place, "other").findings()
    assert finding.not_served
    assert finding.lines == ("configmaps.Finalize",)
