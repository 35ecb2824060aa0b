"""Fetches the documents of issuers: over HTTPS, so much of them, and for so long."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_SECONDS: Final = 10.0
_MOST_BYTES: Final = 1 << 20
_PART: Final = 1 << 16
_MOST_THREADS: Final = 4
"""Of one issuer: an answer that never ends keeps its own."""


class CannotFetchError(Exception):
    """A document could not be had; the text names its URL and says why."""


def by_https(authority: str, *, seconds: float = _SECONDS) -> Callable[[str], Awaitable[Any]]:
    """Return what fetches JSON documents from servers of an authority (PEM; empty: of any).

    ``seconds`` is for connecting, for each part of an answer, and for all of it twice as long. It
    raises :class:`CannotFetchError`.
    """
    context = ssl.create_default_context(cadata=authority or None)
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), _OnlyToHttps()
    )

    threads: list[threading.Thread] = []

    async def fetch(url: str) -> Any:
        threads[:] = [each for each in threads if each.is_alive()]
        if len(threads) >= _MOST_THREADS:
            raise CannotFetchError(f"cannot fetch {url}: those before have not ended")
        try:
            # An answer that comes byte by byte keeps its thread, and nobody else.
            async with asyncio.timeout(2 * seconds):
                return await _in_a_thread(lambda: _fetched(opener, url, seconds), threads)
        except TimeoutError:
            raise CannotFetchError(f"cannot fetch {url}: it takes too long") from None

    return fetch


def _fetched(opener: urllib.request.OpenerDirector, url: str, seconds: float) -> Any:
    if not url.startswith("https://"):
        raise CannotFetchError(f"cannot fetch {url}: it is not https")
    ends = time.monotonic() + seconds
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  # https, as above
    try:
        with opener.open(request, timeout=seconds) as response:
            data = b""
            while part := response.read1(_PART):
                data += part
                if len(data) > _MOST_BYTES:
                    raise CannotFetchError(
                        f"cannot fetch {url}: it has more than {_MOST_BYTES} bytes"
                    )
                if time.monotonic() > ends:
                    raise CannotFetchError(f"cannot fetch {url}: it takes too long")
        return json.loads(data)
    except urllib.error.HTTPError as error:
        # It holds the connection.
        with error:
            raise CannotFetchError(f"cannot fetch {url}: {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise CannotFetchError(f"cannot fetch {url}: {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise CannotFetchError(f"cannot fetch {url}: {error}") from None
    except (ValueError, RecursionError):
        raise CannotFetchError(f"cannot fetch {url}: it is not JSON") from None


class _OnlyToHttps(urllib.request.HTTPRedirectHandler):
    """Follows redirects to HTTPS alone."""

    def redirect_request(self, *given: Any) -> urllib.request.Request | None:
        """See ``HTTPRedirectHandler``."""
        found = super().redirect_request(*given)
        if found is not None and not found.full_url.startswith("https://"):
            raise CannotFetchError(f"cannot fetch {found.full_url}: it is not https")
        return found


async def _in_a_thread(act: Callable[[], Any], threads: list[threading.Thread]) -> Any:
    """Return what ``act`` gives in a thread of its own, which is noted.

    Not in one of a pool: a server that does not answer must not keep work of ours from its
    thread, or a process from its end.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Any] = loop.create_future()

    def tell(result: Any, error: BaseException | None) -> None:
        if ended.done():
            return
        if error is not None:
            ended.set_exception(error)
        else:
            ended.set_result(result)

    def run() -> None:
        result, failed = None, None
        try:
            result = act()
        except BaseException as error:  # noqa: BLE001  # whatever it is, its owner is told
            failed = error
        with contextlib.suppress(RuntimeError):  # The loop is closed: nothing waits any more.
            loop.call_soon_threadsafe(tell, result, failed)

    thread = threading.Thread(target=run, name="openid", daemon=True)
    threads.append(thread)
    thread.start()
    return await ended
