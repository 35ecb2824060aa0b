"""``cubectl apply view-last-applied``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.failures import CommandError, misuse
from protocube_client.cli.flags import selecting
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.objects import Choice, Chosen
    from protocube_client.cli.session import Session

_FORMS = ("json", "yaml")


@click.pass_obj
def _view(app: App, /, *, output: str, arguments: tuple[str, ...], **given: Any) -> None:
    from protocube_client.cli.objects import Choice

    choice = Choice(
        arguments=arguments,
        files=files.take(given),
        selects_all=given.pop("all"),
        latest=True,
        **given,
    )
    path = click.get_current_context().command_path
    app.run(app.settings(), lambda session: _run(choice, output, path, session))


async def _run(choice: Choice, form: str, path: str, session: Session) -> None:
    """Show the configurations of all objects, or the errors that stand in their place.

    Objects without one are left out, unless a file names them.
    """
    from protocube_client.cli import last_applied, objects

    found: list[str] = []

    async def visit(chosen: Chosen) -> None:
        text = last_applied.of(chosen.message)
        if text is not None:
            found.append(text)
        elif choice.files:
            raise CommandError(
                f"no last-applied-configuration annotation found on resource: {chosen.name}"
            )

    await (await objects.find(choice, session)).visit(visit)
    for text in found:
        session.streams.out.write(_shown(text, form, path))


def _shown(text: str, form: str, path: str) -> str:
    if form not in _FORMS:
        raise misuse(
            f"Unexpected -o output mode: {form}, the flag 'output' must be one of yaml|json", path
        )
    from protocube import errors
    from protocube.patching import patch_text

    try:
        # Whatever its form, it is read before it is printed: a text of brackets alone would
        # become lines of many gigabytes.
        value = patch_text.parse(text).plain
    except errors.ApiError as error:
        raise CommandError(error.message) from None
    if form == "json":
        from protocube_client.cli.commands.apply import indenting

        return indenting.indented(text)
    from protocube_client.printers import yaml_printer

    return yaml_printer.text(value)


COMMAND = Command(
    "view-last-applied",
    callback=_view,
    usage="(KIND NAME... | KIND/NAME... | KIND (-l LABELS | --all) | -f FILE) [flags]",
    help="Show the configurations that were applied last to objects, out of their annotations.",
    completes=("kinds", "names"),
    examples="""
# Show what was applied to a Deployment
cubectl apply view-last-applied deployment/web

# Show it as JSON, of the objects that a file names
cubectl apply view-last-applied -f deployment.yaml -o json
""",
    params=[
        *files.flags("look for"),
        Switch(["--all"], help="Show those of all objects of the kind in the namespace."),
        selecting.labels(),
        Flag(
            ["-o", "--output"],
            default="yaml",
            metavar="FORMAT",
            help="The form of output: yaml or json.",
            values=_FORMS,
        ),
    ],
)
