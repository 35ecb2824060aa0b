"""A server's part in the leadership of an etcd, in a process of its own that tests kill and stop.

``leading_child.py ENDPOINT HOLDER``. While it leads, its worker writes one key without any
condition but its term's guard. It prints ``leads EPOCH`` after its first write, and at the
end of a term, when it writes once more, ``written EPOCH`` or ``refused EPOCH``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from typing import TYPE_CHECKING

from protocube import errors
from protocube_server.storage.base import GuardFailed, Put, Set
from protocube_server.storage.etcd import EtcdStore
from protocube_server.upkeep.leadership import Leadership, Pace

if TYPE_CHECKING:
    from protocube_server.upkeep.term import Term

PACE = Pace(renewal=0.2, deadline=1.2, patience=2.0, pause=0.1)
DATA = b"/registry/data/one"


def value_of(term: Term, holder: str) -> bytes:
    """Return what a worker writes."""
    return f"{term.epoch} {holder}".encode()


async def main(endpoint: str, holder: str) -> None:
    """Take part until SIGTERM."""
    store = await EtcdStore.open([endpoint])

    async def write(term: Term) -> None:
        put = Put(key=DATA, value=value_of(term, holder))
        try:
            for number in itertools.count():
                await term.apply(Set(writes=(put,)))
                if number == 0:
                    os.write(1, f"leads {term.epoch}\n".encode())
        finally:
            try:
                await term.apply(Set(writes=(put,)))
                os.write(1, f"written {term.epoch}\n".encode())
            except GuardFailed:
                os.write(1, f"refused {term.epoch}\n".encode())
            except errors.Unavailable:
                os.write(1, f"failed {term.epoch}\n".encode())

    leadership = Leadership(store, "/registry", holder=holder, pace=PACE)
    running = asyncio.create_task(leadership.run((write,)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await asyncio.wait({running})
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
