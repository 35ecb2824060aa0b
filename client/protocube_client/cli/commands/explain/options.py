"""What ``cubectl explain`` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube_client.cli import targets
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from protocube.catalog import Catalog, Resource

PLAINTEXT = "plaintext"
OPENAPI_V2 = "plaintext-openapiv2"
"""The form that kubectl had before: without the groups of types, and with narrower lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A field of a kind; the kind itself when there are no steps to it."""

    resource: Resource
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOptions:
    """Which field to explain, and how."""

    arguments: tuple[str, ...]
    api_version: str
    recursive: bool
    output: str

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if not self.arguments:
            raise CommandError(
                f"You must specify the type of resource to explain. {targets.KINDS_ADVICE}"
            )
        if self.arguments[1:]:
            raise CommandError("We accept only this format: explain RESOURCE")

    def find(self, catalog: Catalog) -> Wanted:
        """Return what is asked for.

        Raises :class:`CommandError` or :class:`UsageError` in kubectl's words.
        """
        text = self.arguments[0].removesuffix(".")
        try:
            word, *steps = _steps(text)
        except _NoFieldError:
            # kubectl says it in two ways, both of any step.
            which = "all nodes must be field nodes"
            if not self.api_version:
                which = "first node must be field node"
            raise CommandError(f"invalid jsonpath syntax, {which}") from None
        resource = targets.kind(word, catalog)
        if not self.api_version:
            resource, steps = _of_group(text, word, resource, catalog) or (resource, steps)
        if self.output not in (PLAINTEXT, OPENAPI_V2):
            raise CommandError(f"unrecognized format: {self.output}")
        return Wanted(resource=self._in_version(resource, catalog), path=tuple(steps))

    def _in_version(self, resource: Resource, catalog: Catalog) -> Resource:
        """Return a kind in the version that ``--api-version`` names."""
        if not self.api_version:
            return resource
        if self.api_version.count("/") > 1:
            raise CommandError(f"unexpected GroupVersion string: {self.api_version}")
        if found := catalog.for_plural(self.api_version, resource.plural):
            return found
        group, _, version = self.api_version.rpartition("/")
        if self.output == OPENAPI_V2:
            looked_for = f"{group}/{version}, Kind={resource.kind}"
        else:
            looked_for = f"{group}/{version}, Resource={resource.plural}"
        raise CommandError(f'couldn\'t find resource for "{looked_for}"')


def _of_group(
    text: str, word: str, resource: Resource, catalog: Catalog
) -> tuple[Resource, list[str]] | None:
    """Return the kind that is named with its group, ``deployments.apps.spec``, and the steps."""
    same = [item for item in catalog.preferred if item.plural == word or item is resource]
    for item in same:
        if item.group and f"{text}.".startswith(f"{item.qualified}."):
            rest = text[len(item.qualified) :].removeprefix(".")
            return item, _steps(rest) if rest else []
    return None


class _NoFieldError(Exception):
    """A step of a path is no name."""


def _steps(text: str) -> list[str]:
    """Return the names in a path such as ``pods.spec.containers``."""
    from protocube.tables.jsonpath import nodes, parser

    found: list[str] = []
    action, *others = parser.parse(f"{{.{text}}}")
    if others or not isinstance(action, nodes.Action):
        raise _NoFieldError
    for node in action.steps:
        if not isinstance(node, nodes.Field):
            raise _NoFieldError
        found.append(node.name)
    return found
