"""Replaces the object of an Info and takes over what the server made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.resource.helper import Helper
from protocube_client.resource.source_errors import add_source_to_error
from protocube_client.resource.validation import Validation

if TYPE_CHECKING:
    from protocube_client.resource.info import Info


async def replace_and_refresh(
    info: Info,
    *,
    status: bool = False,
    dry_run: bool = False,
    field_manager: str = "",
    validation: Validation = Validation.STRICT,
) -> tuple[str, ...]:
    """Replace ``info``'s object, or its status, refresh ``info`` and give the warnings.

    Raises as :func:`protocube_client.resource.create.create_and_refresh`.
    """
    if info.client is None:
        raise ValueError("the walk has no connection to replace with")
    helper = Helper(
        info.client,
        info.mapping,
        dry_run=dry_run,
        field_manager=field_manager,
        validation=validation,
    )
    try:
        replaced = await helper.replace(
            namespace=info.namespace, object=info.object, decoded=info.decoded, status=status
        )
    except Exception as error:  # noqa: BLE001  # raised again with its source
        raise add_source_to_error("replacing", info.source, error) from None
    info.refresh(replaced.object)
    return replaced.warnings
