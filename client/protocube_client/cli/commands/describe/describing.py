"""One run of ``cubectl describe``: the objects are read, and described one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_client.cli import objects
from protocube_client.cli.commands.describe import kinds
from protocube_client.cli.commands.describe.around import Around
from protocube_client.cli.describing import anything
from protocube_client.cli.describing.page import Page
from protocube_client.resource.aggregate import Aggregate

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.options import DescribeOptions
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session
    from protocube_client.printers.printable import Printable

_KIND_AND_NAME = 2


class Describing:
    """Describes what was chosen."""

    def __init__(self, options: DescribeOptions, session: Session) -> None:
        self._options = options
        self._session = session
        self._around = Around(session, chunk_size=options.chunk_size)

    async def run(self) -> None:
        """Describe every object.

        When one cannot be read, none is described, as in kubectl. A name that no object has
        is the beginning of names. Raises the exceptions of :mod:`protocube.errors`,
        ``CommandError`` and ``Aggregate``.
        """
        options, out = self._options, self._session.streams.out
        try:
            found = await self._found(options.choice)
        except Aggregate as failure:
            if not self._names_one_missing(failure):
                raise
            await self._of_prefix(failure)
            return
        for number, item in enumerate(found):
            if number:
                out.write("\n\n")
            out.write(await self._page(item))
        if not found:
            namespace = self._session.settings.namespace
            place = "" if options.all_namespaces else f" in {namespace} namespace."
            self._session.streams.err.write(f"No resources found{place}\n")

    async def _found(self, choice: objects.Choice) -> list[Printable]:
        found: list[Printable] = []

        async def keep(chosen: Chosen) -> None:
            found.append(chosen.printable())

        chosen = await objects.find(choice, self._session)
        await chosen.visit(keep)
        return found

    def _names_one_missing(self, failure: Aggregate) -> bool:
        """Tell whether a kind and one name were given, and there is no such object."""
        (error, *others) = failure.errors
        return (
            len(self._options.arguments) == _KIND_AND_NAME
            and not others
            and isinstance(error, errors.NotFound)
        )

    async def _of_prefix(self, failure: Aggregate) -> None:
        """Describe the objects whose names begin so. Raises ``failure`` when there are none."""
        kind, prefix = self._options.arguments
        self._session.errors.clear()
        choice = objects.Choice(arguments=(kind,), files=self._options.files, every=True)
        found = [item for item in await self._found(choice) if item.name.startswith(prefix)]
        if not found:
            raise failure
        for item in found:
            self._session.streams.out.write(f"{await self._page(item)}\n")

    async def _page(self, item: Printable) -> str:
        page, resource = Page(), item.resource
        describe = kinds.page_of(resource)
        if describe is None:
            anything.describe(page, item)
        else:
            await describe(page, item.message, self._around)
        if self._options.show_events and kinds.has_events(resource):
            page.events(await self._around.events(resource, item.metadata))
        return page.text()
