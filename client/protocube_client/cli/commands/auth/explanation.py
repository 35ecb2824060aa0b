"""The text of ``auth why``: a sentence for the answer, and one for each near miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.errors import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from protocube.access.v1 import access_pb2
    from protocube_client.cli.commands.auth.question import Settled

_MOST_LISTED = 6
"""Words of a list of a rule that are shown."""


def lines(answer: access_pb2.ExplainResponse, asked: Settled) -> Iterator[str]:
    """Yield the lines that tell of an answer."""
    if answer.allowed:
        yield f"yes - {answer.reason}" if answer.reason else "yes"
        return
    groups = ", ".join(map(quote, answer.groups)) or "none"
    yield f"no - user {quote(answer.user)} (groups: {groups}) cannot {_wish(asked)}"
    if not answer.near:
        yield "No binding of this user comes near to that."
        return
    yield "Nearest:"
    for miss in answer.near:
        yield f"  {_binding(miss)}"
        if text := _rule(miss):
            yield f"    allows {text}"
        yield f"    but {_gaps(miss, asked)}"


def _wish(asked: Settled) -> str:
    if asked.asked.path:
        return f"{asked.asked.verb} {asked.asked.path}"
    group = f".{asked.group}" if asked.group else ""
    part = f"/{asked.asked.subresource}" if asked.asked.subresource else ""
    name = f" {quote(asked.asked.name)}" if asked.asked.name else ""
    where = f"in the namespace {quote(asked.namespace)}" if asked.namespace else "everywhere"
    return f"{asked.asked.verb} {asked.plural}{group}{part}{name} {where}"


def _binding(miss: access_pb2.NearMiss) -> str:
    kind, name = "ClusterRoleBinding", miss.binding
    if miss.namespace:
        kind, name = "RoleBinding", f"{name}/{miss.namespace}"
    return f"{kind} {quote(name)} of {miss.role_kind} {quote(miss.role)} to {miss.subject}"


def _rule(miss: access_pb2.NearMiss) -> str:
    if miss.HasField("path_rule"):
        return f"{_listed(miss.path_rule.verbs)} on {_listed(miss.path_rule.non_resource_urls)}"
    if not miss.HasField("rule"):
        return ""
    rule = miss.rule
    groups = [group or "the core group" for group in rule.api_groups]
    names = f", named {_listed(rule.resource_names)}" if rule.resource_names else ""
    where = "" if groups == ["the core group"] else f" of {_listed(groups)}"
    return f"{_listed(rule.verbs)} on {_listed(rule.resources)}{where}{names}"


def _gaps(miss: access_pb2.NearMiss, asked: Settled) -> str:
    texts = [_TEXTS[gap](miss, asked) for gap in miss.gaps if gap in _TEXTS]
    return ", and ".join(texts) or "it does not allow that"


def _place(miss: access_pb2.NearMiss, asked: Settled) -> str:
    where = f"not in {quote(asked.namespace)}" if asked.namespace else "not everywhere"
    return f"it holds in the namespace {quote(miss.namespace)}, {where}"


def _part(_miss: access_pb2.NearMiss, asked: Settled) -> str:
    part = asked.asked.subresource
    if part:
        return f"it is not for the part {quote(f'{asked.plural}/{part}')}"
    return f"it is for parts of {asked.plural}, not for the object itself"


def _name(_miss: access_pb2.NearMiss, asked: Settled) -> str:
    name = asked.asked.name
    if name:
        return f"not on the object {quote(name)}"
    return "it is for named objects, and what was asked names none"


_TEXTS: Mapping[int, Callable[[access_pb2.NearMiss, Settled], str]] = {
    1: lambda miss, _: f"the {miss.role_kind} {quote(miss.role)} does not exist",
    2: _place,
    3: lambda _, asked: f"not the verb {quote(asked.asked.verb)}",
    4: lambda _, asked: f"not in the API group {quote(asked.group)}",
    5: lambda _, asked: f"not on {asked.plural}",
    6: _part,
    7: _name,
    8: lambda _, asked: f"not on {asked.asked.path}",
}
"""By the numbers of ``protocube.access.v1.Gap``; newer servers may know more."""


def _listed(values: object) -> str:
    found = list(values)  # type: ignore[call-overload]  # a repeated field of texts
    shown = [str(each) for each in found[:_MOST_LISTED]]
    more = [f"{len(found) - _MOST_LISTED} more"] if len(found) > _MOST_LISTED else []
    return ",".join([*shown, *more])
