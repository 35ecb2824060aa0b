"""``cubectl edit``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.flags import editing, output, writing
from protocube_client.cli.flags.pflag import Flag, Switch

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.editing.editor import Editor
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.editing import Editing
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOptions:
    """What to edit, and how."""

    arguments: tuple[str, ...]
    files: Files
    subresource: str
    output_patch: bool
    save_config: bool
    editing: Editing

    async def run(self, session: Session, editor: Editor) -> None:
        """Let a person edit the objects."""
        from protocube_client.cli import objects
        from protocube_client.cli.commands.edit.submitting import Submitting
        from protocube_client.cli.editing import chosen

        choice = objects.Choice(
            arguments=self.arguments,
            files=self.files,
            every=True,
            subresource=self.subresource,
            latest=True,
        )
        make = partial(Submitting, self, session)
        await chosen.run(choice, session, make, editor=editor, flags=self.editing)


@click.pass_obj
def _edit(app: App, /, **given: Any) -> None:
    from protocube_client.cli.editing import editor

    options = EditOptions(files=files.take(given), editing=editing.take(given), **given)
    app.run(app.settings(), lambda session: options.run(session, editor.of(app.environ)))


COMMAND = Command(
    "edit",
    callback=_edit,
    usage="(KIND NAME... | KIND/NAME... | KIND | -f FILE) [flags]",
    help="Edit objects as they are on the server, in the editor that $KUBE_EDITOR or $EDITOR "
    "names, else in vi.\n\nOnly what was changed is sent. What is not valid is opened again, "
    "with what is wrong on top; what cannot be saved stays in a file, which is named.",
    completes=("kinds", "names"),
    examples="""
# Edit a Service
cubectl edit service web

# Edit two objects at once
cubectl edit deployment/web configmap/web

# With another editor, as JSON
KUBE_EDITOR=nano cubectl edit deployment/web -o json

# Edit the status and nothing else
cubectl edit deployment web --subresource=status
""",
    params=[
        *files.flags("edit"),
        Flag(
            ["--subresource"],
            default="",
            metavar="NAME",
            help="The part of the objects to edit: status or scale.",
            values=("status", "scale"),
        ),
        Switch(["--output-patch"], help="Show the patch that is sent."),
        editing.windows_line_endings(),
        writing.validate(),
        writing.field_manager("kubectl-edit"),
        writing.save_config(),
        *output.flags(tables=False),
        writing.record(),
    ],
)
