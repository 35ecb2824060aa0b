"""The objects that were applied, shown together: ``-o yaml`` and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from protocube_client.printers import managed_fields, typed_order
from protocube_client.printers.printable import Printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.flags.output import Format


def show(objects: Sequence[Printable], form: Format, stream: TextIO) -> None:
    """Print one object, or a List of several."""
    if len(objects) == 1:
        form.printer().print(objects, stream)
        return
    items = objects if form.managed_fields else [managed_fields.without(item) for item in objects]
    # The order is that of the type that kubectl has for it.
    manifest = {
        "kind": "List",
        "apiVersion": "v1",
        "metadata": {},
        "items": [typed_order.sorted_keys(item.manifest()) for item in items],
    }
    first = objects[0]
    listed = Printable(resource=first.resource, message=first.message, given=manifest, typed=True)
    form.printer().print([listed], stream)
