"""``cubectl api-resources``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags.pflag import FALSE, Flag, Switch, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from protocube.discovery.v1.discovery_pb2 import ResourceInfo
    from protocube_client.cli.app import App
    from protocube_client.cli.session import Session

_HEADINGS = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
_WIDE_HEADINGS = ["VERBS", "CATEGORIES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResourcesOptions:
    """Which kinds to show, and how."""

    api_group: str | None
    namespaced: bool | None
    verbs: frozenset[str]
    categories: frozenset[str]
    no_headers: bool
    output: str
    sort_by: str
    arguments: tuple[str, ...]

    def validate(self) -> None:
        """Raise :class:`CommandError` or :class:`UsageError` for what cannot be done."""
        if self.arguments:
            raise misuse(
                f"unexpected arguments: [{' '.join(self.arguments)}]", "cubectl api-resources"
            )
        if self.output not in ("", "wide", "name"):
            raise CommandError(f"--output {self.output} is not available")
        if self.sort_by not in ("", "name", "kind"):
            raise CommandError("--sort-by accepts only name or kind")

    async def run(self, session: Session) -> None:
        """Ask the server for its kinds and print them."""
        from protocube.api.v1 import resource_pb2
        from protocube_client.cli import served
        from protocube_client.printers.grid import Grid

        resources = await served.resources(session, self.api_group)
        found = [item for item in _preferred(resources) if self._wants(item)]
        found.sort(key=self._key)
        out = session.streams.out
        if self.output == "name":
            for item in found:
                group = f".{item.group}" if item.group else ""
                out.write(f"{item.resource.plural}{group}\n")
            return
        wide = self.output == "wide"
        rows: list[Sequence[str]] = []
        if not self.no_headers:
            rows.append(_HEADINGS + _WIDE_HEADINGS if wide else _HEADINGS)
        for item in found:
            namespaced = item.resource.scope != resource_pb2.SCOPE_CLUSTER
            row = [
                item.resource.plural,
                ",".join(item.resource.short_names),
                f"{item.group}/{item.version}" if item.group else item.version,
                "true" if namespaced else "false",
                item.kind,
            ]
            if wide:
                row += [",".join(_verbs(item)), ",".join(item.resource.categories)]
            rows.append(row)
        out.writelines(Grid().lines(rows))

    def _wants(self, item: ResourceInfo) -> bool:
        from protocube.api.v1 import resource_pb2

        namespaced = item.resource.scope != resource_pb2.SCOPE_CLUSTER
        return (
            (self.namespaced is None or self.namespaced == namespaced)
            and self.verbs <= set(_verbs(item))
            and self.categories <= set(item.resource.categories)
        )

    def _key(self, item: ResourceInfo) -> tuple[str, ...]:
        if self.sort_by == "kind":
            return (item.kind,)
        if self.sort_by == "name":
            return (item.resource.plural,)
        return (item.group, item.resource.plural)


def _preferred(items: Iterable[ResourceInfo]) -> list[ResourceInfo]:
    """Return each resource once, in the version that its name alone means."""
    from protocube.version_order import precedence

    newest: dict[tuple[str, str], ResourceInfo] = {}
    for item in items:
        rival = newest.setdefault((item.group, item.resource.plural), item)
        if precedence(item.version) > precedence(rival.version):
            newest[item.group, item.resource.plural] = item
    return list(newest.values())


_WITH_WORDS = frozenset(
    ("Create", "Delete", "DeleteCollection", "Get", "List", "Patch", "Update", "Watch")
)
"""Methods that are a verb in Kubernetes; Apply is a way to patch there."""


def _verbs(item: ResourceInfo) -> list[str]:
    """Return the methods in kubectl's words; those of subresources are none of them."""
    return sorted(method.lower() for method in item.methods if method in _WITH_WORDS)


@click.pass_obj
def _api_resources(
    app: App,
    *,
    api_group: str | None,
    namespaced: bool | None,
    verbs: tuple[str, ...],
    categories: tuple[str, ...],
    no_headers: bool,
    output: str,
    sort_by: str,
    arguments: tuple[str, ...],
) -> None:
    options = ApiResourcesOptions(
        api_group=api_group,
        namespaced=namespaced,
        verbs=_words(verbs),
        categories=_words(categories),
        no_headers=no_headers,
        output=output,
        sort_by=sort_by,
        arguments=arguments,
    )
    options.validate()
    app.run(app.settings(), options.run)


def _words(values: Sequence[str]) -> frozenset[str]:
    return frozenset(word for value in values for word in value.split(",") if word)


COMMAND = Command(
    "api-resources",
    callback=_api_resources,
    help="Show the kinds that the server serves.",
    examples="""
# Show all kinds
cubectl api-resources

# Show them with what can be done with them
cubectl api-resources -o wide

# Show the kinds that live in no namespace
cubectl api-resources --namespaced=false
""",
    params=[
        Flag(["--api-group"], metavar="GROUP", help="Only the kinds of this group."),
        Switch(["--namespaced"], default=None, help="Only kinds in namespaces, or (false) not."),
        Unsupported("--cached", "there is no cache: the server is asked each time", harmless=FALSE),
        Flag(["--verbs"], multiple=True, metavar="VERBS", help="Only kinds that have these verbs."),
        Flag(["--categories"], multiple=True, metavar="NAMES", help="Only kinds of these."),
        Switch(["--no-headers"], help="Leave the headings out."),
        Flag(
            ["-o", "--output"],
            default="",
            metavar="FORMAT",
            help="wide or name.",
            values=("wide", "name"),
        ),
        Flag(
            ["--sort-by"],
            default="",
            metavar="COLUMN",
            help="name or kind.",
            values=("name", "kind"),
        ),
    ],
)
