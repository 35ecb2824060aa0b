"""The blocks of a PEM text as Go's ``encoding/pem`` finds them; what is no block is passed over."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube.manifests import go_base64

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = re.compile(
    rb"^-----BEGIN (?P<type>[^\n]*?)-----[ \t\r]*\n"
    # Lines such as ``Proc-Type: 4,ENCRYPTED``.
    rb"(?:[^\n:]*:[^\n]*\n)*"
    rb"(?P<body>[A-Za-z0-9+/=\s]*)^-----END (?P=type)-----[ \t\r]*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block."""

    type: str
    """``CERTIFICATE``, say."""
    data: bytes

    def text(self) -> bytes:
        """Return the block in PEM, without headers."""
        kind, body = self.type.encode(), base64.encodebytes(self.data)
        return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (kind, body, kind)


def find(text: bytes) -> Iterator[Block]:
    """Yield the blocks in order."""
    for found in _BLOCK.finditer(text):
        body = b"".join(found["body"].split())
        try:
            data = go_base64.decode(body.decode("ascii"))
        except ValueError:
            continue
        yield Block(type=found["type"].decode("utf-8", "replace"), data=data)
