"""One run of ``cubectl taint``: node after node is tainted, and told of."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from protocube import errors
from protocube.manifests import encode
from protocube_client.cli import objects, results, targets
from protocube_client.cli.failures import CommandError
from protocube_client.cli.files import Files
from protocube_client.cli.flags.dry_run import DryRun
from protocube_client.cli.targets import Query
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from protocube_client.cli.commands.taint.command import TaintOptions
    from protocube_client.cli.commands.taint.taints import Outcome
    from protocube_client.cli.objects import Chosen
    from protocube_client.cli.session import Session

_ATTEMPTS = 10


class Tainting:
    """Taints nodes."""

    def __init__(self, options: TaintOptions, session: Session) -> None:
        self._options = options
        self._session = session

    async def run(self) -> None:
        """Taint the nodes. Raises :class:`CommandError`, and what failed after the last one."""
        kind, *names = self._options.named
        await self._require_nodes(kind)
        self._options.validate()
        choice = objects.Choice(
            arguments=("nodes", *names) if not self._selects else ("nodes",),
            files=Files(),
            every=True,
            selector=self._options.selector,
        )
        found = await objects.find(choice, self._session)
        await found.visit(self._visit)

    @property
    def _selects(self) -> bool:
        return self._options.every or bool(self._options.selector)

    async def _require_nodes(self, word: str) -> None:
        query = Query(selects=False, kinds_alone=True, all_namespaces=False)
        found = await targets.find((word.lower(),), self._session.kinds, query)
        if any((kind.group, kind.kind) != ("", "Node") for kind in found.kinds):
            raise CommandError(
                f"invalid resource type {word.lower()}, only node types are supported"
            )

    async def _visit(self, chosen: Chosen) -> None:
        options = self._options
        message: Any = chosen.message
        if options.dry_run is DryRun.CLIENT:
            outcome = self._outcome(message)
            given = copy.deepcopy(encode.shown(message))
            given["spec"]["taints"] = outcome.taints
            shown = Printable(resource=chosen.resource, message=message, given=given)
        else:
            outcome, message = await self._sent(chosen)
            shown = Printable(resource=chosen.resource, message=message)
        # A dry run is told of like any other, as in kubectl.
        printer = results.printer(options.format, outcome.done)
        printer.print([shown], self._session.streams.out)

    def _outcome(self, message: Any) -> Outcome:
        old = encode.data(message).get("spec", {}).get("taints", [])
        return self._options.changes.applied(
            message.metadata.name, old, overwrite=self._options.overwrite
        )

    async def _sent(self, chosen: Chosen) -> tuple[Outcome, Any]:
        """Write the taints of a node as it is now; taints that others set meanwhile stay."""
        options, client = self._options, self._session.client
        kind, message = chosen.resource.message_class, chosen.message
        for attempt in range(_ATTEMPTS):
            node: Any = message
            outcome = self._outcome(node)
            change = {
                "metadata": {"resourceVersion": node.metadata.resource_version},
                "spec": {"taints": outcome.taints},
            }
            try:
                written = await client.patch(
                    kind,
                    chosen.name,
                    change,
                    type="merge",
                    dry_run=options.dry_run is DryRun.SERVER,
                    field_manager=options.field_manager,
                    validation=options.validation.value,
                )
            except errors.Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
                message = await client.get(kind, chosen.name)
                continue
            return outcome, written
        raise AssertionError("the last attempt returns or raises")
