"""Why an object that a command names is not there: its namespace may not be there either."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from protocube_client.cli.session import Session

_SURE = frozenset({"", "default"})
"""Namespaces that are never looked for: none, and the one that is always there."""


@asynccontextmanager
async def explained(session: Session, namespace: str) -> AsyncIterator[None]:
    """Read one object in ``namespace``; when it is not found, see whether the namespace is.

    Raises ``errors.NotFound`` of the namespace in place of the object's when it is missing,
    as kubectl does.
    """
    try:
        yield
    except errors.NotFound:
        if namespace not in _SURE and (missing := await _missing(session, namespace)):
            raise missing from None
        raise


async def _missing(session: Session, namespace: str) -> errors.NotFound | None:
    try:
        await session.client.get("namespaces", namespace)
    except errors.NotFound as error:
        return error
    except errors.ApiError:
        # The object's own error is what was asked for.
        return None
    return None
