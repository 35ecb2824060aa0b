"""``cubectl apply edit-last-applied``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli import files
from protocube_client.cli.command import Command
from protocube_client.cli.flags import editing, output, writing

if TYPE_CHECKING:
    from protocube_client.cli.app import App
    from protocube_client.cli.editing.editor import Editor
    from protocube_client.cli.files import Files
    from protocube_client.cli.flags.editing import Editing
    from protocube_client.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class EditLastAppliedOptions:
    """What to edit, and how."""

    arguments: tuple[str, ...]
    files: Files
    editing: Editing

    async def run(self, session: Session, editor: Editor) -> None:
        """Let a person edit the configurations of the objects that have one."""
        from protocube_client.cli import objects
        from protocube_client.cli.commands.apply.submitting import Submitting
        from protocube_client.cli.editing import chosen

        choice = objects.Choice(arguments=self.arguments, files=self.files, every=True, latest=True)
        make = partial(Submitting, self.editing, session)
        await chosen.run(choice, session, make, editor=editor, flags=self.editing)


@click.pass_obj
def _edit(app: App, /, **given: Any) -> None:
    from protocube_client.cli.editing import editor

    options = EditLastAppliedOptions(files=files.take(given), editing=editing.take(given), **given)
    app.run(app.settings(), lambda session: options.run(session, editor.of(app.environ)))


COMMAND = Command(
    "edit-last-applied",
    callback=_edit,
    usage="(KIND NAME... | KIND/NAME... | KIND | -f FILE) [flags]",
    help="Edit the configurations that were applied last to objects, in the editor that "
    "$KUBE_EDITOR or $EDITOR names, else in vi. They are in annotations of the objects, and "
    "nothing else of these changes.",
    completes=("kinds", "names"),
    examples="""
# Edit what was applied last to a Deployment
cubectl apply edit-last-applied deployment/web

# Edit it as JSON, of the objects that a file names
cubectl apply edit-last-applied -f deployment.yaml -o json
""",
    params=[
        *files.flags("look for"),
        editing.windows_line_endings(),
        writing.validate(),
        writing.field_manager("kubectl-client-side-apply"),
        *output.flags(tables=False),
        writing.record(),
    ],
)
