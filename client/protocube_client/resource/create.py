"""Creates the object of an Info and takes over what the server made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.resource.helper import Helper
from protocube_client.resource.source_errors import add_source_to_error
from protocube_client.resource.trace import station
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from protocube_client.resource.info import Info
    from protocube_client.resource.trace import Trace


async def create_and_refresh(
    info: Info,
    *,
    dry_run: bool = False,
    field_manager: str = "",
    validation: Validation = Validation.STRICT,
    request_id: str = "",
    timeout: float | None = None,  # noqa: ASYNC109  # gRPC enforces it
    trace: Trace | None = None,
) -> tuple[str, ...]:
    """Create ``info``'s object, refresh ``info`` from the answer and give the warnings.

    ``timeout`` is in seconds. Raises the exceptions of :mod:`protocube.errors` with the
    source named (``error when creating "pod.yaml": ...``), and ``ValueError`` for an
    Info of a local walk.
    """
    if info.client is None:
        raise ValueError("the walk has no connection to create with")
    helper = Helper(
        info.client,
        info.mapping,
        dry_run=dry_run,
        field_manager=field_manager,
        validation=validation,
        timeout=timeout,
        trace=trace,
    )
    with station(trace, "create_and_refresh"):
        try:
            created = await helper.create(
                namespace=info.namespace,
                modify=True,
                object=info.object,
                decoded=info.decoded,
                request_id=request_id,
            )
        except Exception as error:  # noqa: BLE001  # raised again with its source
            raise add_source_to_error("creating", info.source, error) from None
        info.refresh(created.object)
    return created.warnings
