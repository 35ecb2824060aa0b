"""The documents that structured output is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.printers.printable import Printable


def documents(objects: Sequence[Printable], *, as_list: bool) -> list[dict[str, Any]]:
    """Return the manifests of ``objects``, or with ``as_list`` one List that holds them."""
    manifests = [item.manifest() for item in objects]
    if not as_list:
        return manifests
    return [
        {
            "apiVersion": "v1",
            "items": manifests,
            "kind": "List",
            "metadata": {"resourceVersion": ""},
        }
    ]
