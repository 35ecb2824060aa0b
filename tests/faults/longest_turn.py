"""``python -m tests.faults.longest_turn``: how long a request keeps the event loop at a time.

A server in this process, and each request of :mod:`tests.faults.hostile` by itself. Printed is,
for each, the processor's time that it took in all and that the longest steps of the loop took:
what another caller waits for on a machine that has nothing else to do. Other load on the machine
does not count.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from asyncio import events
from typing import TYPE_CHECKING

from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests.faults import bystander, hostile
from tests.server.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = 3


class _Steps:
    """The processor's time that each step of the event loops of this process took."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._run: Callable[[events.Handle], None] = events.Handle._run

    def install(self) -> None:
        """Measure all steps from now on."""
        # The loop has no hook for it but this one, which its debug mode uses too.
        events.Handle._run = self._measured  # type: ignore[assignment,method-assign]  # no hook

    @property
    def _measured(self) -> Callable[[events.Handle], None]:
        def run(handle: events.Handle) -> None:
            began = time.thread_time()
            try:
                self._run(handle)
            finally:
                self.seconds.append(time.thread_time() - began)

        return run


async def _main(names: list[str]) -> None:
    # The table is this program's output.
    out = sys.stdout
    out.write("| request | in all, ms | longest steps, ms |\n|---|---|---|\n")
    steps = _Steps()
    steps.install()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{folder}/store.db")
        async with (
            app.running(settings) as running,
            Caller(running.address, Catalog.shipped()) as caller,
        ):
            for request in hostile.requests():
                if names and not any(name in request.name for name in names):
                    continue
                ready = await bystander.prepared(caller, request)
                # The first one of a kind compiles its rules, which is another matter.
                await bystander.sent(caller, ready)
                steps.seconds.clear()
                await bystander.sent(caller, ready)
                taken = sorted(steps.seconds, reverse=True)
                longest = ", ".join(f"{1000 * seconds:.0f}" for seconds in taken[:_SHOWN])
                out.write(f"| {request.name} | {1000 * sum(taken):.0f} | {longest} |\n")
                out.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", nargs="*", help="only requests with this in their names")
    asyncio.run(_main(parser.parse_args().name))
