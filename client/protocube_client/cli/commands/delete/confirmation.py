"""``--interactive``: asks whether to go on, after a look at what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube_client.printers.printable import kind_and_group
from protocube_client.resource import blocking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from protocube_client.cli.streams import Streams
    from protocube_client.cli.targets import Named


async def given(streams: Streams, objects: Sequence[Named]) -> bool:
    """List ``objects``, ask, and tell whether the answer is yes. The words are kubectl's."""
    out = streams.out
    out.write(f"You are about to delete the following {len(objects)} resource(s):\n")
    out.writelines(f"{kind_and_group(item.resource)}/{item.name}\n" for item in objects)
    return await asked(streams)


async def asked(streams: Streams) -> bool:
    """Ask whether to go on, and tell whether the answer is yes."""
    streams.out.write("Do you want to continue? (y/n): ")
    streams.out.flush()
    # Not in this thread: an interrupt must not wait for the end of the line.
    while line := await blocking.run(streams.stdin.readline):
        if words := line.split():
            return words[0].lower() == b"y"
    return False
