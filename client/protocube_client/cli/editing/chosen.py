"""Editing objects that a command line chooses, and which object a saved one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from protocube.errors import quote
from protocube_client.cli import objects
from protocube_client.cli.editing import loop
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from protocube_client.cli.editing.editor import Editor
    from protocube_client.cli.editing.loop import Work
    from protocube_client.cli.flags.editing import Editing
    from protocube_client.cli.objects import Choice, Chosen
    from protocube_client.cli.session import Session


HEADER: Final = """\
# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
"""
"""What a person reads on top of objects."""


async def run(
    choice: Choice,
    session: Session,
    make: Callable[[Sequence[Chosen]], Work],
    *,
    editor: Editor,
    flags: Editing,
) -> None:
    """Let a person edit what ``make`` makes of the objects.

    Raises what could not be read, what ``make`` raises, and as :func:`loop.run`.
    """
    work = make((await objects.read(choice, session)).all())
    await edit(work, session, editor=editor, flags=flags)


async def edit(work: Work, session: Session, *, editor: Editor, flags: Editing) -> None:
    """Let a person edit in the form that flags name. Raises as :func:`loop.run`."""
    await loop.run(
        work,
        editor=editor,
        form=loop.Form(extension=flags.extension, windows=flags.windows_line_endings),
        validation=flags.validation,
        streams=session.streams,
    )


def metadata(data: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata of an object as it was saved; none where a person wrote no object."""
    found = data.get("metadata")
    return found if isinstance(found, dict) else {}


def identity(data: dict[str, Any]) -> tuple[Any, ...]:
    """Return the API version, kind and name of an object as it was saved."""
    return data.get("apiVersion"), data.get("kind"), metadata(data).get("name")


def require_namespace(data: dict[str, Any], namespace: str) -> None:
    """Raise :class:`CommandError` when an object was saved in another namespace."""
    found = metadata(data).get("namespace") or namespace
    if found != namespace:
        raise CommandError(
            f"the namespace from the provided object {quote(str(found))} does not match "
            f"the namespace {quote(namespace)}. You must pass '--namespace={found}' "
            "to perform this operation."
        )


def unknown(data: dict[str, Any]) -> CommandError:
    """Return the error for an object that is none of those that were to be edited."""
    named = quote(str(metadata(data).get("name", "")))
    return CommandError(f"no original object found for {data.get('kind', '')} {named}")
