"""Rules in a line of text, for tables of tests: ``get,list pods,pods/log in apps named a``."""

from __future__ import annotations

from protocube_server.authorization.rules import Rule


def rule(text: str) -> Rule:
    """Return a rule: verbs, then paths, or resources and where they are.

    The group is ``core`` or a name; names of objects follow ``named``.
    """
    verbs, things, *rest = text.split()
    verb_list, thing_list = tuple(verbs.split(",")), tuple(things.split(","))
    if things.startswith("/") or rest == ["paths"]:
        return Rule(verbs=verb_list, non_resource_urls=thing_list)
    words = dict(zip(rest[::2], rest[1::2], strict=True))
    groups = words.get("in", "core").split(",")
    return Rule(
        verbs=verb_list,
        resources=thing_list,
        api_groups=tuple("" if group == "core" else group for group in groups),
        resource_names=tuple(words["named"].split(",")) if "named" in words else (),
    )
