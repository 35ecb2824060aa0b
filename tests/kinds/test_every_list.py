"""Each list of each kind, grown: what is accepted does not depend on how long it is."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from protocube_server.kinds import parts
from tests.kinds.growing import Grown, Place, most, places

if TYPE_CHECKING:
    from collections.abc import Sequence

_MANY = 2000
_EVALUATED = "cannot be evaluated"
_SHARE = 0.25
"""Of the lists of a kind at least have elements that are known to be good. For the others that
cannot be told from the descriptors, as of a mount, which has to name a volume: there the rules
are evaluated, and no more is asked."""
_COUNTED = ("not have more than", "not specify more than", "specify no more than")
"""How a rule that is no option of the field says how many there may be."""
_WHOLE = f"must have at most {parts.MOST} items"
_PLACES = sorted(places(), key=lambda place: place.resource.qualified)
_KINDS = {
    qualified: tuple(found)
    for qualified, found in itertools.groupby(_PLACES, lambda place: place.resource.qualified)
}


@pytest.mark.parametrize("found", list(_KINDS.values()), ids=list(_KINDS))
def test_a_long_list_is_accepted_as_a_short_one_is(found: Sequence[Place]) -> None:
    """2,000 good elements are good, unless the contract says how many there may be.

    Of a list whose elements are held against each other as many are as the server looks at.
    """
    wrong, good = {}, 0
    for place in found:
        grown = Grown(place)
        grown.repair()
        limit = most(place.fields[-1])
        said = grown.faults(_MANY if limit is None else min(_MANY, limit))
        if any(text.endswith(_WHOLE) for text in said):
            said = grown.faults(parts.MOST)
        good += grown.is_good
        refused = grown.is_good and not all(_is_of_number(text) for text in said)
        if refused or any(_EVALUATED in text for text in said):
            wrong[str(place)] = said[:2]
    assert wrong == {}
    assert good >= len(found) * _SHARE


def _is_of_number(text: str) -> bool:
    return any(words in text for words in _COUNTED)
