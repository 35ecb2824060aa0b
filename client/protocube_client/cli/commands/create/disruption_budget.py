"""``cubectl create poddisruptionbudget``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from protocube.errors import quote
from protocube_client.cli import ports
from protocube_client.cli.command import Command
from protocube_client.cli.commands.create import generation
from protocube_client.cli.failures import CommandError
from protocube_client.cli.flags.pflag import Flag

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_AMOUNT = re.compile("[0-9]+%?")
_OPERATORS = {"in": "In", "notin": "NotIn", "exists": "Exists", "!": "DoesNotExist"}
_EQUALITY = ("=", "==")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionBudgetOptions:
    """Which pods must stay."""

    selector: str
    min_available: str
    max_unavailable: str

    def validate(self) -> None:
        """Raise :class:`CommandError` for what cannot be done."""
        if not self.selector:
            raise CommandError("a selector must be specified")
        if not (self.min_available or self.max_unavailable):
            raise CommandError("one of min-available or max-unavailable must be specified")
        if self.min_available and self.max_unavailable:
            raise CommandError("min-available and max-unavailable cannot be both specified")
        if self.min_available and not _AMOUNT.fullmatch(self.min_available):
            raise CommandError("invalid format specified for min-available")
        if self.max_unavailable and not _AMOUNT.fullmatch(self.max_unavailable):
            raise CommandError("invalid format specified for max-unavailable")

    def manifest(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """Return the budget. Raises :class:`CommandError` for a selector that is none."""
        spec: dict[str, Any] = {"selector": _selector(self.selector)}
        if self.min_available:
            spec["minAvailable"] = ports.number_or_text(self.min_available)
        else:
            spec["maxUnavailable"] = ports.number_or_text(self.max_unavailable)
        return {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata,
            "spec": spec,
        }


def _selector(text: str) -> dict[str, Any]:
    """Return a selector as an object has it."""
    from protocube import selectors

    try:
        parsed = selectors.parse_labels(text)
    except selectors.SelectorError as error:
        raise CommandError(f'couldn\'t parse the selector string "{text}": {error}') from None
    labels: dict[str, str] = {}
    expressions: list[dict[str, Any]] = []
    for requirement in sorted(parsed.requirements, key=lambda item: item.key):
        if requirement.written in _EQUALITY:
            labels[requirement.key] = next(iter(requirement.values))
            continue
        if requirement.operator not in _OPERATORS:
            raise CommandError(f"{quote(requirement.operator)} isn't supported in label selectors")
        if requirement.written == "!=":
            raise CommandError('"!=" is not a valid label selector operator')
        operator = _OPERATORS[requirement.operator]
        expression: dict[str, Any] = {"key": requirement.key, "operator": operator}
        if requirement.values:
            expression["values"] = sorted(requirement.values)
        expressions.append(expression)
    found = {"matchLabels": labels, "matchExpressions": expressions}
    return {name: value for name, value in found.items() if value}


@click.pass_obj
def _create(app: App, /, **flags: Any) -> None:
    options = DisruptionBudgetOptions(
        selector=flags.pop("selector"),
        min_available=flags.pop("min_available"),
        max_unavailable=flags.pop("max_unavailable"),
    )
    created = generation.take(flags)
    options.validate()
    created.run(app, options.manifest, complaint="failed to create poddisruptionbudgets: ")


COMMAND = Command(
    "poddisruptionbudget",
    callback=_create,
    usage="NAME --selector=LABELS (--min-available=AMOUNT | --max-unavailable=AMOUNT) [flags]",
    help="Create a disruption budget: how many of some pods must stay when nodes are emptied.",
    examples="""
# Keep at least one pod with the label app=web
cubectl create poddisruptionbudget web --selector=app=web --min-available=1

# Let no more than half of them be away
cubectl create poddisruptionbudget web --selector=app=web --max-unavailable=50%
""",
    params=[
        Flag(["--selector"], default="", metavar="LABELS", help="The pods that it is for."),
        Flag(
            ["--min-available"],
            default="",
            metavar="AMOUNT",
            help="How many of them must be there: a number or a percentage.",
        ),
        Flag(
            ["--max-unavailable"],
            default="",
            metavar="AMOUNT",
            help="How many of them may be away: a number or a percentage.",
        ),
        *generation.flags(),
    ],
)
