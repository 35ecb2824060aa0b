"""Creates the objects of several Infos at one moment, or none of them."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube_client import bulk
from protocube_client.resource.helper import Helper
from protocube_client.resource.source_errors import add_source_to_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube.catalog import Catalog
    from protocube_client.connection.connection import Connection
    from protocube_client.resource.info import Info
    from protocube_client.resource.validation import Validation

MOST = 100
"""Objects that the server takes at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What became of one object."""

    info: Info
    error: Exception | None = None
    """Why it was not created; ``errors.NotDone`` when it is another one's fault."""
    warnings: tuple[str, ...] = ()


async def create_together(
    infos: Sequence[Info],
    connection: Connection,
    catalog: Catalog,
    *,
    dry_run: bool = False,
    field_manager: str = "",
    validation: Validation,
) -> list[Made]:
    """Create all objects of ``infos``, :data:`MOST` at most, and refresh these.

    When one of them cannot be created, none is. Raises what ends the whole call; errors of
    objects name their source.
    """
    writes: list[bulk.Write] = []
    warnings: list[tuple[str, ...]] = []
    refused: dict[int, Exception] = {}
    for number, info in enumerate(infos):
        helper = Helper(connection, info.mapping, validation=validation)
        try:
            placed, told = helper.prepared(
                namespace=info.namespace,
                modify=True,
                object=info.object,
                decoded=info.decoded,
            )
        except Exception as error:  # noqa: BLE001  # told with its source
            refused[number] = add_source_to_error("creating", info.source, error)
            continue
        writes.append(bulk.create(placed))
        warnings.append(told)
    if refused:
        fault = errors.NotDone("not done: another object was refused")
        return [
            Made(info=info, error=refused.get(number, fault)) for number, info in enumerate(infos)
        ]
    found = bulk.outcomes(
        connection,
        catalog,
        writes,
        atomic=True,
        dry_run=dry_run,
        field_manager=field_manager,
        validation=validation.value,
        include_objects=True,
    )
    made: list[Made] = []
    async with aclosing(found) as outcomes:
        async for outcome in outcomes:
            info = infos[outcome.number]
            made.append(_made(info, outcome, warnings[outcome.number]))
    return made


def _made(info: Info, outcome: bulk.Outcome, before: tuple[str, ...]) -> Made:
    told = (*before, *outcome.warnings)
    if outcome.error is None:
        if outcome.object is not None:
            # The class of the mapping may come from another pool.
            created = info.mapping.message_class.FromString(outcome.object.SerializeToString())
            info.refresh(created)
        return Made(info=info, warnings=told)
    error: Exception = outcome.error
    if not isinstance(error, errors.NotDone):
        error = add_source_to_error("creating", info.source, error)
    return Made(info=info, error=error, warnings=told)
