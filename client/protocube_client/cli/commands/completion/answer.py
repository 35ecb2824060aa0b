"""``cubectl __complete``: what the shells' scripts ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from protocube_client.cli.commands.completion import candidates

if TYPE_CHECKING:
    from protocube_client.cli.app import App


class _Answer(click.Command):
    """Takes all words as they are: they are those of an unfinished command line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read nothing."""
        ctx.params = {"words": tuple(args)}
        return []


@click.pass_obj
def _answer(app: App, *, words: tuple[str, ...]) -> None:
    from protocube_client.cli.main import ROOT

    try:
        found = candidates.of(ROOT, app, words)
    except Exception:  # noqa: BLE001  # a shell that completes has no place for errors
        return
    for word, text in found:
        app.streams.out.write(f"{word}\t{text}\n" if text else f"{word}\n")


COMMAND = _Answer("__complete", callback=_answer, hidden=True)
