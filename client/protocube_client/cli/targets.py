"""Which kinds and names the arguments of a command mean: ``pods``, ``cm web api``, ``pod/web``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube.errors import quote

from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Catalog, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One object of a kind."""

    resource: Resource
    name: str
    namespace: str = ""
    """Where it is, if the arguments say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the arguments mean: objects by name, or else whole kinds."""

    named: tuple[Named, ...] = ()
    kinds: tuple[Resource, ...] = ()


def of(arguments: Sequence[str], catalog: Catalog) -> Targets:
    """Read ``KIND[,KIND] [NAME...]`` or ``KIND/NAME...``.

    Raises :class:`CommandError` in kubectl's words.
    """
    if any("/" in argument for argument in arguments):
        return Targets(named=tuple(_pair(argument, catalog) for argument in _pairs(arguments)))
    if not arguments:
        return Targets()
    kinds = _kinds(arguments[0], catalog)
    names = arguments[1:]
    if not names:
        return Targets(kinds=kinds)
    if len(kinds) > 1:
        raise CommandError("you must specify only one resource")
    return Targets(named=tuple(Named(resource=kinds[0], name=name) for name in names))


def _pairs(arguments: Sequence[str]) -> Sequence[str]:
    if not all("/" in argument for argument in arguments):
        # The bracket that kubectl never closes is kubectl's.
        raise CommandError(
            "there is no need to specify a resource type as a separate argument when passing "
            "arguments in resource/name form (e.g. 'cubectl get resource/<resource_name>' "
            "instead of 'cubectl get resource resource/<resource_name>'"
        )
    return arguments


def _pair(argument: str, catalog: Catalog) -> Named:
    word, _, name = argument.partition("/")
    if "/" in name:
        raise CommandError("arguments in resource/name form may not have more than one slash")
    if not word or not name:
        raise CommandError("arguments in resource/name form must have a single resource and name")
    return Named(resource=_kind(word, catalog), name=name)


def _kinds(words: str, catalog: Catalog) -> tuple[Resource, ...]:
    found: dict[str, Resource] = {}
    for word in words.split(","):
        for resource in catalog.in_category(word) or (_kind(word, catalog),):
            found[resource.message] = resource
    return tuple(found.values())


def _kind(word: str, catalog: Catalog) -> Resource:
    resource = catalog.find(word)
    if resource is None:
        raise CommandError(f"the server doesn't have a resource type {quote(word)}")
    return resource
