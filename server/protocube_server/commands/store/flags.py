"""What the commands of ``store`` share: the store's flags, and how they end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from protocube import errors
from protocube_server.commands import encryption_flag, etcd_flags
from protocube_server.settings import default_store, make_default_folder
from protocube_server.storage.sqlite import in_memory

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from protocube_server.storage.url import OpenedStore

STORE_BEFORE = "protocube.store"
"""Where click's context keeps a ``--store`` that stands before the command."""

_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")


def store_flags(command: _F) -> _F:
    """Add ``--store`` and the flags of how it is opened.

    The command gets ``url``, ``etcd_...`` and ``encryption_config``.
    """
    option = click.option(
        "--store",
        "url",
        metavar="URL",
        envvar="PROTOCUBE_STORE",
        default=default_store,
        show_default="sqlite: in the user's data directory",
        help="sqlite:PATH or etcd://HOST:PORT[,HOST:PORT...][/PREFIX]. It may stand before "
        '"store", too.',
        callback=_chosen,
    )
    return option(etcd_flags.etcd_flags(encryption_flag.encryption_flag(command)))


def _chosen(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Return the store that is named behind the command, or else before it."""
    before: str | None = context.find_root().meta.get(STORE_BEFORE)
    source = context.get_parameter_source(parameter.name or "")
    chosen = value if before is None or source is ParameterSource.COMMANDLINE else before
    if chosen.partition(":")[2] == in_memory.PATH:
        raise click.BadParameter(f"{chosen} is in the memory of its server: no command reaches it")
    return chosen


@asynccontextmanager
async def opened(
    url: str, *, encryption_config: str = "", **etcd: str
) -> AsyncGenerator[OpenedStore, None]:
    """Provide the store that the flags name, and close it afterwards."""
    from protocube_server.storage import url as urls
    from protocube_server.storage.sqlite import file

    sealing = encryption_flag.sealing(encryption_config)
    with file.faults(Path(url)):
        make_default_folder(url)
    found = await urls.open_store(url, etcd_flags.security(**etcd), sealing=sealing)
    try:
        yield found
    finally:
        await found.store.close()


@asynccontextmanager
async def existing(url: str, **etcd: str) -> AsyncGenerator[OpenedStore, None]:
    """As :func:`opened`, but make no file: a name that leads nowhere was mistyped.

    An empty store in its place would pass for the one that was meant.
    """
    from protocube_server.storage import url as urls
    from protocube_server.storage.sqlite import file

    location = urls.parse(url)
    if isinstance(location, urls.SqliteLocation):
        path = file.locate(location.path)
        if not path.exists():
            raise errors.Unavailable(f"cannot use {path}: No such file")
    async with opened(url, **etcd) as found:
        yield found


@asynccontextmanager
async def readable(url: str, **etcd: str) -> AsyncGenerator[OpenedStore, None]:
    """As :func:`existing`, for a store whose format this program knows.

    Raises ``format.TooNew`` for another one.
    """
    from protocube_server.storage import format as store_format

    async with existing(url, **etcd) as found:
        store_format.require_readable(await store_format.read(found.store, found.prefix))
        yield found


@asynccontextmanager
async def writable(url: str, **etcd: str) -> AsyncGenerator[OpenedStore, None]:
    """As :func:`existing`, for a store that this program may write.

    Raises ``format.TooNew`` for another one.
    """
    from protocube_server.storage import format as store_format

    async with existing(url, **etcd) as found:
        store_format.require_writable(await store_format.read(found.store, found.prefix))
        yield found


@contextmanager
def reported() -> Iterator[None]:
    """Turn an error into one line and exit code 1."""
    try:
        yield
    except errors.ApiError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Return what ``work`` gives; an error is one line and ends the process with 1."""
    with reported():
        return asyncio.run(work)


def require_absent(path: Path, *, force: bool) -> None:
    """Raise ``errors.BadRequest`` for a file that exists, unless it is to be replaced."""
    if path.exists() and not force:
        raise errors.BadRequest(f"{path} exists; --force replaces it")


def sqlite_path(url: str) -> str:
    """Return the file of an SQLite store's URL. Raises ``errors.BadRequest`` for another store."""
    from protocube_server.storage import url as urls

    location = urls.parse(url)
    if not isinstance(location, urls.SqliteLocation):
        message = "this is for an SQLite store; etcd has etcdctl snapshot, and both have export"
        raise errors.BadRequest(message)
    return location.path
