"""``cubectl completion``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube.errors import quote
from protocube_client.cli.command import Command
from protocube_client.cli.commands.completion import scripts
from protocube_client.cli.failures import UsageError

if TYPE_CHECKING:
    from protocube_client.cli.app import App

_HELP = "See 'cubectl completion -h' for help and examples"


@click.pass_obj
def _completion(app: App, *, arguments: tuple[str, ...]) -> None:
    if not arguments:
        raise UsageError("error: Shell not specified.", _HELP)
    if len(arguments) > 1:
        raise UsageError("error: Too many arguments. Expected only the shell type.", _HELP)
    script = scripts.OF.get(arguments[0])
    if script is None:
        raise UsageError(f"error: Unsupported shell type {quote(arguments[0])}.", _HELP)
    app.streams.out.write(script)


COMMAND = Command(
    "completion",
    callback=_completion,
    usage="(bash | zsh | fish)",
    help=(
        "Print a script that completes commands, flags, kinds and names in your shell. "
        "Names come from the server."
    ),
    completes=("shells",),
    examples="""
# Complete in this bash
source <(cubectl completion bash)

# Complete in every new bash
echo 'source <(cubectl completion bash)' >>~/.bashrc

# Complete in zsh
source <(cubectl completion zsh)

# Complete in fish
cubectl completion fish | source
""",
    params=[],
)
