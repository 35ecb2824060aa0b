"""``--sort-by``: objects in the order of one of their fields."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from protocube.errors import quote
from protocube.manifests import quantities
from protocube.tables import go_values
from protocube.tables.jsonpath.finding import FindError
from protocube_client.printers import field_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.printers.printable import Printable


def ordered(objects: Sequence[Printable], path: str) -> list[Printable]:
    """Return ``objects`` sorted by what is at ``path``; quantities sort by their size.

    Objects without the field come first. Raises ``TemplateError`` for a wrong path, and
    ``FindError`` when no object has the field or its values cannot be sorted.
    """
    template = field_paths.template(path)
    present: list[tuple[Any, Printable]] = []
    missing: list[Printable] = []
    for item in objects:
        found = template.find(item.manifest())
        if found and found[0]:
            present.append((found[0][0], item))
        else:
            missing.append(item)
    if objects and not present:
        raise FindError(
            f"couldn't find any field with path {quote(template.text)} in the list of objects"
        )
    key = functools.cmp_to_key(_compare)
    present.sort(key=lambda pair: key(pair[0]))
    # kubectl puts each object without the field before those that it had seen.
    return [*reversed(missing), *(item for _, item in present)]


def _compare(left: Any, right: Any) -> int:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    for kind in (bool, dict, list):
        if isinstance(left, kind):
            raise FindError(f"unsortable type: {go_values.type_name(left)}")
    if type(left) is not type(right):
        raise FindError(
            f"cannot sort {go_values.type_name(left)} and {go_values.type_name(right)} together"
        )
    if isinstance(left, str):
        size, other = quantities.parse(left), quantities.parse(right)
        if size is not None and other is not None:
            return int(size > other) - int(size < other)
    return int(left > right) - int(left < right)
