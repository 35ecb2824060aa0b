"""``cubectl create --edit``: each object is edited before it is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube_client.cli import files
from protocube_client.cli.editing import chosen, texts
from protocube_client.cli.editing.loop import Outcome
from protocube_client.resource.mapper import Mapper
from protocube_client.resource.text.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.editing.editor import Editor
    from protocube_client.cli.flags.editing import Editing
    from protocube_client.cli.session import Session
    from protocube_client.cli.written import Writing
    from protocube_client.resource.info import Info
    from protocube_client.resource.result import Result


async def run(
    result: Result, writing: Writing, session: Session, *, editor: Editor, flags: Editing
) -> None:
    """Let a person edit the objects one after the other, and write each that was changed.

    Raises all errors together after the last object. What could not be created stays in a file,
    which is named.
    """

    async def visit(info: Info | None, error: Exception | None) -> None:
        work = _Creating(files.object_of(info, error), writing, session, flags)
        await chosen.edit(work, session, editor=editor, flags=flags)

    await result.visit(visit)


class _Creating:
    """One object, for :mod:`protocube_client.cli.editing.loop`."""

    header = chosen.HEADER

    def __init__(self, info: Info, writing: Writing, session: Session, flags: Editing) -> None:
        self._info = info
        self._writing = writing
        self._session = session
        self._flags = flags
        self.name = f"{info.mapping.qualified} {quote(info.name)}"

    def text(self) -> str:
        """Return the object as its file has it."""
        return texts.of_objects([self._info.manifest], self._flags.format)

    async def submit(self, edited: Sequence[dict[str, Any]]) -> Outcome:
        """Create what was saved, and tell of it.

        Raises ``CommandError`` for an object in another namespace, ``ManifestError`` for what is
        no object of a kind, and the exceptions of :mod:`protocube.errors`.
        """
        mapper = Mapper(self._session.catalog, self._info.client)
        for data in edited:
            info = mapper.info_for_data(Document(raw=b"", value=data, line=0), self._info.source)
            if info.namespaced:
                chosen.require_namespace(data, self._info.namespace)
                info.set_namespace(self._info.namespace)
            tell = await self._writing.write(info)
            tell()
        return Outcome()
