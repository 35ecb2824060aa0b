"""Where the values come from that can be completed, by name.

``kinds``, ``names`` (of the kind that the words before name), ``nodes``, ``namespaces`` and
``certificatesigningrequests`` ask the catalog and the server; ``contexts``, ``clusters`` and
``users`` the config file; ``shells``, ``commands`` and ``verbs`` (of rights) are known. Of a
``file`` a shell knows best.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from protocube_client.cli.commands.completion import scripts
from protocube_client.cli.settings import config, config_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from protocube.catalog import Catalog, Resource
    from protocube_client.cli.app import App
    from protocube_client.cli.command import Command, Root
    from protocube_client.cli.session import Session

_VERBS = (
    "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"
)  # fmt: skip
_LIMIT = "2"
"""Seconds to wait for the server: a shell is waiting for us."""


def of(source: str, app: App, before: Sequence[str], word: str) -> list[tuple[str, str]]:
    """Return the values of ``source`` with what they mean.

    ``before`` are the arguments that come first, ``word`` is the one to complete.
    Raises what the server or the config file raises.
    """
    match source:
        case "kinds":
            return _kinds(app, word)
        case "names":
            kind = before[0] if before else ""
            return [(name, "") for name in _names(app, kind) if name not in before[1:]]
        case "namespaces" | "nodes" | "certificatesigningrequests":
            return [(name, "") for name in _names(app, source) if name not in before]
        case "contexts":
            found = config.load(config_path.of(app.given, app.environ))
            return [(context.name, context.server or context.cluster) for context in found.contexts]
        case "clusters":
            found = config.load(config_path.of(app.given, app.environ))
            return [(cluster.name, cluster.server) for cluster in found.clusters]
        case "users":
            found = config.load(config_path.of(app.given, app.environ))
            shown = [(user.name, user.client_certificate) for user in found.users]
            return [(name, file if isinstance(file, str) else "") for name, file in shown]
        case "verbs":
            return [(verb, "") for verb in _VERBS]
        case "shells":
            return [(name, "") for name in scripts.OF]
        case "commands":
            return _commands(before)
    return []


def _commands(before: Sequence[str]) -> list[tuple[str, str]]:
    """Return the commands below those that the words before name."""
    from protocube_client.cli.main import ROOT

    command: Root | Command = ROOT
    for word in before:
        name = command.called(word)
        if not name:
            return []
        command = command.below(name)
    return [(name, text) for name, (_, text) in command.table.items()]


def _kinds(app: App, word: str) -> list[tuple[str, str]]:
    """Return the kinds; behind ``KIND/`` its names, and behind ``KIND,`` more kinds."""
    kind, slash, _ = word.partition("/")
    if slash:
        return [(f"{kind}/{name}", "") for name in _names(app, kind)]
    catalog = _catalog(app)
    head = word[: word.rfind(",") + 1]
    return [
        (f"{head}{_shown(resource, catalog)}", resource.api_version)
        for resource in catalog.resources
    ]


def _catalog(app: App) -> Catalog:
    """Return the kinds of the server, or those that are shipped when it cannot be asked."""
    found: list[Catalog] = []

    async def work(session: Session) -> None:
        from protocube import errors

        with suppress(errors.ApiError):
            await session.kinds.learn()
        found.append(session.catalog)

    _run(app, work)
    return found[0]


def _shown(resource: Resource, catalog: Catalog) -> str:
    """Return the plural, with its group where another kind is called so, too."""
    same = catalog.find(resource.plural)
    return resource.plural if same == resource else resource.qualified


def _names(app: App, kind: str) -> list[str]:
    names: list[str] = []

    async def work(session: Session) -> None:
        resource = await session.kinds.find(kind)
        if resource is None:
            return
        listing = await session.client.list(
            resource.message_class, namespace=session.namespace_for(resource)
        )
        names.extend(item.metadata.name for item in listing)  # type: ignore[attr-defined]  # every resource has it

    _run(app, work)
    return names


def _run(app: App, work: Callable[[Session], Awaitable[None]]) -> None:
    app.given["request_timeout"] = _LIMIT
    app.run(app.settings(), work)
