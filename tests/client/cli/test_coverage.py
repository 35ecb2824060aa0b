"""Which rules allow what others do (``auth reconcile``)."""

from __future__ import annotations

from typing import Any

import pytest

from protocube_client.cli.commands.auth import coverage


def rule(verbs: str, resources: str = "", group: str = "", names: str = "", urls: str = "") -> Any:
    """Return a rule; words stand behind each other."""
    found: dict[str, Any] = {"verbs": verbs.split()}
    if resources:
        found |= {"apiGroups": [group], "resources": resources.split()}
    if names:
        found["resourceNames"] = names.split()
    if urls:
        found["nonResourceURLs"] = urls.split()
    return found


@pytest.mark.parametrize(
    ("given", "wanted", "lacking"),
    [
        ([], rule("get", "pods"), [rule("get", "pods")]),
        ([rule("get", "pods")], rule("get", "pods"), []),
        ([rule("get list", "pods nodes")], rule("list", "nodes"), []),
        ([rule("get", "pods"), rule("list", "pods")], rule("get list", "pods"), []),
        ([rule("*", "*", "*")], rule("fly", "pods", "apps"), []),
        ([rule("get", "pods")], rule("get", "pods", "apps"), [rule("get", "pods", "apps")]),
        ([rule("get", "pods")], rule("get", "pods/log"), [rule("get", "pods/log")]),
        ([rule("get", "*/log")], rule("get", "pods/log"), []),
        ([rule("get", "pods")], rule("get", "pods", names="a"), []),
        ([rule("get", "pods", names="a")], rule("get", "pods"), [rule("get", "pods")]),
        ([rule("get", "pods", names="a")], rule("get", "pods", names="a b"),
         [rule("get", "pods", names="b")]),
        ([rule("get", urls="/a")], rule("get", urls="/a /b"), [rule("get", urls="/b")]),
        ([rule("get", urls="/a/*")], rule("get", urls="/a/b /a"), [rule("get", urls="/a")]),
        ([rule("get", urls="*")], rule("get post", urls="/a"), [rule("post", urls="/a")]),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_named_one_by_one(
    given: list[Any], wanted: Any, lacking: list[Any]
) -> None:
    """A rule covers another by words, stars, groups of subresources and beginnings of URLs."""
    assert coverage.lacking(given, [wanted]) == lacking
