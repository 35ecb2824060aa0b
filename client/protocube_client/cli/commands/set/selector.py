"""``cubectl set selector``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.commands.set import options as set_options
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags import writing

if TYPE_CHECKING:
    from protocube.selectors import Requirement
    from protocube_client.cli.app import App
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_OPERATORS = {"in": "In", "notin": "NotIn", "exists": "Exists", "!": "DoesNotExist"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """The labels that pods must have."""

    labels: dict[str, str]
    others: tuple[Requirement, ...]
    """What a Service cannot ask of them."""
    done = "selector updated"
    complaint = ""
    tells_of_unchanged = True

    async def make(self, chosen: Chosen, data: dict[str, Any], _: Session) -> list[str]:
        """Set the selector of a Service."""
        if (chosen.resource.group, chosen.resource.kind) != ("", "Service"):
            raise CommandError("setting a selector is only supported for Services")
        if self.others:
            told = " ".join(map(_expression, self.others))
            raise CommandError(f"match expression [{told}] not supported on this object")
        data["spec"]["selector"] = dict(self.labels)
        return []


def _expression(requirement: Requirement) -> str:
    values = " ".join(sorted(requirement.values))
    return f"{{{requirement.key} {_OPERATORS.get(requirement.operator, '')} [{values}]}}"


def _labels(text: str) -> _Labels:
    """Read a selector; only equality becomes a label. Raises :class:`CommandError`."""
    from protocube import selectors
    from protocube.errors import quote

    try:
        found = selectors.parse_labels(text).requirements
    except selectors.SelectorError as error:
        raise CommandError(f"couldn't parse the selector string {quote(text)}: {error}") from None
    equal = [each for each in found if each.is_equality]
    return _Labels(
        labels={each.key: next(iter(each.values)) for each in equal},
        others=tuple(each for each in found if not each.is_equality),
    )


@click.pass_obj
def _set(app: App, /, *, arguments: tuple[str, ...], **given: Any) -> None:
    options = set_options.take(given, arguments=arguments[:-1])
    if not arguments:
        raise CommandError("one selector is required")
    labels = _labels(arguments[-1])

    async def run(session: Session) -> None:
        from protocube_client.cli.commands.set import setting

        chosen = await setting.read(options, session, ())
        await setting.change_all(chosen, labels, options, session)

    app.run(app.settings(), run)


COMMAND = Command(
    "selector",
    callback=_set,
    usage=f"{set_options.USAGE} LABELS [flags]",
    help="Set the labels of the pods that a Service sends to, in place of all that it has.",
    completes=("kinds", "names"),
    examples="""
# Let a Service send to other pods
cubectl set selector service web app=web,tier=front

# Show what becomes of a file
cubectl set selector -f service.yaml app=web --local -o yaml
""",
    params=[
        *set_options.flags(selector=False, recursive=True),
        writing.resource_version(),
        writing.record(),
    ],
)
