"""Makes the commands that mark objects: ``cubectl label`` and ``cubectl annotate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from protocube_client.cli.command import Command
from protocube_client.cli.marking import changes, options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protocube_client.cli.app import App
    from protocube_client.cli.marking.changes import Changes
    from protocube_client.cli.marking.marking import Marks


def command(
    verb: str,
    what: str,
    *,
    read: Callable[[Sequence[str]], Changes],
    marks: Callable[[], Marks],
    examples: str,
) -> Command:
    """Return the command that does ``verb`` to objects, by a ``what``: a label, say.

    ``read`` makes changes of arguments. ``marks`` is called when the command runs, and not
    for its help.
    """

    @click.pass_obj
    def mark(app: App, /, *, arguments: tuple[str, ...], **given: Any) -> None:
        named, wanted = changes.split(arguments, what)
        taken = options.take(given, arguments=named, changes=read(wanted))
        taken.validate(what)
        from protocube_client.cli.marking import marking

        app.run(app.settings(), lambda session: marking.run(marks(), taken, session))

    return Command(
        verb,
        callback=mark,
        usage="(KIND NAME... | KIND/NAME... | KIND (-l LABELS | --all) | -f FILE) "
        "KEY=VALUE... [KEY-...] [flags]",
        help=f"Set {what}s of objects, and take them away.",
        completes=("kinds", "names"),
        examples=examples,
        params=options.flags(verb, f"{what}s"),
    )
