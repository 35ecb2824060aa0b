"""Rules that compare quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube.manifests import quantities
from protocube_server.kinds import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocube import errors
    from protocube_server.kinds.marked import Found
    from protocube_server.kinds.named.rule import ComputedRule


def _limit_range_item(found: Found) -> Iterator[errors.Violation]:
    """The bounds and defaults of a resource stand in their order."""
    item, base = found.parent, found.path.removesuffix(".type")
    pairs = (
        ("min", "max", "min", "min value {0} is greater than max value {1}"),
        (
            "min",
            "default_request",
            "defaultRequest",
            "min value {0} is greater than default request value {1}",
        ),
        (
            "default_request",
            "max",
            "defaultRequest",
            "default request value {0} is greater than max value {1}",
        ),
        (
            "default_request",
            "default",
            "defaultRequest",
            "default request value {0} is greater than default limit value {1}",
        ),
        ("min", "default", "default", "min value {0} is greater than default value {1}"),
        ("default", "max", "default", "default value {0} is greater than max value {1}"),
    )
    for lower, upper, at, text in pairs:
        less, more = getattr(item, lower), getattr(item, upper)
        for name in sorted(less.keys() & more.keys()):
            if _above(less[name], more[name]):
                detail = text.format(less[name], more[name])
                yield violations.invalid(f"{base}.{at}[{name}]", less[name], detail)
    for name, text in sorted(item.max_limit_request_ratio.items()):
        ratio = quantities.parse(text)
        if ratio is not None and ratio < 1:
            path = f"{base}.maxLimitRequestRatio[{name}]"
            yield violations.invalid(path, text, f"ratio {text} is less than 1")
        elif ratio is not None and name in item.min and name in item.max:
            least, most = quantities.parse(item.min[name]), quantities.parse(item.max[name])
            if least and most is not None and ratio > most / least:
                path = f"{base}.maxLimitRequestRatio[{name}]"
                detail = f"ratio {text} is greater than max/min = {float(most / least):f}"
                yield violations.invalid(path, text, detail)


def _above(one: str, other: str) -> bool:
    left, right = quantities.parse(one), quantities.parse(other)
    return left is not None and right is not None and left > right


BY_NAME: dict[str, ComputedRule] = {
    "limit_range_item": _limit_range_item,
}
