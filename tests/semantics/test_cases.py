"""The recorded cases of Kubernetes' API server, replayed on a server on each store.

A case that is to agree and does not fails here with its first difference. A case of ``not_yet.txt``
or ``nothing_here.toml`` that agrees fails, too, until it is taken off.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests import etcd_process
from tests.semantics import cases, lists, running
from tests.semantics.running import Verdict


@pytest.mark.parametrize("topic", cases.topics())
@pytest.mark.parametrize("store", ["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
async def test_answers_as_kubernetes_does(topic: str, store: str) -> None:
    """Every case of a topic agrees, but for those that are listed as disagreeing."""
    if store == "etcd":
        etcd_process.binary()
    found = await running.results(cases.read(cases.DATA, [topic]), store, lists.exemptions())
    disagreeing = running.disagreeing(found)
    not_yet = lists.not_yet()
    told = [str(item) for item in disagreeing if item.case.path not in not_yet]
    agreeing = {item.case.path for item in found if item.verdict is Verdict.AGREES} & not_yet
    told += [f"{path} ({store}) agrees: take it off not_yet.txt" for path in sorted(agreeing)]
    vain = [item for item in found if item.verdict is Verdict.LISTED_IN_VAIN]
    told += [f"{item}: take it off nothing_here.toml" for item in vain]
    assert not told, "\n\n" + "\n\n".join(told)


def test_what_is_listed_exists() -> None:
    """Each entry of the two lists is a case, and in one list alone; its steps are steps."""
    known = {case.path: case for case in cases.read(cases.DATA)}
    exemptions, not_yet = lists.exemptions(), lists.not_yet()
    assert {*exemptions, *not_yet} <= known.keys(), "a listed case does not exist"
    whole = {path for path, exemption in exemptions.items() if not exemption.steps}
    assert not whole & not_yet, "a case is in both lists"
    for path, exemption in exemptions.items():
        numbers = {step.number for step in known[path].steps}
        assert exemption.steps <= numbers, f"{path} has no such step"
        assert exemption.why, f"{path} is listed without a reason"


def test_no_case_is_lost() -> None:
    """Cases have names of their own, and there are as many as were recorded."""
    counts = Counter(case.path for case in cases.read(cases.DATA))
    assert max(counts.values()) == 1
    assert counts.total() == 652
