"""Work on large objects leaves others their turns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from protocube.steps import finished
from protocube_server.kinds.ownership import (
    comparing,
    entries,
    field_set,
    managers,
    merging,
    sent,
    stored,
    typed,
)
from protocube_server.kinds.ownership.entries import Operation
from tests.kinds.ownership.gadgets import SCHEMA, gadget, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube.steps import Steps

MANY = 20_000
LARGE = gadget(
    labels={f"k{number}": "v" for number in range(MANY)},
    tags=[f"t{number}" for number in range(MANY)],
    parts=[{"port": number} for number in range(MANY)],
)
OTHER = gadget(
    labels={f"k{number}": "w" for number in range(MANY)},
    tags=[f"u{number}" for number in range(MANY)],
    parts=[{"port": number, "value": "w"} for number in range(MANY)],
)
FIELDS = finished(sent.fields(SCHEMA, LARGE))
OWNED = finished(managers.update((), {}, LARGE, write("one")))
RECORD = stored.Record(
    held=tuple(stored.Held(owner=e.owner, time=e.time, fields=e.fields) for e in OWNED)
)
KEPT = finished(stored.encode(RECORD, "v"))


@pytest.mark.parametrize(
    "work",
    [
        lambda: comparing.compare(SCHEMA, LARGE, OTHER),
        lambda: sent.fields(SCHEMA, LARGE),
        lambda: merging.merge(SCHEMA, LARGE, OTHER),
        lambda: typed.fault(SCHEMA, LARGE),
        lambda: managers.update(OWNED, LARGE, OTHER, write("two")),
        lambda: managers.apply((), {}, LARGE, write("two", Operation.APPLY), force=False),
        lambda: stored.encode(RECORD, "v"),
        lambda: stored.decode(KEPT, "v"),
        lambda: entries.to_data(OWNED),
    ],
    ids=["compare", "sent", "merge", "typed", "update", "apply", "encode", "decode", "show"],
)
def test_long_work_can_be_interrupted(work: Callable[[], Steps[Any]]) -> None:
    """There is a step for every few hundred members and elements."""
    assert sum(1 for _ in work()) >= 3 * MANY // 512


def test_the_text_of_a_set_is_its_fields_v1() -> None:
    """What is stored is the JSON of what is shown."""
    assert json.loads(finished(field_set.to_text(FIELDS))) == finished(
        field_set.to_fields_v1(FIELDS)
    )
    assert finished(field_set.to_text(field_set.EMPTY)) == "{}"
