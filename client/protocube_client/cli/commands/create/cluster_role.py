"""``cubectl create clusterrole``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation, rules
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protocube_client.cli.app import App
    from protocube_client.cli.commands.create.rules import Permission
    from protocube_client.cli.session import Session
    from protocube_client.cli.streams import Streams

_URL_VERBS = frozenset(
    (rules.EVERYTHING, "delete", "get", "head", "options", "patch", "post", "put")
)


class _Labels(Flag):
    """A flag that takes ``KEY=VALUE``, with commas between several."""

    def fault(self, value: str) -> str:
        """Say what is wrong with the pairs; nothing when they are right."""
        is_wrong = any(pair and "=" not in pair for pair in value.split(","))
        return "malformed pair, expect string=string" if is_wrong else ""


def _labels(values: Iterable[str]) -> dict[str, str]:
    pairs = (pair.partition("=") for value in values for pair in value.split(",") if pair)
    return {key.strip(): value.strip() for key, _, value in pairs}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRoleOptions:
    """What the role allows, or the labels of the roles that it is put together of."""

    permission: Permission
    labels: dict[str, str]

    def validate(self, streams: Streams) -> None:
        """Raise :class:`CommandError` for what cannot be done, and warn of odd verbs."""
        allowed = self.permission
        if self.labels:
            if allowed.verbs or allowed.targets or allowed.names or allowed.urls:
                raise CommandError(
                    "aggregation rule must be specified without nonResourceURLs, verbs, "
                    "resources or resourceNames"
                )
            return
        if not allowed.verbs:
            raise CommandError("at least one verb must be specified")
        if not (allowed.targets or allowed.urls):
            raise CommandError("one of resource or nonResourceURL must be specified")
        if allowed.targets:
            rules.warn(allowed.verbs, streams)

    async def manifest(self, metadata: dict[str, Any], session: Session) -> dict[str, Any]:
        """Return the ClusterRole. Raises :class:`CommandError` or :class:`UsageError`."""
        role = {"apiVersion": rules.API_VERSION, "kind": "ClusterRole", "metadata": metadata}
        if self.labels:
            selectors = [{"matchLabels": self.labels}]
            return {**role, "aggregationRule": {"clusterRoleSelectors": selectors}}
        catalog = await rules.catalog_for(self.permission.targets, session)
        self.permission.check_targets(catalog)
        self._check_urls()
        return {**role, "rules": self.permission.rules(catalog)}

    def _check_urls(self) -> None:
        if self.permission.urls:
            for verb in self.permission.verbs:
                if verb not in _URL_VERBS:
                    raise CommandError(f"invalid verb: '{verb}' for nonResourceURL")
        for url in self.permission.urls:
            if url == rules.EVERYTHING:
                continue
            if not url.startswith("/"):
                raise CommandError("nonResourceURL should start with /")
            if "*" in url[:-1]:
                raise CommandError(
                    "nonResourceURL only supports wildcard matches when '*' is at the end"
                )


@click.pass_obj
def _create(
    app: App,
    /,
    *,
    non_resource_url: tuple[str, ...],
    aggregation_rule: tuple[str, ...],
    **flags: Any,
) -> None:
    urls = tuple(dict.fromkeys(words(non_resource_url)))
    options = ClusterRoleOptions(
        permission=replace(rules.take(flags), urls=urls), labels=_labels(aggregation_rule)
    )
    created = generation.take(flags)
    options.validate(app.streams)
    created.run_asking(app, options.manifest)


COMMAND = Command(
    "clusterrole",
    callback=_create,
    usage="NAME (--verb=VERB --resource=RESOURCE | --aggregation-rule=LABELS) [flags]",
    help="Create a cluster role: what may be done in all namespaces, and outside of them.",
    examples="""
# Allow to read nodes
cubectl create clusterrole node-reader --verb=get,list,watch --resource=nodes

# Allow to read what is at some paths
cubectl create clusterrole metrics --verb=get --non-resource-url=/metrics,/logs/*

# Put a role together of all that have a label
cubectl create clusterrole monitoring --aggregation-rule=monitoring=true
""",
    params=[
        *rules.flags(),
        Flag(
            ["--non-resource-url"],
            multiple=True,
            metavar="URLS",
            help="Paths that are no resources, which may end with *; may be repeated.",
        ),
        _Labels(
            ["--aggregation-rule"],
            multiple=True,
            metavar="LABELS",
            help="The labels of the cluster roles that this one is put together of.",
        ),
        *generation.flags(),
    ],
)
