"""A policy as it is written: a file with a ``Policy`` of ``audit.k8s.io/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from protocube.quoting import quote
from protocube_server import config_files
from protocube_server.audit import secrecy
from protocube_server.audit.policy import LEVELS, WORDS, Policy, Resources, Rule, Stage

if TYPE_CHECKING:
    from pathlib import Path

    from protocube_server.config_files import Node

_FIELDS: Final = ("apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields")
_RULE: Final = (
    "level",
    "users",
    "userGroups",
    "verbs",
    "resources",
    "namespaces",
    "nonResourceURLs",
    "omitStages",
    "omitManagedFields",
)
_RESOURCES: Final = ("group", "resources", "resourceNames")
_BOTH: Final = "rules cannot apply to both regular resources and non-resource URLs"


def read(file: Path) -> Policy:
    """Return the policy of a file. Raises ``config_files.ConfigFileError``."""
    node = config_files.read(
        file, kind="Policy", api_versions=("audit.k8s.io/v1",), what="audit policy"
    )
    return of_node(node)


def of_node(node: Node) -> Policy:
    """Return the policy that a document says. Raises ``config_files.ConfigFileError``."""
    fields = node.fields(_FIELDS)
    omitted = _stages(fields.get("omitStages"))
    managed = "omitManagedFields" in fields and fields["omitManagedFields"].flag()
    written = fields["rules"].items() if "rules" in fields else []
    if not written:
        raise node.fault("loaded illegal policy with 0 rules")
    rules = tuple(_rule(each, omitted, omits_managed=managed) for each in written)
    shows_secrets = secrecy.is_given_up(fields.get("metadata"))
    if not shows_secrets:
        exposing = secrecy.exposing(rules)
        if exposing is not None:
            level = WORDS[rules[exposing].level]
            raise written[exposing].fault(
                f"would write the data of secrets to the log (level {level}): put a rule of level "
                f"Metadata for secrets before it, or accept it with the annotation "
                f'{secrecy.GIVEN_UP}: "true" of the policy'
            )
    return Policy(rules=rules, shows_secrets=shows_secrets)


def _rule(node: Node, omitted: frozenset[Stage], *, omits_managed: bool) -> Rule:
    fields = node.fields(_RULE)
    level = fields.get("level")
    if level is None:
        raise node.fault("level: Required value")
    word = level.text()
    if word not in LEVELS:
        known = ", ".join(quote(each) for each in LEVELS)
        raise level.fault(f"Unsupported value: {quote(word)}: supported values: {known}")
    if "nonResourceURLs" in fields and ("resources" in fields or "namespaces" in fields):
        raise fields["nonResourceURLs"].fault(_BOTH)
    if "omitManagedFields" in fields:
        omits_managed = fields["omitManagedFields"].flag()
    return Rule(
        level=LEVELS[word],
        users=_texts(fields.get("users")),
        groups=_texts(fields.get("userGroups")),
        verbs=_texts(fields.get("verbs")),
        resources=_resources(fields.get("resources")),
        namespaces=_texts(fields.get("namespaces")),
        paths=_paths(fields.get("nonResourceURLs")),
        omit_stages=omitted | _stages(fields.get("omitStages")),
        omit_managed_fields=omits_managed,
    )


def _texts(node: Node | None) -> tuple[str, ...]:
    return node.texts() if node is not None else ()


def _stages(node: Node | None) -> frozenset[Stage]:
    found = set()
    for item in node.items() if node is not None else ():
        if item.text() not in set(Stage):
            raise item.fault(f"allowed stages are {','.join(Stage)}")
        found.add(Stage(item.text()))
    return frozenset(found)


def _paths(node: Node | None) -> tuple[str, ...]:
    for item in node.items() if node is not None else ():
        path = item.text()
        if path != "*" and not path.startswith("/"):
            raise item.fault("non-resource URL rules must begin with a '/' character")
        if "*" in path[:-1]:
            raise item.fault(
                "non-resource URL wildcards '*' must be the final character of the rule"
            )
    return _texts(node)


def _resources(node: Node | None) -> tuple[Resources, ...]:
    found = []
    for item in node.items() if node is not None else ():
        fields = item.fields(_RESOURCES)
        if "resourceNames" in fields and "resources" not in fields:
            raise fields["resourceNames"].fault(
                "using resourceNames requires at least one resource"
            )
        group = fields["group"].text() if "group" in fields else ""
        if "/" in group:
            raise fields["group"].fault("a group stands here, without a version")
        found.append(
            Resources(
                group=group,
                resources=_texts(fields.get("resources")),
                names=_texts(fields.get("resourceNames")),
            )
        )
    return tuple(found)
