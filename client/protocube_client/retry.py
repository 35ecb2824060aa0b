"""Read, change, write, and again when another writer was faster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar, Unpack

from google.protobuf.message import Message

from protocube import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocube_client.client import Client
    from protocube_client.options import WriteOptions

M = TypeVar("M", bound=Message)


async def update_with_retry(
    client: Client,
    kind: type[M],
    name: str,
    mutate: Callable[[M], object],
    *,
    namespace: str = "",
    subresource: Literal["", "status"] = "",
    attempts: int = 10,
    **options: Unpack[WriteOptions],
) -> M:
    """Apply ``mutate`` to the newest state of an object and write it.

    ``mutate`` changes the message in place. It is called again on a fresh copy
    after every ``errors.Conflict``, so it must depend on nothing else; the last
    of ``attempts`` conflicts is raised. With ``subresource`` the status is written and
    nothing else.
    """
    if attempts < 1:
        raise ValueError("at least one attempt is needed")
    write = client.update_status if subresource == "status" else client.update
    for attempt in range(attempts):
        item = await client.get(kind, name, namespace=namespace)
        mutate(item)
        try:
            return await write(item, **options)
        except errors.Conflict:
            if attempt == attempts - 1:
                raise
    raise AssertionError("the last attempt returns or raises")
