"""What a log must not hold: the data of secrets, and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube_server.audit.policy import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocube_server.audit.policy import Rule
    from protocube_server.config_files import Node

GIVEN_UP: Final = "audit.protocube/secret-data"
"""The annotation of a policy whose author wants the data of secrets in the log."""

_OWN: Final = ("authorization.k8s.io/", "audit.protocube/", "audit.k8s.io/")
"""What the names of annotations begin with that the server makes itself."""
_UNSAID: Final = "not shown: it may be of the object"
_SECRETS: Final = ("", "secrets")
_TOKENS: Final = {
    ("", "serviceaccounts", "token"),
    ("authentication.k8s.io", "tokenreviews", ""),
}
"""Requests or answers of these are tokens, which whoever reads the log could use."""
_VERBS: Final = (
    "create",
    "get",
    "list",
    "watch",
    "update",
    "patch",
    "delete",
    "deletecollection",
)


def is_secret(group: str, resource: str) -> bool:
    """Tell whether the objects of a resource hold what is secret."""
    return (group, resource) == _SECRETS


def bounded(level: Level, group: str, resource: str, subresource: str) -> Level:
    """Return the level of calls for a resource, which never shows a token."""
    if (group, resource, subresource) in _TOKENS:
        return min(level, Level.METADATA)
    return level


def unsaid(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return annotations of a call for a secret, of those of policies and webhooks only the names.

    What they say may be of the secret.
    """
    return {key: value if key.startswith(_OWN) else _UNSAID for key, value in annotations.items()}


def is_given_up(metadata: Node | None) -> bool:
    """Tell whether the metadata of a policy say that the data of secrets may be in the log."""
    if metadata is None:
        return False
    found = metadata.value if isinstance(metadata.value, dict) else {}
    annotations = found.get("annotations")
    return isinstance(annotations, dict) and annotations.get(GIVEN_UP) == "true"


def exposing(rules: Sequence[Rule]) -> int | None:
    """Return the index of the first rule by which the data of some secret would be in the log."""
    group, resource = _SECRETS
    for index, rule in enumerate(rules):
        if rule.level < Level.REQUEST:
            continue
        for verb in _VERBS:
            if rule.may_fit(verb, group, resource, "") and not any(
                before.may_fit(verb, group, resource, "") and not before.depends
                for before in rules[:index]
            ):
                return index
    return None
