"""Which kinds and names the arguments of a command mean: ``pods``, ``cm web api``, ``pod/web``.

The rules and their order are those of kubectl's builder (``ResourceTypeOrNameArgs``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube.errors import quote
from protocube_client.cli.failures import CommandError, UnknownKindError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Catalog, Resource
    from protocube_client.cli.known_kinds import KnownKinds

KINDS_ADVICE = 'Use "cubectl api-resources" for a complete list of supported resources.'
"""What one is told who names no kind."""

_NOTHING_NAMED = """You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What flags say about the arguments."""

    selects: bool
    """Objects are to be chosen, by a selector or ``--all``."""
    kinds_alone: bool
    """A kind without a name means all of its objects."""
    all_namespaces: bool


async def find(arguments: Sequence[str], kinds: KnownKinds, query: Query) -> Targets:
    """Read the arguments as :func:`of`; a kind that is not known may be known to the server.

    So may further kinds of a category.
    """
    words = arguments[0].split(",") if arguments else ()
    if any(kinds.catalog.in_category(word) for word in words):
        return of(arguments, await kinds.learn(), query)
    try:
        return of(arguments, kinds.catalog, query)
    except UnknownKindError:
        return of(arguments, await kinds.learn(), query)


def of(arguments: Sequence[str], catalog: Catalog, query: Query) -> Targets:
    """Read ``KIND[,KIND] [NAME...]`` or ``KIND/NAME...``.

    Raises :class:`CommandError` in kubectl's words.
    """
    pairs = _pairs(arguments)
    if query.selects:
        if pairs:
            raise CommandError(
                "selectors and the all flag cannot be used when passing resource/name arguments"
            )
        if arguments[1:]:
            raise CommandError("name cannot be provided when a selector is specified")
        if not arguments:
            raise CommandError("at least one resource must be specified to use a selector")
        return Targets(kinds=_kinds(arguments[0], catalog))
    if pairs:
        named = tuple(Named(resource=_kind(word, catalog), name=name) for word, name in pairs)
        return Targets(named=_located(named, query))
    if not arguments:
        raise CommandError(_NOTHING_NAMED)
    kinds = _kinds(arguments[0], catalog)
    names = arguments[1:]
    if not names:
        if not query.kinds_alone:
            raise CommandError("resource(s) were provided, but no name was specified")
        return Targets(kinds=kinds)
    if len(kinds) > 1:
        raise CommandError("you must specify only one resource")
    named = tuple(Named(resource=kinds[0], name=name) for name in names)
    return Targets(named=_located(named, query))


def refuse_beside_files(arguments: Sequence[str]) -> None:
    """Raise :class:`CommandError` for arguments where files name the objects."""
    if _pairs(arguments):
        raise CommandError("resource/name arguments cannot be provided when a path is specified")
    if arguments:
        raise CommandError(
            "when paths, URLs, or stdin is provided as input, "
            "you may not specify resource arguments as well"
        )


def _pairs(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Return kinds and names that belong together; none when the first argument is a kind."""
    arguments = _spread(arguments)
    slashes = [argument for argument in arguments if "/" in argument]
    if not slashes:
        return []
    if len(slashes) < len(arguments):
        # The bracket that kubectl never closes is kubectl's.
        raise CommandError(
            "there is no need to specify a resource type as a separate argument when passing "
            "arguments in resource/name form (e.g. 'cubectl get resource/<resource_name>' "
            "instead of 'cubectl get resource resource/<resource_name>'"
        )
    return [_pair(argument) for argument in slashes]


def _spread(arguments: Sequence[str]) -> Sequence[str]:
    """Return ``a,b c d`` as ``a/c a/d b/c b/d``."""
    kinds = dict.fromkeys(arguments[0].split(",")) if arguments[1:] else {}
    if len(kinds) < 2:  # noqa: PLR2004  # several
        return arguments
    return [f"{kind}/{name}" for kind in kinds for name in arguments[1:]]


def _pair(argument: str) -> tuple[str, str]:
    word, _, name = argument.partition("/")
    if "/" in name:
        raise CommandError("arguments in resource/name form may not have more than one slash")
    if not word or not name or "," in word:
        raise CommandError("arguments in resource/name form must have a single resource and name")
    return word, name


def _located(named: tuple[Named, ...], query: Query) -> tuple[Named, ...]:
    if query.all_namespaces and any(item.resource.namespaced for item in named):
        raise CommandError("a resource cannot be retrieved by name across all namespaces")
    return named


def _kinds(words: str, catalog: Catalog) -> tuple[Resource, ...]:
    found: dict[str, Resource] = {}
    for word in words.split(","):
        for resource in catalog.in_category(word) or (_kind(word, catalog),):
            found[resource.message] = resource
    return tuple(found.values())


def kind(word: str, catalog: Catalog) -> Resource:
    """Return the kind that ``word`` means where no objects are looked for.

    Raises :class:`UsageError` in the words that kubectl has there.
    """
    resource = catalog.find(word)
    if resource is None:
        name, _, group = word.partition(".")
        where = f" in group {quote(group)}" if group else ""
        raise UsageError(f"the server doesn't have a resource type {quote(name)}{where}")
    return resource


def _kind(word: str, catalog: Catalog) -> Resource:
    resource = catalog.find(word)
    if resource is None:
        raise UnknownKindError(word.partition(".")[0])
    return resource
