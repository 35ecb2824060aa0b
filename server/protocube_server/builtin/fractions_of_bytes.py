"""Amounts of bytes that are not whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from protocube import errors
from protocube.manifests import quantities
from protocube_server.kinds.named.message_warning import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST: Final = 2**63 - 1
_SHORT: Final = 15
"""Digits of a number whose thousandths fit into 64 bits."""


def remarks(amounts: Mapping[str, str], name: str, path: str) -> Iterator[Remark]:
    """Yield a remark on the amount called ``name`` if it is no whole number of bytes.

    Kubernetes counts thousandths in 64 bits, and takes more than those hold for a fraction, too.
    """
    text = amounts.get(name)
    if text is None or (len(text) <= _SHORT and text.isdecimal()):
        return
    amount = quantities.parse(text)
    if amount is not None and min(math.ceil(amount * 1000), _MOST) % 1000:
        told = f"fractional byte value {errors.quote(text)} is invalid, must be an integer"
        yield Remark(told, f"{path}[{name}]")
