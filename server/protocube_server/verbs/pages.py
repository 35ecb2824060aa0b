"""Continue tokens and the bytes of a list.

A token is Kubernetes': base64url of ``{"v": "meta.k8s.io/v1", "rv": REVISION, "start": KEY}``,
where KEY is relative to the collection, so that no token reaches outside of it. A REVISION below
zero is the newest one.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from protocube import errors
from protocube.meta.v1 import object_meta_pb2
from protocube_server.cache.objects import ITEM
from protocube_server.kinds import splice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_server.kinds.kind import Kind

__all__ = ["ITEM", "Position", "decode_token", "encode_list", "encode_token"]

_VERSION = "meta.k8s.io/v1"
_NEWEST = -1
_ANY_BYTES = "surrogateescape"
"""Keys that are not ours may lie between two pages, and need not be UTF-8."""
_API_VERSION, _KIND, _METADATA = 0x0A, 0x12, 0x1A
"""Tags of the fields of a list message, all length-delimited; :data:`ITEM` is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a list goes on: at which revision, and from which key on."""

    revision: int
    """That of the first page; 0 for whichever is the newest."""
    start: bytes
    """Whole."""


def encode_token(position: Position, prefix: bytes) -> str:
    """Return the continue token of a position below ``prefix``."""
    start = position.start.removeprefix(prefix).decode(errors=_ANY_BYTES)
    text = json.dumps(
        {"v": _VERSION, "rv": position.revision or _NEWEST, "start": start},
        separators=(",", ":"),
    )
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_token(token: str, prefix: bytes) -> Position:
    """Read a continue token. Raises ``errors.BadRequest``, in Kubernetes' words."""
    try:
        padded = token.encode() + b"=" * (-len(token) % 4)
        fields = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        version, revision = fields.get("v", ""), fields.get("rv", 0)
        start: bytes = fields.get("start", "").encode(errors=_ANY_BYTES)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _invalid("it is not a token of this API") from error
    if version != _VERSION:
        raise _invalid(f"server does not recognize this encoded version {version}")
    if not isinstance(revision, int) or isinstance(revision, bool) or not _is_known(revision):
        raise _invalid(f"incorrect encoded start resourceVersion (version {_VERSION})")
    if not start:
        raise _invalid(f"encoded start key empty (version {_VERSION})")
    if not {b".", b".."}.isdisjoint(start.split(b"/")):
        raise _invalid(start.decode(errors="replace"))
    return Position(revision=max(0, revision), start=prefix + start)


def _is_known(revision: int) -> bool:
    """Tell whether a token can be of this revision; any below zero means the newest."""
    return revision != 0 and -1 << 62 < revision < 1 << 62


def _invalid(why: str) -> errors.BadRequest:
    return errors.BadRequest(f"invalid continue token: continue key is not valid: {why}")


def encode_list(
    kind: Kind,
    items: Sequence[bytes],
    *,
    revision: int,
    token: str = "",
    remaining: int | None = None,
) -> bytes:
    """Return the bytes of a list message; ``items`` are framed already."""
    metadata = object_meta_pb2.ListMeta(resource_version=str(revision), continue_token=token)
    if remaining is not None:
        metadata.remaining_item_count = remaining
    head = (
        splice.framed(_API_VERSION, kind.resource.api_version.encode()),
        splice.framed(_KIND, f"{kind.resource.kind}List".encode()),
        splice.framed(_METADATA, metadata.SerializeToString()),
    )
    return b"".join((*head, *items))
