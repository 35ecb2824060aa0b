"""The rules of Roles and ClusterRoles: what may be done, and to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli.failures import CommandError, UsageError
from protocube_client.cli.flags.pflag import Flag, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube.catalog import Catalog, Resource
    from protocube_client.cli.session import Session
    from protocube_client.cli.streams import Streams

API_VERSION = "rbac.authorization.k8s.io/v1"
EVERYTHING = "*"

_VERBS = frozenset(
    (
        EVERYTHING, "bind", "create", "delete", "deletecollection", "escalate", "get",
        "impersonate", "list", "patch", "proxy", "update", "use", "watch",
    )
)  # fmt: skip
_ROLES = frozenset(
    {("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "clusterroles")}
)
_OF_SOME = {
    "bind": _ROLES,
    "escalate": _ROLES,
    "impersonate": frozenset(
        {
            ("", "users"),
            ("", "groups"),
            ("", "serviceaccounts"),
            ("authentication.k8s.io", "userextras"),
        }
    ),
    "use": frozenset({("policy", "podsecuritypolicies"), ("extensions", "podsecuritypolicies")}),
}
"""Verbs that mean something for these resources only, which need not be served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A resource as the command line names it: ``deployments.apps/scale``."""

    word: str
    group: str
    subresource: str

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read a resource with its group and its subresource."""
        name, _, subresource = text.partition("/")
        word, _, group = name.partition(".")
        return cls(word=word, group=group, subresource=subresource)

    @property
    def is_everything(self) -> bool:
        """Tell whether it stands for all resources of all groups."""
        return self.word == EVERYTHING and not self.group and not self.subresource

    def find(self, catalog: Catalog) -> Resource | None:
        """Return the resource, whose group may be cut short; ``None`` when there is none."""
        if not self.group:
            return catalog.find(self.word)
        word = self.word.lower()
        named = [
            item
            for item in catalog.preferred
            if word in (item.plural, item.singular, *item.short_names)
            and item.group.startswith(self.group)
        ]
        return min(named, key=lambda item: item.group != self.group, default=None)

    def place(self, catalog: Catalog) -> tuple[str, str]:
        """Return the group and the plural; the words themselves where there is no such kind."""
        found = self.find(catalog)
        return (self.group, self.word) if found is None else (found.group, found.plural)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What a role allows."""

    verbs: tuple[str, ...]
    targets: tuple[Target, ...]
    names: tuple[str, ...]
    urls: tuple[str, ...] = ()

    def check_targets(self, catalog: Catalog) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what there is not."""
        for target in self.targets:
            if not target.word:
                raise CommandError("resource must be specified if apiGroup/subresource specified")
            if target.word == EVERYTHING:
                return
            group, plural = target.place(catalog)
            special = [verb for verb in self.verbs if verb in _OF_SOME]
            for verb in special:
                if (group, plural) not in _OF_SOME[verb]:
                    raise CommandError(f"can not perform '{verb}' on '{plural}' in group '{group}'")
            if not special and target.find(catalog) is None:
                where = f" in group {quote(target.group)}" if target.group else ""
                raise UsageError(
                    f"the server doesn't have a resource type {quote(target.word)}{where}"
                )

    def rules(self, catalog: Catalog) -> list[dict[str, Any]]:
        """Return a rule for each group of resources, and one for the URLs."""
        groups: dict[str, list[str]] = {}
        for target in self.targets:
            group, plural = target.place(catalog)
            name = f"{plural}/{target.subresource}" if target.subresource else plural
            listed = groups.setdefault(group, [])
            if name not in listed:
                listed.append(name)
        verbs = list(self.verbs)
        found: list[dict[str, Any]] = [
            {
                "verbs": verbs,
                "apiGroups": [group],
                "resources": groups[group],
                "resourceNames": list(self.names),
            }
            for group in sorted(groups)
        ]
        if self.urls:
            found.append({"verbs": verbs, "nonResourceURLs": list(self.urls)})
        return found


async def catalog_for(targets: Iterable[Target], session: Session) -> Catalog:
    """Return the kinds that are known, or all of the server's when some are not."""
    if any(target.find(session.catalog) is None for target in targets):
        return await session.kinds.learn()
    return session.catalog


def warn(verbs: Iterable[str], streams: Streams) -> None:
    """Warn of verbs that no resource has."""
    for verb in verbs:
        if verb not in _VERBS:
            streams.note(f"'{verb}' is not a standard resource verb")


def flags() -> list[Flag]:
    """Return the flags that :func:`take` reads."""
    return [
        Flag(
            ["--verb"],
            multiple=True,
            metavar="VERBS",
            help="What may be done: get, list, watch, create, update, patch, delete, ...; "
            "may be repeated.",
            values=sorted(_VERBS - {EVERYTHING}),
        ),
        Flag(
            ["--resource"],
            multiple=True,
            metavar="RESOURCES",
            help="What it may be done to: pods, deployments.apps/scale; may be repeated.",
            source="kinds",
        ),
        Flag(
            ["--resource-name"],
            multiple=True,
            metavar="NAME",
            help="Only to the object of this name; may be repeated.",
        ),
    ]


def take(flags: dict[str, Any]) -> Permission:
    """Take the flags of :func:`flags` out of what click gave a callback."""
    verbs = tuple(dict.fromkeys(words(flags.pop("verb"))))
    targets = tuple(Target.parse(text) for text in words(flags.pop("resource")))
    everything = next((target for target in targets if target.is_everything), None)
    return Permission(
        verbs=(EVERYTHING,) if EVERYTHING in verbs else verbs,
        targets=targets if everything is None else (everything,),
        names=tuple(dict.fromkeys(flags.pop("resource_name"))),
    )
